package main

import (
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"leida/internal/rescore"
	"leida/internal/store/pgtest"
	"leida/internal/text"
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

	database []string // flags that name it
	asked    int      // rounds in which rescorings were asked for
	atWork   bool     // the server was rescoring just now
	struck   int      // how often it was killed at it
}

// newCrash reads the number of rounds and the seed from the environment.
func newCrash(t *testing.T, rounds string, otherwise int) (c *crash, n int, seed uint64) {
	t.Helper()
	n, seed = int(setting(t, rounds, uint64(otherwise))), setting(t, "LEIDA_CRASH_SEED", uint64(time.Now().UnixNano()))
	t.Logf("%d rounds, LEIDA_CRASH_SEED=%d", n, seed)
	return &crash{rand: rand.New(rand.NewPCG(seed, 1<<32))}, n, seed
}

// calmly has everybody hand in about every other round, by the saves that a round has time for: there are saves, submissions and starts in all of them. In a few rounds they hurry.
func (c *crash) calmly(rounds int) {
	if rounds < 20 {
		return
	}
	for _, a := range c.agents {
		a.pace = 400
	}
}

// during has the crowd work for a while, and then on while something happens to the server.
func (c *crash) during(while, happens func()) {
	c.t.Helper()
	c.down.Store(false)
	ctx, stop := context.WithCancel(c.t.Context())
	defer stop()
	worked := make(chan bool)
	go func() { c.work(ctx); close(worked) }()
	while()
	c.down.Store(true)
	happens()
	stop()
	<-worked
	c.verdict()
}

// load is what a round does before something happens: in every third of the first hundred, and in every ninth of those that follow, a trainer has the server rescore meanwhile.
func (c *crash) load(round int) func() {
	every := 3
	if round >= 100 {
		every = 9
	}
	if round%every != 2 {
		return func() { c.wait(20, 500) }
	}
	return func() { c.t.Helper(); c.rescore() }
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

// rescore has a stage or two of rescorings done beside the crowd, each a plan, its application or its withdrawal, and returns while the server is at work on the next.
func (c *crash) rescore() {
	c.t.Helper()
	if len(c.witness.ended) == 0 {
		c.wait(20, 500)
		return
	}
	if c.rand.IntN(3) == 0 {
		c.tool()
	}
	c.asked++
	for range 1 + c.asked%2 {
		c.free()
		c.ask()
		c.idle()
	}
	c.free()
	c.ask()
	c.until("the server does not begin what a trainer asks for", func() bool {
		return c.witness.number("SELECT count(*) FROM leases WHERE name = $1", rescore.Lease) > 0
	})
	c.wait(0, 30)
	c.atWork = true
}

const underWay = "SELECT count(*) FROM rescorings WHERE state IN ('planning', 'applying', 'undoing')"

// idle waits until the server has done all that was asked for.
func (c *crash) idle() {
	c.t.Helper()
	c.until("rescorings that were begun come to no end", func() bool { return c.witness.number(underWay) == 0 })
}

func (c *crash) until(otherwise string, done func() bool) {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			c.t.Fatalf("%s\n%s", otherwise, c.server.log.String())
		}
	}
}

// free ends the lease of whoever was killed at the work, as time would: half a minute for each kill is too long.
func (c *crash) free() {
	c.t.Helper()
	holder := c.witness.word("SELECT coalesce(max(holder), '') FROM leases WHERE name = $1", rescore.Lease)
	if holder == "" {
		return
	}
	st := c.open()
	ok(c.t, st.Release(c.t.Context(), rescore.Lease, holder))
	ok(c.t, st.Close())
}

// ask asks for the next stage, unless one is under way: to apply what was planned, to take back what was applied as often as not, or to give everybody full credit for some item.
func (c *crash) ask() {
	c.t.Helper()
	w := c.witness
	if w.number(underWay) > 0 {
		return
	}
	planned := w.word("SELECT coalesce((SELECT id FROM rescorings WHERE state = 'planned' ORDER BY made_at DESC LIMIT 1), '')")
	if planned != "" && c.post("/bank/rescorings/"+planned+"/apply", url.Values{"digest": {w.word("SELECT digest FROM rescorings WHERE id = $1", planned)}}) {
		return // else somebody has handed in since it was planned: it is planned anew
	}
	if id := c.undoable(); id != "" {
		if !c.post("/bank/rescorings/"+id+"/undo", nil) {
			c.t.Errorf("rescoring %s is not taken back", id)
		}
		return
	}
	if !c.post("/bank/items/"+c.item()+"/rescore", url.Values{"rule": {"full-credit"}, "reason": {"crash"}}) {
		c.t.Error("no rescoring is planned")
	}
}

// undoable is the rescoring that is to be taken back next; empty where fewer are in force than were taken back.
func (c *crash) undoable() string {
	c.t.Helper()
	return c.witness.word("SELECT coalesce(max(id), '') FROM rescorings WHERE state = 'applied' AND started_at = (SELECT max(started_at) FROM rescorings WHERE state = 'applied') " +
		"AND (SELECT count(*) FROM rescorings WHERE state = 'applied') > (SELECT count(*) FROM rescorings WHERE state = 'undone')")
}

