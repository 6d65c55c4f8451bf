package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"leida/internal/exam"
	"leida/internal/web"
)

// What can be had in bulk or fills something up is had so often and no more, by one person on any device; others are not held up.
func TestLimits(t *testing.T) {
	t.Parallel()
	p := populate(t)
	p.rested()
	for _, x := range []struct {
		role   string
		method string
		path   string
		form   url.Values
		burst  int
		every  time.Duration
	}{
		{"agent", http.MethodPost, "/assignments/" + p.a.ID + "/start", nil, 60, 10 * time.Second},
		{"manager", http.MethodGet, "/teams/" + p.east + "/scores.csv", nil, 60, 5 * time.Second},
		{"admin", http.MethodPost, "/admin/roster", url.Values{"again": {"!"}}, 30, 10 * time.Second},
		{"trainer", http.MethodPost, "/assignments", url.Values{}, 30, 10 * time.Second},
		{"admin", http.MethodPost, "/admin/people/" + p.things["person"][missing] + "/password", url.Values{}, 30, 10 * time.Second},
	} {
		ask := func(c *client) reply {
			if x.method == http.MethodGet {
				return c.get(x.path)
			}
			return c.post(x.path, x.form)
		}
		c := p.clients[x.role]
		for i := range x.burst {
			if r := ask(c); r.status == http.StatusTooManyRequests {
				t.Fatalf("%s: refused at time %d", x.path, i+1)
			}
		}
		r := ask(c).is(http.StatusTooManyRequests).has(say("web.throttled"))
		sound(t, web.Route{}, r)
		if r.header.Get("Retry-After") != fmt.Sprint(x.every.Seconds()) {
			t.Errorf("%s: Retry-After %q", x.path, r.header.Get("Retry-After"))
		}
		who := map[string]string{"agent": p.ann.ID, "manager": p.eve.ID, "admin": p.ada.ID, "trainer": p.tess.ID}[x.role]
		for _, one := range p.everyone {
			if one.ID == who {
				ask(p.as(one)).is(http.StatusTooManyRequests) // another device is the same person
			}
		}
		p.clock.add(x.every)
		if r := ask(c); r.status == http.StatusTooManyRequests {
			t.Errorf("%s: none comes back", x.path)
		}
		ask(c).is(http.StatusTooManyRequests)
	}
	p.as(p.wes).start(p.b)
	p.clients["other manager"].get("/teams/" + p.west + "/scores.csv").is(200)
}

// Answers after the time are refused without end, and kept for a complaint only so often.
func TestLateAnswersFillNoLog(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.clock.set(d.sitting().Deadline.Add(exam.Grace + time.Second))
	for i := range 60 {
		d.c.json(d.item(1), fmt.Sprintf(`{"rev":%d,"answer":{}}`, i+1)).refused(http.StatusConflict, "time_over")
	}
	if n := d.count("SELECT count(*) FROM audit WHERE action = 'late_answer'"); n != 20 {
		t.Error(n, "entries in the audit log")
	}
}
