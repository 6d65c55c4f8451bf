package item

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/casebook"
	"leida/internal/text"
)

// flowOf is a board of n steps in stages, with x more that are excluded: steps of one stage are parallel, and each waits for all of the stage before.
func flowOf(t *rapid.T) *issueFlow {
	n, x := rapid.IntRange(2, 9).Draw(t, "steps"), rapid.IntRange(0, 3).Draw(t, "excluded")
	b := &issueFlow{Case: same("案"), Departments: parts(rapid.IntRange(2, 5).Draw(t, "departments"))}
	for i := range n + x {
		b.Steps = append(b.Steps, Part{ID: fmt.Sprintf("s%d", i), Text: same(fmt.Sprintf("步%d", i))})
	}
	k := flowKey{Assign: map[string]string{}, Owner: id(0), NotifyAfter: []string{"s0"}}
	stage := make([]int, n)
	for i := range n {
		k.Assign[b.Steps[i].ID] = rapid.SampledFrom(partIDs(b.Departments)).Draw(t, "department")
		if i > 0 {
			stage[i] = stage[i-1] + rapid.IntRange(0, 1).Draw(t, "later")
		}
	}
	k.Assign["s0"], k.Assign["s1"] = id(0), id(1)
	if stage[n-1] == 0 {
		stage[n-1] = 1
	}
	for i := range n {
		for j := range n {
			if pair := []string{b.Steps[i].ID, b.Steps[j].ID}; stage[i]+1 == stage[j] {
				k.Before = append(k.Before, pair)
			} else if i < j && stage[i] == stage[j] {
				k.Parallel = append(k.Parallel, pair)
			}
		}
	}
	for _, s := range b.Steps[n:] {
		k.Exclude = append(k.Exclude, s.ID)
	}
	b.Key = k
	if ps := b.Validate(); len(ps) > 0 {
		t.Fatalf("%+v: %v", k, ps)
	}
	return b
}

// keyBoard is the answer of the key.
func (b *issueFlow) keyBoard() flowAnswer {
	stage, _ := b.Key.stages()
	return flowAnswer{Stage: stage, Dept: maps.Clone(b.Key.Assign), Owner: b.Key.Owner, Notify: slices.Clone(b.Key.NotifyAfter)}
}

// anyBoard places some steps anywhere.
func anyBoard(t *rapid.T, b *issueFlow) flowAnswer {
	a := flowAnswer{Stage: map[string]int{}, Dept: map[string]string{}}
	departments := rapid.SampledFrom(append(partIDs(b.Departments), ""))
	a.Owner = departments.Draw(t, "owner")
	for _, s := range b.Steps {
		if rapid.IntRange(0, 4).Draw(t, "placed") > 0 {
			a.Stage[s.ID] = rapid.IntRange(1, len(b.Steps)).Draw(t, "stage")
		}
		if d := departments.Draw(t, "department"); d != "" {
			a.Dept[s.ID] = d
		}
		if rapid.IntRange(0, 3).Draw(t, "told") == 0 {
			a.Notify = append(a.Notify, s.ID)
		}
	}
	return a
}

// The formula of MEASUREMENT 4.10, written a second time from its text.
func TestIssueFlowFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := flowOf(t)
		a := anyBoard(t, b)
		key := float64(len(b.Key.Assign))
		acc, most := 0.0, map[string]float64{}
		for s, d := range b.Key.Assign {
			most[d]++
			if a.Stage[s] > 0 && a.Dept[s] == d {
				acc++
			}
		}
		g := slices.Max(slices.Collect(maps.Values(most))) / key
		A := math.Max(0, (acc/key-g)/(1-g))
		net := 0.0
		for _, p := range b.Key.Before {
			x, y := a.Stage[p[0]], a.Stage[p[1]]
			if x > 0 && y > 0 {
				net += float64(sign(y - x))
			}
		}
		P := math.Max(0, net/float64(len(b.Key.Before)))
		O := P
		if m := len(b.Key.Parallel); m > 0 {
			q := 0.0
			for _, p := range b.Key.Parallel {
				if a.Stage[p[0]] > 0 && a.Stage[p[0]] == a.Stage[p[1]] {
					q++
				}
			}
			O = 0.8 * P
			if P >= 0.5 {
				O += 0.2 * q / float64(m)
			}
		}
		hits, wrong := 0.0, 0.0
		for _, s := range a.Notify {
			switch {
			case s == "s0" && a.Stage[s] == 0: // nobody is told after what is not done
			case s == "s0":
				hits++
			case b.Key.Assign[s] != "":
				wrong++
			}
		}
		N := math.Max(0, hits-wrong/(key-1))
		want := 0.40*A + 0.40*O + 0.12*N
		if P >= 0.5 && a.Owner == b.Key.Owner {
			want += 0.08
		}
		for _, s := range b.Key.Exclude {
			if a.Stage[s] > 0 {
				want -= 0.3 / float64(len(b.Key.Exclude))
			}
		}
		want = math.Max(0, want)
		if P < 0.25 {
			want = math.Min(want, 0.5)
		}
		if got := score(t, b, a); !near(got, want) {
			t.Fatalf("%+v of %+v: %g, want %g (A %g, P %g, O %g, N %g)", a, b.Key, got, want, A, P, O, N)
		}
	})
}

