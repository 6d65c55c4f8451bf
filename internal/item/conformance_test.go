package item_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/text"
)

// Everything here holds of every kind. A new kind is tested by laying down its fixtures.

func TestKindRegistersAll(t *testing.T) {
	names := item.KindNames()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) || len(names) == 0 {
		t.Fatalf("kinds %v", names)
	}
	for _, k := range item.Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			if k.Method == "" || k.New == nil || k.Prompt == nil || k.Explain == nil {
				t.Fatalf("%+v", k)
			}
			if _, ok := item.KindOf(k.Name); !ok {
				t.Error("not found by its name")
			}
			if _, ok := k.New().(item.Sequential); !ok && reflect.ValueOf(k.New()).MethodByName("Advance").IsValid() {
				t.Error("its method Advance is not that of item.Sequential, so nobody calls it")
			}
			how := false
			for _, key := range text.Keys() {
				how = how || key == "kind."+k.Name+".how" || strings.HasPrefix(key, "kind."+k.Name+".how.")
			}
			if !how || !text.Has("kind."+k.Name) {
				t.Errorf("messages kind.%s and kind.%[1]s.how are needed", k.Name)
			}
		})
	}
	if k, ok := item.KindOf("no_such_kind"); ok {
		t.Errorf("found %+v", k)
	}
}

func TestFixtureIsSound(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		if ps := f.it.Validate(model()); len(ps) > 0 {
			t.Errorf("%v", ps)
		}
		if f.it.Kind().Name != f.kind.Name || f.it.Units() <= 0 || f.it.Hash == "" {
			t.Errorf("%s: units %g, hash %q", f.it.Kind().Name, f.it.Units(), f.it.Hash)
		}
		for _, l := range text.Langs {
			if got := reflect.TypeOf(f.it.Body.Prompt(item.Plain(l), nil)); got != reflect.TypeOf(f.kind.Prompt) {
				t.Errorf("Prompt gives %v, registered is %T", got, f.kind.Prompt)
			}
			if got := reflect.TypeOf(f.it.Body.Explain(item.Plain(l), nil)); got != reflect.TypeOf(f.kind.Explain) {
				t.Errorf("Explain gives %v, registered is %T", got, f.kind.Explain)
			}
			if got := reflect.TypeOf(f.it.Explain(item.Plain(l), item.Response{})); got != reflect.TypeOf(f.kind.Explain) {
				t.Errorf("of a whole response %v is explained, registered is %T", got, f.kind.Explain)
			}
		}
	})
}

func TestScores(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		for i, s := range append([]sample{f.Key}, f.Others...) {
			if i == 0 {
				s.Score = 1
			}
			got, err := f.it.Score(s.response(f.canonical(t, s.Answer)))
			if err != nil || got.Pending != s.Pending || !got.Pending && math.Abs(got.Score-s.Score) > 1e-9 || !slices.Equal(got.Critical, s.Critical) {
				t.Errorf("%s: %+v, %v, want %g %v", s.Answer, got, err, s.Score, s.Critical)
			}
			if raw, err := json.Marshal(got.Detail); err != nil || string(raw) == "null" {
				t.Errorf("%s: detail %s, %v", s.Answer, raw, err)
			}
		}
		got, err := f.it.Score(item.Response{})
		if err != nil || got.Score != f.Blank || len(got.Critical) > 0 {
			t.Errorf("blank: %+v, %v", got, err)
		}
		if raw, err := json.Marshal(got.Detail); err != nil || string(raw) == "null" {
			t.Errorf("blank: detail %s, %v", raw, err)
		}
	})
}

