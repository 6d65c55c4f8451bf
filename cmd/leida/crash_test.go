package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leida/internal/store/pgtest"
)

// setting is a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// crash is a server, its crowd and what it is killed by.
type crash struct {
	*crowd
	server  *process
	witness *witness
	rand    *rand.Rand
	slowest time.Duration // from start to ready
}

// newCrash reads the number of rounds and the seed from the environment.
func newCrash(t *testing.T, rounds string, otherwise int) (c *crash, n int, seed uint64) {
	t.Helper()
	n, seed = int(setting(t, rounds, uint64(otherwise))), setting(t, "LEIDA_CRASH_SEED", uint64(time.Now().UnixNano()))
	t.Logf("%d rounds, LEIDA_CRASH_SEED=%d", n, seed)
	return &crash{rand: rand.New(rand.NewPCG(seed, 1<<32))}, n, seed
}

// during has the crowd work while something happens to the server.
func (c *crash) during(happens func()) {
	c.t.Helper()
	c.down.Store(false)
	ctx, stop := context.WithCancel(c.t.Context())
	defer stop()
	worked := make(chan bool)
	go func() { c.work(ctx); close(worked) }()
	c.wait(20, 500)
	c.down.Store(true)
	happens()
	stop()
	<-worked
	c.verdict()
}

func (c *crash) wait(from, to int) {
	time.Sleep(time.Duration(from+c.rand.IntN(to-from)) * time.Millisecond)
}

