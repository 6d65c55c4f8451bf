package text

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"

	"leida/internal/fault"
)

//go:embed messages/*.json
var files embed.FS

// catalogue is every message by key. Files are one per subject (a page, a kind of item); adding one changes no other.
var catalogue = mustLoad(files)

func mustLoad(fsys fs.FS) map[string]Text {
	all, err := load(fsys)
	if err != nil {
		panic(err) // the files are compiled in: a broken one cannot reach a user
	}
	return all
}

func load(fsys fs.FS) (map[string]Text, error) {
	names, err := fs.Glob(fsys, "messages/*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]Text{}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var one map[string]Text
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, t := range one {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("%s: message %q is defined twice", name, key)
			}
			all[key] = t
		}
	}
	return all, nil
}

// Say is the message of a key with its values filled in. Placeholders are {name}; {name|one|many} is the plural: "one" when the value is 1, else "many".
// args are name, value, ... or one fault.Args. An unknown key is returned as it is, so that nothing is ever silently lost; a test finds every one.
func Say(l Lang, key string, args ...any) string {
	t, ok := catalogue[key]
	if !ok {
		return key
	}
	return fill(l, t.In(l), toArgs(args))
}

// Has reports whether the catalogue holds a key.
func Has(key string) bool { _, ok := catalogue[key]; return ok }

// Keys are all message keys, sorted.
func Keys() []string {
	keys := make([]string, 0, len(catalogue))
	for k := range catalogue {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Message is a key's text in both languages, unfilled.
func Message(key string) Text { return catalogue[key] }

// Problem says a problem in a language.
func Problem(l Lang, p fault.Problem) string { return Say(l, p.Key, p.Args) }

func toArgs(args []any) fault.Args {
	if len(args) == 1 {
		if a, ok := args[0].(fault.Args); ok {
			return a
		}
	}
	a := fault.Args{}
	for i := 0; i+1 < len(args); i += 2 {
		a[fmt.Sprint(args[i])] = args[i+1]
	}
	return a
}

func fill(l Lang, s string, args fault.Args) string {
	if !strings.Contains(s, "{") {
		return s
	}
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(s[open:], '}')
		if end < 0 {
			break
		}
		b.WriteString(s[:open])
		b.WriteString(value(l, s[open+1:open+end], args))
		s = s[open+end+1:]
	}
	b.WriteString(s)
	return b.String()
}

func value(l Lang, spec string, args fault.Args) string {
	parts := strings.Split(spec, "|")
	v, ok := args[parts[0]]
	if !ok {
		return "{" + spec + "}"
	}
	if len(parts) == 3 {
		if n := fmt.Sprint(v); n == "1" {
			return parts[1]
		}
		return parts[2]
	}
	switch x := v.(type) {
	case Text:
		return x.In(l)
	case Ref:
		return Say(l, string(x))
	case float64:
		return strconv.FormatFloat(x, 'g', 6, 64)
	case []string:
		if l == ZH {
			return strings.Join(x, "、")
		}
		return strings.Join(x, ", ")
	}
	return fmt.Sprint(v)
}

// Ref is a message value that is itself a message: its key is said in the reader's language.
type Ref string