func sign(n int) int { return max(-1, min(1, n)) }

func TestIssueFlowExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := flowOf(t)
		key := b.keyBoard()
		if got := score(t, b, key); !near(got, 1) {
			t.Errorf("the key scores %g", got)
		}
		// a stage's number means nothing but its order
		spread := b.keyBoard()
		for s := range spread.Stage {
			spread.Stage[s] = 3*spread.Stage[s] + 2
		}
		if got := score(t, b, spread); !near(got, 1) {
			t.Errorf("with gaps the key scores %g", got)
		}
		for _, a := range []Answer{nil, flowAnswer{Owner: b.Key.Owner}, flowAnswer{Dept: b.Key.Assign, Owner: b.Key.Owner}, flowAnswer{Notify: b.Key.NotifyAfter},
			flowAnswer{Dept: b.Key.Assign, Owner: b.Key.Owner, Notify: b.Key.NotifyAfter}} {
			if got := score(t, b, a); got != 0 {
				t.Errorf("nothing placed scores %g", got)
			}
		}
		for _, x := range b.Blind() {
			if got := score(t, b, x.Answer); x.Most == 0 && got > 0 {
				t.Errorf("%s scores %g", x.Name, got)
			}
		}
		if n := len(b.Key.Exclude); n > 0 {
			all := b.keyBoard()
			for _, s := range b.Key.Exclude {
				all.Stage[s] = 1
			}
			if got := score(t, b, all); !near(got, 0.7) {
				t.Errorf("with all that is excluded the key scores %g", got)
			}
		}
	})
}

// What is put right never costs: a department, the owner, a point of notice, a step that should not be done; all stages at once; and the last wrong element of any sort.
func TestIssueFlowPutRightNeverLowers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := flowOf(t)
		a := anyBoard(t, b)
		key := b.keyBoard()
		was := score(t, b, a)
		better := func(what string) {
			t.Helper()
			now := score(t, b, a)
			if now < was-1e-12 {
				t.Fatalf("%s put right lowers %g to %g", what, was, now)
			}
			was = now
		}
		steps := rapid.Permutation(partIDs(b.Steps)).Draw(t, "order")
		for _, s := range steps {
			if d, ok := key.Dept[s]; ok {
				a.Dept[s] = d
				better("a department")
			} else {
				delete(a.Stage, s)
				better("an excluded step")
			}
			wanted := slices.Contains(key.Notify, s)
			a.Notify = slices.DeleteFunc(a.Notify, func(id string) bool { return id == s })
			if wanted {
				a.Notify = append(a.Notify, s)
			}
			better("a point of notice")
		}
		a.Owner = key.Owner
		better("the owner")
		for s, stage := range key.Stage {
			a.Stage[s] = stage
		}
		better("the stages")
		if !near(was, 1) {
			t.Errorf("all put right scores %g", was)
		}
		one := b.keyBoard()
		one.Stage[rapid.SampledFrom(slices.Sorted(maps.Keys(key.Stage))).Draw(t, "step")] = rapid.IntRange(1, len(b.Steps)).Draw(t, "stage")
		if got := score(t, b, one); got > 1+1e-12 {
			t.Errorf("one step out of place scores %g", got)
		}
	})
}

