package item

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"leida/internal/fault"
	"leida/internal/text"
)

// watch is a clip of so many turns, with a window or without one; reasons are those of anyTiming.
func watch(id string, turns int, window ...int) timingClip {
	c := timingClip{ID: id, Why: same("因为" + id), Key: timingKey{Takeover: Words{neverTaken}}}
	for i := range turns {
		c.Turns = append(c.Turns, timingTurn{C: same(fmt.Sprintf("客 %s/%d", id, i+1)), B: same(fmt.Sprintf("答 %s/%d", id, i+1))})
	}
	if len(window) == 2 {
		c.Key = timingKey{Takeover: Words{strconv.Itoa(window[0]), strconv.Itoa(window[1])}, Reason: Words{"p0"}}
	}
	return c
}

// anyTiming is a sound item.
func anyTiming(t *rapid.T) *timing {
	b := &timing{Reasons: parts(rapid.IntRange(2, 5).Draw(t, "reasons"))}
	for i := range rapid.IntRange(2, 7).Draw(t, "clips") {
		turns := rapid.IntRange(2, 7).Draw(t, "turns")
		c := watch("c"+strconv.Itoa(i), turns)
		if rapid.IntRange(0, 2).Draw(t, "due") > 0 {
			from := rapid.IntRange(1, turns).Draw(t, "from")
			c = watch(c.ID, turns, from, rapid.IntRange(from, turns).Draw(t, "to"))
			c.Key.Reason = Words(some(t, "key", len(b.Reasons), 1))
			if rapid.Bool().Draw(t, "critical") {
				_, to, _ := c.span()
				c.Key.CriticalIfAfter = rapid.IntRange(to, turns).Draw(t, "after")
			}
		}
		b.Clips = append(b.Clips, c)
	}
	if rapid.Bool().Draw(t, "scoring") {
		early, late, share := rapid.Float64Range(1, 5).Draw(t, "early"), rapid.Float64Range(1, 5).Draw(t, "late"), rapid.Float64Range(0, 1).Draw(t, "share")
		b.Scoring = timingScoring{GraceEarly: &early, GraceLate: &late, ReasonShare: &share}
	}
	if len(b.Validate()) > 0 {
		t.Skip()
	}
	return b
}

// anyChoice is what somebody may have done about a clip.
func (b *timing) anyChoice(t *rapid.T, c timingClip) timingChoice {
	choice := timingChoice{Turn: moment(rapid.IntRange(-1, len(c.Turns)).Draw(t, "turn"))}
	if choice.Turn != never && rapid.Bool().Draw(t, "why") {
		choice.Reason = rapid.SampledFrom(partIDs(b.Reasons)).Draw(t, "reason")
	}
	return choice
}

func (b *timing) anyAnswer(t *rapid.T) timingAnswer {
	a := timingAnswer{Clips: map[string]timingChoice{}}
	for _, c := range b.Clips {
		if choice := b.anyChoice(t, c); choice != (timingChoice{}) {
			a.Clips[c.ID] = choice
		}
	}
	return a
}

func TestTimingFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyTiming(t)
		a := b.anyAnswer(t)
		early, late, share := 2.0, 2.0, 0.3
		if b.Scoring.GraceEarly != nil {
			early, late, share = *b.Scoring.GraceEarly, *b.Scoring.GraceLate, *b.Scoring.ReasonShare
		}
		credit := func(c timingClip, t int) float64 { // t 0 is never
			if len(c.Key.Takeover) == 1 {
				return map[bool]float64{true: 1}[t == 0]
			}
			o, _ := strconv.Atoi(c.Key.Takeover[0])
			last, _ := strconv.Atoi(c.Key.Takeover[1])
			switch {
			case t == 0:
				return 0
			case t < o:
				return max(0, 1-float64(o-t)/early)
			case t > last:
				return max(0, 1-float64(t-last)/late)
			}
			return 1
		}
		mean, g := 0.0, 0.0
		for k := range 8 {
			sum := 0.0
			for _, c := range b.Clips {
				if k > len(c.Turns) {
					sum += credit(c, 0)
				} else {
					sum += credit(c, k)
				}
			}
			g = max(g, sum/float64(len(b.Clips)))
		}
		for _, c := range b.Clips {
			choice := a.Clips[c.ID]
			if choice.Turn == undecided {
				continue
			}
			x := credit(c, max(0, int(choice.Turn)))
			if len(c.Key.Takeover) == 2 && !slices.Contains(c.Key.Reason, choice.Reason) {
				x *= 1 - share
			}
			mean += x / float64(len(b.Clips))
		}
		if got, want := score(t, b, a), max(0, (mean-g)/(1-g)); !near(got, want) {
			t.Errorf("%+v scores %g, want %g", a, got, want)
		}
	})
}

func TestTimingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyTiming(t)
		if got := score(t, b, b.keyAnswer()); !near(got, 1) {
			t.Fatalf("the key scores %g", got)
		}
		if r, _ := b.Score(Response{Answer: b.keyAnswer()}); len(r.Critical) > 0 || r.Detail.(timingDetail).commonest() != timingRight {
			t.Fatalf("the key makes errors: %+v", r)
		}
		for turn := range 9 {
			for _, r := range b.Reasons {
				if got := score(t, b, b.always(turn, r.ID)); got > 1e-9 {
					t.Fatalf("always turn %d for %s scores %g", turn, r.ID, got)
				}
			}
		}
		// a wrong element replaced by the key never lowers the score, nor does it make an error critical
		a := b.anyAnswer(t)
		before, _ := b.Score(Response{Answer: a})
		c := rapid.SampledFrom(b.Clips).Draw(t, "put right")
		a.Clips[c.ID] = b.keyAnswer().Clips[c.ID]
		after, _ := b.Score(Response{Answer: a})
		if after.Score < before.Score-1e-12 || slices.Contains(after.Critical, c.ID) {
			t.Fatalf("%s put right: %+v, then %+v", c.ID, before, after)
		}
		// the order of what is defined does not matter
		other := *b
		other.Clips, other.Reasons = slices.Clone(b.Clips), slices.Clone(b.Reasons)
		slices.Reverse(other.Clips)
		slices.Reverse(other.Reasons)
		if got := score(t, &other, a); !near(got, after.Score) {
			t.Fatalf("%g, and %g the other way round", after.Score, got)
		}
	})
}

// A clip that nobody decided about earns nothing, also where nothing was to be done, and is no critical error.
func TestTimingUndecided(t *testing.T) {
	b := &timing{Reasons: parts(2), Clips: []timingClip{watch("a", 3), watch("b", 3, 2, 2), watch("c", 3, 3, 3)}}
	b.Clips[1].Key.CriticalIfAfter = 2
	part := timingAnswer{Clips: map[string]timingChoice{"b": {Turn: 2, Reason: "p0"}, "c": {Turn: 3, Reason: "p0"}}}
	r, err := b.Score(Response{Answer: part})
	if d := r.Detail.(timingDetail); err != nil || !near(d.Mean, 2.0/3) || d.Undecided != 1 || d.Needless+d.Missed > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, _ = b.Score(Response{Answer: timingAnswer{Clips: map[string]timingChoice{"b": {Reason: "p0"}}}}); r.Critical != nil || r.Score != 0 {
		t.Errorf("a reason in mind: %+v", r)
	}
	for turn, want := range map[moment]bool{1: false, 2: false, 3: true, never: true} {
		r, _ := b.Score(Response{Answer: timingAnswer{Clips: map[string]timingChoice{"b": {Turn: turn, Reason: "p0"}}}})
		if got := slices.Contains(r.Critical, "b"); got != want {
			t.Errorf("turn %d: critical %v", turn, r.Critical)
		}
	}
}

func TestTimingFigures(t *testing.T) {
	b := &timing{Reasons: parts(2), Clips: []timingClip{watch("a", 6), watch("b", 6, 1, 1), watch("c", 6, 3, 3), watch("d", 6, 5, 5), watch("e", 6), watch("f", 6, 2, 2)}}
	key := b.keyAnswer()
	late := b.keyAnswer()
	late.Clips["c"] = timingChoice{Turn: 4, Reason: "p0"}
	wrong := b.keyAnswer()
	wrong.Clips["c"] = timingChoice{Turn: 3, Reason: "p1"}
	for _, tt := range []struct {
		name string
		a    Answer
		want float64
	}{
		{"key", key, 1},
		{"one clip one turn late", late, 0.875}, // MEASUREMENT 4.9
		{"one wrong reason", wrong, 0.925},
		{"blank", nil, 0},
		{"never", b.always(0, ""), 0},
	} {
		if got := score(t, b, tt.a); !near(got, tt.want) {
			t.Errorf("%s: %g, want %g", tt.name, got, tt.want)
		}
	}
	// whoever waits for a turn that short clips do not have takes those over never
	b.Clips[0] = watch("a", 2)
	b.Clips[4] = watch("e", 2)
	if got := b.blind(); !near(got, 3.5/6) {
		t.Errorf("waiting until turn 3 earns %g", got)
	}
}

