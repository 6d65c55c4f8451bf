package item

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"leida/internal/fault"
	"leida/internal/text"
)

func init() {
	register(Kind{Name: "ai_decision_series", Method: "payoff_blind_corrected", Performance: true,
		Units:  func(b Body) float64 { return 0.5 * float64(len(b.(*decisionSeries).Cases)) },
		Takes:  func(b Body) time.Duration { return b.(*decisionSeries).takes() },
		New:    func() Body { return new(decisionSeries) },
		Prompt: DecisionPrompt{}, Explain: DecisionExplained{}})
}

// What is done about an AI's suggestion. An edit names which: edit:a.
const (
	doAccept   = "accept"
	doReject   = "reject" // and write one's own
	doEscalate = "escalate"
	editPrefix = "edit:"
)

// Qualities of a suggestion, each with one right thing to do about it.
const (
	adviceCorrect = "correct"    // accept it
	adviceFixable = "fixable"    // the one edit that puts it right
	adviceWrong   = "wrong"      // reject it
	adviceHuman   = "human_only" // escalate: it is for another role, whatever the AI says
)

var adviceQualities = []string{adviceCorrect, adviceFixable, adviceWrong, adviceHuman}

// decisionSeries is a row of cases, each with an AI's suggestion to be judged by the policy (MEASUREMENT 4.6). With two stages the own decision comes first, before the AI's is known.
type decisionSeries struct {
	Stimulus  `yaml:",inline"`
	Rationale `yaml:",inline"`
	TwoStage  bool            `yaml:"two_stage,omitempty"`
	Cases     []decisionCase  `yaml:"cases"`
	Scoring   decisionScoring `yaml:"scoring,omitempty"`
}

type decisionCase struct {
	ID       string      `yaml:"id"`
	Context  text.Text   `yaml:"context,omitempty"` // the facts of the case
	Customer text.Text   `yaml:"customer"`          // what the customer says
	AI       advice      `yaml:"ai"`
	Edits    []Part      `yaml:"edits"` // possible changes; with two stages whole replies
	Key      decisionKey `yaml:"key"`
	Why      text.Text   `yaml:"why,omitempty"`
}

// advice is what an AI suggests, and how sure it says it is, 0..1.
type advice struct {
	Confidence float64   `yaml:"confidence"`
	Text       text.Text `yaml:",inline"`
}

type decisionKey struct {
	Quality    string `yaml:"quality"`
	Fix        string `yaml:"fix,omitempty"`         // of fixable advice: the edit that puts it right
	CriticalIf Words  `yaml:"critical_if,omitempty"` // what must never be done here: accept, edit:a, reject, escalate
}

// decisionScoring may override what actions are worth: payoff: {wrong: {escalate: 0.5}}, by quality and then by accept, fix, edit, reject, escalate, none.
type decisionScoring struct {
	Scoring `yaml:",inline"`
	Payoff  map[string]map[string]float64 `yaml:"payoff,omitempty"`
}

// decisionAnswer is what was done by case. Initial is what was decided before the AI's suggestion was shown, in the same words; Confidence is how sure the person is, 0..100.
type decisionAnswer struct {
	Initial    map[string]string `json:"initial,omitempty"`
	Decisions  map[string]string `json:"decisions,omitempty"`
	Confidence map[string]int    `json:"confidence,omitempty"`
}

func (a decisionAnswer) isBlank() bool { return len(a.Initial)+len(a.Decisions)+len(a.Confidence) == 0 }

// Parts are the cases; what was decided before the AI's suggestion was shown does not yet settle one.
func (b *decisionSeries) Parts(a Answer) (done, of int) {
	given, _ := a.(decisionAnswer)
	return len(given.Decisions), len(b.Cases)
}

func (b *decisionSeries) takes() time.Duration {
	each := 45 * time.Second
	if b.TwoStage {
		each = 65 * time.Second
	}
	return time.Duration(len(b.Cases)) * each
}

func (b *decisionSeries) ids() []string {
	ids := make([]string, len(b.Cases))
	for i, c := range b.Cases {
		ids[i] = c.ID
	}
	return ids
}

// find is the case of an id that is one.
func (b *decisionSeries) find(id string) *decisionCase {
	for i := range b.Cases {
		if b.Cases[i].ID == id {
			return &b.Cases[i]
		}
	}
	return nil
}

// best is the one right thing to do.
func (c *decisionCase) best() string {
	switch c.Key.Quality {
	case adviceCorrect:
		return doAccept
	case adviceFixable:
		return editPrefix + c.Key.Fix
	case adviceHuman:
		return doEscalate
	}
	return doReject
}

