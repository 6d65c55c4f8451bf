package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/text"
)

// life is a sitting behind the pages beside the simplest description of what it should be. exam's own machine test does the same without pages and database.
type life struct {
	*world
	person  org.Person
	at      string // address of the sitting
	start   *exam.Sitting
	answers [][]string // by place: what may be sent, as JSON; the first takes the answer back
	clients map[string]*client

	holder   string
	done     bool
	auto     bool
	ended    time.Time
	latest   time.Time // start, or the newest save that was taken
	revs     []int64
	kept     []string
	flags    []bool
	counted  bool   // that it is done, with what that leaves behind
	sweeper  string // server that has the lease of sweeping
	sweepEnd time.Time
	servers  int // started so far
}

func (m *life) due() bool { return m.clock.now().After(m.start.Deadline.Add(5 * time.Second)) }

// refusal is what a save has to be told.
func (m *life) refusal(by string) string {
	switch {
	case m.done:
		return "submitted"
	case m.due():
		return "time_over"
	case by != m.holder:
		return "moved"
	}
	return ""
}

func (m *life) finish(auto bool) {
	m.done, m.auto, m.ended = true, auto, m.clock.now()
	if m.ended.Before(m.latest) {
		m.ended = m.latest
	}
	if auto || m.ended.After(m.start.Deadline) {
		m.ended = m.start.Deadline
	}
}

// begin has somebody new start a sitting, signed in on two devices.
func begin(w *world, n int) *life {
	w.t.Helper()
	w.clock.set(noon)
	m := &life{world: w, person: w.agent(fmt.Sprint("L", n), fmt.Sprint("Life ", n), w.east), holder: "phone", latest: noon}
	m.clients = map[string]*client{"phone": w.as(m.person), "desk": w.as(m.person)}
	m.at = m.clients["phone"].start(w.assign("aic-cycle", w.east))
	m.start = m.load()
	for i, slot := range m.start.Slots {
		form := m.clients["phone"].get(m.item(i)).is(200).fill(m.item(i))
		var sent struct{ Answer json.RawMessage }
		w.ok(json.Unmarshal([]byte(wire(form, 1)), &sent))
		m.answers = append(m.answers, []string{"{}", string(sent.Answer)})
		if it, err := w.defs.ItemAt(w.ctx, slot.ItemHash); err == nil && it.Type == "single_choice" {
			m.answers[i] = append(m.answers[i], `{"choice":"o1"}`, `{"choice":"o2"}`)
		}
	}
	k := len(m.start.Slots)
	m.revs, m.kept, m.flags = make([]int64, k), make([]string, k), make([]bool, k)
	return m
}

func (m *life) item(n int) string { return fmt.Sprintf("%s/items/%d", m.at, n+1) }

func (m *life) load() *exam.Sitting {
	m.t.Helper()
	x, err := m.st.Sitting(m.ctx, m.viewer(m.person), sittingID(m.at))
	m.ok(err)
	return x
}

// canonical is an answer as it is kept.
func (m *life) canonical(n int, raw string) string {
	m.t.Helper()
	it, err := m.defs.ItemAt(m.ctx, m.start.Slots[n].ItemHash)
	m.ok(err)
	fields, err := item.JSONFields([]byte(raw))
	m.ok(err)
	a, err := it.Body.Parse(m.start.View(n, text.ZH), fields)
	m.ok(err)
	if a == nil {
		return ""
	}
	kept, err := json.Marshal(a)
	m.ok(err)
	return string(kept)
}

// save sends an answer and holds the reply against what it should be.
func (m *life) save(rt *rapid.T, by string, n int, rev int64, raw, flag string) {
	want := m.refusal(by)
	r := m.clients[by].json(m.item(n), fmt.Sprintf(`{"rev":%d,"answer":%s%s}`, rev, raw, flag))
	if want != "" {
		if r.status != http.StatusConflict || !strings.Contains(r.body, fmt.Sprintf(`"code":%q`, want)) {
			rt.Fatalf("%d %s, want %s", r.status, r.body, want)
		}
		return
	}
	if rev > m.revs[n] {
		if m.clock.now().After(m.latest) {
			m.latest = m.clock.now()
		}
		m.revs[n], m.kept[n] = rev, m.canonical(n, raw)
		if flag != "" {
			m.flags[n] = strings.HasSuffix(flag, "true")
		}
	}
	var told struct {
		Rev      int64
		Deadline time.Time
		Answered bool
	}
	if r.status != http.StatusOK || json.Unmarshal([]byte(r.body), &told) != nil || told.Rev != m.revs[n] || !told.Deadline.Equal(m.start.Deadline) || told.Answered != (m.kept[n] != "") {
		rt.Fatalf("%d %s, want revision %d", r.status, r.body, m.revs[n])
	}
}

func (m *life) submit(rt *rapid.T, by string) {
	r := m.clients[by].post(m.at+"/submit", nil)
	switch want := m.refusal(by); want {
	case "moved":
		if r.status != http.StatusConflict {
			rt.Fatalf("handed in on the wrong device: %d", r.status)
		}
		return
	case "", "time_over":
		m.finish(want != "")
	}
	if r.status != http.StatusSeeOther || r.header.Get("Location") != m.at+"/result" {
		rt.Fatalf("handing in: %d %s", r.status, r.clip())
	}
}

