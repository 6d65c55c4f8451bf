package item

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"leida/internal/text"
)

// Explain compares the own curve with the panel's, turn by turn and event by event.
func (b *emotionCurve) Explain(v View, a Answer) any {
	given, _ := a.(curveAnswer)
	p := b.measure()
	d := b.mark(given, p)
	deck := b.deck(v)
	e := CurveExplained{Scale: b.Scale, Accuracy: thousandths(d.Accuracy), Shape: thousandths(d.Shape), Events: thousandths(d.Events), Missing: d.Missing,
		Spread: thousandths(d.Spread), Why: b.Why.In(v.Lang)}
	t, signed := 0, 0.0
	for i, turn := range b.Dialogue {
		x := CurveTurnExplained{ID: deck[i].Shown, Who: turn.Who, Says: turn.Text.In(v.Lang), Note: b.Feedback[turn.ID].In(v.Lang)}
		if turn.Who == customer {
			x.Rated, x.Mean, x.SD, x.Mark = true, tenths(p.mean[t]), tenths(p.sd[t]), "blank"
			if own, ok := given.Curve[turn.ID]; ok {
				x.Own, x.Mark = own, p.verdict(t, own)
				signed += own - p.mean[t]
			}
			t++
		}
		e.Turns = append(e.Turns, x)
	}
	if n := len(p.turns) - d.Missing; n > 0 {
		e.Bias = tenths(signed / float64(n))
	}
	for _, event := range b.Key.Events {
		x := CurveEventExplained{Name: event.name().In(v.Lang), Key: deck.Shown(event.Turn), Own: deck.Shown(given.Events[event.ID]), Mark: "miss"}
		switch credit := event.credit(given.Events[event.ID]); {
		case credit == 1:
			x.Mark = "hit"
		case credit > 0:
			x.Mark = "partial"
		case x.Own == "":
			x.Mark = "blank"
		}
		if x.Mark != "hit" {
			x.Note = b.note(event.Turn).In(v.Lang)
		}
		e.Marks = append(e.Marks, x)
	}
	e.Remember = b.lesson(v, given, p)
	return e
}

// verdict is hit within the tolerance of a turn, else low or high.
func (p panelCurve) verdict(turn int, value float64) string {
	switch {
	case p.off(turn, value) == 0:
		return "hit"
	case value < p.mean[turn]:
		return "low"
	}
	return "high"
}

// lesson is the one thing to keep of an answer: the largest miss; where most was left out, that; where all turns are right, the first event that is not.
func (b *emotionCurve) lesson(v View, given curveAnswer, p panelCurve) CurveLesson {
	deck := b.deck(v)
	about := func(kind, turn string) CurveLesson {
		note := b.note(turn)
		if note.IsZero() {
			note = b.Why
		}
		return CurveLesson{Kind: kind, Turn: deck.Shown(turn), Note: note.In(v.Lang)}
	}
	missing, worst := 0, -1
	for t, id := range p.turns {
		x, ok := given.Curve[id]
		if !ok {
			missing++
		} else if off := p.off(t, x); off > 0 && (worst < 0 || off > p.off(worst, given.Curve[p.turns[worst]])) {
			worst = t
		}
	}
	if 4*missing > len(p.turns) {
		return about("blank", b.easilyMissed(p))
	}
	if worst >= 0 {
		own := given.Curve[p.turns[worst]]
		l := about(p.verdict(worst, own), p.turns[worst])
		l.By = math.Round(math.Abs(own - p.mean[worst]))
		return l
	}
	for _, e := range b.Key.Events {
		if e.credit(given.Events[e.ID]) < 1 {
			l := about("event", e.Turn)
			l.Event = e.name().In(v.Lang)
			return l
		}
	}
	if missing > 0 {
		return about("blank", b.easilyMissed(p))
	}
	return about("right", b.easilyMissed(p))
}

// note is what the author says of a turn; of one of ours without a note, what is said of the customer's answer to it.
func (b *emotionCurve) note(turn string) text.Text {
	for i := slices.Index(b.turnIDs(), turn); i >= 0 && i < len(b.Dialogue); i++ {
		if t := b.Feedback[b.Dialogue[i].ID]; !t.IsZero() {
			return t
		}
		if b.Dialogue[i].Who == customer {
			break
		}
	}
	return text.Text{}
}

// easilyMissed is the turn of hidden anger, or where nobody asked for it the angriest.
func (b *emotionCurve) easilyMissed(p panelCurve) string {
	top := 0
	for t := range p.mean {
		if p.mean[t] > p.mean[top] {
			top = t
		}
	}
	for _, e := range b.Key.Events {
		if e.ID == "hidden_anger" {
			return e.Turn
		}
	}
	return p.turns[top]
}

func tenths(x float64) float64      { return math.Round(10*x) / 10 }
func thousandths(x float64) float64 { return math.Round(1000*x) / 1000 }

// CurveExplained is the dialogue with the own and the panel's values, the events, and what to keep of it. Only what was measured is kept; the picture is drawn from it anew.
type CurveExplained struct {
	Scale                   string
	Turns                   []CurveTurnExplained
	Marks                   []CurveEventExplained
	Accuracy, Shape, Events float64 // the three parts of the score, 0..1
	Missing                 int     // turns not rated
	Bias                    float64 // mean signed error over the turns rated
	Spread                  float64 // own SD / panel's
	Remember                CurveLesson
	Why                     string
}

// CurveTurnExplained is a turn; of those rated with the own value, the panel's, and the mark hit, low, high or blank.
type CurveTurnExplained struct {
	ID, Who, Says string
	Rated         bool
	Own, Mean, SD float64
	Mark          string
	Note          string
}

