package rating_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/rating"
	"leida/internal/text"
)

var noon = time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC)

func same(s string) text.Text { return text.Text{ZH: s, EN: s} }

// rubric has two criteria of half the weight, a critical gate and a cap.
func rubric() item.Rubric {
	levels := map[string]text.Text{}
	for n := range item.MaxLevel + 1 {
		levels[fmt.Sprint(n)] = same(fmt.Sprintf("级%d", n))
	}
	return item.Rubric{
		Criteria: []item.Criterion{{ID: "x", W: 0.5, Sub: "EMP.3", Title: same("甲"), Levels: levels}, {ID: "y", W: 0.5, Sub: "EMP.4", Title: same("乙"), Levels: levels}},
		Gates:    []item.Gate{{ID: "leak", Text: same("泄露"), Effect: item.Critical}, {ID: "claim", Text: same("夸口"), Effect: item.Cap, Cap: 0.6}},
	}
}

// tree is a centre of two sites, east with two teams.
func tree() *org.Tree {
	return org.NewTree([]org.Team{{ID: "root"}, {ID: "east", Parent: "root"}, {ID: "t1", Parent: "east"}, {ID: "t2", Parent: "east"}, {ID: "west", Parent: "root"}})
}

func viewer(id string, grants ...org.Grant) org.Viewer {
	return org.NewViewer(org.Person{ID: id, Name: "某" + id}, "s-"+id, grants, tree())
}

func trainer(id string) org.Viewer { return viewer(id, org.Grant{Access: org.Trainer}) }

func task(cert, doubled bool) *rating.Task {
	t := rating.New("task", "sitting-1", rating.Author{Person: "an", Team: "t1"}, cert, rubric(), noon)
	t.Doubled = doubled || cert
	return t
}

func at(x, y float64) map[string]float64 { return map[string]float64{"x": x, "y": y} }

// rate takes and rates.
func rate(t *testing.T, k *rating.Task, v org.Viewer, levels map[string]float64, gates ...string) {
	t.Helper()
	if err := k.Take(v, noon); err != nil {
		t.Fatal(err)
	}
	if err := k.Rate(v, levels, gates, noon); err != nil {
		t.Fatal(err)
	}
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Kind != kind || f.Key != key {
		t.Fatalf("%v, want %s %s", err, kind, key)
	}
	for _, l := range text.Langs {
		if text.Say(l, f.Key, f.Args) == f.Key {
			t.Errorf("%s has no words in %s", f.Key, l)
		}
	}
}

func TestWhoMayRate(t *testing.T) {
	k := task(false, true)
	for _, tt := range []struct {
		name string
		v    org.Viewer
		may  bool
	}{
		{"a trainer", trainer("wang"), true},
		{"the author", trainer("an"), false},
		{"no trainer", viewer("li", org.Grant{Access: org.Agent}, org.Grant{Access: org.Admin}), false},
		{"a manager of the team", viewer("li", org.Grant{Access: org.Trainer}, org.Grant{Access: org.Manager, Team: "t1"}), false},
		{"a manager of what is above", viewer("li", org.Grant{Access: org.Trainer}, org.Grant{Access: org.Manager, Team: "east"}), false},
		{"a manager of another team", viewer("li", org.Grant{Access: org.Trainer}, org.Grant{Access: org.Manager, Team: "t2"}, org.Grant{Access: org.Manager, Team: "west"}), true},
		{"nobody", org.Viewer{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if k.May(tt.v) != tt.may || len(rating.Queue([]*rating.Task{k}, tt.v, noon)) == 1 != tt.may {
				t.Errorf("may %v", k.May(tt.v))
			}
			if tt.may {
				return
			}
			wantFault(t, k.Take(tt.v, noon), fault.Forbidden, "rating.not_yours")
			wantFault(t, k.Rate(tt.v, at(1, 1), nil, noon), fault.Forbidden, "rating.not_yours")
			_, err := k.Sheet(tt.v, &item.Item{}, nil, nil)
			wantFault(t, err, fault.Forbidden, "rating.not_yours")
		})
	}
}