// A key answer is whole, and no answer has more parts than there are.
func TestParts(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		b, ok := f.it.Body.(item.Parted)
		if !ok {
			return
		}
		done, of := b.Parts(nil)
		if done != 0 || of < 1 {
			t.Errorf("blank: %d of %d", done, of)
		}
		if n, all := b.Parts(f.canonical(t, f.Key.Answer)); n != of || all != of {
			t.Errorf("the key has %d of %d, %d wanted", n, all, of)
		}
		var answers []item.Answer
		for _, s := range f.Others {
			answers = append(answers, f.canonical(t, s.Answer))
		}
		if im, ok := f.it.Body.(item.Imitable); ok {
			r := rand.New(rand.NewPCG(1, 2))
			for range 50 {
				answers = append(answers, im.Imitate(r.Float64(), r))
			}
		}
		for _, a := range answers {
			if n, all := b.Parts(a); n < 0 || n > of || all != of {
				t.Errorf("%s: %d of %d, at most %d", dump(t, a), n, all, of)
			}
		}
	})
}

// What an item is expected to show is what its key answer shows: what is marked at once, and what people have rated.
func TestYields(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		r, err := f.it.Score(f.Key.response(f.canonical(t, f.Key.Answer)))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]item.Yield{}
		add := func(sub string, part float64, rated bool) {
			y := want[sub]
			if y.Sub = sub; rated {
				y.Rated += part * f.it.Units()
			} else {
				y.Marked += part * f.it.Units()
			}
			want[sub] = y
		}
		for _, x := range r.Shares {
			add(x.Sub, x.Part, x.Rater)
		}
		if r.Shares == nil {
			for _, m := range f.it.Measures {
				add(m.Sub, m.W, false)
			}
		}
		got, sum := map[string]item.Yield{}, 0.0
		for _, y := range f.it.Yields() {
			got[y.Sub] = y
			sum += y.Units()
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Error(diff)
		}
		if math.Abs(sum-f.it.Units()) > 1e-9 {
			t.Errorf("%g units in all, of %g", sum, f.it.Units())
		}
	})
}

func TestBlankIsNil(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		v := item.Plain(text.ZH)
		empty := map[string]any{}
		for k, e := range tree(t, f.Key.Answer).(map[string]any) {
			switch e.(type) {
			case []any:
				empty[k] = []any{}
			case map[string]any:
				empty[k] = map[string]any{}
			default:
				empty[k] = nil
			}
		}
		for _, raw := range []string{"{}", string(dump(t, empty))} {
			if a, err := parseJSON(f.it, v, []byte(raw)); a != nil || err != nil {
				t.Errorf("%s: %v, %v", raw, a, err)
			}
		}
		// a page whose fields were all left empty sends their names
		blank := form(tree(t, f.Key.Answer))
		for name := range blank {
			blank[name] = []string{""}
		}
		if a, err := parseForm(f.it, v, blank); a != nil || err != nil {
			t.Errorf("%v: %v, %v", blank, a, err)
		}
	})
}

// Random answers score from 0 to 1, the same every time; what cannot be an answer is refused and nothing panics.
func TestRandomAnswers(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		r := rand.New(rand.NewPCG(2026, 1))
		ids := f.ids()
		samples := append([]sample{f.Key}, f.Others...)
		taken := 0
		for range 600 {
			s := samples[r.IntN(len(samples))]
			raw := dump(t, scramble(r, tree(t, s.Answer), ids))
			a, err := parseJSON(f.it, item.Plain(text.ZH), raw)
			if err != nil {
				refused(t, raw, err, "")
				continue
			}
			taken++
			got, err := f.it.Score(s.response(a))
			if err != nil || !(got.Score >= 0 && got.Score <= 1) {
				t.Fatalf("%s scores %+v, %v", raw, got, err)
			}
			if again, _ := f.it.Score(s.response(a)); !gocmp.Equal(got.Score, again.Score) {
				t.Fatalf("%s scores %g, then %g", raw, got.Score, again.Score)
			}
			f.it.Body.Prompt(item.Seen(text.EN, r.Uint64()), a)
			f.it.Body.Explain(item.Seen(text.EN, r.Uint64()), a)
		}
		if taken < 60 {
			t.Errorf("only %d of 600 random answers were answers at all", taken)
		}
	})
}

