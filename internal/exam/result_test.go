package exam_test

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
	"leida/internal/exam"
	"leida/internal/item"
	"leida/internal/plain"
	"leida/internal/profile"
	"leida/internal/text"
)

// A result encodes to JSON that is canonical already, reads back as itself, and shows what Explain shows, in both languages, with its texts kept apart.
func TestResultIsWhatWasTold(t *testing.T) {
	s, evidence := sat(t)
	r := s.Result
	raw, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := exam.Canonical(raw); err != nil || !bytes.Equal(raw, again) {
		t.Errorf("not canonical: %v\n%s\n%s", err, raw, again)
	}
	back, err := exam.ReadResult(raw)
	if err != nil {
		t.Fatal(err)
	}
	back.Fresh = r.Fresh
	if diff := cmp.Diff(r, back, cmp.Comparer(func(a, b exam.Version) bool { return a.Hash == b.Hash })); diff != "" {
		t.Error(diff)
	}
	var shown []profile.Evidence
	for i, p := range back.Places {
		it, _ := bank().ItemAt(p.Item.Hash)
		a, err := s.Slots[i].Read(it)
		if err != nil {
			t.Fatal(err)
		}
		v := r.Fresh[p.Texts]
		texts, err := exam.ReadTexts(p.Texts, v.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v.Texts, texts); diff != "" {
			t.Error(diff)
		}
		for _, l := range text.Langs {
			got, err := p.Explained(texts, l)
			if diff := cmp.Diff(it.Body.Explain(s.View(i, l), a), got); diff != "" || err != nil {
				t.Errorf("%s: %v %s", it.ID, err, diff)
			}
		}
		if p.Score != s.Slots[i].Score || texts.Title != it.Title || len(texts.Subs) != len(it.Measures) {
			t.Errorf("%+v, %+v", p, texts)
		}
		shown = append(shown, back.Evidence(i)...)
	}
	if diff := cmp.Diff(evidence, shown); diff != "" {
		t.Error(diff)
	}
	if _, err := exam.ReadTexts(back.Places[0].Texts, []byte(`{}`)); err == nil {
		t.Error("texts of another hash are read")
	}
	if _, err := exam.ReadResult(append(raw[:len(raw)-1], `,"zz":1}`...)); err == nil {
		t.Error("a result with unknown names is read")
	}
}