func TestTimingValidate(t *testing.T) {
	sound := func(change func(b *timing)) *timing {
		b := &timing{Reasons: parts(2), Clips: []timingClip{watch("a", 3), watch("b", 3, 2, 3)}}
		change(b)
		return b
	}
	for _, tt := range []struct {
		name   string
		change func(b *timing)
		want   string
	}{
		{"sound", func(b *timing) {}, ""},
		{"one reason", func(b *timing) { b.Reasons = parts(1) }, "reasons define.count"},
		{"a reason twice", func(b *timing) { b.Reasons[1].ID = "p0" }, "reasons[1].id define.repeated"},
		{"one clip", func(b *timing) { b.Clips = b.Clips[1:] }, "clips define.count"},
		{"too many clips", func(b *timing) {
			for i := range MaxClips {
				b.Clips = append(b.Clips, watch("x"+strconv.Itoa(i), 3))
			}
		}, "clips define.count"},
		{"a clip twice", func(b *timing) { b.Clips[1].ID = "a" }, "clips[1].id define.repeated"},
		{"no id", func(b *timing) { b.Clips[1].ID = "" }, "clips[1].id define.required"},
		{"one turn", func(b *timing) { b.Clips[0].Turns = b.Clips[0].Turns[:1] }, "clips[0].turns define.count"},
		{"too many turns", func(b *timing) { b.Clips[0] = watch("a", MaxTurns+1) }, "clips[0].turns define.count"},
		{"silence", func(b *timing) { b.Clips[0].Turns[2].B = text.Text{EN: "x"} }, "clips[0].turns[2].b.zh define.required"},
		{"no customer", func(b *timing) { b.Clips[0].Turns[0].C = text.Text{} }, "clips[0].turns[0].c.zh define.required"},
		{"no key", func(b *timing) { b.Clips[0].Key = timingKey{} }, "clips[0].key.takeover timing.window"},
		{"one number", func(b *timing) { b.Clips[1].Key.Takeover = Words{"2"} }, "clips[1].key.takeover timing.window"},
		{"three numbers", func(b *timing) { b.Clips[1].Key.Takeover = Words{"1", "2", "3"} }, "clips[1].key.takeover timing.window"},
		{"a word", func(b *timing) { b.Clips[1].Key.Takeover = Words{"2", "never"} }, "clips[1].key.takeover timing.window"},
		{"backwards", func(b *timing) { b.Clips[1].Key.Takeover = Words{"3", "2"} }, "clips[1].key.takeover timing.window"},
		{"before the first", func(b *timing) { b.Clips[1].Key.Takeover = Words{"0", "2"} }, "clips[1].key.takeover timing.window"},
		{"behind the last", func(b *timing) { b.Clips[1].Key.Takeover = Words{"2", "4"} }, "clips[1].key.takeover timing.window"},
		{"no reason", func(b *timing) { b.Clips[1].Key.Reason = nil }, "clips[1].key.reason define.required"},
		{"no such reason", func(b *timing) { b.Clips[1].Key.Reason = Words{"p0", "z"} }, "clips[1].key.reason[1] item.no_part"},
		{"a reason twice in the key", func(b *timing) { b.Clips[1].Key.Reason = Words{"p0", "p0"} }, "clips[1].key.reason[1] define.repeated"},
		{"never with a reason", func(b *timing) { b.Clips[0].Key.Reason = Words{"p0"} }, "clips[0].key.reason timing.never_has_none"},
		{"never critical", func(b *timing) { b.Clips[0].Key.CriticalIfAfter = 2 }, "clips[0].key.critical_if_after timing.never_has_none"},
		{"critical in the window", func(b *timing) { b.Clips[1].Key.CriticalIfAfter = 2 }, "clips[1].key.critical_if_after define.whole"},
		{"critical behind the last", func(b *timing) { b.Clips[1].Key.CriticalIfAfter = 4 }, "clips[1].key.critical_if_after define.whole"},
		{"critical at the end", func(b *timing) { b.Clips[1].Key.CriticalIfAfter = 3 }, ""},
		{"nothing is due", func(b *timing) { b.Clips[1] = watch("b", 3) }, "clips timing.one_moment"},
		{"always the same turn", func(b *timing) { b.Clips[0] = watch("a", 4, 3, 4) }, "clips timing.one_moment"},
		{"another method", func(b *timing) { b.Scoring.Method = "guess" }, "scoring.method item.method"},
		{"no grace", func(b *timing) { none := 0.0; b.Scoring.GraceEarly, b.Scoring.GraceLate = &none, &none }, "scoring.grace_early define.range, scoring.grace_late define.range"},
		{"more than all", func(b *timing) { more := 1.01; b.Scoring.ReasonShare = &more }, "scoring.reason_share define.range"},
		{"feedback of nothing", func(b *timing) { b.Feedback = map[string]text.Text{"z": same("x")} }, "feedback.z item.no_part"},
		{"half a rationale", func(b *timing) { b.Clips[0].Why = text.Text{EN: "x"} }, "clips[0].why.zh define.required"},
	} {
		t.Run(tt.name, func(t *testing.T) { wantSaid(t, sound(tt.change).Validate(), tt.want) })
	}
}

