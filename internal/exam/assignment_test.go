package exam_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/text"
)

func wantSaid(t *testing.T, ps []fault.Problem, want string) {
	t.Helper()
	var out []string
	for _, p := range ps {
		out = append(out, p.Path+" "+p.Key)
		for _, l := range text.Langs {
			if s := text.Problem(l, p); s == p.Key || strings.ContainsAny(s, "{}") {
				t.Errorf("%s in %s: %q", p.Key, l, s)
			}
		}
	}
	if got := strings.Join(out, ", "); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

func TestPhase(t *testing.T) {
	as := exam.Assignment{Opens: opens, Closes: closes}
	for _, tt := range []struct {
		at   time.Time
		want exam.Phase
		key  string
	}{{opens.Add(-1), exam.Upcoming, "exam.not_open"}, {opens, exam.Open, ""}, {closes.Add(-1), exam.Open, ""}, {closes, exam.Closed, "exam.closed"}} {
		if got := as.PhaseAt(tt.at); got != tt.want {
			t.Errorf("%s: %s", tt.at, got)
		}
		wantFault(t, exam.CanStart(as, tt.at), fault.Conflict, tt.key)
	}
}

// T02: windows that make no sense are refused at their field.
func TestAssignmentValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(a *exam.Assignment)
		want   string
	}{
		{"sound", func(*exam.Assignment) {}, ""},
		{"already open", func(a *exam.Assignment) { a.Opens = noon.AddDate(0, 0, -1) }, ""},
		{"to a team", func(a *exam.Assignment) { a.People, a.Teams = nil, []string{"t"} }, ""},
		{"to nobody", func(a *exam.Assignment) { a.People = nil }, "targets exam.nobody"},
		{"of nothing", func(a *exam.Assignment) { a.Assessment = "" }, "assessment define.required"},
		{"no times", func(a *exam.Assignment) { a.Opens, a.Closes = time.Time{}, time.Time{} }, "opens define.required, closes define.required"},
		{"closes as it opens", func(a *exam.Assignment) { a.Closes = a.Opens }, "closes exam.closes_before"},
		{"closes before", func(a *exam.Assignment) { a.Closes = a.Opens.Add(-1) }, "closes exam.closes_before"},
		{"closed already", func(a *exam.Assignment) { a.Opens, a.Closes = opens.AddDate(0, -6, 0), noon }, "closes exam.closed_already"},
		{"a year and a day", func(a *exam.Assignment) { a.Closes = a.Opens.Add(exam.MaxWindow) }, ""},
		{"longer", func(a *exam.Assignment) { a.Closes = a.Opens.Add(exam.MaxWindow + 1) }, "closes exam.window"},
		{"year 1999", func(a *exam.Assignment) { a.Opens = time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC) }, "opens exam.year, closes exam.window"},
		{"year 10000", func(a *exam.Assignment) {
			a.Opens, a.Closes = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 2, 0, 0, 0, 0, time.UTC)
		}, "opens exam.year"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := exam.Assignment{Assessment: "form", Opens: noon.Add(time.Hour), Closes: noon.AddDate(0, 0, 7), People: []string{"chen"}}
			tt.change(&a)
			wantSaid(t, a.Validate(noon), tt.want)
		})
	}
}

func TestTimeFactor(t *testing.T) {
	for f, want := range map[float64]string{1: "", 1.25: "", 3: "", 0.99: "x define.range", 3.01: "x define.range", 0: "x define.range", -1: "x define.range", math.Inf(1): "x define.range"} {
		wantSaid(t, exam.CheckTimeFactor("x", f), want)
	}
	wantSaid(t, exam.CheckTimeFactor("x", math.NaN()), "x define.range")
}