// soundFlow is a sound board, for tests that break it.
func soundFlow() *issueFlow {
	b := &issueFlow{Case: same("案"), Departments: parts(3), Steps: parts(4)}
	b.Key = flowKey{Assign: map[string]string{"p0": "p0", "p1": "p1", "p2": "p1"}, Before: [][]string{{"p0", "p1"}}, Parallel: [][]string{{"p1", "p2"}},
		Exclude: []string{"p3"}, Critical: []string{"p3"}, Owner: "p2", NotifyAfter: []string{"p0"}}
	return b
}

func TestIssueFlowValidate(t *testing.T) {
	share := func(x float64) *float64 { return &x }
	for _, tt := range []struct {
		name string
		do   func(b *issueFlow)
		want string
	}{
		{"sound", func(*issueFlow) {}, ""},
		{"no case", func(b *issueFlow) { b.Case = text.Text{} }, "stimulus.zh define.required"},
		{"one department", func(b *issueFlow) { b.Departments = parts(1) }, "departments define.count, key.assign.p1 item.no_part, key.assign.p2 item.no_part, key.owner item.no_part"},
		{"too many departments", func(b *issueFlow) { b.Departments = parts(21) }, "departments define.count"},
		{"far too many", func(b *issueFlow) { b.Departments = parts(101) }, "departments define.count"},
		{"two of one name", func(b *issueFlow) { b.Departments = append(parts(3), parts(1)...) }, "departments[3].id define.repeated"},
		{"a step without words", func(b *issueFlow) { b.Steps[3].Text = text.Text{} }, "steps[3].zh define.required"},
		{"a step is nowhere", func(b *issueFlow) { b.Steps = parts(5) }, "steps[4] issue_flow.assign_or_exclude"},
		{"a step is in both", func(b *issueFlow) { b.Key.Assign["p3"] = "p2"; b.Key.Critical = nil }, "steps[3] issue_flow.assign_or_exclude"},
		{"an unknown step", func(b *issueFlow) { b.Key.Assign["z"] = "p0" }, "key.assign.z item.no_part"},
		{"an unknown department", func(b *issueFlow) { b.Key.Assign["p1"] = "z" }, "key.assign.p1 item.no_part"},
		{"one department for all", func(b *issueFlow) { b.Key.Assign["p0"] = "p1" }, "key.assign issue_flow.one_department"},
		{"an unknown excluded", func(b *issueFlow) { b.Key.Exclude = append(b.Key.Exclude, "z") }, "key.exclude[1] item.no_part"},
		{"excluded twice", func(b *issueFlow) { b.Key.Exclude = append(b.Key.Exclude, "p3") }, "key.exclude[1] define.repeated"},
		{"critical is to be done", func(b *issueFlow) { b.Key.Critical = []string{"p0"} }, "key.critical_if_placed[0] issue_flow.not_excluded"},
		{"no order", func(b *issueFlow) { b.Key.Before = nil }, "key.before define.required"},
		{"half a pair", func(b *issueFlow) { b.Key.Before = [][]string{{"p0"}} }, "key.before[0] issue_flow.pair"},
		{"before itself", func(b *issueFlow) { b.Key.Before = [][]string{{"p0", "p0"}} }, "key.before[0] issue_flow.pair"},
		{"with itself", func(b *issueFlow) { b.Key.Parallel = [][]string{{"p1", "p1"}} }, "key.parallel[0] issue_flow.pair"},
		{"a pair that cannot be reached", func(b *issueFlow) { b.Key.Before = append(b.Key.Before, []string{"p1", "p3"}) }, "key.before[1][1] issue_flow.excluded"},
		{"a pair of nothing", func(b *issueFlow) { b.Key.Before = append(b.Key.Before, []string{"z", "p1"}) }, "key.before[1][0] item.no_part"},
		{"twice", func(b *issueFlow) { b.Key.Before = append(b.Key.Before, []string{"p0", "p1"}) }, "key.before[1] issue_flow.pair_twice"},
		{"twice, the other way", func(b *issueFlow) { b.Key.Parallel = append(b.Key.Parallel, []string{"p2", "p1"}) }, "key.parallel[1] issue_flow.pair_twice"},
		{"a circle", func(b *issueFlow) { b.Key.Before = append(b.Key.Before, []string{"p1", "p2"}, []string{"p2", "p0"}) }, "key.before issue_flow.circular"},
		{"before and together", func(b *issueFlow) { b.Key.Before = append(b.Key.Before, []string{"p1", "p2"}) }, "key.before issue_flow.circular"},
		{"together, and one before the other", func(b *issueFlow) {
			b.Key.Before = append(b.Key.Before, []string{"p0", "p2"})
			b.Key.Parallel = append(b.Key.Parallel, []string{"p0", "p1"})
		}, "key.before issue_flow.circular"},
		{"no owner", func(b *issueFlow) { b.Key.Owner = "" }, "key.owner define.required, key.owner item.no_part"},
		{"an unknown owner", func(b *issueFlow) { b.Key.Owner = "z" }, "key.owner item.no_part"},
		{"nobody is told", func(b *issueFlow) { b.Key.NotifyAfter = nil }, "key.notify_after define.count"},
		{"always told", func(b *issueFlow) { b.Key.NotifyAfter = []string{"p0", "p1", "p2"} }, "key.notify_after define.count"},
		{"told after what is not done", func(b *issueFlow) { b.Key.NotifyAfter = []string{"p3"} }, "key.notify_after[0] issue_flow.excluded"},
		{"feedback of nothing", func(b *issueFlow) { b.Feedback = map[string]text.Text{"z": same("因")} }, "feedback.z item.no_part"},
		{"another method", func(b *issueFlow) { b.Scoring.Method = "ordering" }, "scoring.method item.method"},
		{"weights", func(b *issueFlow) { b.Scoring.Weights = &flowWeights{0.4, 0.4, 0.1, 0.2} }, "scoring.weights define.sum"},
		{"a weight", func(b *issueFlow) { b.Scoring.Weights = &flowWeights{1.5, -0.5, 0, 0} }, "scoring.weights.assign issue_flow.share, scoring.weights.order issue_flow.share"},
		{"a penalty", func(b *issueFlow) { b.Scoring.ExcludePenalty = share(math.NaN()) }, "scoring.exclude_penalty issue_flow.share"},
		{"graded", func(b *issueFlow) {
			b.Grading = &flowGrading{PCI: casebook.PCI{Departments: 4, Legal: 4, Emotion: 4, Value: 2, History: 2}, Level: 5}
		}, ""},
		{"graded too low", func(b *issueFlow) {
			b.Grading = &flowGrading{PCI: casebook.PCI{Departments: 4, Legal: 4, Emotion: 4, Value: 2, History: 2}, Level: 4}
		}, "grading.level issue_flow.level"},
		{"a factor", func(b *issueFlow) { b.Grading = &flowGrading{PCI: casebook.PCI{Legal: 5}, Level: 1} }, "grading.pci.legal define.whole"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := soundFlow()
			tt.do(b)
			wantSaid(t, b.Validate(), tt.want)
		})
	}
}

