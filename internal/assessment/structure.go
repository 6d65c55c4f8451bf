package assessment

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"leida/internal/fault"
)

// coreTags are the tags of plain YAML 1.2; any other asks the reader to run or to know something.
var coreTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!binary", "!!timestamp", ""}

// structure checks what holds of every file whatever it defines: no duplicate keys, nulls, tags, merge keys or boundless aliases. It is false when the tree must not be walked again.
func structure(s *source, root *yaml.Node) bool {
	w := structureWalk{source: s}
	w.walk(root, 0)
	return !w.endless
}

type structureWalk struct {
	*source
	count   int
	endless bool
}

func (w *structureWalk) problem(n *yaml.Node, p fault.Problem) {
	pl := place{n.Line, n.Column}
	if !w.said[pl] {
		w.said[pl] = true
		w.at(pl, p)
	}
}

func (w *structureWalk) walk(n *yaml.Node, depth int) {
	if w.endless {
		return
	}
	if w.count++; w.count > maxNodes || depth > MaxDepth {
		w.endless = true
		w.problem(n, fault.At("", "yaml.aliases", "max", maxNodes))
		return
	}
	switch n.Kind {
	case yaml.AliasNode:
		w.walk(n.Alias, depth+1)
	case yaml.MappingNode:
		w.mapping(n, depth)
	case yaml.SequenceNode:
		w.tag(n)
		for _, c := range n.Content {
			w.null(c)
			w.walk(c, depth+1)
		}
	default:
		w.tag(n)
		switch {
		case n.Tag == "!!float" && !finite(n.Value):
			w.noValue(n, fault.At("", "yaml.not_finite", "got", n.Value))
		case strings.ContainsRune(n.Value, 0): // written "\0"; the hash relies on there being none
			w.noValue(n, fault.At("", "yaml.control"))
		}
	}
}

func (w *structureWalk) mapping(n *yaml.Node, depth int) {
	w.tag(n)
	first := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch before := first[key.Value]; {
		case key.Tag == "!!merge":
			w.problem(key, fault.At("", "yaml.merge"))
		case key.Kind != yaml.ScalarNode:
			w.problem(key, fault.At("", "yaml.key"))
		case before != nil:
			w.problem(key, fault.At("", "yaml.twice", "name", key.Value, "line", before.Line, "column", before.Column))
		default:
			first[key.Value] = key
		}
		if n.Style&yaml.FlowStyle != 0 && value.Tag == "!!null" && value.Value == "" && strings.IndexFunc(key.Value, func(r rune) bool { return r > 0x7f || r == ' ' }) >= 0 {
			w.problem(key, fault.At("", "yaml.comma", "text", key.Value))
		} else {
			w.null(value)
		}
		w.walk(value, depth+1)
	}
}

func (w *structureWalk) null(n *yaml.Node) {
	if n.Tag == "!!null" {
		w.noValue(n, fault.At("", "yaml.null"))
	}
}

// noValue is a problem that leaves a field without a value; there is no use in saying what is wrong with that.
func (w *structureWalk) noValue(n *yaml.Node, p fault.Problem) {
	w.unread[place{n.Line, n.Column}] = true
	w.problem(n, p)
}

func (w *structureWalk) tag(n *yaml.Node) {
	if !slices.Contains(coreTags, n.ShortTag()) {
		w.problem(n, fault.At("", "yaml.tag", "tag", n.Tag))
	}
}

func finite(s string) bool {
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	return err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}