// What a candidate sees, sent back, is the same answer in definition ids, by form and by JSON, and the stored answer reads back the same.
func TestRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		for seed := range uint64(25) {
			v := item.Seen(text.Langs[seed%2], seed)
			for _, s := range append([]sample{f.Key}, f.Others...) {
				want := f.canonical(t, s.Answer)
				sent := rename(tree(t, s.Answer), f.shown(t, v))
				if len(f.shown(t, v)) > 0 && string(dump(t, sent)) == string(dump(t, tree(t, s.Answer))) {
					t.Fatalf("%s is sent in definition ids", s.Answer)
				}
				byJSON, err := parseJSON(f.it, v, dump(t, sent))
				if diff := gocmp.Diff(want, byJSON, everything); err != nil || diff != "" {
					t.Fatalf("seed %d, JSON %s: %v\n%s", seed, dump(t, sent), err, diff)
				}
				byForm, err := parseForm(f.it, v, form(sent))
				if diff := gocmp.Diff(want, byForm, everything); err != nil || diff != "" {
					t.Fatalf("seed %d, form %v: %v\n%s", seed, form(sent), err, diff)
				}
				stored := dump(t, byForm)
				if diff := gocmp.Diff(want, f.canonical(t, stored), everything); diff != "" {
					t.Fatalf("stored as %s\n%s", stored, diff)
				}
				if again := dump(t, f.canonical(t, stored)); string(again) != string(stored) {
					t.Fatalf("stored as %s, then as %s", stored, again)
				}
			}
		}
	})
}

// The answer given so far is shown again.
func TestPromptShowsTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		v := item.Seen(text.ZH, 7)
		seen := map[string]string{string(dump(t, f.it.Body.Prompt(v, nil))): "blank"}
		for _, s := range append([]sample{f.Key}, f.Others...) {
			raw := dump(t, f.it.Body.Prompt(v, f.canonical(t, s.Answer)))
			if other, twice := seen[string(raw)]; twice {
				t.Errorf("%s looks like %s", s.Answer, other)
			}
			seen[string(raw)] = string(s.Answer)
		}
		if got := dump(t, f.it.Body.Prompt(v, nil)); seen[string(got)] != "blank" {
			t.Error("the same view twice differs")
		}
	})
}

func TestOrderInTheDefinitionNeverMatters(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		r := rand.New(rand.NewPCG(5, 5))
		moved := false
		for range 20 {
			other := parse(t, f.file, f.raw)
			moved = shuffleLists(r, reflect.ValueOf(other.Body).Elem(), f.Ordered) || moved
			for _, s := range append([]sample{f.Key}, f.Others...) {
				a, err := parseJSON(other, item.Plain(text.ZH), s.Answer)
				if err != nil {
					t.Fatal(err)
				}
				want, _ := f.it.Score(s.response(f.canonical(t, s.Answer)))
				got, err := other.Score(s.response(a))
				if err != nil || math.Abs(got.Score-want.Score) > 1e-12 {
					t.Errorf("%s scores %g, and %g with the parts in another order (%v)", s.Answer, want.Score, got.Score, err)
				}
			}
		}
		if !moved && len(f.Ordered) == 0 {
			t.Error("nothing to shuffle; is every list in ordered?")
		}
	})
}

// shuffleLists puts every list of parts with ids into another order, those of structs within among them, but not the stimulus.
func shuffleLists(r *rand.Rand, body reflect.Value, fixed []string) (moved bool) {
	for i := range body.NumField() {
		v, f := body.Field(i), body.Type().Field(i)
		if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[item.Stimulus]() && v.Type() != reflect.TypeFor[text.Text]() {
			moved = shuffleLists(r, v, fixed) || moved
			continue
		}
		if f.Anonymous || v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct || slices.Contains(fixed, f.Name) {
			continue
		}
		if _, ok := v.Type().Elem().FieldByName("ID"); ok && v.Len() > 1 {
			r.Shuffle(v.Len(), reflect.Swapper(v.Interface()))
			moved = true
		}
	}
	return moved
}

