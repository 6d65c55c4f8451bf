package item

import (
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"time"

	"leida/internal/casebook"
	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "issue_flow", Method: "flow", Units: units(4), Performance: true,
		Takes: func(b Body) time.Duration { return time.Duration(len(b.(*issueFlow).Steps)) * flowStepTime },
		New:   func() Body { return new(issueFlow) }, Prompt: IssueFlowPrompt{}, Explain: IssueFlowExplained{}})
}

// Limits of one board; every step offers every department and every stage.
const (
	maxFlowSteps       = 40
	maxFlowDepartments = 20
)

// flowStepTime is about how long an average reader needs for a step, the reading of the case among it.
const flowStepTime = 30 * time.Second

// issueFlow is a whiteboard: which department does which step of a case, and when (MEASUREMENT 4.10).
type issueFlow struct {
	Rationale   `yaml:",inline"`
	Case        text.Text    `yaml:"stimulus"`
	Grading     *flowGrading `yaml:"grading,omitempty"`
	Departments []Part       `yaml:"departments"`
	Steps       []Part       `yaml:"steps"`
	Key         flowKey      `yaml:"key"`
	Scoring     flowScoring  `yaml:"scoring,omitempty"`
}

// flowGrading is how hard the case is, as its author keyed it.
type flowGrading struct {
	PCI   casebook.PCI `yaml:"pci"`
	Level int          `yaml:"level"`
}

// flowKey says what is right. Every step is either assigned or excluded; stages follow from the pairs alone.
type flowKey struct {
	Assign      map[string]string `yaml:"assign"`             // step -> department
	Before      [][]string        `yaml:"before"`             // the first is done before the second starts
	Parallel    [][]string        `yaml:"parallel,omitempty"` // both are done in the same stage
	Exclude     []string          `yaml:"exclude,omitempty"`
	Critical    []string          `yaml:"critical_if_placed,omitempty"`
	Owner       string            `yaml:"owner"`
	NotifyAfter []string          `yaml:"notify_after"`
}

type flowScoring struct {
	Scoring        `yaml:",inline"`
	Weights        *flowWeights `yaml:"weights,omitempty"`
	ExcludePenalty *float64     `yaml:"exclude_penalty,omitempty"`
}

// flowWeights are the shares of the parts of the score; they sum to 1.
type flowWeights struct {
	Assign float64 `yaml:"assign"`
	Order  float64 `yaml:"order"`
	Owner  float64 `yaml:"owner"`
	Notify float64 `yaml:"notify"`
}

var flowDefaults = flowWeights{Assign: 0.40, Order: 0.40, Owner: 0.08, Notify: 0.12}

const (
	flowExcludePenalty = 0.3  // for placing all that is excluded
	flowPrecedence     = 0.8  // of the order: what comes before what; the rest is what is done at once
	flowOrdered        = 0.5  // the precedence from which parallel pairs and the owner count
	flowReversed       = 0.25 // the precedence below which the score is capped
	flowCap            = 0.5
)

// flowAnswer is a board. A step without a stage is not done, whatever else is said of it.
type flowAnswer struct {
	Stage  map[string]int    `json:"stage"` // from 1
	Dept   map[string]string `json:"dept"`
	Owner  string            `json:"owner,omitempty"`
	Notify []string          `json:"notify,omitempty"` // the steps after which the customer is told
}

// flowDetail are the parts of a score, named as in MEASUREMENT 4.10.
type flowDetail struct {
	A              float64  `json:"A"` // assignment, corrected for the best single department
	G              float64  `json:"g"` // what that department gets right
	P              float64  `json:"P"` // precedence
	Q              float64  `json:"Q"` // parallel pairs in one stage; counted from P = 0.5
	N              float64  `json:"N"` // points of notice
	Owner          bool     `json:"owner"`
	ExcludedPlaced []string `json:"excluded_placed"`
	Critical       []string `json:"critical"`
}

func (b *issueFlow) weights() flowWeights {
	if b.Scoring.Weights != nil {
		return *b.Scoring.Weights
	}
	return flowDefaults
}

func (b *issueFlow) excludePenalty() float64 {
	return or(b.Scoring.ExcludePenalty, flowExcludePenalty)
}

// sectionHead is a line that opens a section of a case: 【规则】 or [Rules].
var sectionHead = regexp.MustCompile(`(?m)([^\n])\n([【\[])`)

// Reading is the case, its sections set apart.
func (b *issueFlow) Reading() Stimulus {
	apart := func(s string) string { return sectionHead.ReplaceAllString(s, "$1\n\n$2") }
	return Stimulus{Situation: text.Text{ZH: apart(b.Case.ZH), EN: apart(b.Case.EN)}}
}