func TestTimingLint(t *testing.T) {
	fine := func(change func(b *timing)) *timing {
		b := &timing{Reasons: parts(3), Clips: []timingClip{watch("a", 6), watch("b", 6, 1, 1), watch("c", 6, 3, 3), watch("d", 6, 5, 5), watch("e", 6), watch("f", 6, 2, 2)}}
		b.Clips[0].Turns[1].C = same("怎么还没到！")
		b.Clips[5].Turns[0].C = same("到底来不来？？")
		change(b)
		return b
	}
	for _, tt := range []struct {
		name   string
		change func(b *timing)
		want   string
	}{
		{"fine", func(b *timing) {}, ""},
		{"unsound", func(b *timing) { b.Reasons = nil }, ""},
		{"few", func(b *timing) { b.Clips = b.Clips[:4] }, "clips timing.few"},
		{"all are due", func(b *timing) { b.Clips[0], b.Clips[4] = watch("a", 6, 6, 6), watch("e", 6, 4, 4) }, "clips timing.never_share, clips timing.no_rough_never"},
		{"half are due", func(b *timing) { b.Clips[5] = watch("f", 6); b.Clips[1].Turns[0].C = same("！") }, "clips timing.blind, clips timing.never_share"},
		{"short", func(b *timing) { b.Clips[4] = watch("e", 4) }, "clips[4].turns timing.never_short"},
		{"no rough one", func(b *timing) { b.Clips[0] = watch("a", 6) }, "clips timing.no_rough_never"},
		{"none is calm", func(b *timing) {
			for _, i := range []int{1, 2, 3, 5} {
				b.Clips[i].Turns[0].C = text.Text{ZH: "喂", EN: "Hey!"}
			}
		}, "clips timing.no_calm_due"},
		{"tone tells", func(b *timing) {
			b.Clips[0], b.Clips[5] = watch("a", 6), watch("f", 6, 2, 2)
			for _, at := range [][2]int{{1, 0}, {2, 2}, {3, 4}, {5, 1}} {
				b.Clips[at[0]].Turns[at[1]].C = same("喂！")
			}
		}, "clips timing.by_tone, clips timing.no_calm_due, clips timing.no_rough_never"},
		{"no rationale", func(b *timing) { b.Clips[2].Why = text.Text{} }, "clips[2].why item.no_why"},
		{"a rationale as feedback", func(b *timing) {
			b.Clips[2].Why, b.Feedback = text.Text{}, map[string]text.Text{"c": same("因为")}
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) { wantSaid(t, fine(tt.change).Lint(), tt.want) })
	}
}

func TestRoughLines(t *testing.T) {
	for line, want := range map[string]bool{"喂！": true, "Hey!": true, "在哪？？": true, "where??": true, "啊？!": true, "？ ？": false, "在哪？": false, "": false, "……": false} {
		if isRough(line) != want {
			t.Errorf("%q: %v", line, !want)
		}
	}
}

func TestTimingParse(t *testing.T) {
	b := &timing{Reasons: parts(2), Clips: []timingClip{watch("a", 3), watch("b", 4, 2, 3)}}
	for _, tt := range []struct{ raw, stored, refused string }{
		{`{"clips":{"a":{"turn":null},"b":{"turn":3,"reason":"p1"}}}`, `{"clips":{"a":{"turn":null},"b":{"turn":3,"reason":"p1"}}}`, ""},
		{`{"clips":{"a":{"turn":null,"reason":null},"b":{"turn":"none","reason":"p1"}}}`, `{"clips":{"a":{"turn":null},"b":{"turn":null}}}`, ""},
		{`{"clips":{"a":{"turn":"３"}}}`, `{"clips":{"a":{"turn":3}}}`, ""},
		{`{"clips":{"a":{"turn":"","reason":"p0"}}}`, `{"clips":{"a":{"reason":"p0"}}}`, ""},
		{`{"clips":{"a":{"turn":""},"b":{}}}`, `null`, ""},
		{`{"clips":null,"seen":null}`, `null`, ""},
		{`{"seen":{"a":2,"b":5}}`, `{"clips":{},"seen":{"a":2,"b":5}}`, ""},
		{`{"seen":{"a":31},"clips":{"a":{"turn":30}}}`, `{"clips":{"a":{"turn":30}},"seen":{"a":31}}`, ""}, // whether it has been shown is for Advance to say
		{`{"seen":{"a":32}}`, "", "seen[a] define.whole"},
		{`{"seen":{"a":0}}`, "", "seen[a] define.whole"},
		{`{"clips":{"a":{"turn":31}}}`, "", "clips[a][turn] timing.moment"},
		{`{"clips":{"a":{"turn":0}}}`, "", "clips[a][turn] timing.moment"},
		{`{"clips":{"a":{"turn":-1}}}`, "", "clips[a][turn] timing.moment"},
		{`{"clips":{"a":{"turn":"never"}}}`, "", "clips[a][turn] timing.moment"},
		{`{"clips":{"a":{"turn":{"x":1}}}}`, "", "clips[a][turn] answer.one_value"},
		{`{"clips":{"a":{"reason":"z"}}}`, "", "clips[a][reason] answer.unknown_option"},
		{`{"clips":{"a":{"when":1}}}`, "", "clips[a][when] answer.unknown_field"},
		{`{"clips":{"z":{"turn":1}}}`, "", "clips[z] answer.unknown_option"},
		{`{"clips":{"a":3}}`, "", "clips[a] answer.by_part"},
		{`{"clips":["a"]}`, "", "clips answer.by_part"},
	} {
		f, err := JSONFields([]byte(tt.raw))
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Parse(Plain(text.ZH), f)
		if tt.refused != "" {
			if e := fault.As(err); e == nil {
				t.Errorf("%s: taken", tt.raw)
			} else {
				wantSaid(t, e.Problems, tt.refused)
			}
			continue
		}
		if raw, _ := json.Marshal(a); err != nil || string(raw) != tt.stored {
			t.Errorf("%s: %s, %v, want %s", tt.raw, raw, err, tt.stored)
		}
	}
}

