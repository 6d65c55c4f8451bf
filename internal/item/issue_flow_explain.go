package item

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// IssueFlowExplained is the own board beside the one of the key. It is kept with a result, so it holds what was measured and nothing of how that is drawn.
type IssueFlowExplained struct {
	PCI       *PCIShown
	Points    []FlowPoints
	Capped    bool        // most of the order is reversed, which caps the score
	Lanes     []string    // the departments, in the order shown
	Arrows    []FlowArrow // of the key: what waits for what
	Blocked   []FlowPair  // that had to come one before the other and did not
	Apart     []FlowPair  // that belong in one stage and were in two
	Saved     int         // stages that parallel work would have saved
	OwnStages int
	KeyStages int
	Steps     []FlowStepExplained // in the order of the key
	Excluded  []FlowStepExplained
	Owner     FlowOwner
	Notices   []FlowNotice
	Why       string
	Remember  string // what cost most: assign, order, parallel, owner, notify, exclude; or blank, all, critical
}

// FlowPoints is one part of the score, of 100: assign, order, owner, notify, exclude.
type FlowPoints struct {
	Part     string
	Got, Of  float64
	Right, N int // how many of how many; of the excluded, those placed
}

// FlowArrow leads from a step to one that waits for it, by their numbers. It is broken where the own board has them the other way round or at once.
type FlowArrow struct {
	From, To int
	Broken   bool
}

// FlowPair is two steps that do not stand to each other as they should, with their own stages.
type FlowPair struct {
	First, Then           string
	FirstN, ThenN         int
	FirstStage, ThenStage int
}

// FlowStepExplained is a step with its cell on the key's board and on the own one; N is its number in the picture, and stage 0 is not done.
type FlowStepExplained struct {
	N        int
	Text     string
	Mark     string // see flowRight
	Key, Own FlowCell
	Why      string
}

// FlowCell is a place on a board. Lane is the department's number among those shown, 0 for none.
type FlowCell struct {
	Department string
	Lane       int
	Stage      int
}

// FlowOwner compares the owner.
type FlowOwner struct {
	Own, Key string
	Right    bool
}

// FlowNotice is a step after which the customer is to be told, or was.
type FlowNotice struct {
	N    int
	Text string
	Mark string // hit, miss, false_alarm
}

// The marks of a step, the ends of message keys.
const (
	flowRight      = "right"
	flowDepartment = "department" // wrong, or none
	flowStage      = "stage"      // breaks the order
	flowBoth       = "both"
	flowApart      = "apart" // in order, but not together with the one it belongs with
	flowMissing    = "missing"
	flowLeft       = "left"   // rightly not done
	flowPlaced     = "placed" // and should not be
	flowCritical   = "critical"
)

// FlowLegend is one sign of the picture: a dot of a kind, or a link.
type FlowLegend struct {
	Dot    FlowDot
	Broken bool
	Sign   string // the end of a message key
}

// Legend explains the signs that the picture has.
func (e IssueFlowExplained) Legend() []FlowLegend {
	var out []FlowLegend
	seen := map[string]bool{}
	for _, d := range e.Picture().Dots {
		seen[d.Kind] = true
	}
	for _, x := range []struct {
		kinds []string
		sign  string
	}{
		{[]string{flowRight}, "right"}, {[]string{flowApart}, "apart"}, {[]string{flowDepartment, flowStage, flowBoth}, "wrong"},
		{[]string{flowOwn}, "own"}, {[]string{flowMissing}, "missing"}, {[]string{flowPlaced, flowCritical}, "placed"},
	} {
		if i := slices.IndexFunc(x.kinds, func(k string) bool { return seen[k] }); i >= 0 {
			out = append(out, FlowLegend{Dot: FlowDot{X: 13, Y: 13, Kind: x.kinds[i]}, Sign: x.sign})
		}
	}
	out = append(out, FlowLegend{Sign: "link"})
	if len(e.Blocked) > 0 {
		out = append(out, FlowLegend{Sign: "broken", Broken: true})
	}
	return out
}

// Same reports whether both steps are in one stage.
func (p FlowPair) Same() bool { return p.FirstStage == p.ThenStage }

// flowReview is what an explanation is made from.
type flowReview struct {
	*issueFlow
	v      View
	a      flowAnswer
	mark   flowMark
	key    map[string]int // stages
	shown  Deck           // the departments
	order  []string       // steps as numbered: those of the key by stage, then the excluded
	number map[string]int
	marks  map[string]string
}