// actions are all that can be done in the case.
func (c *decisionCase) actions() []string {
	out := []string{doAccept, doReject, doEscalate}
	for _, e := range c.Edits {
		out = append(out, editPrefix+e.ID)
	}
	return out
}

func (b *decisionSeries) Validate() []fault.Problem {
	ps := append(b.Stimulus.validate(), b.Scoring.validate("payoff_blind_corrected")...)
	ps = append(ps, b.Rationale.validate(b.ids())...)
	if n := len(b.Cases); n < 2 || n > MaxOptions {
		ps = append(ps, fault.At("cases", "define.count", "min", 2, "max", MaxOptions, "n", n))
	}
	seen := map[string]bool{}
	for i, c := range b.Cases {
		at := fault.Index("cases", i)
		ps = append(ps, partID(at+".id", c.ID, seen)...)
		for _, p := range c.validate(b.TwoStage) {
			ps = append(ps, p.Under(at))
		}
	}
	ps = append(ps, b.validatePayoff()...)
	if len(ps) == 0 && b.blind() >= 1 { // the formula divides by what is left above it
		ps = append(ps, fault.At("cases", "ai_decision_series.one_action"))
	}
	return ps
}

func (c *decisionCase) validate(twoStage bool) []fault.Problem {
	ps := append(OptionalText("context", c.Context), RequireText("customer", c.Customer)...)
	ps = append(ps, RequireText("ai", c.AI.Text)...)
	ps = append(ps, OptionalText("why", c.Why)...)
	if !(c.AI.Confidence > 0 && c.AI.Confidence <= 1) {
		ps = append(ps, fault.At("ai.confidence", "ai_decision_series.confidence"))
	}
	ps = append(ps, validateParts("edits", c.Edits, 1)...)
	for i, e := range c.Edits {
		at := fault.Index("edits", i)
		if e.ID == doAccept { // it stands for the AI's own among the replies
			ps = append(ps, fault.At(at+".id", "ai_decision_series.reserved", "id", e.ID))
		}
		if twoStage && saySame(c.AI.Text, e.Text) {
			ps = append(ps, fault.At(at, "ai_decision_series.same_reply"))
		}
		if slices.ContainsFunc(c.Edits[:i], func(other Part) bool { return other.Text == e.Text || twoStage && saySame(other.Text, e.Text) }) {
			ps = append(ps, fault.At(at, "ai_decision_series.same_edit"))
		}
	}
	return append(ps, c.validateKey()...)
}

// saySame reports whether two texts cannot be told apart as replies.
func saySame(one, other text.Text) bool {
	return slices.ContainsFunc(text.Langs, func(l text.Lang) bool { return asReply(one.In(l)) == asReply(other.In(l)) })
}

func (c *decisionCase) validateKey() []fault.Problem {
	var ps []fault.Problem
	edits := partIDs(c.Edits)
	switch k := c.Key; {
	case !slices.Contains(adviceQualities, k.Quality):
		return []fault.Problem{fault.At("key.quality", "define.one_of", "got", k.Quality, "known", adviceQualities)}
	case k.Quality == adviceFixable && !slices.Contains(edits, k.Fix):
		ps = append(ps, fault.At("key.fix", "item.no_part", "id", k.Fix, "known", edits))
	case k.Quality != adviceFixable && k.Fix != "":
		ps = append(ps, fault.At("key.fix", "ai_decision_series.no_fix", "quality", k.Quality))
	}
	seen := map[string]bool{}
	for i, action := range c.Key.CriticalIf {
		at := fault.Index("key.critical_if", i)
		switch {
		case !slices.Contains(c.actions(), action):
			ps = append(ps, fault.At(at, "define.one_of", "got", action, "known", c.actions()))
		case action == c.best():
			ps = append(ps, fault.At(at, "ai_decision_series.critical_key", "action", action))
		default:
			ps = append(ps, partID(at, action, seen)...)
		}
	}
	return ps
}

// validatePayoff wants every quality's right action to be worth 1 and all others less, so that the key is the one best answer and scores 1, and nothing for no decision.
func (b *decisionSeries) validatePayoff() []fault.Problem {
	var ps []fault.Problem
	for _, quality := range slices.Sorted(maps.Keys(b.Scoring.Payoff)) {
		at := fault.Join("scoring.payoff", quality)
		standard, ok := payoffs[quality]
		if !ok {
			ps = append(ps, fault.At(at, "define.one_of", "got", quality, "known", adviceQualities))
			continue
		}
		columns := slices.Sorted(maps.Keys(standard))
		row := b.Scoring.Payoff[quality]
		for _, column := range slices.Sorted(maps.Keys(row)) {
			at, u := fault.Join(at, column), row[column]
			switch right, known := standard[column]; {
			case !known:
				ps = append(ps, fault.At(at, "define.one_of", "got", column, "known", columns))
			case !(u >= -1 && u <= 1):
				ps = append(ps, fault.At(at, "define.range", "min", -1, "max", 1))
			case (right == 1) != (u == 1):
				ps = append(ps, fault.At(at, "ai_decision_series.payoff"))
			case column == "none" && u > 0:
				ps = append(ps, fault.At(at, "ai_decision_series.payoff_none"))
			}
		}
	}
	return ps
}

