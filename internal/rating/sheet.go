package rating

import (
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/text"
)

// Sheet is all that a rater sees: what was asked, what was written, and what to rate it by. It never says who wrote it, nor who else rates it and how.
type Sheet struct {
	Task    string
	Title   text.Text
	Prompt  text.Text
	Reading item.Stimulus
	Written []item.Passage
	Rubric  item.Rubric
	Alike   float64      // how much of the text another has as well, where that is much; 0 where it is not
	Own     *item.Rating // what this rater has handed in
}

// Sheet is the response as somebody sees it who has taken it. alike are the texts that it is like, those of others and of the anchors.
func (t *Task) Sheet(v org.Viewer, it *item.Item, a item.Answer, alike []Likeness) (Sheet, error) {
	if err := t.refuse(v); err != nil {
		return Sheet{}, err
	}
	s := t.seat(v)
	if s == nil {
		return Sheet{}, fault.New(fault.Conflict, "rating.not_taken")
	}
	out := Sheet{Task: t.ID, Title: it.Title, Prompt: it.Prompt, Reading: it.Reading(), Rubric: t.Rubric}
	if b, ok := it.Body.(item.Rated); ok {
		out.Written = b.Written(a)
	}
	for _, x := range alike {
		out.Alike = max(out.Alike, x.Alike)
	}
	if s.rated() {
		own := s.Rating
		out.Own = &own
	}
	return out, nil
}
