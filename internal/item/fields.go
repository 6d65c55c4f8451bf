package item

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"leida/internal/fault"
)

// Limits of one answer on the wire; the first value above each is refused.
const (
	maxFieldDepth = 6
	maxFields     = 2000
	MaxAnswerText = 65_536 // bytes of one text in an answer
)

// Fields is an answer as it arrives, a tree of strings: from a form with bracketed names (choices[]=a, rank[s1]=2) or from JSON. Numbers keep their writing; null is absent.
type Fields struct {
	shape shape
	text  string
	list  []Fields
	names []string
	named map[string]Fields
}

type shape byte

const (
	absent shape = iota
	scalar
	list
	object
)

// FormFields reads bracketed form fields. A name given twice without [] is refused, because there is no telling which was meant.
func FormFields(form map[string][]string) (Fields, error) {
	root := Fields{shape: object}
	count := 0
	var ps []fault.Problem
	for _, name := range slices.Sorted(maps.Keys(form)) {
		values := form[name]
		if count += max(1, len(values)); count > maxFields {
			return Fields{}, fault.New(fault.BadRequest, "answer.too_many", "max", maxFields)
		}
		path, many, ok := splitName(name)
		switch {
		case !ok || len(path) > maxFieldDepth:
			ps = append(ps, fault.At(clip(name), "answer.name"))
			continue
		case len(values) > 1 && !many:
			ps = append(ps, fault.At(clip(name), "answer.twice"))
			continue
		}
		for _, v := range values {
			ps = append(ps, checkText(clip(name), v)...)
		}
		if !root.put(path, values, many) {
			ps = append(ps, fault.At(clip(name), "answer.shape"))
		}
	}
	return root, fault.Of(ps)
}

// put hangs a form field into the tree; false when the name contradicts an earlier one.
func (f *Fields) put(path []string, values []string, many bool) bool {
	if f.shape == absent {
		f.shape = object
	}
	if f.shape != object {
		return false
	}
	if f.named == nil {
		f.named = map[string]Fields{}
	}
	child, known := f.named[path[0]]
	if len(path) > 1 {
		if ok := child.put(path[1:], values, many); !ok {
			return false
		}
	} else {
		if known {
			return false
		}
		if many {
			child.shape = list
			for _, v := range values {
				child.list = append(child.list, Fields{shape: scalar, text: v})
			}
		} else if len(values) == 1 {
			child = Fields{shape: scalar, text: values[0]}
		}
	}
	if !known {
		f.names = append(f.names, path[0])
	}
	f.named[path[0]] = child
	return true
}

// splitName turns a[b][c] into [a b c] and a[] into [a], many.
func splitName(name string) (path []string, many, ok bool) {
	head, rest, nested := strings.Cut(name, "[")
	if head == "" {
		return nil, false, false
	}
	path = []string{head}
	for nested {
		part, after, closed := strings.Cut(rest, "]")
		if !closed {
			return nil, false, false
		}
		if part == "" {
			return path, true, after == ""
		}
		path = append(path, part)
		if after == "" {
			return path, false, true
		}
		if after[0] != '[' {
			return nil, false, false
		}
		rest = after[1:]
	}
	return path, false, true
}

// JSONFields reads a JSON object. A key given twice is refused.
func JSONFields(raw []byte) (Fields, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	j := jsonReader{dec: dec}
	f, err := j.value("", 0)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = fault.New(fault.BadRequest, "answer.json_after")
		}
	}
	if err != nil {
		if fault.As(err) == nil {
			err = fault.New(fault.BadRequest, "answer.json", "at", dec.InputOffset()).Because(err)
		}
		return Fields{}, err
	}
	if f.shape != object {
		return Fields{}, fault.New(fault.BadRequest, "answer.json_object")
	}
	return f, nil
}

type jsonReader struct {
	dec   *json.Decoder
	count int
}