// ---- an author's moment ---------------------------------------------------------------------------------------------

func (b *issueFlow) Validate() []fault.Problem {
	steps, departments := partIDs(b.Steps), partIDs(b.Departments)
	ps := append(RequireText("stimulus", b.Case), b.Rationale.validate(steps)...)
	ps = append(ps, validateParts("departments", b.Departments, 2)...)
	ps = append(ps, validateParts("steps", b.Steps, 2)...)
	for _, x := range []struct {
		path    string
		n, most int
	}{{"departments", len(b.Departments), maxFlowDepartments}, {"steps", len(b.Steps), maxFlowSteps}} {
		if x.n > x.most && x.n <= MaxOptions { // beyond, it has been said
			ps = append(ps, fault.At(x.path, "define.count", "min", 2, "max", x.most, "n", x.n))
		}
	}
	ps = append(ps, b.Grading.validate()...)
	ps = append(ps, b.Scoring.validate()...)
	return append(ps, b.Key.validate(steps, departments)...)
}

func (g *flowGrading) validate() []fault.Problem {
	if g == nil {
		return nil
	}
	if ps := g.PCI.Validate("grading.pci"); len(ps) > 0 {
		return ps
	}
	if want := g.PCI.Level(); g.Level != want {
		return []fault.Problem{fault.At("grading.level", "issue_flow.level", "got", g.Level, "want", want, "index", g.PCI.Index())}
	}
	return nil
}

func (s flowScoring) validate() []fault.Problem {
	ps := s.Scoring.validate("flow")
	if p := s.ExcludePenalty; p != nil && !(*p >= 0 && *p <= 1) {
		ps = append(ps, fault.At("scoring.exclude_penalty", "issue_flow.share"))
	}
	w := s.Weights
	if w == nil {
		return ps
	}
	sum, sound := 0.0, true
	for _, x := range []struct {
		name string
		w    float64
	}{{"assign", w.Assign}, {"order", w.Order}, {"owner", w.Owner}, {"notify", w.Notify}} {
		if !(x.w >= 0 && x.w <= 1) {
			ps, sound = append(ps, fault.At("scoring.weights."+x.name, "issue_flow.share")), false
		}
		sum += x.w
	}
	if sound && math.Abs(sum-1) > 1e-6 {
		ps = append(ps, fault.At("scoring.weights", "define.sum", "got", math.Round(sum*1e6)/1e6))
	}
	return ps
}

