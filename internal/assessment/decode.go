package assessment

import (
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"leida/internal/fault"
	"leida/internal/text"
)

// decode fills structs from a mapping, strictly: every key must be a field of one of them, and every value of its type. It records where each path stands. All problems are gathered, none stops it.
func (s *source) decode(into ...any) {
	targets := make([]reflect.Value, len(into))
	for i, t := range into {
		targets[i] = reflect.ValueOf(t).Elem()
	}
	s.places[""] = place{1, 1}
	s.structs("", s.root, targets)
}

func (s *source) structs(path string, n *yaml.Node, targets []reflect.Value) {
	if !s.want(path, n, yaml.MappingNode, "yaml.want_mapping") {
		return
	}
	fields := map[string]reflect.Value{}
	var names []string
	for _, t := range targets {
		collect(t, fields, &names)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := fault.Join(path, key.Value)
		field, ok := fields[key.Value]
		if !ok {
			s.unknownField(key, names)
			continue
		}
		s.value(at, key, value, field)
	}
}

func (s *source) unknownField(key *yaml.Node, names []string) {
	pl := place{key.Line, key.Column}
	if s.said[pl] {
		return // structure has said what is wrong with this key
	}
	if near := fault.Near(key.Value, names); near != "" {
		s.at(pl, fault.At("", "yaml.unknown_near", "name", key.Value, "near", near))
		return
	}
	s.at(pl, fault.At("", "yaml.unknown", "name", key.Value, "known", names))
}

// collect lists a struct's YAML fields by name, those of inlined structs among them.
func collect(v reflect.Value, fields map[string]reflect.Value, names *[]string) {
	t := v.Type()
	for i := range t.NumField() {
		tag, opts, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch {
		case tag == "-" || tag == "" && (opts == "" || opts == "key"):
		case strings.Contains(opts, "inline"):
			collect(v.Field(i), fields, names)
		default:
			if _, ok := fields[tag]; !ok {
				*names = append(*names, tag)
			}
			fields[tag] = v.Field(i)
		}
	}
}

func (s *source) value(path string, key, n *yaml.Node, v reflect.Value) {
	at := n
	if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
		at = key // a block begins a line below its name, where nobody looks
	}
	s.places[path] = place{at.Line, at.Column}
	n = resolve(n)
	if n.Tag == "!!null" {
		return // structure has said so
	}
	switch v.Kind() {
	case reflect.Struct:
		s.structs(path, n, []reflect.Value{v})
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.value(path, key, n, v.Elem())
	case reflect.Slice:
		s.slice(path, n, v)
	case reflect.Map:
		s.mapped(path, n, v)
	default:
		if s.want(path, n, yaml.ScalarNode, wantScalar[v.Kind()]) {
			s.scalar(path, n, v)
		}
	}
}

var wantScalar = map[reflect.Kind]string{
	reflect.String: "yaml.want_text", reflect.Int: "yaml.want_whole", reflect.Float64: "yaml.want_number", reflect.Bool: "yaml.want_bool",
}

func (s *source) want(path string, n *yaml.Node, kind yaml.Kind, key string) bool {
	if n.Kind != kind {
		s.at(place{n.Line, n.Column}, fault.At(path, key, "got", found[n.Kind]))
		return false
	}
	return true
}

// found names what stands where something else was expected.
var found = map[yaml.Kind]text.Ref{yaml.MappingNode: "yaml.found_mapping", yaml.SequenceNode: "yaml.found_list", yaml.ScalarNode: "yaml.found_scalar"}

func (s *source) slice(path string, n *yaml.Node, v reflect.Value) {
	if _, ok := v.Interface().(interface{ OneOrMany() }); ok && n.Kind == yaml.ScalarNode {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		s.scalar(path, n, v.Index(0))
		return
	}
	key := keyField(v.Type().Elem())
	if key >= 0 && n.Kind == yaml.MappingNode {
		s.named(path, n, v, key)
		return
	}
	if !s.want(path, n, yaml.SequenceNode, "yaml.want_list") {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		at := fault.Index(path, i)
		if word := resolve(c); key >= 0 && word.Kind == yaml.ScalarNode && s.shorthand(at, c, word, v.Index(i)) {
			v.Index(i).Field(key).SetString(word.Value)
			continue
		}
		s.value(at, c, c, v.Index(i))
	}
}

// keyField is the field of an element that its name in a mapping fills: the one tagged key; -1 for none.
func keyField(t reflect.Type) int {
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if _, opts, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); opts == "key" {
				return i
			}
		}
	}
	return -1
}

// named reads a list that is written as a mapping, in the order of the file: each name is its element's key.
func (s *source) named(path string, n *yaml.Node, v reflect.Value, key int) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content)/2, len(n.Content)/2))
	for i := range v.Len() {
		name, value, e := n.Content[2*i], n.Content[2*i+1], v.Index(i)
		at := fault.Join(path, name.Value)
		e.Field(key).SetString(name.Value)
		s.places[fault.Index(path, i)] = place{name.Line, name.Column} // problems name the element by its place in the list
		if !s.shorthand(at, name, resolve(value), e) {
			s.value(at, name, value, e)
		}
	}
}

// shorthand lets an element that can be written as one word take it; false when it is no word, or the element has no such way.
func (s *source) shorthand(path string, at, n *yaml.Node, e reflect.Value) bool {
	short, ok := e.Addr().Interface().(interface{ Shorthand(words string) })
	if !ok || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return false
	}
	s.places[path] = place{at.Line, at.Column}
	short.Shorthand(n.Value)
	return true
}

func (s *source) mapped(path string, n *yaml.Node, v reflect.Value) {
	if !s.want(path, n, yaml.MappingNode, "yaml.want_mapping") {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		e := reflect.New(v.Type().Elem()).Elem()
		s.value(fault.Join(path, key.Value), key, value, e)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), e)
	}
}

var wholeForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// scalar takes a scalar as its field's type. Texts are kept as written (012, no and 1.10 stay those words); numbers must be written plainly.
func (s *source) scalar(path string, n *yaml.Node, v reflect.Value) {
	wrong := func() {
		p := fault.At(path, wantScalar[v.Kind()], "got", n.Value)
		if w, ok := v.Interface().(interface{ Want() fault.Problem }); ok {
			p = w.Want().Under(path)
		}
		s.at(place{n.Line, n.Column}, p)
	}
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Int:
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if !plain || !wholeForm.MatchString(n.Value) || err != nil {
			wrong()
			return
		}
		v.SetInt(i)
	case reflect.Float64:
		if n.Tag == "!!float" && !finite(n.Value) {
			return // structure has said so
		}
		f, err := strconv.ParseFloat(n.Value, 64)
		if !plain || err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(n.Value, "_xX") {
			wrong() // nan and inf without the dot are words to YAML and numbers to Go
			return
		}
		v.SetFloat(f)
	case reflect.Bool:
		if !plain || n.Value != "true" && n.Value != "false" {
			wrong()
			return
		}
		v.SetBool(n.Value == "true")
	}
}
