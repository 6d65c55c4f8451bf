package item

import (
	"slices"

	"leida/internal/fault"
	"leida/internal/text"
)

func (b *emotionCurve) Lint() []fault.Problem {
	const leastTurns, certPanel, leastBase, leastAgreement, mostSD = 7, 5, 8, 0.70, 15
	if len(b.Validate()) > 0 {
		return nil
	}
	p := b.measure()
	var ps []fault.Problem
	warn := func(path, key string, args ...any) { ps = append(ps, fault.Warn(path, key, args...)) }
	if n := len(p.turns); n < leastTurns {
		warn("dialogue", "emotion_curve.few_turns", "n", n, "least", leastTurns)
	}
	if p.base < leastBase {
		warn("panel.ratings", "emotion_curve.flat", "got", hundredths(p.base), "least", leastBase)
	}
	if n := len(b.Panel.Ratings); n < certPanel {
		warn("panel.ratings", "sjt.panel", "n", n, "practice", minPanel, "cert", certPanel)
	}
	if p.ceiling < leastAgreement {
		warn("panel.ratings", "emotion_curve.disagree", "got", hundredths(p.ceiling), "least", leastAgreement)
	}
	for i, sd := range p.sd {
		if sd > mostSD {
			warn(fault.Index("panel.turns", slices.Index(b.Panel.Turns, p.turns[i])), "emotion_curve.spread", "id", p.turns[i], "sd", hundredths(sd), "most", mostSD)
		}
	}
	for _, x := range b.Blind() {
		if r, _ := b.Score(Response{Answer: x.Answer}); r.Score > x.Most {
			warn("dialogue", "emotion_curve.blind", "name", text.Ref("blind."+curveKind+"."+x.Name), "score", hundredths(r.Score), "most", x.Most)
		}
	}
	ps = append(ps, b.lintEvents(p)...)
	for i, c := range b.deck(Seen(text.ZH, 1)) {
		if c.ID != c.Shown {
			warn(fault.Index("dialogue", i)+".id", "emotion_curve.turn_name", "id", c.ID, "want", c.Shown)
		}
	}
	if b.Why.IsZero() && len(b.Feedback) == 0 {
		warn("feedback", "item.no_why")
	}
	return ps
}

// lintEvents finds marks that contradict the panel or one another.
func (b *emotionCurve) lintEvents(p panelCurve) []fault.Problem {
	var ps []fault.Problem
	key := map[string]string{}
	for _, e := range b.Key.Events {
		key[e.ID] = e.Turn
	}
	place := func(id string) int { return slices.Index(b.turnIDs(), id) }
	if peak, ok := key["peak"]; ok {
		if top := p.turns[slices.Index(p.mean, slices.Max(p.mean))]; top != peak {
			ps = append(ps, fault.Warn("key.events.peak.turn", "emotion_curve.peak_elsewhere", "id", peak, "top", top))
		}
		if trigger, ok := key["trigger"]; ok && place(trigger) > place(peak) {
			ps = append(ps, fault.Warn("key.events.trigger.turn", "emotion_curve.trigger_late", "id", trigger, "peak", peak))
		}
	}
	hidden, ok := key["hidden_anger"]
	if !ok {
		return append(ps, fault.Warn("key.events", "emotion_curve.no_hidden"))
	}
	if i := slices.Index(p.turns, hidden); i == 0 || p.mean[i] <= p.mean[i-1] {
		ps = append(ps, fault.Warn("key.events.hidden_anger.turn", "emotion_curve.no_rise", "id", hidden))
	}
	return ps
}