// decks are the spaces of a case in a view, from the case's own shown id: its edits, and with two stages the replies among which the AI's stands as one of several. In the definition's ids a reply is named by what
// choosing it means.
func (c *decisionCase) decks(v View, shown string) (edits, replies Deck) {
	as := []string{doAccept}
	for _, e := range c.Edits {
		as = append(as, editPrefix+e.ID)
	}
	return v.Deal(shown+"e", partIDs(c.Edits)), v.Deal(shown+"r", as)
}

func (b *decisionSeries) Prompt(v View, a Answer) any {
	given, _ := a.(decisionAnswer)
	kept, _ := v.Kept(a).(decisionAnswer)
	p := DecisionPrompt{TwoStage: b.TwoStage}
	for i, card := range v.Count("c", b.ids()) {
		c := &b.Cases[i]
		s := DecisionCaseShown{ID: card.Shown, N: i + 1}
		if !v.IsBare() {
			s.Context, s.Customer = c.Context.In(v.Lang), c.Customer.In(v.Lang)
		}
		initial, locked := kept.Initial[c.ID]
		edits, replies := c.decks(v, card.Shown)
		if b.TwoStage && !locked && !v.All() {
			s.Replies = c.replies(v, replies, given.Initial[c.ID])
			s.Own = choiceOf(given.Initial[c.ID])
			p.Cases = append(p.Cases, s)
			continue
		}
		s.Open, s.AI, s.Percent = true, c.AI.Text.In(v.Lang), percent(c.AI.Confidence)
		s.Own, s.OwnReply = choiceOf(initial), c.reply(v.Lang, initial)
		s.Choice = choiceOf(given.Decisions[c.ID])
		for _, e := range edits {
			s.Edits = append(s.Edits, DecisionEdit{ID: e.Shown, Text: find(c.Edits, e.ID).Text.In(v.Lang), Of: s.AI, Chosen: given.Decisions[c.ID] == editPrefix+e.ID})
		}
		if n, ok := given.Confidence[c.ID]; ok {
			s.Sure = strconv.Itoa(n)
		}
		p.Cases = append(p.Cases, s)
	}
	return p
}

// replies are the AI's suggestion and the edits as if several people had written them.
func (c *decisionCase) replies(v View, d Deck, initial string) []DecisionReply {
	out := make([]DecisionReply, len(d))
	for i, card := range d {
		out[i] = DecisionReply{ID: card.Shown, Text: c.reply(v.Lang, card.ID), Chosen: card.ID == initial}
	}
	return out
}

// reply is the text of a reply by what choosing it means; empty where it means to write one's own, or to hand over.
func (c *decisionCase) reply(l text.Lang, action string) string {
	if action == doAccept {
		return asReply(c.AI.Text.In(l))
	}
	if id, ok := strings.CutPrefix(action, editPrefix); ok {
		return asReply(find(c.Edits, id).Text.In(l))
	}
	return ""
}

func (b *decisionSeries) Parse(v View, f Fields) (Answer, error) {
	known := []string{"decisions", "confidence"}
	if b.TwoStage {
		known = append(known, "initial")
	}
	r := read(f, known...)
	d := v.Count("c", b.ids())
	var a decisionAnswer
	a.Decisions = b.readActions(r, "decisions", v, d)
	if b.TwoStage {
		a.Initial = b.readActions(r, "initial", v, d)
	}
	if n := r.numbers("confidence", d, 0, 100); len(n) > 0 {
		a.Confidence = n
	}
	if err := r.err(); err != nil || a.isBlank() {
		return nil, err
	}
	return a, nil
}

// readActions reads what was done by case: accept, reject, escalate, edit:e2; before the AI's suggestion is known also a reply by its shown id. nil for none.
func (b *decisionSeries) readActions(r *reading, name string, v View, d Deck) map[string]string {
	var out map[string]string
	r.each(name, d, func(at, id, words string) {
		c := b.find(id)
		edits, replies := c.decks(v, d.Shown(id))
		action := words
		if shown, ok := strings.CutPrefix(words, editPrefix); ok {
			edit, known := edits.ID(shown)
			if action = editPrefix + edit; !known {
				action = ""
			}
		} else if reply, ok := replies.ID(words); ok && name == "initial" {
			action = reply
		}
		if !slices.Contains(c.actions(), action) {
			r.problem(at, "answer.unknown_option")
			return
		}
		if out == nil {
			out = map[string]string{}
		}
		out[id] = action
	})
	return out
}

