package leida_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestPins holds the versions below which a module has a known fault.
func TestPins(t *testing.T) {
	least := map[string]string{
		"github.com/mattn/go-sqlite3": "1.14.53", // bundles SQLite without the WAL-reset race
		"golang.org/x/text":           "0.43.0",  // advisory in older ones
		"github.com/jackc/pgx/v5":     "5.12.0",  // advisory in older ones
	}
	mod := read(t, "go.mod")
	for name, want := range least {
		got := ""
		for line := range strings.Lines(mod) {
			if f := strings.Fields(line); len(f) >= 2 && f[0] == name {
				got = strings.TrimPrefix(f[1], "v")
			}
		}
		if got == "" || older(got, want) {
			t.Errorf("%s is %q, at least %s is needed", name, got, want)
		}
	}
}

func older(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return len(x) < len(y)
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
