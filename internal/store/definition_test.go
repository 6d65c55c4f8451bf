package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"leida/internal/assessment"
)

func TestDefinitions(t *testing.T) {
	c := newCentre(t)
	src := assessment.Source{Hash: "h", ID: "never-sat", Version: 3, Schema: assessment.Schema, Text: []byte("\xef\xbb\xbfid: 'x' # 你好\r\n")}
	for range 2 {
		c.ok(c.SaveSources(c.ctx, []assessment.Source{src, src}))
	}
	c.ok(c.SaveSources(c.ctx, nil))
	other := src
	other.Text = []byte("other")
	c.ok(c.SaveSources(c.ctx, []assessment.Source{other})) // what is there stays
	got, err := c.Source(c.ctx, "h")
	c.ok(err)
	if d := cmp.Diff(src, got); d != "" {
		t.Error(d)
	}
	_, err = c.Source(c.ctx, "none")
	c.missing(err)

	known, err := c.Known(c.ctx)
	c.ok(err)
	if len(known) != 0 {
		t.Error("known before anybody sat it", known)
	}
	c.sit(c.ann, c.assign("form", c.root))
	known, err = c.Known(c.ctx)
	c.ok(err)
	want := assessment.Known{"form v1": "form form", "item-0 v1": "hash item-0", "item-1 v1": "hash item-1", "item-2 v1": "hash item-2"}
	if d := cmp.Diff(want, known); d != "" {
		t.Error(d)
	}
}