// sent are messages as the page of a sitting sends them, in its own ids, one after another.
type timingSitting struct {
	b    *timing
	v    View
	kept Answer
}

func (s *timingSitting) send(t interface{ Fatal(...any) }, raw string) string {
	f, err := JSONFields([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.b.Parse(s.v, f)
	if err == nil {
		if kept, refused := s.b.Advance(s.v, s.kept, a); refused != nil {
			err = refused
		} else {
			s.kept = kept
		}
	}
	if err != nil {
		return said(fault.As(err).Problems)
	}
	return ""
}

// at says where the person is: k2 turn 3, and what is decided.
func (s *timingSitting) at() string {
	p := s.b.Prompt(s.v, s.kept).(TimingPrompt)
	var out []string
	for _, d := range p.Decided {
		out = append(out, fmt.Sprintf("%d@%d", d.N, d.Turn))
	}
	for _, c := range p.Clips {
		at := fmt.Sprintf("%s turn %d", c.ID, c.Now)
		if c.Taken > 0 {
			at += " why?"
		}
		out = append(out, at)
	}
	return strings.Join(out, ", ")
}

func TestTimingStepByStep(t *testing.T) {
	b := &timing{Reasons: parts(2), Clips: []timingClip{watch("canary-a", 3), watch("canary-b", 3, 2, 3), watch("canary-c", 3)}}
	s := &timingSitting{b: b, v: Seen(text.ZH, 5)}
	for _, step := range []struct{ send, refused, at string }{
		{`{}`, "", "k1 turn 1"},
		{`{"seen":{"k1":1}}`, "", "k1 turn 1"},
		{`{"seen":{"k1":3}}`, "seen[k1] timing.passed_over", "k1 turn 1"},
		{`{"seen":{"k2":2}}`, "seen[k2] timing.not_begun", "k1 turn 1"},
		{`{"clips":{"k3":{"turn":1,"reason":"r1"}}}`, "clips[k3] timing.not_begun", "k1 turn 1"},
		{`{"clips":{"k1":{"turn":2,"reason":"r1"}}}`, "clips[k1][turn] timing.not_shown", "k1 turn 1"},
		{`{"clips":{"k1":{"turn":4,"reason":"r1"}}}`, "clips[k1][turn] timing.not_shown", "k1 turn 1"}, // there is no such turn, which nobody learns
		{`{"clips":{"k1":{"turn":null}}}`, "clips[k1][turn] timing.goes_on", "k1 turn 1"},
		{`{"clips":{"k1":{"reason":"r2"}}}`, "", "k1 turn 1"},                                            // a reason in mind
		{`{"seen":{"k1":2},"clips":{"k1":{"reason":"r2"}}}`, "", "k1 turn 2"},                            // keep watching
		{`{"seen":{"k1":2}}`, "", "k1 turn 2"},                                                           // the same again
		{`{"clips":{"k1":{"turn":1,"reason":"r1"}}}`, "clips[k1][turn] timing.passed", "k1 turn 2"},      // no way back
		{`{"seen":{"k1":3},"clips":{"k1":{"turn":3}}}`, "clips[k1][turn] timing.not_shown", "k1 turn 2"}, // a decision about what is yet to be shown
		{`{"seen":{"k1":3}}`, "", "k1 turn 3"},
		{`{"seen":{"k1":5}}`, "seen[k1] timing.passed_over", "k1 turn 3"},
		{`{"seen":{"k1":4}}`, "", "1@0, k2 turn 1"}, // watched to the end
		{`{"seen":{"k1":4}}`, "", "1@0, k2 turn 1"},
		{`{"clips":{"k1":{"turn":3,"reason":"r1"}}}`, "", "1@0, k2 turn 1"}, // an older page: what was decided stands
		{`{"clips":{"k2":{"turn":1}}}`, "", "1@0, k2 turn 1 why?"},
		{`{"seen":{"k2":2}}`, "", "1@0, k2 turn 1 why?"},
		{`{"clips":{"k2":{"reason":"r1"}}}`, "", "1@0, k2 turn 1 why?"}, // chosen, but not said yet
		{`{"clips":{"k3":{"turn":1}}}`, "clips[k3] timing.not_begun", "1@0, k2 turn 1 why?"},
		{`{"clips":{"k2":{"turn":1,"reason":"r1"}}}`, "", "1@0, 2@1, k3 turn 1"},
		{`{"clips":{"k2":{"turn":1,"reason":"r2"}}}`, "", "1@0, 2@1, k3 turn 1"}, // not another one
		{`{"clips":{"k3":{"reason":"r2"}}}`, "", "1@0, 2@1, k3 turn 1"},
		{`{"clips":{"k3":{"turn":1}}}`, "", "1@0, 2@1, 3@1"}, // for the reason that was in mind
		{`{"seen":{"k3":2}}`, "", "1@0, 2@1, 3@1"},
		{`{}`, "", "1@0, 2@1, 3@1"},
	} {
		if got := s.send(t, step.send); got != step.refused {
			t.Errorf("%s: %q, want %q", step.send, got, step.refused)
		}
		if got := s.at(); got != step.at {
			t.Fatalf("after %s at %q, want %q", step.send, got, step.at)
		}
	}
	reasons := s.v.Deal("r", partIDs(b.Reasons))
	d := s.v.Deal("k", b.clipIDs())
	a := s.kept.(timingAnswer)
	for i, want := range []string{"", reasons[0].ID, reasons[1].ID} {
		if got := a.Clips[d[i].ID].Reason; got != want {
			t.Errorf("clip %d has the reason %q, want %q", i+1, got, want)
		}
	}
	for i, want := range []int{3, 1, 1} {
		if got := a.Seen[d[i].ID]; got != want {
			t.Errorf("%d turns of clip %d were seen, want %d", got, i+1, want)
		}
	}
}

// Nobody learns how many turns are still to come: whatever turn is named of a clip that is not shown, or beyond what is shown, the answer is the same.
func TestTimingLengthIsNotTold(t *testing.T) {
	b := &timing{Reasons: parts(2), Clips: []timingClip{watch("a", 3), watch("b", 5, 2, 3), watch("c", 4), watch("d", 2)}}
	s := &timingSitting{b: b, v: Seen(text.ZH, 5)}
	for _, send := range []string{`{}`, `{"clips":{"k1":{"turn":1,"reason":"r1"}}}`, `{"seen":{"k2":2}}`} {
		if got := s.send(t, send); got != "" {
			t.Fatal(send, got)
		}
	}
	kept := s.kept
	for _, tt := range []struct {
		send     string
		from, to int
		want     string
	}{
		{`{"clips":{"k1":{"turn":%d}}}`, 1, MaxTurns, ""}, // settled
		{`{"seen":{"k1":%d}}`, 1, MaxTurns + 1, ""},
		{`{"clips":{"k2":{"turn":%d}}}`, 3, MaxTurns, "clips[k2][turn] timing.not_shown"},
		{`{"clips":{"k2":{"turn":%d,"reason":"r1"}}}`, 3, MaxTurns, "clips[k2][turn] timing.not_shown"},
		{`{"seen":{"k2":%d}}`, 4, MaxTurns + 1, "seen[k2] timing.passed_over"},
		{`{"clips":{"k3":{"turn":%d}}}`, 1, MaxTurns, "clips[k3] timing.not_begun"},
		{`{"clips":{"k4":{"turn":%d,"reason":"r1"}}}`, 1, MaxTurns, "clips[k4] timing.not_begun"},
		{`{"seen":{"k3":%d}}`, 1, MaxTurns + 1, "seen[k3] timing.not_begun"},
		{`{"seen":{"k4":%d}}`, 1, MaxTurns + 1, "seen[k4] timing.not_begun"},
	} {
		for n := tt.from; n <= tt.to; n++ {
			send := fmt.Sprintf(tt.send, n)
			if got := s.send(t, send); got != tt.want {
				t.Errorf("%s: %q, want %q", send, got, tt.want)
			}
			s.kept = kept
		}
	}
}

// A turn that a clip has not is too late for it, and nothing more.
func TestTimingBeyondTheEnd(t *testing.T) {
	b := &timing{Reasons: parts(2), Clips: []timingClip{watch("a", 3), watch("b", 3, 2, 2)}}
	a := timingAnswer{Clips: map[string]timingChoice{"a": {Turn: MaxTurns, Reason: "p0"}, "b": {Turn: MaxTurns, Reason: "p0"}}}
	r, err := b.Score(Response{Answer: a})
	if d := r.Detail.(timingDetail); err != nil || r.Score != 0 || d.Needless != 1 || d.Late != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, c := range b.Explain(Plain(text.ZH), a).(TimingExplained).Clips {
		c.Timeline()
	}
}

// Whatever is sent: one step at most, nothing that was decided changes, nothing shown before its time, and no id of the definition told.
func TestTimingNothingPassedOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyTiming(t)
		s := &timingSitting{b: b, v: Seen(text.EN, rapid.Uint64().Draw(t, "seed"))}
		d := s.v.Deal("k", b.clipIDs())
		for range rapid.IntRange(1, 40).Draw(t, "messages") {
			was, _ := s.kept.(timingAnswer)
			sent := map[string]map[string]any{"seen": {}, "clips": {}}
			at, _ := b.current(d, was)
			for range rapid.IntRange(0, 2).Draw(t, "fields") {
				card := rapid.SampledFrom(append(slices.Clone(d), at, at, at)).Draw(t, "clip")
				if card.ID == "" {
					continue
				}
				if n := was.shown(card.ID) + rapid.IntRange(-1, 2).Draw(t, "ahead"); rapid.Bool().Draw(t, "watch") {
					sent["seen"][card.Shown] = n
				} else {
					sent["clips"][card.Shown] = map[string]any{
						"turn":   rapid.SampledFrom([]any{nil, "", n, n}).Draw(t, "turn"),
						"reason": rapid.SampledFrom([]any{nil, "r1", "r2"}).Draw(t, "reason"),
					}
				}
			}
			raw, _ := json.Marshal(sent)
			refused := s.send(t, string(raw))
			now, _ := s.kept.(timingAnswer)
			if refused != "" && fmt.Sprint(now) != fmt.Sprint(was) {
				t.Fatalf("%s was refused (%s) and changes %v to %v", raw, refused, was, now)
			}
			for _, c := range b.Clips {
				if strings.Contains(refused, c.ID) {
					t.Fatalf("%s tells an id: %s", raw, refused)
				}
			}
			b.checkStep(t, d, at, was, now)
			s.checkShown(t, now)
			if again := s.kept; s.send(t, string(raw)) == "" && refused == "" && at.ID != "" && fmt.Sprint(again) != fmt.Sprint(s.kept) {
				t.Fatalf("%s, sent twice, makes %v of %v", raw, s.kept, again)
			}
		}
	})
}