var (
	keyWords   = regexp.MustCompile(`(?i)canary|\b(polite|escalate|critical|illustrative)\b`)
	keyNumbers = regexp.MustCompile(`\d+\.\d{3,}`)
	// keyFields are names that a prompt's struct must not even have.
	keyFields = []string{"Key", "Credit", "M", "Why", "Cue", "Critical", "Feedback", "Panel", "SD", "Score", "Exclude", "Accept", "Meta", "Quality", "Payoff"}
)

// What a candidate is shown holds nothing of the key: no rationale, credit, panel mean, cue or definition id.
func TestPromptHidesTheKey(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		if n := len(keyWords.FindAll(f.raw, -1)); n < 8 {
			t.Fatalf("the fixture has only %d canaries", n)
		}
		secrets := keyNumbers.FindAllString(string(f.raw), -1)
		for seed := range uint64(20) {
			for _, l := range text.Langs {
				for _, a := range []item.Answer{nil, f.canonical(t, f.Key.Answer), f.canonical(t, f.Others[0].Answer)} {
					raw := dump(t, f.it.Body.Prompt(item.Seen(l, seed), a))
					if found := keyWords.Find(raw); found != nil {
						t.Fatalf("%q is shown: %s", found, raw)
					}
					for _, s := range secrets {
						if strings.Contains(string(raw), s) {
							t.Fatalf("%s is shown: %s", s, raw)
						}
					}
				}
			}
		}
		if found := keyWords.Find(dump(t, f.it.Reading())); found != nil {
			t.Errorf("%q is read beforehand", found)
		}
		walkTypes(reflect.TypeOf(f.kind.Prompt), map[reflect.Type]bool{}, func(name string) {
			if slices.Contains(keyFields, name) {
				t.Errorf("%T has a field %s", f.kind.Prompt, name)
			}
		})
	})
}

func walkTypes(t reflect.Type, seen map[reflect.Type]bool, field func(name string)) {
	switch {
	case seen[t]:
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Pointer, t.Kind() == reflect.Map:
		walkTypes(t.Elem(), seen, field)
	case t.Kind() == reflect.Struct:
		seen[t] = true
		for i := range t.NumField() {
			field(t.Field(i).Name)
			walkTypes(t.Field(i).Type, seen, field)
		}
	}
}

// MEASUREMENT 4.17: ids never help. Over many seeds every option takes every place about equally often, the ids say no more than the place, and nothing else tells one option from another.
func TestNothingShownDistinguishesAKey(t *testing.T) {
	const seeds = 400
	each(t, func(t *testing.T, f fixture) {
		ids := map[string]string{}                 // deck -> its ids in order, the same for every seed
		counts := map[string]map[string][]int{}    // deck -> text -> how often at each place
		attributes := map[string]map[string]bool{} // deck -> what is left of an option without id and text
		for seed := range uint64(seeds) {
			for name, deck := range decks(reflect.ValueOf(f.it.Body.Prompt(item.Seen(text.ZH, seed).Whole(), nil)), "") {
				var order []string
				for i, e := range deck {
					order = append(order, e.FieldByName("ID").String())
					if counts[name] == nil {
						counts[name], attributes[name] = map[string][]int{}, map[string]bool{}
					}
					words := e.FieldByName("Text").String()
					if counts[name][words] == nil {
						counts[name][words] = make([]int, len(deck))
					}
					counts[name][words][i]++
					attributes[name][bare(e)] = true
				}
				if joined := strings.Join(order, " "); cmp.Or(ids[name], joined) != joined {
					t.Fatalf("%s: ids %q and %q", name, ids[name], joined)
				} else {
					ids[name] = joined
				}
			}
		}
		// what people write has no options, and a kind whose options are words that people read has only questions, which key.json names
		if _, rated := f.it.Body.(item.Rated); len(counts) == 0 && !rated && len(f.Decks) == 0 {
			t.Fatal("no list of options found in the prompt")
		}
		for name, places := range counts {
			if n := len(attributes[name]); n != 1 {
				t.Errorf("%s: options differ in more than id and text: %v", name, attributes[name])
			}
			n, chi := len(places), 0.0
			expected := float64(seeds) / float64(n)
			for _, at := range places {
				for _, c := range at {
					chi += (float64(c) - expected) * (float64(c) - expected) / expected
				}
			}
			chi *= float64(n-1) / float64(n)
			if most := chiSquareBound((n - 1) * (n - 1)); n < 2 || chi > most {
				t.Errorf("%s: places are uneven (%.1f, at most %.1f): %v", name, chi, most, places)
			}
		}
	})
}