// Somebody who has become the author's manager since can no longer rate.
func TestNewManagerMayNotRate(t *testing.T) {
	k := task(false, false)
	if err := k.Take(trainer("li"), noon); err != nil {
		t.Fatal(err)
	}
	promoted := viewer("li", org.Grant{Access: org.Trainer}, org.Grant{Access: org.Manager, Team: "t1"})
	wantFault(t, k.Rate(promoted, at(1, 1), nil, noon), fault.Forbidden, "rating.not_yours")
	if err := k.Release(promoted); err != nil || k.Open(noon) != 1 {
		t.Errorf("%v, %d open", err, k.Open(noon))
	}
}

func TestStates(t *testing.T) {
	for _, tt := range []struct {
		name    string
		doubled bool
		rate    func(t *testing.T, k *rating.Task)
		want    rating.State
		open    int
	}{
		{"new", false, func(*testing.T, *rating.Task) {}, rating.Waiting, 1},
		{"new, to be rated twice", true, func(*testing.T, *rating.Task) {}, rating.Waiting, 2},
		{"one is enough", false, func(t *testing.T, k *rating.Task) { rate(t, k, trainer("a"), at(3, 1)) }, rating.Single, 0},
		{"one is not", true, func(t *testing.T, k *rating.Task) { rate(t, k, trainer("a"), at(3, 1)) }, rating.Provisional, 1},
		{"one who sets a gate is not", false, func(t *testing.T, k *rating.Task) { rate(t, k, trainer("a"), at(3, 1), "leak") }, rating.Provisional, 1},
		{"two agree", true, func(t *testing.T, k *rating.Task) {
			rate(t, k, trainer("a"), at(3, 1))
			rate(t, k, trainer("b"), at(2, 2))
		}, rating.Resolved, 0},
		{"two are apart", true, func(t *testing.T, k *rating.Task) {
			rate(t, k, trainer("a"), at(3, 1))
			rate(t, k, trainer("b"), at(1, 1))
		}, rating.Apart, 1},
		{"one of two sets a gate", false, func(t *testing.T, k *rating.Task) {
			rate(t, k, trainer("a"), at(3, 1), "claim")
			rate(t, k, trainer("b"), at(3, 1))
		}, rating.Apart, 1},
		{"a third settles it", true, func(t *testing.T, k *rating.Task) {
			rate(t, k, trainer("a"), at(3, 1))
			rate(t, k, trainer("b"), at(1, 1))
			rate(t, k, trainer("c"), at(3, 4), "leak", "claim")
		}, rating.Resolved, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := task(false, tt.doubled)
			tt.rate(t, k)
			if k.State() != tt.want || k.Open(noon) != tt.open {
				t.Errorf("%s with %d open, want %s with %d", k.State(), k.Open(noon), tt.want, tt.open)
			}
		})
	}
	for _, s := range rating.States {
		if s == "" {
			t.Error("an empty state")
		}
	}
}

// For certification one rating is never enough.
func TestCertificationIsRatedTwice(t *testing.T) {
	for i := range 200 {
		k := rating.New("task", fmt.Sprintf("s%d", i), rating.Author{Person: "an", Team: "t1"}, true, rubric(), noon)
		rate(t, k, trainer("a"), at(4, 4))
		if k.State() != rating.Provisional || k.OneRater() {
			t.Fatal(k.State())
		}
	}
}

