package exam_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"leida/internal/exam"
)

// A result opened at any of its items is written again byte for byte, changed at that item or not, whatever stands in its texts; and its sums are there.
func TestOpenResultWritesWhatItRead(t *testing.T) {
	s, _ := sat(t)
	odd := *s.Result
	odd.Person, odd.Cycle, odd.Reason = `"places":[{`, `\"places":[],\`, "行\u2028<a>\"}]"
	odd.Places = likeJSON(t, odd.Places)
	for _, r := range []*exam.Result{s.Result, &odd} {
		raw, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for n, p := range r.Places {
			open, err := exam.OpenResult(raw, p.Item.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := open.Encode(); err != nil || !bytes.Equal(raw, got) {
				t.Errorf("%v\n%s\n%s", err, raw, got)
			}
			whole, err := exam.ReadResult(raw)
			if err != nil {
				t.Fatal(err)
			}
			for i, is := range open.Places {
				want := whole.Places[i]
				if i == n {
					if diff := cmp.Diff(want, is); diff != "" {
						t.Error(diff)
					}
					continue
				}
				want = exam.Place{Critical: want.Critical, Score: want.Score, Section: want.Section, Units: want.Units, Weight: want.Weight, Folded: is.Folded}
				if diff := cmp.Diff(want, is); diff != "" || len(is.Folded) == 0 {
					t.Error(diff)
				}
			}
			for _, x := range []*exam.Result{open, whole} {
				x.Places[n].Score, x.Revision, x.Undo, x.Reason = 1.0/3, 7, true, "[\"places\":"
			}
			a, _ := open.Encode()
			b, err := whole.Encode()
			if err != nil || !bytes.Equal(a, b) {
				t.Errorf("%v\n%s\n%s", err, a, b)
			}
		}
		for n := range raw { // cut off anywhere, it is refused
			if _, err := exam.OpenResult(raw[:n], r.Places[0].Item.ID); err == nil {
				t.Fatalf("%s", raw[:n])
			}
		}
	}
	if _, err := exam.OpenResult([]byte(`{"places":[{"score":"x"}]}`), "a"); err == nil {
		t.Error("a score that is no number is read")
	}
}

// likeJSON are places with answers and ids that look like the JSON around them.
func likeJSON(t *testing.T, places []exam.Place) []exam.Place {
	t.Helper()
	out := append([]exam.Place(nil), places...)
	for i := range out {
		answer, err := exam.Canonical([]byte(`{"text":"a\",\"score\":9,\\","x":[[],{},"]}"],"score":5,"item":{"id":"other"}}`))
		if err != nil {
			t.Fatal(err)
		}
		out[i].Answer, out[i].Critical = answer, []string{`"weight":7`, `\`}
		out[i].Item.ID += `"é,}<&>`
	}
	return out
}

// Whatever bytes come, nothing breaks; and what is a result as it is written, opened at any item, is written again as it was.
func FuzzOpenResult(f *testing.F) {
	r := exam.Result{Schema: exam.ResultSchema, Cycle: `"places":[`, Places: []exam.Place{
		{Answer: []byte(`{"x":["}",{}]}`), Feedback: []byte(`{}`), Item: exam.Pin{ID: "a\"<"}, Critical: []string{"\\"}, Score: 0.25},
		{Feedback: []byte(`[]`), Item: exam.Pin{ID: "b"}, Section: 1, Units: 1.0 / 3, Weight: 1e-7},
	}}
	raw, err := r.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, "b")
	f.Add([]byte(`{"places":[{"critical":["\\\""],"item":{"id":"a"},"score":1}]}`), "a")
	f.Fuzz(func(t *testing.T, raw []byte, item string) {
		open, err := exam.OpenResult(raw, item)
		whole, wrong := exam.ReadResult(raw)
		if wrong != nil || len(whole.Places) == 0 {
			return
		}
		if again, wrong := whole.Encode(); wrong != nil || !bytes.Equal(raw, again) {
			return // not as we write it
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := open.Encode(); err != nil || !bytes.Equal(raw, got) {
			t.Fatalf("%v\n%s\n%s", err, raw, got)
		}
	})
}