// decks are the lists of options of a prompt by where they stand: structs with an ID and a Text.
func decks(v reflect.Value, name string) map[string][]reflect.Value {
	out := map[string][]reflect.Value{}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			for n, d := range decks(v.Field(i), name+"."+v.Type().Field(i).Name) {
				out[n] = d
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			e := v.Index(i)
			if e.Kind() == reflect.Struct && e.FieldByName("ID").IsValid() && e.FieldByName("Text").IsValid() {
				out[name] = append(out[name], e)
			}
			for n, d := range decks(e, fmt.Sprintf("%s[%d]", name, i)) {
				out[n] = d
			}
		}
	}
	return out
}

// bare is an option without its id and text.
func bare(e reflect.Value) string {
	c := reflect.New(e.Type()).Elem()
	c.Set(e)
	c.FieldByName("ID").SetString("")
	c.FieldByName("Text").SetString("")
	return fmt.Sprintf("%+v", c.Interface())
}

// chiSquareBound is what a chi-square of so many degrees of freedom exceeds once in a million times (Wilson and Hilferty 1931).
func chiSquareBound(df int) float64 {
	const z = 4.753
	k := 2 / (9 * float64(df))
	return float64(df) * math.Pow(1-k+z*math.Sqrt(k), 3)
}

// shown are the ids that a view shows, by definition id; texts tell which is which.
func (f fixture) shown(t testing.TB, v item.View) map[string]string {
	t.Helper()
	byText, out := map[string]string{}, map[string]string{}
	for space, ids := range f.Decks {
		deck := v.Deal(space, ids)
		if counted, ok := strings.CutPrefix(space, "#"); ok {
			deck = v.Count(counted, ids)
		}
		for _, c := range deck {
			out[c.ID] = c.Shown
		}
	}
	for _, deck := range decks(reflect.ValueOf(f.it.Body.Prompt(item.Plain(v.Lang).Whole(), nil)), "") {
		for _, e := range deck {
			if _, twice := byText[e.FieldByName("Text").String()]; twice {
				t.Fatalf("%s: two parts read %q", f.file, e.FieldByName("Text"))
			}
			byText[e.FieldByName("Text").String()] = e.FieldByName("ID").String()
		}
	}
	for _, deck := range decks(reflect.ValueOf(f.it.Body.Prompt(v.Whole(), nil)), "") {
		for _, e := range deck {
			out[byText[e.FieldByName("Text").String()]] = e.FieldByName("ID").String()
		}
	}
	return out
}

// ids are the definition ids of the parts that a candidate may name.
func (f fixture) ids() []string {
	out := slices.Clone(f.Words)
	for _, ids := range f.Decks {
		out = append(out, ids...)
	}
	for _, deck := range decks(reflect.ValueOf(f.it.Body.Prompt(item.Plain(text.ZH).Whole(), nil)), "") {
		for _, e := range deck {
			out = append(out, e.FieldByName("ID").String())
		}
	}
	slices.Sort(out)
	return out
}

// A learner is told why, whatever was answered.
func TestExplainSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		answers := []item.Answer{nil, f.canonical(t, f.Key.Answer)}
		for _, s := range f.Others {
			answers = append(answers, f.canonical(t, s.Answer))
		}
		for _, l := range text.Langs {
			for _, a := range answers {
				if raw := dump(t, f.it.Body.Explain(item.Seen(l, 3), a)); !strings.Contains(string(raw), "CANARY") {
					t.Errorf("%v: no rationale in %s", a, raw)
				}
			}
		}
		own, blank := dump(t, f.it.Body.Explain(item.Seen(text.ZH, 3), answers[1])), dump(t, f.it.Body.Explain(item.Seen(text.ZH, 3), nil))
		if string(own) == string(blank) {
			t.Error("the own answer is not told apart from a blank one")
		}
	})
}

