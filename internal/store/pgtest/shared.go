package pgtest

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// Asked says that the tests should run on PostgreSQL: LEIDA_TEST_DB=postgres.
func Asked() bool { return os.Getenv("LEIDA_TEST_DB") == "postgres" }

// Main runs a package's tests on the database that LEIDA_TEST_DB asks for. Where that is PostgreSQL and it is not installed, they are skipped with one line;
// with CI set that is a failure.
func Main(m *testing.M) int {
	if Asked() {
		if _, err := binaries(); err != nil {
			fmt.Println("skipped: these tests on PostgreSQL, for", err)
			if os.Getenv("CI") != "" {
				return 1
			}
			return 0
		}
	}
	code := m.Run()
	if c := shared.cluster; c != nil {
		if err := c.Stop(); err != nil {
			fmt.Println("stopping PostgreSQL:", err)
			return 1
		}
	}
	return code
}

// shared is the cluster of all tests of a package.
var shared struct {
	once    sync.Once
	cluster *Cluster
	err     error
	n       atomic.Int64
	copying sync.Mutex // a template must be at rest while it is copied
	made    map[string]bool
}

// Shared is a cluster for all tests of a package that calls Main; the test is skipped where PostgreSQL is not installed, and fails there in CI.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	shared.once.Do(func() { shared.cluster, shared.err = Start(Options{}) })
	if shared.err == ErrMissing && os.Getenv("CI") == "" {
		t.Skip("skipped: ", ErrMissing)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.cluster
}

// Template makes a database once for all tests that copy it with Database: fill is handed its address, and leaves no connection behind.
func Template(t testing.TB, name string, fill func(url string) error) {
	t.Helper()
	c := Shared(t)
	shared.copying.Lock()
	defer shared.copying.Unlock()
	if shared.made[name] {
		return
	}
	if err := c.Create(name, ""); err != nil {
		t.Fatal(err)
	}
	if err := fill(c.URL(name)); err != nil {
		t.Fatal(err)
	}
	if shared.made == nil {
		shared.made = map[string]bool{}
	}
	shared.made[name] = true
}

// Database makes a database of the shared cluster for one test, a copy of template ("" for an empty one), and returns its address.
func Database(t testing.TB, template string) string {
	t.Helper()
	c, name := Shared(t), fmt.Sprintf("test%d", shared.n.Add(1))
	shared.copying.Lock()
	err := c.Create(name, template)
	shared.copying.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Drop(name); err != nil {
			t.Error(err)
		}
	})
	return c.URL(name)
}
