package item

import (
	"math"
	"slices"
	"unicode/utf8"

	"leida/internal/fault"
	"leida/internal/stats"
)

// Lint is how a series must be put together so that it takes reading (MEASUREMENT 4.6).
func (b *decisionSeries) Lint() []fault.Problem {
	if len(b.Validate()) > 0 {
		return nil
	}
	ps := append(b.lintCases(), b.lintConfidence()...)
	if g := b.blind(); g > mostBlind {
		ps = append(ps, fault.Warn("cases", "ai_decision_series.one_sided", "g", hundredths(g), "most", mostBlind))
	}
	ps = append(ps, lintBlindOf(b, "cases", "ai_decision_series.blind")...)
	if b.TwoStage {
		ps = append(ps, b.lintReplies()...)
	}
	return ps
}

// lintCases looks at how many there are, of which quality, with how many edits each.
func (b *decisionSeries) lintCases() []fault.Problem {
	const least, fewCorrect, manyCorrect = 8, 0.3, 0.5
	var ps []fault.Problem
	if n := len(b.Cases); n < least {
		ps = append(ps, fault.Warn("cases", "ai_decision_series.few", "n", n, "least", least))
	}
	count := map[string]int{}
	for i, c := range b.Cases {
		count[c.Key.Quality]++
		if c.Why.IsZero() && b.Feedback[c.ID].IsZero() {
			ps = append(ps, fault.Warn(fault.Index("cases", i), "item.no_why"))
		}
		if len(c.Edits) != len(b.Cases[0].Edits) {
			ps = append(ps, fault.Warn(fault.Index("cases", i)+".edits", "ai_decision_series.uneven", "n", len(c.Edits), "others", len(b.Cases[0].Edits)))
		}
	}
	for _, quality := range adviceQualities {
		if count[quality] == 0 {
			ps = append(ps, fault.Warn("cases", "ai_decision_series.missing", "quality", quality))
		}
	}
	if share := float64(count[adviceCorrect]) / float64(len(b.Cases)); share < fewCorrect || share > manyCorrect {
		ps = append(ps, fault.Warn("cases", "ai_decision_series.correct_share", "share", percent(share), "min", percent(fewCorrect), "max", percent(manyCorrect)))
	}
	return ps
}

// lintConfidence wants the AI's confidence to say nothing of whether it is right, and to mislead at times.
func (b *decisionSeries) lintConfidence() []fault.Problem {
	const low, high, mostR, leastLow, leastHigh = 0.70, 0.85, 0.3, 1, 2 // low is below, high from there on
	var ps []fault.Problem
	confidence, correct := make([]float64, len(b.Cases)), make([]float64, len(b.Cases))
	lowRight, highWrong := 0, 0
	for i, c := range b.Cases {
		right := c.Key.Quality == adviceCorrect
		confidence[i], correct[i] = c.AI.Confidence, float64(has(right))
		lowRight += has(right && c.AI.Confidence < low)
		highWrong += has(!right && c.AI.Confidence >= high)
	}
	if r, _ := stats.Pearson(confidence, correct); math.Abs(r) > mostR {
		ps = append(ps, fault.Warn("cases", "ai_decision_series.telling", "r", hundredths(r), "most", mostR))
	}
	if lowRight < leastLow {
		ps = append(ps, fault.Warn("cases", "ai_decision_series.low_correct", "least", leastLow, "below", low))
	}
	if highWrong < leastHigh {
		ps = append(ps, fault.Warn("cases", "ai_decision_series.high_wrong", "n", highWrong, "least", leastHigh, "from", high))
	}
	return ps
}

// lintReplies wants edits that stand beside the AI's suggestion as replies like it, so that nothing tells which is the AI's before it may be known.
func (b *decisionSeries) lintReplies() []fault.Problem {
	var ps []fault.Problem
	longest, shortest := 0, 0
	for i, c := range b.Cases {
		ai := utf8.RuneCountInString(asReply(c.AI.Text.ZH))
		var edits []int
		for k, e := range c.Edits {
			edits = append(edits, utf8.RuneCountInString(asReply(e.Text.ZH)))
			if isFragment(e.Text.ZH) || e.Text.EN != "" && isFragment(e.Text.EN) {
				ps = append(ps, fault.Warn(fault.Index(fault.Index("cases", i)+".edits", k), "ai_decision_series.fragment"))
			}
		}
		longest += has(ai > slices.Max(edits))
		shortest += has(ai < slices.Min(edits))
	}
	if n := max(longest, shortest); 2*n > len(b.Cases) {
		ps = append(ps, fault.Warn("cases", "ai_decision_series.reply_length", "n", n, "of", len(b.Cases)))
	}
	return ps
}

func hundredths(x float64) float64 { return math.Round(100*x) / 100 }
