package assessment

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"leida/internal/fault"
)

// Format normalises a definition: prose is double-quoted, indentation is even, comments and the order of keys stay. Formatting twice changes nothing, and the content's hash does not change.
// A file that is not sound YAML, or that could not be laid out without losing something, is refused by the report and nothing is returned.
func Format(file string, raw []byte) ([]byte, Report) {
	s := open(file, raw)
	if s.root == nil || s.findings.Errors() > 0 {
		return nil, s.findings
	}
	out, err := layOut(raw)
	if err == nil {
		var again []byte
		again, err = layOut(out)
		if t := open(file, out); err == nil && (t.root == nil || t.hash() != s.hash() || marks(out, t.root) != marks(raw, s.root) || !bytes.Equal(out, again)) {
			err = errLossy
		}
	}
	if err != nil {
		s.at(place{1, 1}, fault.At("", "yaml.lossy"))
		return nil, s.findings
	}
	return out, s.findings
}

var errLossy = fault.New(fault.Internal, "yaml.lossy")

func layOut(raw []byte) ([]byte, error) {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")) // else the parser puts empty lines below comments
	if last := raw[bytes.LastIndexByte(raw, '\n')+1:]; bytes.HasPrefix(bytes.TrimSpace(last), []byte("#")) {
		raw = append(raw, '\n') // else it indents a last comment
	}
	var doc yaml.Node
	if err := yaml.Load(raw, &doc, yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(MaxDepth)))); err != nil {
		return nil, err
	}
	quoteProse(&doc, false)
	var b bytes.Buffer
	d, err := yaml.NewDumper(&b, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1), yaml.WithUnicode(true))
	if err != nil {
		return nil, err
	}
	if err := d.Dump(&doc); err != nil {
		return nil, err
	}
	return b.Bytes(), d.Close()
}

// quoteProse double-quotes every text that is more than a word, since an unquoted comma, colon or question mark in it changes what the file says. Block texts (| and >) are safe as they are.
func quoteProse(n *yaml.Node, key bool) {
	const block = yaml.LiteralStyle | yaml.FoldedStyle
	if n.Kind == yaml.ScalarNode && !key && n.Tag == "!!str" && n.Style&block == 0 && strings.IndexFunc(n.Value, prose) >= 0 {
		n.Style = yaml.DoubleQuotedStyle
	}
	for i, c := range n.Content {
		quoteProse(c, n.Kind == yaml.MappingNode && i%2 == 0)
	}
}

func prose(r rune) bool { return r > 0x7f || strings.ContainsRune(" ,:?#{}[]'\"", r) }

// marks counts the number signs of a file that are not in a value: those of its comments.
func marks(raw []byte, root *yaml.Node) int {
	n := bytes.Count(raw, []byte("#"))
	var walk func(node *yaml.Node)
	walk = func(node *yaml.Node) {
		if node.Kind == yaml.ScalarNode {
			n -= strings.Count(node.Value, "#")
		}
		for _, c := range node.Content {
			walk(c)
		}
	}
	walk(root)
	return n
}
