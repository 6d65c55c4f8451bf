package assessment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"leida/internal/fault"
)

// Limits of a definition file; the first value above each is refused with the limit.
const (
	MaxFileBytes = 1 << 20
	MaxDepth     = 32
	maxNodes     = 200_000 // values once aliases are unfolded
)

// source is one file on its way from bytes to values: its tree, its lines, and where each path stands.
type source struct {
	file     string
	raw      []byte
	lines    []string
	root     *yaml.Node // the mapping at the top; nil where the file could not be read
	places   map[string]place
	said     map[place]bool // where structure found something
	unread   map[place]bool // where structure found no value that could be taken
	findings Report
}

type place struct{ line, column int }

// open reads the YAML of a file strictly. Whatever is wrong is in the findings; root is nil when nothing can be made of it.
func open(file string, raw []byte) *source {
	s := &source{file: file, raw: raw, places: map[string]place{}, said: map[place]bool{}, unread: map[place]bool{}}
	s.guard(s.parse)
	return s
}

// guard runs a step of reading the file. A panic in it is a fault of the program that this file brings about: it refuses the file, and nobody else notices.
func (s *source) guard(step func()) {
	defer func() {
		if p := recover(); p != nil {
			s.whole("yaml.panic", "detail", excerpt(fmt.Sprint(p), 0))
		}
	}()
	step()
}

func (s *source) parse() {
	if len(s.raw) > MaxFileBytes {
		s.whole("yaml.too_big", "max", MaxFileBytes, "got", len(s.raw))
		return
	}
	raw := bytes.TrimPrefix(s.raw, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(raw)) == 0 {
		s.whole("yaml.empty")
		return
	}
	if key := encodingProblem(raw); key != "" {
		s.whole(key)
		return
	}
	s.lines = strings.Split(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n")
	var doc yaml.Node
	err := yaml.Load(raw, &doc, yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(MaxDepth), loaderlimits.AliasNone())))
	if err != nil {
		s.syntax(err)
		return
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		s.at(place{1, 1}, fault.At("", "yaml.mapping"))
		return
	}
	if structure(s, doc.Content[0]) {
		s.root = doc.Content[0]
	}
}

// encodingProblem is the key of what is wrong with the bytes as text, or empty.
func encodingProblem(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return "yaml.utf16"
	case utf8.Valid(raw):
		return ""
	case looksGBK(raw):
		return "yaml.gbk"
	}
	return "yaml.utf8"
}

// looksGBK reports whether every byte above ASCII starts or ends a double byte of GBK.
func looksGBK(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] < 0x80 {
			continue
		}
		if raw[i] < 0x81 || raw[i] > 0xfe || i+1 == len(raw) || raw[i+1] < 0x40 || raw[i+1] > 0xfe {
			return false
		}
		i++
	}
	return true
}

// syntaxKeys put the parser's commonest complaints into both languages; any other is quoted as it is.
var syntaxKeys = []struct{ says, key string }{
	{"multiple", "yaml.documents"},
	{"no documents", "yaml.empty"},
	{"exceeded max depth", "yaml.deep"},
	{"depth", "yaml.deep"},
	{"cannot start any token", "yaml.tab"},
	{"expected ',' or '}'", "yaml.flow"},
	{"expected ',' or ']'", "yaml.flow"},
	{"unexpected end of stream", "yaml.unclosed"},
	{"unexpected document indicator", "yaml.unclosed"},
	{"mapping values are not allowed", "yaml.colon"},
	{"could not find expected ':'", "yaml.no_colon"},
	{"expected <block end>", "yaml.indent"},
	{"unknown anchor", "yaml.anchor"},
	{"control characters", "yaml.control"},
}

func (s *source) syntax(err error) {
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &many) && len(many.Errors) > 0:
		one = many.Errors[0]
	case !errors.As(err, &one):
		s.whole("yaml.syntax", "detail", err.Error())
		return
	}
	at := place{int(one.Mark.Line), int(one.Mark.Column)}
	detail := one.Message
	if detail == "" {
		detail = err.Error()
	}
	p := fault.At("", "yaml.syntax", "detail", detail)
	for _, k := range syntaxKeys {
		if strings.Contains(detail, k.says) {
			p = fault.At("", k.key, "max", MaxDepth)
			break
		}
	}
	if p.Key == "yaml.tab" && !strings.HasPrefix(strings.TrimLeft(s.line(at.line), " "), "\t") {
		p = fault.At("", "yaml.character")
	}
	if p.Key == "yaml.documents" {
		at = s.secondDocument()
	}
	if at.line == 0 {
		s.findings = append(s.findings, Finding{File: s.file, Problem: p})
		return
	}
	s.at(at, p)
}

// secondDocument is where a file's second document begins, which the parser does not tell.
func (s *source) secondDocument() place {
	begun := false
	for i, l := range s.lines {
		if begun && strings.HasPrefix(l, "---") {
			return place{i + 1, 1}
		}
		t := strings.TrimSpace(l)
		begun = begun || t != "" && !strings.HasPrefix(t, "#")
	}
	return place{}
}

func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

func (s *source) whole(key string, args ...any) {
	s.findings = append(s.findings, Finding{File: s.file, Problem: fault.At("", key, args...)})
}

func (s *source) at(pl place, p fault.Problem) {
	for name, v := range p.Args {
		if word, ok := v.(string); ok {
			p.Args[name] = excerpt(word, 0)
		}
	}
	s.findings = append(s.findings, Finding{File: s.file, Line: pl.line, Column: pl.column, Source: s.line(pl.line), Problem: p})
}

// add reports problems by path; a path that is not in the file (something missing) is put at its nearest parent.
func (s *source) add(ps []fault.Problem) {
	for _, p := range ps {
		path := p.Path
		pl, ok := s.places[path]
		for !ok && path != "" {
			path = parent(path)
			pl, ok = s.places[path]
		}
		if !ok {
			pl = place{1, 1}
		}
		s.at(pl, p)
	}
}

// parent is the path of what holds a path's value; empty for the whole.
func parent(path string) string {
	return path[:max(strings.LastIndexByte(path, '.'), strings.LastIndexByte(path, '['), 0)]
}

// hash pins the content: two files that differ only in comments, layout or quoting are the same version.
func (s *source) hash() string {
	h := sha256.New()
	s.digest(h, s.root)
	return hex.EncodeToString(h.Sum(nil))
}

func (s *source) digest(w io.Writer, n *yaml.Node) {
	n = resolve(n)
	switch n.Kind {
	case yaml.ScalarNode:
		io.WriteString(w, "s"+n.Value+"\x00")
		return
	case yaml.MappingNode:
		io.WriteString(w, "{")
	default:
		io.WriteString(w, "[")
	}
	for _, c := range n.Content {
		s.digest(w, c)
	}
	io.WriteString(w, "\x01")
}

// resolve follows an alias to what it stands for; structure has made sure that this ends.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}