// sweep is what the server does every second. Of several servers one does it, and a dead one's turn lasts five seconds.
func (m *life) sweep(rt *rapid.T) {
	n, err := m.srv.SubmitDue(m.ctx)
	want := 0
	if now, me := m.clock.now(), fmt.Sprint(m.servers); !m.done && m.due() {
		if m.sweeper == me || !m.sweepEnd.After(now) || m.sweepEnd.After(now.Add(5*time.Second+10*time.Minute)) {
			m.sweeper, m.sweepEnd, want = me, now.Add(5*time.Second), 1
			m.finish(true)
		}
	}
	if err != nil || n != want {
		rt.Fatalf("swept %d, want %d: %v", n, want, err)
	}
}

// restart ends the server and starts another on the same database.
func (m *life) restart() {
	m.http.Close()
	m.ok(m.st.Close())
	m.world = reopen(m.t, m.world)
	m.servers++
	for _, c := range m.clients {
		c.w = m.world
	}
}

// check holds what is kept against the description.
func (m *life) check(rt *rapid.T) {
	x := m.load()
	if !x.Deadline.Equal(m.start.Deadline) || x.Holder != m.clients[m.holder].session() || (x.State == exam.Submitted) != m.done || x.Auto != m.auto || m.done && !x.SubmittedAt.Equal(m.ended) {
		rt.Fatalf("kept %+v, want done %v auto %v at %s held by %s", x, m.done, m.auto, m.ended, m.holder)
	}
	blank := true
	for i, s := range x.Slots {
		if s.ItemHash != m.start.Slots[i].ItemHash || s.Rev != m.revs[i] || string(s.Answer) != m.kept[i] || s.Flagged != m.flags[i] || s.Seconds < 0 {
			rt.Fatalf("place %d: kept %+v, want rev %d %s flagged %v", i+1, s, m.revs[i], m.kept[i], m.flags[i])
		}
		blank = blank && m.kept[i] == ""
	}
	if m.done != m.counted {
		m.counted = m.done
		m.outcome(rt, x.Blank == blank)
	}
}

// outcome counts what handing in leaves behind: all of it once, or nothing while the sitting is open.
func (m *life) outcome(rt *rapid.T, blankRight bool) {
	id, k := sittingID(m.at), len(m.start.Slots)
	records := m.world.count("SELECT count(*) FROM evidence WHERE sitting_id = $1", id)
	results := m.world.count("SELECT count(*) FROM results WHERE sitting_id = $1", id)
	entries := m.world.count("SELECT count(*) FROM audit WHERE action = 'submit' AND object_id = $1", id)
	if !m.done && records+results+entries > 0 || m.done && (records < k || results != 1 || entries != 1 || !blankRight) {
		rt.Fatalf("done %v: %d records, %d results, %d entries of handing in, blank as it should be: %v", m.done, records, results, entries, blankRight)
	}
}

// Whatever order saves, flags, moves, submissions, sweeps, restarts and clock changes come in, on two devices, a sitting behind pages and database behaves as its description says.
func TestLifeOfASitting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	servers, lives := 0, 0
	sweeper, sweepEnd := "", time.Time{}
	devices := rapid.SampledFrom([]string{"phone", "desk"})
	rapid.Check(t, func(rt *rapid.T) {
		lives++
		m := begin(w, lives)
		m.servers, m.sweeper, m.sweepEnd = servers, sweeper, sweepEnd
		defer func() { // the next life finds no sitting that is due
			m.outcome(rt, true)
			m.clock.set(m.start.Deadline.Add(time.Hour))
			m.clients["phone"].post(m.at+"/submit", nil).to(m.at)
			w, servers, sweeper, sweepEnd = m.world, m.servers, m.sweeper, m.sweepEnd
		}()
		save := func(t *rapid.T, rev int64) {
			n := rapid.IntRange(0, 2).Draw(t, "n")
			flag := rapid.SampledFrom([]string{"", `,"flagged":true`, `,"flagged":false`}).Draw(t, "flag")
			m.save(t, devices.Draw(t, "by"), n, rev, rapid.SampledFrom(m.answers[n]).Draw(t, "answer"), flag)
		}
		rt.Repeat(map[string]func(*rapid.T){
			"save":        func(t *rapid.T) { save(t, slices.Max(m.revs[:3])+1) },
			"save, late":  func(t *rapid.T) { save(t, int64(rapid.IntRange(1, 6).Draw(t, "rev"))) },
			"wait":        func(t *rapid.T) { m.clock.add(time.Duration(rapid.IntRange(0, 400).Draw(t, "s")) * time.Second) },
			"clock ahead": func(t *rapid.T) { m.clock.add(10 * time.Minute) },
			"clock back":  func(t *rapid.T) { m.clock.add(-10 * time.Minute) },
			"submit":      func(t *rapid.T) { m.submit(t, devices.Draw(t, "by")) },
			"sweep":       m.sweep,
			"":            m.check,
			"to the end": func(t *rapid.T) {
				m.clock.set(m.start.Deadline.Add(time.Duration(rapid.IntRange(-1, 6).Draw(t, "s")) * time.Second))
			},
			"start again": func(t *rapid.T) { m.clients[devices.Draw(t, "by")].get(m.at).to(m.at) },
			"restart": func(t *rapid.T) {
				if rapid.IntRange(0, 3).Draw(t, "yes") == 0 {
					m.restart()
				}
			},
			"move": func(t *rapid.T) {
				to, want := devices.Draw(t, "to"), m.refusal(m.holder)
				r := m.clients[to].post(m.at+"/take", nil)
				if want == "" && r.status == http.StatusSeeOther {
					m.holder = to
				} else if want == "" || r.status != http.StatusConflict {
					t.Fatalf("moving to the %s: %d, want %q", to, r.status, want)
				}
			},
		})
	})
}