func (b *timing) checkStep(t *rapid.T, d Deck, at Card, was, now timingAnswer) {
	for _, card := range d {
		old, got := was.Clips[card.ID], now.Clips[card.ID]
		switch {
		case card == at:
			if steps := now.shown(card.ID) - was.shown(card.ID); steps < 0 || steps > 1 || steps == 1 && got.Turn != undecided {
				t.Fatalf("%d steps in one, and %v decided", steps, got)
			}
			if old.Turn != undecided && (got.Turn != old.Turn || old.Reason != "" && got.Reason != old.Reason) {
				t.Fatalf("%v became %v", old, got)
			}
			if got.Turn > 0 && int(got.Turn) != was.shown(card.ID) || got.Turn == never && was.shown(card.ID) != len(b.clip(card.ID).Turns) {
				t.Fatalf("decided %v with %d turns shown", got, was.shown(card.ID))
			}
		case old != got:
			t.Fatalf("%v became %v in a clip that is not shown", old, got)
		}
	}
}

// checkShown asks that what is shown is what has been seen, of the first clip that is not settled.
func (s *timingSitting) checkShown(t *rapid.T, now timingAnswer) {
	raw, _ := json.Marshal(s.b.Prompt(s.v, s.kept))
	at, open := s.b.current(s.v.Deal("k", s.b.clipIDs()), now)
	for _, c := range s.b.Clips {
		for i, turn := range c.Turns {
			seen := open && c.ID == at.ID && i < now.shown(c.ID)
			for _, line := range []string{turn.C.EN, turn.B.EN} {
				if strings.Contains(string(raw), `"`+line+`"`) != seen {
					t.Fatalf("%q shown: %v, in %s", line, !seen, raw)
				}
			}
		}
	}
	// and what was typed, but not taken, shows no more
	typed := s.b.keyAnswer()
	typed.Seen = map[string]int{at.ID: MaxTurns}
	p, kept := s.b.Prompt(s.v.Keeping(s.kept), typed).(TimingPrompt), s.b.Prompt(s.v, s.kept).(TimingPrompt)
	if fmt.Sprint(p.Clips, p.Decided) != fmt.Sprint(kept.Clips, kept.Decided) {
		t.Fatalf("what was typed shows %+v", p)
	}
}