// What is told of a response differs from language to language in words alone, so that it can be kept once for both.
func TestExplanationsDifferInWordsAlone(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		for _, s := range append([]sample{f.Key}, f.Others...) {
			var said [2]any
			for i, l := range text.Langs {
				said[i] = tree(t, dump(t, f.it.Explain(item.Seen(l, 3), s.response(f.canonical(t, s.Answer)))))
			}
			if where := apart(said[0], said[1], ""); where != "" {
				t.Errorf("%s: %s", s.Answer, where)
			}
		}
	})
}

// apart is the first place where two trees differ in more than words.
func apart(a, b any, at string) string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return at
		}
		for k := range x {
			if where := apart(x[k], y[k], at+"."+k); where != "" {
				return where
			}
		}
		return ""
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return at
		}
		for i := range x {
			if where := apart(x[i], y[i], fmt.Sprintf("%s[%d]", at, i)); where != "" {
				return where
			}
		}
		return ""
	case string:
		if _, ok := b.(string); ok {
			return ""
		}
	}
	if a != b {
		return fmt.Sprintf("%s: %v and %v", at, a, b)
	}
	return ""
}

// Whoever answers without reading gets no more than the kind allows them (MEASUREMENT 0.3), and what they answer is an answer.
func TestBlindCandidates(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		b, ok := f.it.Body.(item.Resistant)
		if !ok {
			t.Skip("this kind has no blind candidates of its own")
		}
		all := b.Blind()
		if len(all) < 2 {
			t.Errorf("only %d blind candidates", len(all))
		}
		for _, x := range all {
			if x.Answer != nil { // nil answers nothing
				if diff := gocmp.Diff(x.Answer, f.canonical(t, dump(t, x.Answer)), everything); diff != "" {
					t.Errorf("%s: %s", x.Name, diff)
				}
			}
			if got, err := f.it.Score(item.Response{Answer: x.Answer}); err != nil || got.Score > x.Most+1e-9 {
				t.Errorf("%s: %+v, %v, at most %g", x.Name, got, err, x.Most)
			}
			if !text.Has("blind." + f.kind.Name + "." + x.Name) {
				t.Errorf("message blind.%s.%s is needed", f.kind.Name, x.Name)
			}
		}
	})
}

// Imitated answers are answers, and the able do better.
func TestImitatedAnswers(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		im, ok := f.it.Body.(item.Imitable)
		if !ok {
			t.Skip("nobody imitates this kind")
		}
		r := rand.New(rand.NewPCG(3, 4))
		var mean [3]float64
		for i, ability := range []float64{0.05, 0.5, 1} {
			const n = 200
			for range n {
				a := im.Imitate(ability, r)
				if a != nil {
					if diff := gocmp.Diff(a, f.canonical(t, dump(t, a)), everything); diff != "" {
						t.Fatalf("%g: %s", ability, diff)
					}
				}
				got, err := f.it.Score(item.Response{Answer: a})
				if err != nil {
					t.Fatal(err)
				}
				mean[i] += got.Score / n
				if kept := walked(t, f.it.Body, a); kept != nil {
					if again, err := f.it.Score(item.Response{Answer: kept}); err != nil || again.Score != got.Score {
						t.Fatalf("step by step %v is worth %g instead of %g: %v", a, again.Score, got.Score, err)
					}
				}
			}
		}
		if _, rated := f.it.Body.(item.Rated); !rated && !(mean[0] < mean[1] && mean[1] < mean[2] && mean[2] > 0.85 && mean[0] < 0.4) {
			t.Errorf("abilities of 0.05, 0.5 and 1 score %.2f on average", mean)
		}
	})
}

