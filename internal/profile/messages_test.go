package profile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every message key that the package names has its text in both languages. The file is read, not imported: profile knows nothing of text.
func TestEveryKeyHasItsMessage(t *testing.T) {
	raw, err := os.ReadFile("../text/messages/profile.json")
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]map[string]string
	if err := json.Unmarshal(raw, &messages); err != nil {
		t.Fatal(err)
	}
	for key, m := range messages {
		if m["zh"] == "" || m["en"] == "" {
			t.Errorf("%s lacks a language", key)
		}
	}
	var named []string
	for _, family := range []struct{ stem, ends string }{
		{"left_out", "void unsound retake future expired unknown_sub"}, {"status", "none insufficient sufficient"}, {"source", "quiz rater kpi observation"},
		{"verdict", "met not_yet_shown below"}, {"below", "capability sub"}, {"unshown", "capability sub"}, {"change", "up down steady"},
		{"need", "diagnose develop"}, {"cover", "nobody single backed"},
	} {
		for _, end := range strings.Fields(family.ends) {
			named = append(named, "profile."+family.stem+"."+end)
		}
	}
	for _, key := range append(named, keysInSource(t)...) {
		if messages[key] == nil {
			t.Errorf("%s has no message", key)
		}
	}
}

// keysInSource are the whole message keys in the package's Go files; those that end in a dot are completed at run time.
func keysInSource(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(profile\.[a-z_.]*[a-z])"`).FindAllStringSubmatch(string(src), -1) {
			keys = append(keys, m[1])
		}
	}
	if len(keys) == 0 {
		t.Fatal("no keys found")
	}
	return keys
}