func (k flowKey) validate(steps, departments []string) []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.At(path, key, args...)) }
	known := func(path, id string, all []string) {
		if !slices.Contains(all, id) {
			add(path, "item.no_part", "id", id, "known", all)
		}
	}
	// a list of steps, all of them assigned or all of them excluded
	listed := func(path string, ids []string, excluded bool) {
		seen := map[string]bool{}
		for i, id := range ids {
			at := fault.Index(path, i)
			known(at, id, steps)
			ps = append(ps, partID(at, id, seen)...)
			switch is := slices.Contains(k.Exclude, id); {
			case is && !excluded:
				add(at, "issue_flow.excluded", "id", id)
			case !is && excluded && slices.Contains(steps, id):
				add(at, "issue_flow.not_excluded", "id", id)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(k.Assign)) {
		known(fault.Join("key.assign", id), id, steps)
		known(fault.Join("key.assign", id), k.Assign[id], departments)
	}
	listed("key.exclude", k.Exclude, true)
	for i, id := range steps {
		if _, assigned := k.Assign[id]; assigned == slices.Contains(k.Exclude, id) {
			add(fault.Index("steps", i), "issue_flow.assign_or_exclude", "id", id)
		}
	}
	if _, g := k.bestDepartment(); len(k.Assign) > 0 && g == 1 {
		add("key.assign", "issue_flow.one_department")
	}
	sound := k.validatePairs("key.before", k.Before, steps, add)
	sound = k.validatePairs("key.parallel", k.Parallel, steps, add) && sound
	if len(k.Before) == 0 {
		add("key.before", "define.required")
	}
	if sound {
		if stages, ok := k.stages(); !ok {
			add("key.before", "issue_flow.circular", "ids", beyond(stages, len(k.Assign)))
		}
	}
	listed("key.critical_if_placed", k.Critical, true)
	if known("key.owner", k.Owner, departments); k.Owner == "" {
		add("key.owner", "define.required")
	}
	listed("key.notify_after", k.NotifyAfter, false)
	if n := len(k.NotifyAfter); len(k.Assign) > 0 && (n == 0 || n >= len(k.Assign)) {
		add("key.notify_after", "define.count", "min", 1, "max", len(k.Assign)-1, "n", n)
	}
	return ps
}

// validatePairs checks pairs of assigned steps; two steps are paired once, whichever is named first.
func (k flowKey) validatePairs(path string, pairs [][]string, steps []string, add func(path, key string, args ...any)) (sound bool) {
	sound = true
	wrong := func(path, key string, args ...any) { add(path, key, args...); sound = false }
	seen := map[[2]string]bool{}
	for i, p := range pairs {
		at := fault.Index(path, i)
		if len(p) != 2 || p[0] == p[1] {
			wrong(at, "issue_flow.pair")
			continue
		}
		for j, id := range p {
			if _, assigned := k.Assign[id]; !slices.Contains(steps, id) {
				wrong(fault.Index(at, j), "item.no_part", "id", id, "known", steps)
			} else if !assigned {
				wrong(fault.Index(at, j), "issue_flow.excluded", "id", id)
			}
		}
		if pair := [2]string{min(p[0], p[1]), max(p[0], p[1])}; seen[pair] {
			wrong(at, "issue_flow.pair_twice", "first", p[0], "then", p[1])
		} else {
			seen[pair] = true
		}
	}
	return sound
}

// stages are the earliest stages that satisfy every pair, from 1; ok is false when the pairs contradict each other, and then some stage is beyond the number of steps.
func (k flowKey) stages() (stage map[string]int, ok bool) {
	stage = map[string]int{}
	for id := range k.Assign {
		stage[id] = 1
	}
	for changed := true; changed; {
		changed = false
		later := func(id string, least int) {
			if stage[id] < least {
				stage[id], changed = least, true
			}
		}
		for _, p := range k.Before {
			later(p[1], stage[p[0]]+1)
		}
		for _, p := range k.Parallel {
			later(p[0], stage[p[1]])
			later(p[1], stage[p[0]])
		}
		if len(beyond(stage, len(k.Assign))) > 0 {
			return stage, false
		}
	}
	return stage, true
}

// beyond are the steps whose stage is beyond the last possible one.
func beyond(stage map[string]int, last int) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(stage)), func(id string) bool { return stage[id] <= last })
}

// bestDepartment is the department that gets most steps right by itself, and the share of them.
func (k flowKey) bestDepartment() (id string, share float64) {
	n := map[string]int{}
	for _, d := range k.Assign {
		n[d]++
	}
	for d := range n {
		if n[d] > n[id] || n[d] == n[id] && d < id {
			id = d
		}
	}
	return id, float64(n[id]) / float64(max(1, len(k.Assign)))
}

func (b *issueFlow) Lint() []fault.Problem {
	var ps []fault.Problem
	add := func(path, key string, args ...any) { ps = append(ps, fault.Warn(path, key, args...)) }
	if n := len(b.Key.Assign); n < 8 {
		add("key.assign", "issue_flow.few_steps", "n", n)
	}
	if n := len(b.Departments); n < 5 {
		add("departments", "issue_flow.few_departments", "n", n)
	}
	if len(b.Key.Parallel) == 0 {
		add("key.parallel", "issue_flow.no_parallel")
	}
	if len(b.Key.Exclude) == 0 {
		add("key.exclude", "issue_flow.no_exclude")
	}
	used := map[string]bool{}
	for _, d := range b.Key.Assign {
		used[d] = true
	}
	if len(used) == len(b.Departments) {
		add("departments", "issue_flow.no_spare")
	}
	if best, g := b.Key.bestDepartment(); g > mostBlind {
		add("key.assign", "issue_flow.best_department", "id", best, "share", math.Round(100*g)/100)
	}
	for i, s := range b.Steps {
		if b.Feedback[s.ID].IsZero() && b.Why.IsZero() {
			add(fault.Index("steps", i), "issue_flow.no_feedback", "id", s.ID)
		}
	}
	return append(ps, lintBlindOf(b, "steps", "issue_flow.as_written")...)
}

// ---- a candidate's moment -------------------------------------------------------------------------------------------

// IssueFlowPrompt is what a candidate sees. There are as many stages as steps.
type IssueFlowPrompt struct {
	Steps       []FlowStep
	Departments []FlowDepartment
	Stages      []int
	Owner       string
}

// FlowStep is a step with the answer so far: Stage 0 is not done, Department "" not chosen.
type FlowStep struct {
	ID         string
	Text       string
	Stage      int
	Department string
	Notify     bool
}