// What an answer chooses is among the options, the best answer chooses the key and nothing else, and no answer chooses nothing.
func TestChosenOptions(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		b, ok := f.it.Body.(item.Optioned)
		if !ok {
			t.Skip("its options are not the same for everybody")
		}
		var all, key []string
		for _, c := range b.Choices() {
			all = append(all, c.ID)
			if c.Key {
				key = append(key, c.ID)
			}
			if c.Text.IsZero() {
				t.Errorf("%s has no words", c.ID)
			}
		}
		if got := b.Chosen(f.canonical(t, f.Key.Answer)); !slices.Equal(got, key) {
			t.Errorf("the key chooses %v, want %v", got, key)
		}
		for _, s := range f.Others {
			if got := b.Chosen(f.canonical(t, s.Answer)); slices.ContainsFunc(got, func(id string) bool { return !slices.Contains(all, id) }) {
				t.Errorf("%s chooses %v of %v", s.Answer, got, all)
			}
		}
		if got := b.Chosen(nil); len(got) > 0 {
			t.Errorf("nothing chooses %v", got)
		}
	})
}

// What is kept of an answer that comes step by step is never less than before, and the same answer again changes nothing.
func TestStepByStep(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		steps, ok := f.it.Body.(item.Sequential)
		if !ok {
			t.Skip("this kind shows everything at once")
		}
		first := dump(t, f.it.Body.Prompt(item.Seen(text.ZH, 7), nil))
		whole := dump(t, f.it.Body.Prompt(item.Seen(text.ZH, 7).Whole(), nil))
		key := f.canonical(t, f.Key.Answer)
		if f.Whole {
			if kept, err := steps.Advance(item.Seen(text.ZH, 7), nil, key); err != nil || !gocmp.Equal(kept, key, everything) || string(first) != string(whole) {
				t.Errorf("it is not whole: %v, %v", kept, err)
			}
			return
		}
		hidden := slices.DeleteFunc(wordsOf(tree(t, whole)), func(s string) bool { return slices.Contains(wordsOf(tree(t, first)), s) })
		if len(hidden) == 0 {
			t.Error("everything is shown before anything was answered")
		}
		for _, s := range wordsOf(tree(t, dump(t, f.it.Body.Prompt(item.Seen(text.ZH, 7).Keeping(nil), key)))) {
			if slices.Contains(hidden, s) {
				t.Errorf("what was typed and not kept reveals %q", s)
			}
		}
		v := item.Seen(text.ZH, 7)
		if kept, err := steps.Advance(v, key, nil); err != nil || !gocmp.Equal(kept, key, everything) {
			t.Errorf("a blank answer takes away what was kept: %v, %v", kept, err)
		}
		if kept, err := steps.Advance(v, key, key); err != nil || !gocmp.Equal(kept, key, everything) {
			t.Errorf("the same again changes it: %v, %v", kept, err)
		}
		for _, s := range f.Others {
			if kept, err := steps.Advance(v, key, f.canonical(t, s.Answer)); err == nil {
				if again, err := steps.Advance(v, kept, kept); err != nil || !gocmp.Equal(again, kept, everything) {
					t.Errorf("%s: what is kept does not stay: %v, %v", s.Answer, again, err)
				}
			}
		}
	})
}

// walked is what is kept of an answer that is sent step by step; nil for kinds that show everything at once.
func walked(t *testing.T, b item.Body, whole item.Answer) (kept item.Answer) {
	t.Helper()
	steps, ok := b.(item.Sequential)
	if !ok {
		return nil
	}
	v := item.Seen(text.ZH, 7)
	for i, s := range steps.Steps(v, whole) {
		var err error
		if kept, err = steps.Advance(v, kept, s); err != nil {
			t.Fatalf("step %d, %v: %v", i+1, s, err)
		}
	}
	return kept
}