// goOn waits until something is acknowledged again.
func (c *crash) goOn() {
	c.t.Helper()
	all := func() int64 { return c.saves.Load() + c.starts.Load() + c.hands.Load() }
	before, end := all(), time.Now().Add(time.Minute)
	for all() == before {
		if time.Now().After(end) {
			c.t.Fatal("nothing is acknowledged any more")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// restart starts the killed server; now and then it is killed once more while it recovers.
func (c *crash) restart() {
	c.t.Helper()
	if c.rand.IntN(5) == 0 {
		c.server.launch()
		c.wait(0, 100)
		c.server.kill()
	}
	c.slowest = max(c.slowest, c.server.start())
}

// rescore gives everybody full credit for some item, or takes that back, and may be killed while it plans or writes: the server goes on with what was begun.
func (c *crash) rescore(data string) {
	c.t.Helper()
	ended := slices.Sorted(maps.Keys(c.witness.ended))
	if len(ended) == 0 {
		return
	}
	slots := c.witness.load(ended[c.rand.IntN(len(ended))]).Slots
	args := []string{"rescore", slots[c.rand.IntN(len(slots))].ItemID, "--rule", "full-credit", "--reason", "crash", "--apply", "--data", data}
	if id := c.witness.word("SELECT coalesce(max(id), '') FROM rescorings WHERE state = 'applied'"); id != "" && c.rand.IntN(3) == 0 {
		args = []string{"rescore", "undo", id, "--apply", "--data", data}
	}
	var out lockedBuffer
	cmd, done := spawn(c.t, &out, args...)
	patience := 5 * time.Second // it waits for its turn after one that was killed
	if c.rand.IntN(2) == 0 {
		patience = time.Duration(80+c.rand.IntN(500)) * time.Millisecond
	}
	select {
	case <-done:
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		<-done
	}
	if strings.Contains(out.String(), "panic") {
		c.t.Errorf("leida %v: %s", args, out.String())
	}
}

// rescored waits until the server has done what rescorings left, and says what became of them.
func (c *crash) rescored() string {
	c.t.Helper()
	for end := time.Now().Add(3 * time.Minute); c.witness.number("SELECT count(*) FROM rescorings WHERE state IN ('planning', 'applying', 'undoing')") > 0; {
		if time.Now().After(end) {
			c.t.Fatal("rescorings that were begun come to no end")
		}
		time.Sleep(50 * time.Millisecond)
	}
	states := func(s string) int64 { return c.witness.number("SELECT count(*) FROM rescorings WHERE state = $1", s) }
	if n := states("failed"); n > 0 {
		c.t.Errorf("%d rescorings failed", n)
	}
	return fmt.Sprintf("%d rescorings applied, %d taken back, %d only planned, %d results written anew", states("applied"), states("undone"), states("planned")+states("dropped"),
		c.witness.number("SELECT count(*) FROM results WHERE revision > 1"))
}

// look ends a round.
func (c *crash) look(round int) {
	c.t.Helper()
	c.witness.look(c.crowd)
	if c.t.Failed() {
		c.t.Fatalf("round %d: %d lost", round+1, c.witness.lost)
	}
	if (round+1)%50 == 0 {
		c.t.Logf("round %d: %d saves, %d submissions acknowledged, %d lost", round+1, c.saves.Load(), c.hands.Load(), c.witness.lost)
	}
}

// end lets everybody send what is left, and looks at everything once more.
func (c *crash) end(rounds int) {
	c.t.Helper()
	c.down.Store(false)
	c.settle()
	c.verdict()
	c.witness.lookBack(c.crowd)
	c.server.stop()
	c.t.Logf("%d rounds: %d saves, %d starts and %d submissions acknowledged, %d lost; %d told to come back; slowest recovery %s",
		rounds, c.saves.Load(), c.starts.Load(), c.hands.Load(), c.witness.lost, c.busy.Load(), c.slowest.Round(time.Millisecond))
	if c.saves.Load()+c.starts.Load() == 0 {
		c.t.Error("nothing was ever acknowledged")
	}
}

// TestCrash kills the server in the middle of saves, submissions, starts and rescoring, at random moments, starts it on the same data and looks for all that it had
// acknowledged. LEIDA_CRASH_ROUNDS says how often, LEIDA_CRASH_SEED which moments and answers.
func TestCrash(t *testing.T) {
	c, rounds, seed := newCrash(t, "LEIDA_CRASH_ROUNDS", 3)
	data := t.TempDir()
	c.crowd = people(t, ownFile(t, data), seed, 24, rounds/2+8)
	c.server = newProcess(t, "--data", data)
	c.witness = fileWitness(t, data)
	c.meet(c.server.url(), nil)
	c.server.start()
	for round := range rounds {
		c.during(c.server.kill)
		if round%8 == 2 {
			c.rescore(data)
		}
		c.restart()
		c.look(round)
	}
	t.Log(c.rescored())
	c.end(rounds)
}

// TestCrashPostgres is TestCrash on PostgreSQL, where in half of the rounds the database is killed and not the server.
// LEIDA_CRASH_POSTGRES_ROUNDS says how often.
func TestCrashPostgres(t *testing.T) {
	c, rounds, seed := newCrash(t, "LEIDA_CRASH_POSTGRES_ROUNDS", 2)
	cluster := durable(t)
	c.crowd = people(t, inPostgres(t, cluster.URL("leida")), seed, 24, rounds/2+8)
	c.server = newProcess(t, "--data", t.TempDir(), "--db", cluster.URL("leida"))
	c.server.fine = "busy: store.unreachable"
	c.witness = newWitness(t, "pgx", cluster.URL("leida"))
	c.meet(c.server.url(), nil)
	c.server.start()
	databases := 0
	for round := range rounds {
		if (round+int(seed))%2 == 0 {
			c.during(c.server.kill)
			c.restart()
		} else {
			databases++
			c.during(func() {
				ok(t, cluster.Kill())
				c.wait(0, 300)
				ok(t, cluster.Restart())
				c.goOn() // the same server, with the database that is back
				c.wait(0, 300)
			})
		}
		c.look(round)
	}
	t.Logf("the server was killed %d times, the database %d times", rounds-databases, databases)
	c.end(rounds)
}

// durable is a PostgreSQL that keeps what it acknowledged, with an empty database leida. The test is skipped where PostgreSQL is not installed, and fails there in CI.
func durable(t *testing.T) *pgtest.Cluster {
	t.Helper()
	cluster, err := pgtest.Start(pgtest.Options{Durable: true})
	if errors.Is(err, pgtest.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip("skipped: ", err)
	}
	ok(t, err)
	t.Cleanup(func() { ok(t, cluster.Stop()) })
	ok(t, cluster.Create("leida", ""))
	return cluster
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
