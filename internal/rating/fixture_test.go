package rating_test

import (
	"os"
	"testing"
	"testing/fstest"

	"leida/assessments"
	"leida/internal/assessment"
	"leida/internal/item"
	"leida/internal/text"
)

// written is an item that people rate, and an answer to it.
func written(t testing.TB) (*item.Item, item.Answer) {
	t.Helper()
	model, err := assessments.FS.ReadFile("capability-model.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lib, _ := assessment.Load(fstest.MapFS{"capability-model.yaml": {Data: model}}, nil, nil)
	raw, err := os.ReadFile("../item/testdata/constructed/plain.yaml")
	if err != nil {
		t.Fatal(err)
	}
	it, report := assessment.ParseItem("plain.yaml", raw, lib.Model)
	if it == nil {
		t.Fatal(report)
	}
	f, err := item.JSONFields([]byte(`{"text": "您等了两天，是我们没做到。六点前给您准信。"}`))
	if err != nil {
		t.Fatal(err)
	}
	a, err := it.Body.Parse(item.Plain(text.ZH), f)
	if err != nil {
		t.Fatal(err)
	}
	return it, a
}