// FlowDepartment is a department to choose.
type FlowDepartment struct {
	ID   string
	Text string
}

func (b *issueFlow) decks(v View) (steps, departments Deck) {
	return v.Deal("o", partIDs(b.Steps)), v.Deal("d", partIDs(b.Departments))
}

func (b *issueFlow) Prompt(v View, a Answer) any {
	given, _ := a.(flowAnswer)
	steps, departments := b.decks(v)
	p := IssueFlowPrompt{Owner: departments.Shown(given.Owner)}
	for i, c := range steps {
		p.Stages = append(p.Stages, i+1)
		p.Steps = append(p.Steps, FlowStep{ID: c.Shown, Text: find(b.Steps, c.ID).Text.In(v.Lang),
			Stage: given.Stage[c.ID], Department: departments.Shown(given.Dept[c.ID]), Notify: slices.Contains(given.Notify, c.ID)})
	}
	for _, c := range departments {
		p.Departments = append(p.Departments, FlowDepartment{ID: c.Shown, Text: find(b.Departments, c.ID).Text.In(v.Lang)})
	}
	return p
}

func (b *issueFlow) Parse(v View, f Fields) (Answer, error) {
	steps, departments := b.decks(v)
	r := read(f, "stage", "dept", "owner", "notify")
	a := flowAnswer{
		Stage: r.numbers("stage", steps, 1, len(b.Steps)), Dept: r.pairs("dept", steps, departments),
		Owner: r.id("owner", departments), Notify: r.ids("notify", steps),
	}
	if err := r.err(); err != nil || len(a.Stage)+len(a.Dept)+len(a.Notify) == 0 && a.Owner == "" {
		return nil, err
	}
	return a, nil
}

// Parts are the order, the owner and the points of notice. Steps are not counted: some are not to be placed, and a count without those would tell which.
func (b *issueFlow) Parts(a Answer) (done, of int) {
	given, _ := a.(flowAnswer)
	for _, said := range []bool{len(given.Stage) > 0, given.Owner != "", len(given.Notify) > 0} {
		if said {
			done++
		}
	}
	return done, 3
}

// ---- a marker's moment ----------------------------------------------------------------------------------------------

// Score is clamp(w_assign·A + w_order·O + w_owner·owner + w_notify·N − penalty·placed/excluded), at most 0.5 where P < 0.25.
func (b *issueFlow) Score(r Response) (Result, error) {
	a, _ := r.Answer.(flowAnswer)
	m := b.mark(a)
	return Result{Score: m.score, Critical: m.detail.Critical, Detail: m.detail}, nil
}

// flowMark is a marked board: the score, its detail and what the score is the sum of.
type flowMark struct {
	score  float64
	detail flowDetail
	gained flowWeights // of the weights
	lost   float64     // for what was excluded and placed
	order  float64     // O
	capped bool
}

func (b *issueFlow) mark(a flowAnswer) flowMark {
	_, g := b.Key.bestDepartment()
	d := flowDetail{A: clamp01((b.assigned(a) - g) / (1 - g)), G: g, P: b.preceding(a), Q: b.together(a), N: b.notified(a), Owner: a.Owner != "" && a.Owner == b.Key.Owner,
		ExcludedPlaced: placed(a, b.Key.Exclude), Critical: placed(a, b.Key.Critical)}
	m := flowMark{detail: d, order: d.P}
	if len(b.Key.Parallel) > 0 {
		m.order *= flowPrecedence
		if d.P >= flowOrdered {
			m.order += (1 - flowPrecedence) * d.Q
		}
	}
	w := b.weights()
	m.gained = flowWeights{Assign: w.Assign * d.A, Order: w.Order * m.order, Notify: w.Notify * d.N}
	if d.Owner && d.P >= flowOrdered {
		m.gained.Owner = w.Owner
	}
	if n := len(b.Key.Exclude); n > 0 {
		m.lost = b.excludePenalty() * float64(len(d.ExcludedPlaced)) / float64(n)
	}
	m.score = clamp01(m.gained.Assign + m.gained.Order + m.gained.Owner + m.gained.Notify - m.lost)
	if d.P < flowReversed && m.score > flowCap {
		m.score, m.capped = flowCap, true
	}
	return m
}

// assigned is the share of the steps that are done, and by the right department.
func (b *issueFlow) assigned(a flowAnswer) float64 {
	right := 0
	for id, d := range b.Key.Assign {
		if a.Stage[id] > 0 && a.Dept[id] == d {
			right++
		}
	}
	return float64(right) / float64(len(b.Key.Assign))
}

