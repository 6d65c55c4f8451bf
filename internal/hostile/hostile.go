// Package hostile is what people write who want a page to run it: texts for tests to put wherever a text is kept or shown. No program imports it.
//
// The texts were written for leida after the families that the OWASP cheat sheets, the PortSwigger list and the papers on mutation XSS describe.
// Each that would run calls alert(1), and each that would load does so from evil.example, so a browser shows either.
package hostile

import (
	_ "embed"
	"encoding/json"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"
)

//go:embed corpus.json
var raw []byte

// Corpus is every text, family by family, in the same order every time.
func Corpus() []string {
	var families map[string][]string
	if err := json.Unmarshal(raw, &families); err != nil {
		panic(err)
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(families)) {
		out = append(out, families[name]...)
	}
	return out
}

// Typed is the part of the corpus that a field of one line takes: without control characters, which every form refuses.
func Typed() []string {
	return slices.DeleteFunc(Corpus(), func(s string) bool {
		return strings.ContainsFunc(s, unicode.IsControl) || strings.TrimSpace(s) == ""
	})
}

// Definitions are the YAML files of a directory with every text that a page may show replaced: a text for people (a mapping of zh and en), what a table and
// a record say. The texts are taken from give one after another.
func Definitions(dir fs.FS, give func() string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		src, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(src, &doc); err != nil {
			return err
		}
		replace(&doc, give)
		out[name], err = yaml.Marshal(&doc)
		return err
	})
	return out, err
}

// shown are the keys whose strings stand on pages as they are: a record's time and channel, a table's heads and cells.
var shown = []string{"zh", "en", "at", "channel", "labels", "rows"}

func replace(n *yaml.Node, give func() string) {
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			replace(c, give)
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		switch {
		case key == "tags" || key == "meta":
		case key == "version" && value.Tag == "!!int":
			v, _ := strconv.Atoi(value.Value)
			value.Value = strconv.Itoa(v + 1)
		case slices.Contains(shown, key):
			fill(value, give)
		default:
			replace(value, give)
		}
	}
}

// fill replaces every string at and below a node.
func fill(n *yaml.Node, give func() string) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!str" || n.Tag == "" {
			*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: give()}
		}
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			fill(n.Content[i], give)
		}
	default:
		for _, c := range n.Content {
			fill(c, give)
		}
	}
}