func TestTakeAndRate(t *testing.T) {
	k := task(false, false)
	a, b := trainer("a"), trainer("b")
	wantFault(t, k.Rate(a, at(1, 1), nil, noon), fault.Conflict, "rating.not_taken")
	for range 2 {
		if err := k.Take(a, noon); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.Seats) != 1 {
		t.Errorf("taken twice: %+v", k.Seats)
	}
	wantFault(t, k.Take(b, noon.Add(rating.Hold-1)), fault.Conflict, "rating.taken")
	if err := k.Rate(a, map[string]float64{"x": 5}, []string{"zz"}, noon); !fault.Is(err, fault.Invalid) || len(fault.As(err).Problems) != 3 {
		t.Errorf("%v", err)
	}
	if k.State() != rating.Waiting {
		t.Errorf("a refused rating counts: %s", k.State())
	}
	levels := at(3, 1.5)
	for range 2 { // the same again is not a second rating
		if err := k.Rate(a, levels, []string{"leak", "claim"}, noon); err != nil {
			t.Fatal(err)
		}
	}
	wantFault(t, k.Rate(a, at(3, 2), []string{"claim", "leak"}, noon), fault.Conflict, "rating.done")
	wantFault(t, k.Rate(a, at(3, 1.5), []string{"claim"}, noon), fault.Conflict, "rating.done")
	wantFault(t, k.Take(a, noon), fault.Conflict, "rating.done")
	wantFault(t, k.Release(a), fault.Conflict, "rating.done")
	levels["x"] = 0
	if xs := k.Ratings(); len(xs) != 1 || xs[0].Rater != "a" || xs[0].Levels["x"] != 3 || !slices.Equal(xs[0].Gates, []string{"claim", "leak"}) {
		t.Errorf("%+v", xs)
	}
	if err := k.Release(b); err != nil {
		t.Errorf("who has nothing gives nothing back: %v", err)
	}
}

// Who keeps a response too long loses it to the next, and may still rate it while nobody has come.
func TestHold(t *testing.T) {
	late := noon.Add(rating.Hold)
	k := task(false, false)
	a, b := trainer("a"), trainer("b")
	if err := k.Take(a, noon); err != nil {
		t.Fatal(err)
	}
	if k.Open(late) != 1 || len(rating.Queue([]*rating.Task{k}, b, late)) != 1 || len(rating.Queue([]*rating.Task{k}, b, noon)) != 0 {
		t.Error("it does not come free")
	}
	if err := k.Take(b, late); err != nil {
		t.Fatal(err)
	}
	wantFault(t, k.Rate(a, at(1, 1), nil, late), fault.Conflict, "rating.not_taken")
	k = task(false, false)
	if err := k.Take(a, noon); err != nil {
		t.Fatal(err)
	}
	if err := k.Rate(a, at(1, 1), nil, late); err != nil || k.State() != rating.Single {
		t.Errorf("late, and nobody came: %v", err)
	}
	k = task(false, false)
	if err := k.Take(a, noon); err != nil {
		t.Fatal(err)
	}
	if err := k.Take(a, late); err != nil || len(k.Seats) != 1 || !k.Seats[0].Taken.Equal(late) {
		t.Errorf("taken anew: %v %+v", err, k.Seats)
	}
}

func TestQueue(t *testing.T) {
	a, b, c := trainer("a"), trainer("b"), trainer("c")
	named := func(id string, k *rating.Task, age time.Duration) *rating.Task {
		k.ID, k.Opened = id, noon.Add(-age)
		return k
	}
	old, newer, cert := named("old", task(false, false), 9*time.Hour), named("newer", task(false, false), time.Hour), named("cert", task(true, true), 2*time.Hour)
	apart, held, done := named("apart", task(false, true), time.Minute), named("held", task(false, true), 0), named("done", task(false, true), 0)
	rate(t, apart, a, at(4, 4))
	rate(t, apart, b, at(0, 0))
	if err := held.Take(c, noon); err != nil {
		t.Fatal(err)
	}
	rate(t, done, c, at(1, 1))
	tasks := []*rating.Task{newer, old, done, cert, apart, held}
	got := func(v org.Viewer) string {
		var ids []string
		for _, k := range rating.Queue(tasks, v, noon) {
			ids = append(ids, k.ID)
		}
		return strings.Join(ids, " ")
	}
	if s := got(c); s != "held apart cert old newer" {
		t.Errorf("c: %s", s)
	}
	if s := got(a); s != "cert old newer done held" {
		t.Errorf("a: %s", s)
	}
}