func (j *jsonReader) value(path string, depth int) (Fields, error) {
	if j.count++; j.count > maxFields {
		return Fields{}, fault.New(fault.BadRequest, "answer.too_many", "max", maxFields)
	}
	if depth > maxFieldDepth {
		return Fields{}, fault.New(fault.BadRequest, "answer.deep", "max", maxFieldDepth)
	}
	tok, err := j.dec.Token()
	if err != nil {
		return Fields{}, err
	}
	switch t := tok.(type) {
	case nil:
		return Fields{}, nil
	case json.Number:
		return Fields{shape: scalar, text: t.String()}, nil
	case bool:
		if t {
			return Fields{shape: scalar, text: "true"}, nil
		}
		return Fields{shape: scalar, text: "false"}, nil
	case string:
		return Fields{shape: scalar, text: t}, fault.Of(checkText(path, t))
	case json.Delim:
		if t == '[' {
			return j.list(path, depth)
		}
		return j.object(path, depth)
	}
	return Fields{}, fault.New(fault.BadRequest, "answer.json", "at", j.dec.InputOffset())
}

func (j *jsonReader) list(path string, depth int) (Fields, error) {
	f := Fields{shape: list}
	for j.dec.More() {
		v, err := j.value(fault.Index(path, len(f.list)), depth+1)
		if err != nil {
			return Fields{}, err
		}
		f.list = append(f.list, v)
	}
	_, err := j.dec.Token()
	return f, err
}

func (j *jsonReader) object(path string, depth int) (Fields, error) {
	f := Fields{shape: object, named: map[string]Fields{}}
	for j.dec.More() {
		key, err := j.dec.Token()
		if err != nil {
			return Fields{}, err
		}
		name, _ := key.(string)
		if name == "" { // a form has no such name either
			return Fields{}, fault.Field(path, "answer.name")
		}
		at := fieldPath(path, name)
		v, err := j.value(at, depth+1)
		if err != nil {
			return Fields{}, err
		}
		if _, twice := f.named[name]; twice {
			return Fields{}, fault.Field(at, "answer.twice")
		}
		f.names = append(f.names, name)
		f.named[name] = v
	}
	_, err := j.dec.Token()
	return f, err
}

// Without is a copy that lacks the fields at the paths of some problems, so that a page can keep all else that was typed.
func (f Fields) Without(ps []fault.Problem) Fields {
	bad := map[string]bool{}
	for _, p := range ps {
		bad[p.Path] = true
	}
	return f.prune("", bad)
}

func (f Fields) prune(path string, bad map[string]bool) Fields {
	if path != "" && (bad[path] || bad[path+"[]"]) {
		return Fields{}
	}
	switch f.shape {
	case list:
		out := Fields{shape: list}
		for i, v := range f.list {
			if !bad[fault.Index(path, i)] {
				out.list = append(out.list, v)
			}
		}
		return out
	case object:
		out := Fields{shape: object, named: map[string]Fields{}}
		for _, n := range f.names {
			at := fieldPath(path, n)
			if v := f.named[n].prune(at, bad); v.shape != absent {
				out.names = append(out.names, n)
				out.named[n] = v
			}
		}
		return out
	}
	return f
}

// fieldPath is how problems name a field: choices, rank[s1].
func fieldPath(parent, name string) string {
	if parent == "" {
		return clip(name)
	}
	return parent + "[" + clip(name) + "]"
}

func checkText(path, s string) []fault.Problem {
	switch {
	case len(s) > MaxAnswerText:
		return []fault.Problem{fault.At(path, "define.too_long", "max", MaxAnswerText, "got", len(s))}
	case strings.ContainsRune(s, 0):
		return []fault.Problem{fault.At(path, "answer.nul")}
	case !utf8.ValidString(s):
		return []fault.Problem{fault.At(path, "answer.utf8")}
	}
	return nil
}

// clip keeps an untrusted name short enough for a message.
func clip(s string) string {
	const most = 40
	if r := []rune(strings.ToValidUTF8(s, "?")); len(r) > most {
		return string(r[:most]) + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
