package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"leida/internal/client"
	"leida/internal/store"
)

// TestLatencyCountsFromWhenARequestWasDue: a server that stalls makes all who were due wait, and the figures say so. A generator that sent the next request only
// after the last reply would have measured one slow request.
func TestLatencyCountsFromWhenARequestWasDue(t *testing.T) {
	const stall = 300 * time.Millisecond
	var n atomic.Int64
	got := offer{Count: 100, For: stall, Grace: time.Minute, Workers: 1, Seed: 1, Do: func(context.Context, int) error {
		if n.Add(1) == 1 {
			time.Sleep(stall)
		}
		return nil
	}}.run(context.Background())
	if got.Done != 100 || got.Unsent != 0 || got.Errors() != 0 {
		t.Fatalf("%+v", got)
	}
	if p := got.Percentile(50); p < stall/4 {
		t.Errorf("half of the requests waited less than %v; about %v was due", p, stall/2)
	}
}

func TestAnOfferEnds(t *testing.T) {
	got := offer{Count: 1000, For: 50 * time.Millisecond, Workers: 2, Seed: 1, Do: func(context.Context, int) error {
		time.Sleep(10 * time.Millisecond)
		return errors.New("no")
	}}.run(context.Background())
	if got.Unsent == 0 || got.Done != 0 || got.Errors()+got.Unsent != 1000 || got.Failed["no"] != got.Errors() {
		t.Errorf("%+v", got)
	}
}

func TestArrivals(t *testing.T) {
	o := offer{Count: 10_000, For: time.Second, Seed: 7}
	due := o.arrivals()
	gaps := 0.0
	for i := 1; i < len(due); i++ {
		gap := float64(due[i] - due[i-1])
		if gap < 0 {
			t.Fatal("out of order")
		}
		gaps += gap * gap
	}
	mean := float64(o.For) / float64(o.Count)
	if ratio := gaps / float64(len(due)) / (mean * mean); math.Abs(ratio-2) > 0.2 { // of exponential gaps; 1 would be an even beat
		t.Errorf("the gaps' mean square is %.2f of the square of their mean", ratio)
	}
	if len(due) != o.Count || due[len(due)-1] >= o.For {
		t.Error(len(due), due[len(due)-1])
	}
}

func TestOnlyLoopback(t *testing.T) {
	for addr, ok := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "0.0.0.0:80": false, "10.1.2.3:80": false, "localhost:80": false, "example.org:80": false, ":80": false, "": false} {
		if err := onLoopback(addr); (err == nil) != ok {
			t.Errorf("%q: %v", addr, err)
		}
	}
	if err := run(context.Background(), []string{"-ceiling", ceilingGin, "-addr", "0.0.0.0:0"}, t.Output(), t.Output()); err == nil {
		t.Error("a ceiling was served to everybody")
	}
}

func TestBounds(t *testing.T) {
	for _, args := range [][]string{{"-agents", "1"}, {"-agents", "1000000"}, {"-conns", "0"}, {"-each", "1h"}, {"-rounds", "0"}, {"-soak", "100h"}, {"-nonsense"}} {
		if err := run(context.Background(), args, t.Output(), t.Output()); err == nil {
			t.Errorf("%v: was taken", args)
		}
	}
}

// TestCeilingKeepsItsRows: what the ceiling acknowledges is in its table, or it would be no ceiling.
func TestCeilingKeepsItsRows(t *testing.T) {
	g, err := openGroup(filepath.Join(t.TempDir(), "c.db"))
	if err != nil {
		t.Fatal(err)
	}
	replies := make(chan error, 300)
	for i := range 300 {
		go func() { replies <- g.upsert("sitting", string(rune('a'+i%20)), "answer") }()
	}
	for range 300 {
		if err := <-replies; err != nil {
			t.Fatal(err)
		}
	}
	var rows, revs int
	if err := g.db.QueryRow("SELECT count(*), sum(rev) FROM slots").Scan(&rows, &revs); err != nil || rows != 20 || revs != 300 {
		t.Errorf("%d rows, %d revisions, %v", rows, revs, err)
	}
	var mode int
	if err := g.db.QueryRow("PRAGMA synchronous").Scan(&mode); err != nil || mode != 2 {
		t.Errorf("synchronous is %d, not FULL (2): %v", mode, err)
	}
	if err := g.close(); err != nil {
		t.Error(err)
	}
}

// TestLookBack: an acknowledged revision that the database does not have is told, and so is a place that is not there.
func TestLookBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a#b?.db")
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE slots (sitting_id TEXT, n INTEGER, rev INTEGER); INSERT INTO slots VALUES ('s', 0, 4), ('s', 1, 7)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b := &bench{report: &report{out: t.Output()}, database: store.Config{Path: path}}
	at := func(n int, next int64) *page { return &page{Place: client.Place{Sitting: "s", N: n}, rev: next} }
	for name, tt := range map[string]struct {
		pages []*page
		ok    bool
	}{
		"all there":         {[]*page{at(1, 5), at(2, 8)}, true},
		"saved, not told":   {[]*page{at(1, 4), at(2, 8)}, true},
		"one is older":      {[]*page{at(1, 5), at(2, 9)}, false},
		"one is not there":  {[]*page{at(3, 1)}, false},
		"nobody looked for": {nil, false},
	} {
		b.verdicts = nil
		err := b.lookBack(t.Context(), name, []*agent{{pages: tt.pages}})
		if (err == nil) != tt.ok || strings.Contains(b.verdicts[0], "reached") != tt.ok {
			t.Errorf("%s: %v %v", name, err, b.verdicts)
		}
	}
}

func TestUsage(t *testing.T) {
	u, err := usageOf(os.Getpid())
	if err != nil || u.RSS < 1<<20 || u.Peak < u.RSS {
		t.Errorf("%+v, %v", u, err)
	}
}

// TestRun puts the program that go builds under every scenario, small and short.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	program, self := filepath.Join(t.TempDir(), "leida"), filepath.Join(t.TempDir(), "load")
	for to, from := range map[string]string{program: "leida/cmd/leida", self: "leida/cmd/load"} {
		if out, err := exec.Command("go", "build", "-o", to, from).CombinedOutput(); err != nil {
			t.Fatal(err, string(out))
		}
	}
	for _, args := range [][]string{{"-each", "300ms", "-rounds", "1"}, {"-soak", "3s"}} {
		var out bytes.Buffer
		cmd := exec.Command(self, append([]string{"-program", program, "-dir", t.TempDir(), "-agents", "40", "-conns", "8"}, args...)...)
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, &out)
		}
		want := []string{"gin answering nothing", "gin + sqlite group commit", "leida: saves at 50 %", "leida: save and next page", "leida: sign-ins", "all 40 there, 0 errors", "at 40 live sittings",
			"shift: all 100 handed in, 0 errors", "starts: 0 of 160 places", "shift: 0 of 300 places", "saves: 0 of 160 places"}
		if args[0] == "-soak" {
			want = []string{"leida: soak", "soak: 0 errors", "soak: 0 of "}
		}
		for _, w := range want {
			if !strings.Contains(out.String(), w) {
				t.Errorf("%v: no %q in\n%s", args, w, &out)
			}
		}
	}
}