// Freezing a sitting of old keeps the scores that were told.
func TestFreeze(t *testing.T) {
	s, _ := sat(t)
	want, _ := s.Result.Encode()
	old := clone(t, s)
	old.Result = nil
	r, err := old.Freeze(bank())
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := r.Encode(); !bytes.Equal(want, got) {
		t.Errorf("%s\n%s", want, got)
	}
	old.Slots[0].Score, old.Score = 0.25, 33
	if r, err = old.Freeze(bank()); err != nil || r.Places[0].Score != 0.25 || r.Score != 33 {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := start(t, "form", 1, noon).Freeze(bank()); err == nil {
		t.Error("a live sitting is frozen")
	}
}

var update = flag.Bool("update", false, "write testdata/result anew; only for a new kind of item")

// goldenPlace is one place of a stored result with its texts, and what it showed when it was written.
type goldenPlace struct {
	Hash         string
	Texts, Place json.RawMessage
	Shown        json.RawMessage
}

// The names in a stored result are for ever: one of each kind, written when the format was fixed, still reads and still shows what it showed.
func TestStoredNamesAreForEver(t *testing.T) {
	for _, k := range item.Kinds() {
		name := "testdata/result/" + k.Name + ".json"
		if *update {
			writeTold(t, k.Name, name)
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var old goldenPlace
		if err := json.Unmarshal(raw, &old); err != nil {
			t.Fatal(k.Name, err)
		}
		kept, err := exam.Canonical(old.Texts)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := exam.ReadTexts(old.Hash, kept)
		if err != nil {
			t.Fatal(k.Name, err)
		}
		var p exam.Place
		d := json.NewDecoder(bytes.NewReader(old.Place))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			t.Fatal(k.Name, err)
		}
		x, err := p.Explained(texts, text.EN)
		if err != nil {
			t.Fatal(k.Name, err)
		}
		if got, want := canonical(t, x), canonical(t, old.Shown); got != want {
			t.Errorf("%s:\n%s\n%s", k.Name, want, got)
		}
	}
}

func canonical(t *testing.T, x any) string {
	t.Helper()
	raw, err := json.Marshal(x)
	if err == nil {
		raw, err = exam.Canonical(raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// firstOf is an item of a kind: the first of the built-in bank, or else of the fixtures that the kind is tested by.
func firstOf(t *testing.T, lib *assessment.Library, kind string) *item.Item {
	t.Helper()
	if i := slices.IndexFunc(lib.Items, func(it *item.Item) bool { return it.Type == kind }); i >= 0 {
		return lib.Items[i]
	}
	names, _ := filepath.Glob(filepath.Join("..", "item", "testdata", kind, "*.yaml"))
	raw, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	it, report := assessment.ParseItem(names[0], raw, lib.Model)
	if it == nil {
		t.Fatal(report)
	}
	return it
}

// only is a bank of one item.
type only struct {
	*assessment.Library
	it *item.Item
}

func (b only) ItemAt(hash string) (*item.Item, bool) { return b.it, b.it.Hash == hash }

// someAnswer is an answer to an item that is not blank.
func someAnswer(it *item.Item) item.Answer {
	if g, ok := it.Body.(item.Guessable); ok {
		return g.Guess(item.First)
	}
	return it.Body.(item.Imitable).Imitate(0.5, rand.New(rand.NewPCG(1, 1)))
}

func writeTold(t *testing.T, kind, name string) {
	lib := builtin(t)
	it := firstOf(t, lib, kind)
	s := &exam.Sitting{ID: "s", Seed: 7, TimeFactor: 1, State: exam.Submitted, Slots: []exam.Slot{{ItemID: it.ID, ItemHash: it.Hash, Weight: 1, Seconds: 12.5}}}
	raw, err := json.Marshal(someAnswer(it))
	if err != nil {
		t.Fatal(err)
	}
	s.Slots[0].Answer = raw
	r, err := s.Freeze(only{lib, it})
	if err != nil {
		t.Fatal(err)
	}
	v := r.Fresh[r.Places[0].Texts]
	x := it.Explain(s.View(0, text.EN), item.Response{Answer: someAnswer(it), Seconds: 12.5, Factor: 1})
	out, err := json.MarshalIndent(map[string]any{"Hash": v.Hash, "Texts": json.RawMessage(v.JSON), "Place": r.Places[0], "Shown": x}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(out, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkResult(b *testing.B) {
	lib := builtin(b)
	a, _ := lib.Assessment("aic-cycle")
	s := exam.New("s1", viewer("phone"), exam.Assignment{ID: "a", Closes: closes}, a, first(lib.Draw(a, 7)), 7, 1, noon)
	for i, slot := range s.Slots {
		it, _ := lib.ItemAt(slot.ItemHash)
		if err := s.Answer(exam.Save{Holder: "phone", N: i, Rev: 1, Answer: it.Body.(item.Guessable).Guess(item.First)}, noon); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.Submit("phone", lib, noon.Add(time.Minute)); err != nil {
		b.Fatal(err)
	}
	var raw []byte
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			r, err := s.Freeze(lib)
			if err != nil {
				b.Fatal(err)
			}
			raw, _ = r.Encode()
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := exam.ReadResult(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	var z bytes.Buffer
	b.Run("deflate", func(b *testing.B) {
		for b.Loop() {
			z.Reset()
			w, _ := flate.NewWriter(&z, flate.BestSpeed)
			w.Write(raw)
			w.Close()
		}
	})
	fmt.Println("items", len(s.Slots), "bytes", len(raw), "deflated", z.Len())
}

func first(d []assessment.Drawn, err error) []assessment.Drawn { return d }

func builtin(t testing.TB) *assessment.Library {
	t.Helper()
	lib, report := assessment.Load(plain.FS(), nil, nil)
	if lib == nil {
		t.Fatal(report)
	}
	return lib
}