func (b *issueFlow) Explain(v View, a Answer) any {
	given, _ := a.(flowAnswer)
	r := b.review(v, given)
	e := IssueFlowExplained{Why: b.Why.In(v.Lang), Points: r.points(), Capped: r.mark.capped, Lanes: r.lanes(), Arrows: r.arrows(), Blocked: r.blocked(), Apart: r.apart(),
		Owner:   FlowOwner{Own: r.department(given.Owner), Key: r.department(b.Key.Owner), Right: r.mark.detail.Owner},
		Notices: r.notices(), Remember: r.remember(a == nil)}
	if b.Grading != nil {
		pci := showPCI(b.Grading.PCI)
		e.PCI = &pci
	}
	e.OwnStages, e.KeyStages, e.Saved = r.stageCount(), slices.Max(slices.Collect(maps.Values(r.key))), r.saved()
	for _, id := range r.order {
		s := FlowStepExplained{N: r.number[id], Text: r.say(id), Mark: r.marks[id], Why: b.Feedback[id].In(v.Lang),
			Key: r.cell(b.Key.Assign[id], r.key[id]), Own: r.cell(given.Dept[id], given.Stage[id])}
		if s.Key.Stage > 0 {
			e.Steps = append(e.Steps, s)
		} else {
			e.Excluded = append(e.Excluded, s)
		}
	}
	return e
}

func (b *issueFlow) review(v View, a flowAnswer) *flowReview {
	r := &flowReview{issueFlow: b, v: v, a: a, mark: b.mark(a), number: map[string]int{}, marks: map[string]string{}}
	r.key, _ = b.Key.stages()
	steps, departments := b.decks(v)
	r.shown = departments
	for _, c := range steps {
		r.order = append(r.order, c.ID)
	}
	place := func(id string) int {
		if stage, ok := r.key[id]; ok {
			return stage
		}
		return len(b.Steps) + 1 // what is excluded comes last
	}
	slices.SortStableFunc(r.order, func(x, y string) int {
		return cmp.Or(cmp.Compare(place(x), place(y)), cmp.Compare(r.lane(b.Key.Assign[x]), r.lane(b.Key.Assign[y])))
	})
	late := r.outOfPlace()
	for i, id := range r.order {
		r.number[id] = i + 1
		r.marks[id] = r.markOf(id, late[id])
	}
	return r
}

func (r *flowReview) say(id string) string { return find(r.Steps, id).Text.In(r.v.Lang) }

func (r *flowReview) department(id string) string { return find(r.Departments, id).Text.In(r.v.Lang) }

// lane is a department's number among those shown, from 1; 0 for none.
func (r *flowReview) lane(department string) int {
	return 1 + slices.IndexFunc(r.shown, func(c Card) bool { return c.ID == department })
}

func (r *flowReview) lanes() []string {
	var out []string
	for _, c := range r.shown {
		out = append(out, r.department(c.ID))
	}
	return out
}

func (r *flowReview) cell(department string, stage int) FlowCell {
	return FlowCell{Department: r.department(department), Lane: r.lane(department), Stage: stage}
}

func (r *flowReview) arrows() []FlowArrow {
	broken := r.wrongPairs()
	var out []FlowArrow
	for _, pair := range r.Key.Before {
		out = append(out, FlowArrow{From: r.number[pair[0]], To: r.number[pair[1]], Broken: slices.ContainsFunc(broken, func(p []string) bool { return slices.Equal(p, pair) })})
	}
	return out
}

// wrongPairs are the pairs of the key's order that are reversed or in one stage.
func (r *flowReview) wrongPairs() [][]string {
	return slices.DeleteFunc(slices.Clone(r.Key.Before), func(p []string) bool {
		first, then := r.a.Stage[p[0]], r.a.Stage[p[1]]
		return first == 0 || then == 0 || first < then
	})
}

// outOfPlace are few steps without which the own order would hold: again and again the one that breaks most pairs, of equals the one farther from its place.
func (r *flowReview) outOfPlace() map[string]bool {
	out := map[string]bool{}
	pairs := r.wrongPairs()
	for len(pairs) > 0 {
		broken := map[string]int{}
		for _, p := range pairs {
			broken[p[0]]++
			broken[p[1]]++
		}
		worst := slices.MaxFunc(slices.Sorted(maps.Keys(broken)), func(x, y string) int {
			return cmp.Or(cmp.Compare(broken[x], broken[y]), cmp.Compare(r.distance(x), r.distance(y)))
		})
		out[worst] = true
		pairs = slices.DeleteFunc(pairs, func(p []string) bool { return slices.Contains(p, worst) })
	}
	return out
}

func (r *flowReview) distance(id string) int {
	d := r.a.Stage[id] - r.key[id]
	return max(d, -d)
}

func (r *flowReview) markOf(id string, outOfPlace bool) string {
	department, assigned := r.Key.Assign[id]
	done := r.a.Stage[id] > 0
	wrong := r.a.Dept[id] != department
	switch {
	case !assigned && !done:
		return flowLeft
	case !assigned && slices.Contains(r.Key.Critical, id):
		return flowCritical
	case !assigned:
		return flowPlaced
	case !done:
		return flowMissing
	case outOfPlace && wrong:
		return flowBoth
	case outOfPlace:
		return flowStage
	case wrong:
		return flowDepartment
	case slices.ContainsFunc(r.splitPairs(), func(p []string) bool { return slices.Contains(p, id) }):
		return flowApart
	}
	return flowRight
}

// splitPairs are the parallel pairs in two stages.
func (r *flowReview) splitPairs() [][]string {
	return slices.DeleteFunc(slices.Clone(r.Key.Parallel), func(p []string) bool {
		first, then := r.a.Stage[p[0]], r.a.Stage[p[1]]
		return first == 0 || then == 0 || first == then
	})
}