// A sheet tells what was asked and written and what to rate it by, and nobody's name, id or rating but one's own.
func TestSheetIsBlind(t *testing.T) {
	k := task(true, true)
	k.ID = "opaque"
	k.Author = rating.Author{Person: "person-an-ran", Team: "team-of-an-ran"}
	first, second := trainer("rater-first"), trainer("rater-second")
	it, answer := written(t)
	k.Rubric = it.Body.(item.Rated).Rubric()
	levels := map[string]float64{}
	for _, c := range k.Rubric.Criteria {
		levels[c.ID] = 2.5
	}
	if err := k.Take(first, noon); err != nil {
		t.Fatal(err)
	}
	if err := k.Rate(first, levels, nil, noon); err != nil {
		t.Fatal(err)
	}
	_, err := k.Sheet(second, it, answer, nil)
	wantFault(t, err, fault.Conflict, "rating.not_taken")
	if err := k.Take(second, noon); err != nil {
		t.Fatal(err)
	}
	sheet, err := k.Sheet(second, it, answer, []rating.Likeness{{Ref: "another-sitting", Alike: 0.7}, {Ref: "one-more", Alike: 0.81}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"an-ran", "rater-", "2.5", "another-sitting", "one-more", it.ID, "Seats", "Author"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%q is told: %s", secret, raw)
		}
	}
	for _, wanted := range []string{"opaque", it.Title.ZH, it.Prompt.ZH, "STIMULUS", "六点前给您准信", "CANARY 空泛致歉", "0.81"} {
		if !strings.Contains(string(raw), wanted) {
			t.Errorf("%q is not told: %s", wanted, raw)
		}
	}
	if len(sheet.Written) != 1 || len(sheet.Rubric.Anchors) != 2 || sheet.Own != nil {
		t.Errorf("%+v", sheet)
	}
	if own, err := k.Sheet(first, it, answer, nil); err != nil || own.Own == nil || own.Own.Levels["canary-name"] != 2.5 || own.Alike != 0 {
		t.Errorf("%+v, %v", own, err)
	}
}

// What a task says of its ratings is what the item makes of them.
func TestTaskAndItemAgree(t *testing.T) {
	it, answer := written(t)
	rapid.Check(t, func(rt *rapid.T) {
		k := rating.New("task", "s", rating.Author{Person: "an", Team: "t1"}, rapid.Bool().Draw(rt, "cert"), it.Body.(item.Rated).Rubric(), noon)
		k.Doubled = k.Cert || rapid.Bool().Draw(rt, "doubled")
		for i := range rapid.IntRange(0, 3).Draw(rt, "raters") {
			v, levels := trainer(fmt.Sprint("r", i)), map[string]float64{}
			for _, c := range k.Rubric.Criteria {
				levels[c.ID] = float64(rapid.IntRange(0, 4).Draw(rt, c.ID))
			}
			if k.Take(v, noon) != nil {
				break
			}
			if err := k.Rate(v, levels, nil, noon); err != nil {
				rt.Fatal(err)
			}
		}
		res, err := it.Score(item.Response{Answer: answer, Ratings: k.Ratings(), OneRater: k.OneRater()})
		if err != nil {
			rt.Fatal(err)
		}
		if final := k.State() == rating.Single || k.State() == rating.Resolved; final == res.Pending {
			rt.Fatalf("%s, and pending is %v", k.State(), res.Pending)
		}
	})
}

// machine is people at one task, in any order, against what must always be true.
type machine struct {
	k      *rating.Task
	now    time.Time
	people []org.Viewer
	given  map[string]string // rater -> rating as handed in
	final  bool
}

func (m *machine) who(t *rapid.T) org.Viewer { return rapid.SampledFrom(m.people).Draw(t, "who") }

func (m *machine) take(t *rapid.T) {
	v := m.who(t)
	open, err := m.k.Open(m.now), m.k.Take(v, m.now)
	if err == nil && open == 0 && !m.holds(v) {
		t.Fatalf("%s took what was not open", v.Person.ID)
	}
	if err == nil && m.given[v.Person.ID] != "" {
		t.Fatalf("%s took it a second time", v.Person.ID)
	}
}

func (m *machine) holds(v org.Viewer) bool {
	return slices.ContainsFunc(m.k.Seats, func(s rating.Seat) bool { return s.Rater == v.Person.ID })
}