// Whatever passes Validate can be scored and explained.
func TestSoundIssueFlowScores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SampledFrom([]string{"p0", "p1", "p2", "p3"})
		pairs := rapid.SliceOfN(rapid.SliceOfN(ids, 1, 3), 0, 3)
		b := &issueFlow{Case: same("案"), Departments: parts(2), Steps: parts(4)}
		b.Key = flowKey{Assign: rapid.MapOfN(ids, rapid.SampledFrom([]string{"p0", "p1"}), 0, 4).Draw(t, "assign"), Before: pairs.Draw(t, "before"), Parallel: pairs.Draw(t, "parallel"),
			Exclude: rapid.SliceOfN(ids, 0, 2).Draw(t, "exclude"), Owner: "p1", NotifyAfter: rapid.SliceOfN(ids, 0, 2).Draw(t, "notify")}
		b.Lint()
		if len(b.Validate()) > 0 {
			return
		}
		if got := score(t, b, b.keyBoard()); !near(got, 1) {
			t.Fatalf("%+v: the key scores %g", b.Key, got)
		}
		for _, a := range []flowAnswer{{}, b.keyBoard(), anyBoard(t, b)} {
			score(t, b, a)
			b.Explain(Seen(text.ZH, 3), a)
		}
	})
}

func TestIssueFlowLint(t *testing.T) {
	b := soundFlow()
	b.Why = same("因为")
	b.Key.Before = [][]string{{"p1", "p0"}}
	wantSaid(t, b.Lint(), "departments issue_flow.few_departments, key.assign issue_flow.best_department, key.assign issue_flow.few_steps")
	b.Why = text.Text{}
	b.Feedback = map[string]text.Text{"p0": same("因"), "p1": same("因")}
	b.Key.Parallel = nil
	b.Steps, b.Key.Exclude, b.Key.Critical = parts(3), nil, nil
	b.Departments = parts(3)
	b.Key.Assign["p2"] = "p2"
	wantSaid(t, b.Lint(), "departments issue_flow.few_departments, departments issue_flow.no_spare, key.assign issue_flow.few_steps, key.exclude issue_flow.no_exclude, key.parallel issue_flow.no_parallel, steps[2] issue_flow.no_feedback")
	b.Key.Before = [][]string{{"p0", "p1"}, {"p1", "p2"}}
	if got := said(b.Lint()); !strings.Contains(got, "steps issue_flow.as_written") {
		t.Errorf("written in the order of the key: %s", got)
	}
}