func TestTimingExplain(t *testing.T) {
	b := &timing{Reasons: parts(3), Clips: []timingClip{watch("a", 4), watch("b", 6, 2, 3), watch("c", 4, 3, 3), watch("d", 4, 1, 1), watch("e", 4)}}
	b.Clips[1].Key.CriticalIfAfter = 4
	b.Feedback = map[string]text.Text{"p2": same("从来不是")}
	a := timingAnswer{Clips: map[string]timingChoice{"a": {Turn: 2, Reason: "p2"}, "b": {Turn: 5, Reason: "p0"}, "c": {Turn: 3, Reason: "p1"}, "e": {Turn: never}}}
	e := b.Explain(Plain(text.ZH), a).(TimingExplained)
	var verdicts []string
	for _, c := range e.Clips {
		verdicts = append(verdicts, c.Verdict)
	}
	if got := strings.Join(verdicts, " "); got != "needless late reason undecided right" {
		t.Errorf("verdicts %s", got)
	}
	if e.Right != 1 || e.Needless != 1 || e.Late != 1 || e.Reason != 1 || e.Undecided != 1 || e.Missed+e.Early != 0 || e.Critical != 1 || e.Remember != timingLate {
		t.Errorf("%+v", e)
	}
	if c := e.Clips[1]; !c.Critical || c.After != 4 || c.From != 2 || c.To != 3 || c.Own != 5 || c.Points != 0 || !c.ReasonRight || len(c.Cue()) != 1 || c.Cue()[0].Customer != "客 b/2" {
		t.Errorf("%+v", c)
	}
	if c := e.Clips[0]; c.OwnReason != "文2" || c.OwnReasonWhy != "从来不是" || c.Cue() != nil || c.Why != "因为a" {
		t.Errorf("%+v", c)
	}
	if c := e.Clips[2]; c.Points != 70 || c.ReasonRight || c.Reasons[0] != "文0" {
		t.Errorf("%+v", c)
	}
	blank := b.Explain(Seen(text.EN, 3), nil).(TimingExplained)
	if blank.Undecided != 5 || blank.Remember != timingUndecided || blank.Critical != 0 {
		t.Errorf("%+v", blank)
	}
	for _, x := range []struct {
		d    timingDetail
		want string
	}{
		{timingDetail{}, timingRight},
		{timingDetail{Missed: 1, Late: 1, Needless: 1, Early: 1, Reason: 1}, timingMissed},
		{timingDetail{Missed: 1, Needless: 2, Early: 2}, timingNeedless},
		{timingDetail{Early: 2, Reason: 2}, timingEarly},
	} {
		if got := x.d.commonest(); got != x.want {
			t.Errorf("of %+v %s is remembered, want %s", x.d, got, x.want)
		}
	}
}