// preceding is right minus reversed pairs over all; steps of one stage, and steps left out, count neither way.
func (b *issueFlow) preceding(a flowAnswer) float64 {
	n := 0
	for _, p := range b.Key.Before {
		switch first, then := a.Stage[p[0]], a.Stage[p[1]]; {
		case first == 0 || then == 0 || first == then:
		case first < then:
			n++
		default:
			n--
		}
	}
	return clamp01(float64(n) / float64(len(b.Key.Before)))
}

// together is the share of parallel pairs in one stage; 0 where there are none.
func (b *issueFlow) together(a flowAnswer) float64 {
	n := 0
	for _, p := range b.Key.Parallel {
		if s := a.Stage[p[0]]; s > 0 && s == a.Stage[p[1]] {
			n++
		}
	}
	return float64(n) / float64(max(1, len(b.Key.Parallel)))
}

// notified is scored as a multiple choice; its non-keys are the other assigned steps. After a step that is not done nobody is told anything: the notice hits nothing, and a wrong one stays wrong.
func (b *issueFlow) notified(a flowAnswer) float64 {
	hits, wrong := 0, 0
	for _, id := range a.Notify {
		if slices.Contains(b.Key.NotifyAfter, id) {
			hits += has(a.Stage[id] > 0)
		} else if _, assigned := b.Key.Assign[id]; assigned {
			wrong++
		}
	}
	k := len(b.Key.NotifyAfter)
	return clamp01(float64(hits)/float64(k) - float64(wrong)/float64(len(b.Key.Assign)-k))
}

// placed are those of some steps that have a stage; never nil.
func placed(a flowAnswer, ids []string) []string {
	out := []string{}
	for _, id := range ids {
		if a.Stage[id] > 0 {
			out = append(out, id)
		}
	}
	return out
}

// ---- those who do not read, and those who err -----------------------------------------------------------------------

// Blind are candidates who see the board and not the case.
func (b *issueFlow) Blind() []Blind {
	all := partIDs(b.Steps)
	best, _ := b.Key.bestDepartment()
	board := func(steps []string, stage func(i int) int, department string, notify []string) flowAnswer {
		a := flowAnswer{Stage: map[string]int{}, Dept: map[string]string{}, Owner: department, Notify: notify}
		for i, id := range steps {
			a.Stage[id] = stage(i)
			if department != "" {
				a.Dept[id] = department
			}
		}
		return a
	}
	once := func(int) int { return 1 }
	serial := func(i int) int { return i + 1 }
	out := []Blind{
		{Name: "one_department", Answer: board(all, once, best, all)},
		{Name: "one_stage", Answer: board(all, once, "", nil)},
		{Name: "list_order", Answer: board(all, serial, "", nil), Most: mostBlind},
		{Name: "list_order_department", Answer: board(all, serial, best, all), Most: mostBlind},
	}
	if len(b.Key.Exclude) > 0 {
		out = append(out, Blind{Name: "excluded", Answer: board(b.Key.Exclude, serial, best, nil)})
	}
	return out
}

// Imitate errs as people do: a department by its name, a step out of its place, in turn what could be done at once, what is forbidden, notice given to be safe.
func (b *issueFlow) Imitate(ability float64, r *rand.Rand) Answer {
	errs := func(share float64) bool { return r.Float64() < share*(1-ability) }
	anyDepartment := func() string { return b.Departments[r.IntN(len(b.Departments))].ID }
	a := flowAnswer{Stage: map[string]int{}, Dept: map[string]string{}, Owner: b.Key.Owner}
	key, _ := b.Key.stages()
	last := slices.Max(slices.Collect(maps.Values(key)))
	for _, s := range b.Steps {
		department, assigned := b.Key.Assign[s.ID]
		stage := key[s.ID]
		switch {
		case !assigned && !errs(0.7), assigned && errs(0.15):
			continue
		case !assigned, errs(0.75):
			stage = 1 + r.IntN(last)
		case errs(0.5):
			stage++
		}
		if !assigned || errs(0.75) {
			department = anyDepartment()
		}
		a.Stage[s.ID], a.Dept[s.ID] = min(stage, len(b.Steps)), department
		if told := slices.Contains(b.Key.NotifyAfter, s.ID); told && !errs(0.6) || !told && errs(0.45) {
			a.Notify = append(a.Notify, s.ID)
		}
	}
	if errs(1) {
		a.Owner = anyDepartment()
	}
	return a
}
