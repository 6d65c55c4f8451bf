package item

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/text"
)

// said are problems as "path key", in order of path.
func said(ps []fault.Problem) string {
	var out []string
	for _, p := range ps {
		out = append(out, strings.TrimSpace(p.Path+" "+p.Key))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// wantSaid asserts problems, and that each can be read in both languages.
func wantSaid(t *testing.T, ps []fault.Problem, want string) {
	t.Helper()
	if got := said(ps); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	for _, p := range ps {
		for _, l := range text.Langs {
			if s := text.Problem(l, p); s == p.Key || strings.ContainsAny(s, "{}") {
				t.Errorf("%s in %s: %q", p.Key, l, s)
			}
		}
	}
}

func same(s string) text.Text { return text.Text{ZH: s, EN: s} }

// id is the i-th of the ids that generated items have.
func id(i int) string { return fmt.Sprintf("p%d", i) }

func parts(n int) []Part {
	out := make([]Part, n)
	for i := range out {
		out[i] = Part{ID: id(i), Text: same(fmt.Sprintf("文%d", i))}
	}
	return out
}

// score is what a body gives an answer; it has to be from 0 to 1.
func score(t interface {
	Helper()
	Fatalf(string, ...any)
}, b Body, a Answer) float64 {
	t.Helper()
	r, err := b.Score(Response{Answer: a})
	if err != nil || !(r.Score >= 0 && r.Score <= 1) {
		t.Fatalf("%+v scores %+v, %v", a, r, err)
	}
	return r.Score
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9 }

// some draws a subset of the first n ids, at least `least` of them.
func some(t *rapid.T, name string, n, least int) []string {
	var out []string
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), least, n, rapid.ID[int]).Draw(t, name) {
		out = append(out, id(i))
	}
	return out
}