// Advance keeps the first of what was decided before the AI's suggestion was shown, and the newest of what was decided after. A case that is not among what was sent stays as it was: its page may be an older one.
func (b *decisionSeries) Advance(v View, kept, sent Answer) (Answer, error) {
	was, _ := kept.(decisionAnswer)
	now, ok := sent.(decisionAnswer)
	switch {
	case !b.TwoStage:
		return sent, nil
	case !ok:
		return kept, nil
	}
	var ps []fault.Problem
	out := decisionAnswer{Initial: maps.Clone(now.Initial), Decisions: maps.Clone(was.Decisions), Confidence: maps.Clone(was.Confidence)}
	out.Initial = overlay(out.Initial, was.Initial)
	for i, card := range v.Count("c", b.ids()) {
		id := b.Cases[i].ID
		_, decided := now.Decisions[id]
		_, sure := now.Confidence[id]
		if _, locked := was.Initial[id]; !locked {
			if decided {
				ps = append(ps, fault.At(fieldPath("decisions", card.Shown), "ai_decision_series.too_early"))
			}
			if sure {
				ps = append(ps, fault.At(fieldPath("confidence", card.Shown), "ai_decision_series.too_early"))
			}
		} else if decided && !sure {
			delete(out.Confidence, id) // it was taken back
		}
	}
	if len(ps) > 0 {
		return nil, fault.Of(ps)
	}
	out.Decisions, out.Confidence = overlay(out.Decisions, now.Decisions), overlay(out.Confidence, now.Confidence)
	if len(out.Confidence) == 0 {
		out.Confidence = nil
	}
	return out, nil
}

// Steps are the own decisions, and in two stages the rest behind them.
func (b *decisionSeries) Steps(_ View, whole Answer) []Answer {
	a, ok := whole.(decisionAnswer)
	switch {
	case !ok:
		return nil
	case b.TwoStage && len(a.Decisions)+len(a.Confidence) > 0:
		return []Answer{decisionAnswer{Initial: a.Initial}, a}
	}
	return []Answer{a}
}

// overlay puts entries over those of a map; nil where there are none.
func overlay[V any](under, over map[string]V) map[string]V {
	if under == nil {
		return maps.Clone(over)
	}
	maps.Copy(under, over)
	return under
}

// Choices as pages number and as the keys 1 to 4 name them.
const (
	choiceAccept = iota + 1
	choiceEdit
	choiceReject
	choiceHandOver
)

// choiceOf is the number of an action, 0 for none.
func choiceOf(action string) int {
	switch {
	case action == doAccept:
		return choiceAccept
	case action == doReject:
		return choiceReject
	case action == doEscalate:
		return choiceHandOver
	case strings.HasPrefix(action, editPrefix):
		return choiceEdit
	}
	return 0
}

// DecisionPrompt is what a candidate sees: one case after another.
type DecisionPrompt struct {
	TwoStage bool
	Cases    []DecisionCaseShown
}

// DecisionCaseShown is a case with the answer so far. Until it is Open the AI's suggestion stands among the Replies, and nothing tells which it is.
type DecisionCaseShown struct {
	ID                string // c3
	N                 int    // from 1
	Context, Customer string
	Replies           []DecisionReply
	Own               int    // what was decided before it was open: 1 accept, 2 edit, 3 reject, 4 hand over; 0 none
	OwnReply          string // and the reply that was meant, if one was
	Open              bool
	AI                string
	Percent           int // how sure the AI says it is
	Edits             []DecisionEdit
	Choice            int    // what is done, numbered as in Own
	Sure              string // how sure the person is, 0..100; empty for not said
}

// Locked reports whether the own decision of a case with two stages has been kept.
func (c DecisionCaseShown) Locked() bool { return c.Open && c.Own > 0 }

// DecisionReply is one of several replies before the AI's is known.
type DecisionReply struct {
	ID     string
	Text   string
	Chosen bool
}

// DecisionEdit is a change that is offered, of the suggestion.
type DecisionEdit struct {
	ID     string
	Text   string
	Of     string `json:"-"`
	Chosen bool
}

// Diff is the suggestion with the change marked in it, where that can be told for certain; nil where only words tell.
func (e DecisionEdit) Diff() []DiffSpan { return markChange(e.Of, e.Text) }
