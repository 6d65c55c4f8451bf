package item

import (
	"slices"

	"leida/internal/text"
)

// Optioned is a kind whose answers choose among options that are the same for everybody, so that it can be counted who chose what.
type Optioned interface {
	Choices() []Choice
	// Chosen are the ids of what an answer chooses, in the order of Choices.
	Chosen(a Answer) []string
}

// Choice is one option of an item. Key is whether an able candidate chooses it; Graded whether it is more or less right, and neither a key nor a mistake.
type Choice struct {
	ID     string
	Text   text.Text
	Key    bool
	Graded bool
}

func (b *singleChoice) Choices() []Choice { return choicesOf(b.Options) }

func (b *singleChoice) Chosen(a Answer) []string {
	if given, ok := a.(singleAnswer); ok {
		return []string{given.Choice}
	}
	return nil
}

func (b *multipleChoice) Choices() []Choice { return choicesOf(b.Options) }

func (b *multipleChoice) Chosen(a Answer) []string {
	given, _ := a.(multipleAnswer)
	return slices.DeleteFunc(optionIDs(b.Options), func(id string) bool { return !slices.Contains(given.Choices, id) })
}

func choicesOf(options []choiceOption) []Choice {
	out := make([]Choice, len(options))
	for i, o := range options {
		out[i] = Choice{ID: o.ID, Text: o.Text, Key: o.credit() == 1, Graded: o.credit() > 0 && o.credit() < 1}
	}
	return out
}

// Choices have the panel's best as the key; the others are graded.
func (b *sjt) Choices() []Choice {
	_, best := b.extremes()
	out := make([]Choice, len(b.Options))
	for i, o := range b.Options {
		out[i] = Choice{ID: o.ID, Text: o.Text, Key: o.M == best, Graded: o.M != best}
	}
	return out
}

// Chosen is what was called best, or rated highest.
func (b *sjt) Chosen(a Answer) []string {
	switch given := a.(type) {
	case bestWorstAnswer:
		if given.Best != "" {
			return []string{given.Best}
		}
	case rateAnswer:
		most := 0
		for _, n := range given.Ratings {
			most = max(most, n)
		}
		return slices.DeleteFunc(b.ids(), func(id string) bool { return given.Ratings[id] == 0 || given.Ratings[id] < most })
	}
	return nil
}