func (m *machine) rate(t *rapid.T) {
	v := m.who(t)
	levels := at(float64(rapid.IntRange(-1, 9).Draw(t, "x"))/2, float64(rapid.IntRange(0, 8).Draw(t, "y"))/2)
	gates := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"leak", "claim"}), 0, 2, rapid.ID[string]).Draw(t, "gates")
	held := m.holds(v)
	if err := m.k.Rate(v, levels, gates, m.now); err != nil {
		return
	}
	slices.Sort(gates)
	said := fmt.Sprint(levels, gates)
	if was := m.given[v.Person.ID]; !held || was != "" && was != said {
		t.Fatalf("%s rated %s without a seat, or after %s", v.Person.ID, said, was)
	}
	m.given[v.Person.ID] = said
}

func (m *machine) release(t *rapid.T) {
	v := m.who(t)
	if err := m.k.Release(v); err == nil && m.given[v.Person.ID] != "" {
		t.Fatal("a rating was given back")
	}
}

func (m *machine) wait(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "hours")) * time.Hour)
}

func (m *machine) topUp(t *rapid.T) {
	if was := m.k.State(); len(rating.TopUp([]*rating.Task{m.k})) == 1 && (was != rating.Waiting || !m.k.Doubled) {
		t.Fatalf("%s was chosen to be rated twice", was)
	}
}

func (m *machine) check(t *rapid.T) {
	k := m.k
	if len(k.Seats) > item.MaxRaters {
		t.Fatalf("%d seats", len(k.Seats))
	}
	seen := map[string]bool{}
	for i, s := range k.Seats {
		v := m.people[slices.IndexFunc(m.people, func(v org.Viewer) bool { return v.Person.ID == s.Rater })]
		if seen[s.Rater] || !k.May(v) {
			t.Fatalf("%s sits where they may not, or twice: %+v", s.Rater, k.Seats)
		}
		seen[s.Rater] = true
		if (m.given[s.Rater] != "") != !s.Rated.IsZero() {
			t.Fatalf("%s: %+v", s.Rater, s)
		}
		if i == 2 { // nobody is asked for a third time before two are apart
			if r, err := k.Rubric.Resolve([]item.Rating{k.Seats[0].Rating, k.Seats[1].Rating}); err != nil || !r.NeedsThird() {
				t.Fatalf("a third sits at %+v, %v", k.Seats, err)
			}
		}
	}
	if len(k.Ratings()) != len(m.given) {
		t.Fatalf("%d ratings of %d", len(k.Ratings()), len(m.given))
	}
	s, err := k.Rubric.Resolve(k.Ratings())
	if err != nil {
		t.Fatal(err)
	}
	state := k.State()
	final := state == rating.Single || state == rating.Resolved
	if final != s.Final(k.OneRater()) || k.Cert && state == rating.Single || !slices.Contains(rating.States, state) {
		t.Fatalf("%s, and %+v", state, s)
	}
	if m.final && !final || final && k.Open(m.now) != 0 {
		t.Fatalf("%s is not the end: %d open", state, k.Open(m.now))
	}
	m.final = final
	// nothing is stuck: whatever is not final can go on, now or when those who hold it have had their time
	if later := m.now.Add(rating.Hold); !final && k.Open(later) == 0 {
		t.Fatalf("%s, and nobody else may ever take it: %+v", state, k.Seats)
	}
}

func TestTaskMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cert := rapid.Bool().Draw(t, "cert")
		m := &machine{now: noon, given: map[string]string{}, people: []org.Viewer{
			trainer("a"), trainer("b"), trainer("c"), trainer("d"), trainer("an"), viewer("agent", org.Grant{Access: org.Agent}),
			viewer("boss", org.Grant{Access: org.Trainer}, org.Grant{Access: org.Manager, Team: "east"}),
		}}
		m.k = rating.New("task", rapid.StringN(1, 8, -1).Draw(t, "response"), rating.Author{Person: "an", Team: "t1"}, cert, rubric(), noon)
		t.Repeat(map[string]func(*rapid.T){"take": m.take, "rate": m.rate, "release": m.release, "wait": m.wait, "topUp": m.topUp, "": m.check})
	})
}
