package web_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"leida/internal/org"
	"leida/internal/web"
)

// TestMissingIsForeignInWork: what is somebody else's and what is nowhere cost the same work, statement for statement and row for row, so that no clock tells them apart.
func TestMissingIsForeignInWork(t *testing.T) {
	t.Parallel()
	p := populate(t)
	p.clients["agent"].get("/people/" + p.things["person"][missing]).is(http.StatusNotFound) // the log has its first entry
	pairs := 0
	for _, r := range web.Routes {
		for _, role := range roles[1:] {
			if r.Bare {
				continue
			}
			var work []string
			for _, relation := range []string{foreign, mate, own, missing} {
				path, ok := p.address(r, relation)
				if !ok || allowed(r, role, relation) || refusal(r, role) != http.StatusNotFound {
					continue
				}
				c := p.clients[role]
				p.clock.add(2 * time.Minute) // the trail of refusals has room again
				c.get("/help").is(200)       // and the session has been seen
				c.prove()
				said := p.sql.during(func() {
					if r.Writes() {
						c.post(path, p.bodyOf(r, role, relation)).is(http.StatusNotFound)
					} else {
						c.get(path).is(http.StatusNotFound)
					}
				})
				if len(said) == 0 {
					t.Fatalf("%s %s: nothing is asked of the database", role, r.Path)
				}
				list := fmt.Sprintf("%s %s as %s:", r.Method, r.Path, role)
				for _, x := range said {
					list += fmt.Sprintf("\n  %d rows: %s", x.rows, x.sql)
				}
				work = append(work, list)
			}
			if len(work) > 1 {
				pairs++
			}
			if len(slices.Compact(work)) > 1 {
				t.Errorf("foreign and missing cost different work:\n%s", strings.Join(slices.Compact(work), "\n"))
			}
		}
	}
	var work []string
	for _, name := range []string{p.wes.Number, p.wes.Name, "NOBODY"} { // out of a manager's reach by number and by name, and nowhere
		p.clock.add(2 * time.Minute)
		p.clients["manager"].get("/help").is(200)
		form := url.Values{"assessment": {"aic-cycle"}, "opens": {local(p.clock.now())}, "closes": {local(p.clock.now().Add(24 * time.Hour))}, "people": {name}}
		list := ""
		for _, x := range p.sql.during(func() {
			p.clients["manager"].post("/assignments", form).is(http.StatusUnprocessableEntity).has(say("assign.unknown", "names", []string{name}))
		}) {
			list += fmt.Sprintf("\n  %d rows: %s", x.rows, x.sql)
		}
		work = append(work, list)
	}
	if work = slices.Compact(work); len(work) > 1 {
		t.Errorf("people out of reach and nobody cost different work:\n%s", strings.Join(work, "\n"))
	}
	if pairs < 40 {
		t.Errorf("only %d routes and roles were compared", pairs)
	}
	t.Log(pairs, "routes and roles compared")
}

// TestSignInWork: a name that nobody has, that two share, of somebody who left or who has no password, costs what a known name and a wrong password cost:
// the same statements, and one argon2 of full size. It counts memory, of which argon2 takes 19 MiB, so nothing may run beside it.
func TestSignInWork(t *testing.T) {
	w := newWorld(t)
	full, err := web.HashPassword(rand.Reader, password)
	w.ok(err)
	for _, x := range w.everyone {
		w.ok(w.st.SetPassword(w.ctx, x.ID, full, ""))
	}
	w.agent("S1", "同名", w.east)
	w.agent("S2", "同名", w.west)
	left := w.agent("L1", "走了", w.east)
	w.ok(w.st.SetPassword(w.ctx, left.ID, full, ""))
	w.ok(w.st.UpdatePerson(w.ctx, left.ID, func(p *org.Person) error { p.ActiveTo = noon.AddDate(0, 0, -1); return nil }))
	never, err := w.st.CreatePerson(w.ctx, org.Person{Number: "N1", Name: "没密码", JobProfile: "agent", ActiveFrom: noon.AddDate(-1, 0, 0)}, "", []org.Grant{{Access: org.Agent}})
	w.ok(err)
	const one = 19 << 20 // bytes that one argon2 takes
	var first []string
	names := map[string]string{"known by number": "A01", "known by name": "bob", "unknown": "nobody at all", "shared": "同名", "left": "L1", "without a password": never.Number, "empty": "", "a payload": payloads[0]}
	w.anybody().post("/login", login("A02", "wrong")).is(http.StatusUnauthorized) // whatever is done once has been done
	for what, name := range names {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		said := w.sql.during(func() { w.anybody().post("/login", login(name, "wrong")).is(http.StatusUnauthorized) })
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took < one || took >= 2*one {
			t.Errorf("%s: %.1f MiB, one argon2 takes 19", what, float64(took)/(1<<20))
		}
		var list []string
		for _, x := range said {
			list = append(list, x.sql)
		}
		if first == nil {
			first = list
		}
		if !slices.Equal(list, first) {
			t.Errorf("%s asks\n  %s\nothers ask\n  %s", what, strings.Join(list, "\n  "), strings.Join(first, "\n  "))
		}
	}
	if len(first) == 0 {
		t.Error("nothing is asked of the database")
	}
}