// told is what an explanation says, step by step.
func told(e IssueFlowExplained) string {
	var out []string
	for _, s := range append(slices.Clone(e.Steps), e.Excluded...) {
		out = append(out, s.Text+" "+s.Mark)
	}
	return strings.Join(out, ", ")
}

func TestIssueFlowExplains(t *testing.T) {
	// a, then b and c together, then d; x is not done, y never
	b := &issueFlow{Case: same("案"), Departments: parts(3)}
	for _, s := range []string{"a", "b", "c", "d", "x", "y"} {
		b.Steps = append(b.Steps, Part{ID: s, Text: same(s)})
	}
	b.Key = flowKey{Assign: map[string]string{"a": "p0", "b": "p1", "c": "p1", "d": "p2"}, Before: [][]string{{"a", "b"}, {"a", "c"}, {"b", "d"}, {"c", "d"}, {"a", "d"}}, Parallel: [][]string{{"b", "c"}},
		Exclude: []string{"x", "y"}, Critical: []string{"y"}, Owner: "p0", NotifyAfter: []string{"a", "d"}}
	if ps := b.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	explain := func(a Answer) IssueFlowExplained { return b.Explain(Plain(text.ZH), a).(IssueFlowExplained) }
	right := func() flowAnswer { return b.keyBoard() }

	for _, tt := range []struct {
		name     string
		a        func() Answer
		told     string
		remember string
		blocked  string
		saved    int
	}{
		{"key", func() Answer { return right() }, "a right, b right, c right, d right, x left, y left", "all", "", 0},
		{"blank", func() Answer { return nil }, "a missing, b missing, c missing, d missing, x left, y left", "blank", "", 0},
		{"a department", func() Answer { a := right(); a.Dept["b"] = "p2"; return a }, "a right, b department, c right, d right, x left, y left", "assign", "", 0},
		{"no department", func() Answer { a := right(); delete(a.Dept, "b"); return a }, "a right, b department, c right, d right, x left, y left", "assign", "", 0},
		{"a last", func() Answer { a := right(); a.Stage["a"] = 5; return a }, "a stage, b right, c right, d right, x left, y left", "order", "a b 5 2, a c 5 2, a d 5 3", 0},
		{"a with b and c", func() Answer { a := right(); a.Stage["a"] = 2; a.Dept["a"] = "p1"; return a }, "a both, b right, c right, d right, x left, y left", "assign", "a b 2 2, a c 2 2", 0},
		{"one after the other", func() Answer { a := right(); a.Stage["c"], a.Stage["d"] = 3, 4; return a }, "a right, b apart, c apart, d right, x left, y left", "parallel", "", 1},
		{"apart, and d beside it", func() Answer { a := right(); a.Stage["c"] = 3; return a }, "a right, b apart, c stage, d right, x left, y left", "parallel", "c d 3 3", 0},
		{"x is done", func() Answer { a := right(); a.Stage["x"] = 3; return a }, "a right, b right, c right, d right, x placed, y left", "exclude", "", 0},
		{"y is done", func() Answer { a := right(); a.Stage["y"] = 3; return a }, "a right, b right, c right, d right, x left, y critical", "critical", "", 0},
		{"owner", func() Answer { a := right(); a.Owner = "p1"; return a }, "a right, b right, c right, d right, x left, y left", "owner", "", 0},
		{"notice", func() Answer { a := right(); a.Notify = []string{"b"}; return a }, "a right, b right, c right, d right, x left, y left", "notify", "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := explain(tt.a())
			if got := told(e); got != tt.told {
				t.Errorf("%s, want %s", got, tt.told)
			}
			var blocked []string
			for _, p := range e.Blocked {
				blocked = append(blocked, fmt.Sprint(p.First, " ", p.Then, " ", p.FirstStage, p.ThenStage))
			}
			if got := strings.Join(blocked, ", "); got != tt.blocked {
				t.Errorf("blocked %s, want %s", got, tt.blocked)
			}
			if e.Remember != tt.remember || e.Saved != tt.saved || e.KeyStages != 3 {
				t.Errorf("remember %s, want %s; saved %d, want %d; %d stages", e.Remember, tt.remember, e.Saved, tt.saved, e.KeyStages)
			}
			total := 0.0
			for _, p := range e.Points {
				total += p.Got
			}
			if got := 100 * score(t, b, tt.a()); !e.Capped && math.Abs(max(0, total)-got) > 0.3 {
				t.Errorf("the points sum to %g of %g", total, got)
			}
		})
	}
	e := explain(flowAnswer{Stage: map[string]int{"a": 1}, Dept: map[string]string{}, Owner: "p2", Notify: []string{"a", "c", "d", "x"}}) // d is not done
	var notices []string
	for _, n := range e.Notices {
		notices = append(notices, n.Text+" "+n.Mark)
	}
	if got := strings.Join(notices, ", "); got != "a hit, c false_alarm, d miss, x false_alarm" {
		t.Errorf("notices: %s", got)
	}
	if p := e.Points[3]; p.Part != "notify" || p.Right != 1 || p.N != 2 {
		t.Errorf("points of notice: %+v", p)
	}
	if e.Owner != (FlowOwner{Own: "文2", Key: "文0"}) {
		t.Errorf("owner: %+v", e.Owner)
	}
}