// wordsOf are the texts of a tree.
func wordsOf(v any) []string {
	var out []string
	for _, l := range leaves(v) {
		if s, ok := l.value.(string); ok && s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Without the stimulus a prompt still has its answer's parts, and no more of the material than that.
func TestBarePrompt(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		whole, bare := dump(t, f.it.Body.Prompt(item.Plain(text.ZH).Whole(), nil)), dump(t, f.it.Body.Prompt(item.Plain(text.ZH).Bare(), nil))
		if len(bare) > len(whole) {
			t.Errorf("more is shown without the stimulus than with it:\n%s\n%s", bare, whole)
		}
		if found := regexp.MustCompile(`STIMULUS`).Find(bare); found != nil { // fixtures put the word into what must not be there
			t.Errorf("the stimulus is shown: %s", bare)
		}
	})
}

// Blind candidates give answers that can be scored.
func TestGuessesAreAnswers(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		g, ok := f.it.Body.(item.Guessable)
		if !ok {
			t.Skip("nobody can answer this kind blindly")
		}
		for _, s := range item.Strategies {
			a := g.Guess(s)
			read := f.canonical(t, dump(t, a))
			if diff := gocmp.Diff(a, read, everything); diff != "" {
				t.Errorf("%s: %s", s, diff)
			}
			if got, err := f.it.Score(item.Response{Answer: a}); err != nil || !(got.Score >= 0 && got.Score <= 1) {
				t.Errorf("%s: %+v, %v", s, got, err)
			}
		}
	})
}

// everything compares unexported answers field by field.
var everything = gocmp.Exporter(func(reflect.Type) bool { return true })

// refused asserts that an error is one that a person can act on: of the right class, naming the field, in words of both languages.
func refused(t testing.TB, sent []byte, err error, field string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != fault.Invalid && f.Kind != fault.BadRequest {
		t.Fatalf("%.200s: %v", sent, err)
	}
	if f.Kind == fault.Invalid && len(f.Problems) == 0 {
		t.Errorf("%.200s: no field is named: %v", sent, err)
	}
	named := field == ""
	for _, p := range f.Problems {
		named = named || p.Path == field
		readable(t, p.Key, p.Args)
	}
	if !named {
		t.Errorf("%.200s: %s is not named: %.300v", sent, field, err)
	}
	readable(t, f.Key, f.Args)
}

func readable(t testing.TB, key string, args fault.Args) {
	t.Helper()
	for _, l := range text.Langs {
		if s := text.Say(l, key, args); s == key || strings.ContainsAny(s, "{}") || len(s) > 2000 {
			t.Errorf("%s in %s: %.300q", key, l, s)
		}
	}
}

// Every field asks for records or none does, so that the row tells nothing of a field's key.
func TestCitingTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		p, ok := f.it.Body.Prompt(item.Plain(text.EN), f.canonical(t, f.Key.Answer)).(item.FieldsPrompt)
		for i := range p.Fields {
			for j := range p.Fields[i].Cites {
				p.Fields[i].Cites[j].Cited = false
			}
		}
		for _, x := range p.Fields {
			if ok && !reflect.DeepEqual(x.Cites, p.Fields[0].Cites) {
				t.Errorf("%s: %v, the first field %v", x.ID, x.Cites, p.Fields[0].Cites)
			}
		}
	})
}

// An explanation is kept with a result for ever: it holds what was measured, and a method draws it.
func TestExplanationsHoldNoDrawing(t *testing.T) {
	drawn := []string{"Width", "Height", "Path"}
	for _, k := range item.Kinds() {
		seen := map[reflect.Type]bool{}
		var walk func(x reflect.Type, at string)
		walk = func(x reflect.Type, at string) {
			for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice || x.Kind() == reflect.Map {
				x = x.Elem()
			}
			if x.Kind() != reflect.Struct || seen[x] {
				return
			}
			seen[x] = true
			for i := range x.NumField() {
				f := x.Field(i)
				if slices.Contains(drawn, f.Name) {
					t.Errorf("%s: %s.%s", k.Name, at, f.Name)
				}
				walk(f.Type, at+"."+f.Name)
			}
		}
		walk(reflect.TypeOf(k.Explain), "Explain")
	}
}