func TestTimingTimeline(t *testing.T) {
	b := &timing{Reasons: parts(2), Clips: []timingClip{watch("a", 4), watch("b", 6, 2, 3)}}
	b.Clips[1].Key.CriticalIfAfter = 4
	lines := func(a Answer) (one, other TimelineDrawn) {
		e := b.Explain(Plain(text.ZH), a).(TimingExplained)
		return e.Clips[0].Timeline(), e.Clips[1].Timeline()
	}
	one, other := lines(timingAnswer{Clips: map[string]timingChoice{"a": {Turn: never}, "b": {Turn: 3, Reason: "p0"}}})
	if len(one.Dots) != 4 || one.WindowWidth != 0 || one.Own != 0 || one.Never <= one.Last || one.Limit != 0 {
		t.Errorf("%+v", one)
	}
	if other.Own != other.Dots[2].X || other.Never != 0 || !(other.Dots[3].X < other.Limit && other.Limit < other.Dots[4].X) {
		t.Errorf("%+v", other)
	}
	if !(other.Dots[0].X < other.Window && other.Window < other.Dots[1].X && other.Window+other.WindowWidth > other.Dots[2].X && other.Window+other.WindowWidth < other.Dots[3].X) {
		t.Errorf("the window stands from %d on %d wide", other.Window, other.WindowWidth)
	}
	for i, dot := range other.Dots {
		if dot.X != one.Dots[min(i, 3)].X && i < 4 || dot.Due != (i == 1 || i == 2) || dot.Unseen != (i > 2) || dot.X > other.Width {
			t.Errorf("turn %d: %+v", i+1, dot)
		}
	}
	if one, _ = lines(nil); one.Never != 0 || one.Own != 0 {
		t.Errorf("nothing was decided, and %+v is drawn", one)
	}
}

// The errors that are imitated are all kinds of errors, and who reads reasonably well earns something.
func TestTimingImitate(t *testing.T) {
	b := &timing{Reasons: parts(4), Clips: []timingClip{watch("a", 6), watch("b", 6, 1, 1), watch("c", 6, 3, 3), watch("d", 6, 5, 5), watch("e", 6), watch("f", 6, 2, 2)}}
	r := rand.New(rand.NewPCG(1, 2))
	var all timingDetail
	for range 300 {
		res, err := b.Score(Response{Answer: b.Imitate(0.5, r)})
		d := res.Detail.(timingDetail)
		if err != nil || d.Undecided > 0 {
			t.Fatalf("%+v, %v", res, err)
		}
		all.Missed, all.Needless, all.Early, all.Late, all.Reason = all.Missed+d.Missed, all.Needless+d.Needless, all.Early+d.Early, all.Late+d.Late, all.Reason+d.Reason
	}
	for name, n := range map[string]int{"missed": all.Missed, "needless": all.Needless, "early": all.Early, "late": all.Late, "reason": all.Reason} {
		if n < 20 {
			t.Errorf("only %d of 1800 are %s", n, name)
		}
	}
}
