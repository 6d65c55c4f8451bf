package item

import "leida/internal/text"

// Rubric is what people rate by: criteria with levels 0..4, gates that cap a score or are critical, and answers with their scores for practice (MEASUREMENT 4.13).
type Rubric struct {
	Criteria []Criterion `yaml:"rubric"`
	Gates    []Gate      `yaml:"gates,omitempty"`
	Anchors  []Anchor    `yaml:"anchors,omitempty"`
}

// Criterion is one line of a rubric. Its levels are described one by one; the weights of a rubric sum to 1.
type Criterion struct {
	ID     string               `yaml:"id"`
	W      float64              `yaml:"w"`
	Sub    string               `yaml:"sub"`
	Title  text.Text            `yaml:"title"`
	Levels map[string]text.Text `yaml:"levels"` // "0".."4"
}

// Gate is something that no score makes good: it is a critical error, or caps the score.
type Gate struct {
	ID     string    `yaml:"id"`
	Text   text.Text `yaml:",inline"`
	Effect string    `yaml:"effect"` // critical | cap
	Cap    float64   `yaml:"cap,omitempty"`
}

// Anchor is an answer that was scored for raters to go by.
type Anchor struct {
	Scores map[string]int `yaml:"scores"` // criterion -> level
	Text   text.Text      `yaml:"text"`
}