// What is kept of an explanation is all that its picture needs.
func TestIssueFlowPictureOfKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := flowOf(t)
		e := b.Explain(Seen(text.EN, rapid.Uint64().Draw(t, "seed")), anyBoard(t, b)).(IssueFlowExplained)
		raw, err := json.Marshal(e)
		var kept IssueFlowExplained
		if err == nil {
			err = json.Unmarshal(raw, &kept)
		}
		if err != nil || fmt.Sprint(kept.Picture(), kept.Legend()) != fmt.Sprint(e.Picture(), e.Legend()) {
			t.Fatalf("%v: %+v, kept %+v", err, e.Picture(), kept.Picture())
		}
	})
}

// Whatever was answered, everything drawn lies inside the picture, no two dots on one spot, and every step of the key has its dot.
func TestIssueFlowPicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := flowOf(t)
		e := b.Explain(Seen(text.ZH, rapid.Uint64().Draw(t, "seed")), anyBoard(t, b)).(IssueFlowExplained)
		p := e.Picture()
		spots, keyed := map[[2]int]bool{}, map[int]bool{}
		for _, d := range p.Dots {
			if spots[[2]int{d.X, d.Y}] {
				t.Fatalf("two dots at %d, %d", d.X, d.Y)
			}
			spots[[2]int{d.X, d.Y}] = true
			inside := slices.ContainsFunc(p.Lanes, func(l FlowLane) bool { return d.Y-flowRadius >= l.Y && d.Y+flowRadius <= l.Y+l.Height })
			if !inside || d.X < flowRadius || d.X > p.Width-flowRadius {
				t.Fatalf("a dot lies outside: %+v of %+v", d, p)
			}
			if d.Kind != flowOwn {
				keyed[d.N] = true
			}
		}
		for _, s := range e.Steps {
			if !keyed[s.N] {
				t.Fatalf("step %d has no dot", s.N)
			}
		}
		broken := 0
		for _, l := range append(slices.Clone(p.Links), p.Moves...) {
			broken += has(l.Broken)
			if strings.Contains(l.Path, "NaN") || strings.Contains(l.Path, "-922") {
				t.Fatalf("path %s", l.Path)
			}
		}
		if broken != len(e.Blocked) {
			t.Fatalf("%d links are broken, %d are told", broken, len(e.Blocked))
		}
		if last := p.Lanes[len(p.Lanes)-1]; last.Y+last.Height > p.Height {
			t.Fatalf("the last lane reaches below the picture")
		}
	})
}