// CurveEventExplained is an event with the own turn and the right one; its mark is hit, partial, miss or blank, and the note says why where it is not hit.
type CurveEventExplained struct{ Name, Own, Key, Mark, Note string }

// CurveLesson is what to keep: of the kind low, high, event, blank or right.
type CurveLesson struct {
	Kind  string
	Turn  string
	By    float64 // how far off
	Event string
	Note  string
}

// Rated are the turns that were to be rated.
func (e CurveExplained) Rated() []CurveTurnExplained {
	return slices.DeleteFunc(slices.Clone(e.Turns), func(t CurveTurnExplained) bool { return !t.Rated })
}

// Turn is a turn by its name.
func (e CurveExplained) Turn(id string) CurveTurnExplained {
	for _, t := range e.Turns {
		if t.ID == id {
			return t
		}
	}
	return CurveTurnExplained{}
}

// Missed are the names of the turns outside the panel's tolerance.
func (e CurveExplained) Missed() []string {
	var out []string
	for _, t := range e.Turns {
		if t.Off() {
			out = append(out, t.ID)
		}
	}
	return out
}

// Lean is high, low or even: which way the own values lie on the whole.
func (e CurveExplained) Lean() string {
	const even = 3
	switch {
	case e.Bias >= even:
		return "high"
	case e.Bias <= -even:
		return "low"
	}
	return "even"
}

// BiasSize is the bias without its sign.
func (e CurveExplained) BiasSize() float64 { return math.Abs(e.Bias) }

// Swing is flat, wide or even: how the own rise and fall compares with the panel's.
func (e CurveExplained) Swing() string {
	const flat, wide = 0.8, 1.25
	switch {
	case e.Spread < flat:
		return "flat"
	case e.Spread > wide:
		return "wide"
	}
	return "even"
}

// Off reports whether a value was given, and is outside the tolerance.
func (t CurveTurnExplained) Off() bool { return t.Mark == "low" || t.Mark == "high" }

// Apart is the own value above (+) or below (-) the panel's, as people read it.
func (t CurveTurnExplained) Apart() string {
	d := math.Round(t.Own - t.Mean)
	switch {
	case d > 0:
		return fmt.Sprintf("+%g", d)
	case d < 0:
		return fmt.Sprintf("−%g", -d)
	}
	return "0"
}

// Wide and Narrow are the picture for a desktop and for a phone.
func (e CurveExplained) Wide() CurvePicture   { return e.draw(720, 340, 36, 100) }
func (e CurveExplained) Narrow() CurvePicture { return e.draw(320, 280, 26, 2) }

// CurvePicture is the own curve over the panel's, in the units of its view box.
type CurvePicture struct {
	Width, Height int
	Left, Right   float64 // of the field of the values
	Bottom        float64 // where 0 is
	Named         bool    // there is room for the names of the bands
	Bands         []PictureBand
	Points        []PicturePoint
	Area          string   // polygon of the mean +- SD
	Mean          string   // polyline
	Own           []string // polylines, broken where a turn was not rated
}

// Breadth is that of the field of the values, AxisX where the numbers beside it end.
func (p CurvePicture) Breadth() float64 { return p.Right - p.Left }
func (p CurvePicture) AxisX() float64   { return p.Left - 6 }

// PictureBand is a band of the scale as a strip; Middle is where its name stands.
type PictureBand struct {
	ShownBand
	Top, Height, Middle float64
}

// PicturePoint is a rated turn: where it stands, and where the two values do. Label is where the difference is written.
type PicturePoint struct {
	CurveTurnExplained
	X, MeanY, OwnY, Label float64
}

func (e CurveExplained) draw(width, height int, left, right float64) CurvePicture {
	const top, bottom = 18, 26
	pic := CurvePicture{Width: width, Height: height, Left: left, Right: float64(width) - right, Named: right > 20}
	y := func(value float64) float64 {
		return tenths(top + (float64(height)-top-bottom)*(1-max(0, min(mostAnger, value))/mostAnger))
	}
	pic.Bottom = y(0)
	low := 0.0
	for i, x := range curveScales[e.Scale] {
		s := PictureBand{ShownBand: showScale(e.Scale).Bands[i], Top: y(x.To), Height: tenths(y(low) - y(x.To))}
		s.Middle = tenths(s.Top + s.Height/2)
		pic.Bands = append(pic.Bands, s)
		low = x.To
	}
	turns := e.Rated()
	var upper, lower, run []string
	end := func() {
		if len(run) > 0 {
			pic.Own = append(pic.Own, strings.Join(run, " "))
		}
		run = nil
	}
	for i, t := range turns {
		p := PicturePoint{CurveTurnExplained: t, X: tenths(left + (pic.Right-left)*(float64(i)+0.5)/float64(len(turns))), MeanY: y(t.Mean), OwnY: y(t.Own)}
		p.Label = p.OwnY - 10
		if below := p.OwnY + 19; t.Mark == "low" && below < pic.Bottom {
			p.Label = below
		}
		pic.Points = append(pic.Points, p)
		upper = append(upper, point(p.X, y(t.Mean+t.SD)))
		lower = append([]string{point(p.X, y(t.Mean-t.SD))}, lower...)
		pic.Mean = strings.TrimSpace(pic.Mean + " " + point(p.X, p.MeanY))
		if t.Mark == "blank" {
			end()
		} else {
			run = append(run, point(p.X, p.OwnY))
		}
	}
	end()
	pic.Area = strings.Join(append(upper, lower...), " ")
	return pic
}

func point(x, y float64) string { return fmt.Sprintf("%g,%g", x, y) }