func (r *flowReview) blocked() []FlowPair { return r.pairs(r.wrongPairs()) }

func (r *flowReview) apart() []FlowPair { return r.pairs(r.splitPairs()) }

func (r *flowReview) pairs(of [][]string) []FlowPair {
	var out []FlowPair
	for _, p := range of {
		out = append(out, FlowPair{First: r.say(p[0]), Then: r.say(p[1]), FirstN: r.number[p[0]], ThenN: r.number[p[1]], FirstStage: r.a.Stage[p[0]], ThenStage: r.a.Stage[p[1]]})
	}
	slices.SortStableFunc(out, func(x, y FlowPair) int { return cmp.Or(cmp.Compare(x.FirstN, y.FirstN), cmp.Compare(x.ThenN, y.ThenN)) })
	return out
}

// stageCount is in how many stages the own board does the steps of the key.
func (r *flowReview) stageCount() int {
	used := map[int]bool{}
	for id := range r.Key.Assign {
		if s := r.a.Stage[id]; s > 0 {
			used[s] = true
		}
	}
	return len(used)
}

// saved are the stages beyond the key's that come from doing one after the other what belongs together.
func (r *flowReview) saved() int {
	extra := 0
	for _, class := range r.classes() {
		used := map[int]bool{}
		for _, id := range class {
			if s := r.a.Stage[id]; s > 0 {
				used[s] = true
			}
		}
		extra += max(0, len(used)-1)
	}
	return max(0, min(extra, r.stageCount()-slices.Max(slices.Collect(maps.Values(r.key)))))
}

// classes are the steps that belong together, by pairs that share a step.
func (r *flowReview) classes() [][]string {
	var out [][]string
	for _, p := range r.Key.Parallel {
		class := slices.Clone(p)
		out = slices.DeleteFunc(out, func(other []string) bool {
			meets := slices.Contains(other, p[0]) || slices.Contains(other, p[1])
			if meets {
				class = append(class, other...)
			}
			return meets
		})
		slices.Sort(class)
		out = append(out, slices.Compact(class))
	}
	return out
}

func (r *flowReview) points() []FlowPoints {
	w, d := r.weights(), r.mark.detail
	points := func(x float64) float64 { return math.Round(1000*x) / 10 }
	right, told := 0, 0
	for id, department := range r.Key.Assign {
		if r.a.Stage[id] > 0 && r.a.Dept[id] == department {
			right++
		}
	}
	for _, id := range r.Key.NotifyAfter {
		told += has(slices.Contains(r.a.Notify, id) && r.a.Stage[id] > 0)
	}
	inOrder := 0
	for _, p := range r.Key.Before {
		first, then := r.a.Stage[p[0]], r.a.Stage[p[1]]
		inOrder += has(first > 0 && first < then)
	}
	out := []FlowPoints{
		{"assign", points(r.mark.gained.Assign), points(w.Assign), right, len(r.Key.Assign)},
		{"order", points(r.mark.gained.Order), points(w.Order), inOrder, len(r.Key.Before)},
		{"owner", points(r.mark.gained.Owner), points(w.Owner), has(d.Owner), 1},
		{"notify", points(r.mark.gained.Notify), points(w.Notify), told, len(r.Key.NotifyAfter)},
	}
	if n := len(r.Key.Exclude); n > 0 {
		out = append(out, FlowPoints{"exclude", points(0 - r.mark.lost), 0, len(d.ExcludedPlaced), n})
	}
	return out
}

func (r *flowReview) notices() []FlowNotice {
	var out []FlowNotice
	for _, id := range r.order {
		own, key := slices.Contains(r.a.Notify, id), slices.Contains(r.Key.NotifyAfter, id)
		n := FlowNotice{N: r.number[id], Text: r.say(id)}
		switch {
		case own && key && r.a.Stage[id] > 0:
			n.Mark = "hit"
		case key:
			n.Mark = "miss"
		case own:
			n.Mark = "false_alarm"
		default:
			continue
		}
		out = append(out, n)
	}
	return out
}

// remember is what cost most.
func (r *flowReview) remember(blank bool) string {
	w, d, m := r.weights(), r.mark.detail, r.mark
	switch {
	case blank:
		return "blank"
	case len(d.Critical) > 0:
		return "critical"
	}
	order, parallel := w.Order*(1-d.P), 0.0
	if len(r.Key.Parallel) > 0 {
		order, parallel = flowPrecedence*order, w.Order*(1-flowPrecedence)*(1-d.Q)
	}
	costliest, most := "all", 0.0
	for _, x := range []struct {
		name string
		cost float64
	}{{"assign", w.Assign - m.gained.Assign}, {"order", order}, {"exclude", m.lost}, {"parallel", parallel}, {"notify", w.Notify - m.gained.Notify}, {"owner", w.Owner - m.gained.Owner}} {
		if x.cost > most+1e-9 {
			costliest, most = x.name, x.cost
		}
	}
	return costliest
}