// item is one that somebody has handed in.
func (c *crash) item() string {
	c.t.Helper()
	ended := slices.Sorted(maps.Keys(c.witness.ended))
	slots := c.witness.load(ended[c.rand.IntN(len(ended))]).Slots
	return slots[c.rand.IntN(len(slots))].ItemID
}

// post sends a form as somebody who may rescore and see whom it touches. It is false where that conflicts with what has happened since the page was shown.
func (c *crash) post(path string, form url.Values) bool {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); ; c.wait(5, 20) {
		req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.server.url()+path, strings.NewReader(form.Encode()))
		ok(c.t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.AddCookie(&http.Cookie{Name: "leida_session", Value: c.byWho})
		res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		ok(c.t, err)
		said, err := io.ReadAll(res.Body)
		ok(c.t, errors.Join(err, res.Body.Close()))
		switch {
		case res.StatusCode == http.StatusSeeOther:
			return true
		case res.StatusCode == http.StatusConflict:
			return false
		case res.StatusCode != http.StatusServiceUnavailable || time.Now().After(end):
			c.t.Fatalf("%s: %s\n%s", path, res.Status, said)
		}
	}
}

// tool has the program at the command line rescore beside the server, or take a rescoring back, and may kill it while it plans or writes: the server goes on with what was begun.
func (c *crash) tool() {
	c.t.Helper()
	c.free()
	c.idle()
	args := []string{"rescore", c.item(), "--rule", "full-credit", "--reason", "crash", "--apply"}
	if id := c.undoable(); id != "" {
		args = []string{"rescore", "undo", id, "--apply"}
	}
	c.free()
	var out lockedBuffer
	cmd, done := spawn(c.t, &out, append(args, c.database...)...)
	patience, killed := time.Minute, false
	if c.rand.IntN(2) == 0 {
		patience = time.Duration(80+c.rand.IntN(500)) * time.Millisecond
	}
	var err error
	select {
	case err = <-done:
	case <-time.After(patience):
		killed = true
		_ = cmd.Process.Kill()
		<-done
	}
	moved := err != nil && cmd.ProcessState.ExitCode() == exitFailure && strings.Contains(out.String(), text.Say(text.ZH, "rescore.moved")) // somebody has handed in since it planned
	if said := out.String(); patience == time.Minute && killed || err != nil && !moved || broken(said) {
		c.t.Errorf("leida %v: %v\n%s", args, err, said)
	}
}

// rescored waits until the server has done what rescorings left, and tells what became of them. Over many rounds they must have been applied and taken back, and killed at it.
func (c *crash) rescored(many bool) {
	c.t.Helper()
	c.free()
	c.idle()
	if n := c.witness.number("SELECT count(*) FROM rescorings WHERE state = 'failed'"); n > 0 {
		c.t.Errorf("%d rescorings failed", n)
	}
	ends := func(action string) int64 {
		return c.witness.number("SELECT count(*) FROM audit WHERE action = $1", action)
	}
	applied, undone, anew := ends("rescore.end"), ends("rescore.undone"), c.witness.number("SELECT count(*) FROM results WHERE revision > 1")
	c.t.Logf("%d rescorings applied, %d taken back, %d results written anew; killed at it %d times", applied, undone, anew, c.struck)
	if many && min(applied, undone, anew, int64(c.struck)) == 0 {
		c.t.Error("rescoring was not killed, or never came to an end")
	}
}

// look ends a round. What is under way is noted before anything goes on with it, which takes a server a second.
func (c *crash) look(round int) {
	c.t.Helper()
	if c.atWork && c.witness.number(underWay) > 0 {
		c.struck++
	}
	c.atWork = false
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
	t.Parallel()
	c, rounds, seed := newCrash(t, "LEIDA_CRASH_ROUNDS", 3)
	data := t.TempDir()
	c.crowd, c.database = people(t, ownFile(t, data), seed, 24, rounds/2+40), []string{"--data", data}
	c.server = newProcess(t, c.database...)
	c.witness = fileWitness(t, data)
	c.meet(c.server.url(), nil)
	c.calmly(rounds)
	c.server.start()
	for round := range rounds {
		c.during(c.load(round), c.server.kill)
		c.restart()
		c.look(round)
	}
	c.rescored(rounds >= 100)
	c.end(rounds)
}

// TestCrashPostgres is TestCrash on PostgreSQL, where in half of the rounds the database is killed and not the server.
// LEIDA_CRASH_POSTGRES_ROUNDS says how often.
func TestCrashPostgres(t *testing.T) {
	t.Parallel()
	c, rounds, seed := newCrash(t, "LEIDA_CRASH_POSTGRES_ROUNDS", 2)
	cluster := durable(t)
	c.crowd, c.database = people(t, inPostgres(t, cluster.URL("leida")), seed, 24, rounds/2+40), []string{"--data", t.TempDir(), "--db", cluster.URL("leida")}
	c.server = newProcess(t, c.database...)
	c.server.fine = "busy: store.unreachable"
	c.witness = newWitness(t, "pgx", cluster.URL("leida"))
	c.meet(c.server.url(), nil)
	c.calmly(rounds)
	c.server.start()
	databases := 0
	for round := range rounds {
		if (round+int(seed))%2 == 0 {
			c.during(c.load(round), c.server.kill)
			c.restart()
		} else {
			databases++
			c.during(c.load(round), func() {
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
	c.rescored(rounds >= 20)
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
