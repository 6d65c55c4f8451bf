package exam

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"leida/internal/item"
	"leida/internal/text"
)

// Texts is what an item version says to people, in both languages. It is kept once for all results that show it, and named by the hash of its content, so that it can never
// say anything else. The names of its JSON, those of item.Stimulus among them, are for ever.
type Texts struct {
	Title   text.Text            `json:"title"`
	Prompt  text.Text            `json:"prompt"`
	Reading item.Stimulus        `json:"reading"`
	Subs    map[string]text.Text `json:"subs"`  // names of the sub-competencies that it measures
	Words   []text.Text          `json:"words"` // what its feedback is made of; results refer to them by place
}

// Version is an item version ready to be marked with and shown: the item, and its texts with their canonical JSON and its hash.
type Version struct {
	Item  *item.Item
	Texts Texts
	JSON  []byte
	Hash  string // SHA-256 of JSON, in hex

	places map[text.Text]int
}

// NewVersion gathers an item's texts. name finds the name of a sub-competency.
func NewVersion(it *item.Item, name func(sub string) text.Text) (Version, error) {
	v := Version{Item: it, Texts: Texts{Title: it.Title, Prompt: it.Prompt, Reading: it.Reading(), Subs: map[string]text.Text{}}, places: map[text.Text]int{}}
	for _, m := range it.Measures {
		v.Texts.Subs[m.Sub] = name(m.Sub)
	}
	gather(reflect.ValueOf(it.Body), func(t text.Text) {
		if _, known := v.places[t]; !known && !t.IsZero() {
			v.places[t] = len(v.Texts.Words)
			v.Texts.Words = append(v.Texts.Words, t)
		}
	})
	raw, err := json.Marshal(v.Texts)
	if err != nil {
		return v, err
	}
	if v.JSON, err = Canonical(raw); err != nil {
		return v, err
	}
	v.Hash = Hash(v.JSON)
	return v, nil
}

// ReadTexts is texts as they were kept, refused unless their hash is the one they go by.
func ReadTexts(hash string, raw []byte) (Texts, error) {
	var t Texts
	if got := Hash(raw); got != hash {
		return t, fmt.Errorf("texts %s have hash %s", hash, got)
	}
	return t, strictly(raw, &t)
}

var textType, stimulusType = reflect.TypeFor[text.Text](), reflect.TypeFor[item.Stimulus]()

// gather finds every text of a body but those of its stimulus, in an order that is always the same.
func gather(v reflect.Value, add func(text.Text)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			gather(v.Elem(), add)
		}
	case reflect.Slice:
		for i := range v.Len() {
			gather(v.Index(i), add)
		}
	case reflect.Map:
		if v.Type().Key().Kind() != reflect.String {
			return
		}
		byName := map[string]reflect.Value{}
		for _, k := range v.MapKeys() {
			byName[k.String()] = v.MapIndex(k)
		}
		for _, k := range slices.Sorted(maps.Keys(byName)) {
			gather(byName[k], add)
		}
	case reflect.Struct:
		switch v.Type() {
		case stimulusType:
			return
		case textType:
			add(text.Text{ZH: v.Field(0).String(), EN: v.Field(1).String()})
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				gather(v.Field(i), add)
			}
		}
	}
}

// ref is the name under which packed feedback holds a text: its place among the words, or the text itself where it is none of them.
const ref = "#"

// feedback is what an item explains of a response, in both languages at once: {"#":3} stands for a text, and what is zero is left out.
func (v Version) feedback(see func(text.Lang) item.View, r item.Response) (json.RawMessage, error) {
	var said [2]any
	for i, l := range text.Langs {
		raw, err := json.Marshal(v.Item.Explain(see(l), r))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &said[i]); err != nil {
			return nil, err
		}
	}
	packed, err := v.pack(said[0], said[1])
	if err != nil {
		return nil, fmt.Errorf("%s: feedback: %w", v.Item.Name(), err)
	}
	return encode(packed)
}

func (v Version) pack(zh, en any) (any, error) {
	switch z := zh.(type) {
	case map[string]any:
		e, ok := en.(map[string]any)
		if !ok || len(e) != len(z) {
			break
		}
		out := map[string]any{}
		for k := range z {
			x, err := v.pack(z[k], e[k])
			if err != nil {
				return nil, err
			}
			if !isZero(x) {
				out[k] = x
			}
		}
		return out, nil
	case []any:
		e, ok := en.([]any)
		if !ok || len(e) != len(z) {
			break
		}
		out := make([]any, len(z))
		for i := range z {
			var err error
			if out[i], err = v.pack(z[i], e[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case string:
		e, ok := en.(string)
		if !ok {
			break
		}
		for _, t := range []text.Text{{ZH: z, EN: e}, {ZH: z}} { // English falls back to Chinese
			if n, known := v.places[t]; known && t.In(text.EN) == e {
				return map[string]any{ref: n}, nil
			}
		}
		if z == e {
			return z, nil
		}
		return map[string]any{ref: text.Text{ZH: z, EN: e}}, nil
	default:
		if zh == en {
			return zh, nil
		}
	}
	return nil, fmt.Errorf("the languages differ in more than words: %v, %v", zh, en)
}

func isZero(x any) bool {
	switch x := x.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case bool:
		return !x
	case float64:
		return x == 0
	case []any:
		return len(x) == 0
	}
	return false
}

// Explained is a place's feedback in a language, as its kind's template takes it. t is the texts that the place refers to.
func (p Place) Explained(t Texts, l text.Lang) (any, error) {
	kind, ok := item.KindOf(p.Kind)
	if !ok {
		return nil, fmt.Errorf("no kind %s", p.Kind)
	}
	var packed any
	if err := json.Unmarshal(p.Feedback, &packed); err != nil {
		return nil, err
	}
	plain, err := t.unpack(packed, l)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(plain)
	if err != nil {
		return nil, err
	}
	out := reflect.New(reflect.TypeOf(kind.Explain))
	if err := strictly(raw, out.Interface()); err != nil {
		return nil, err
	}
	return out.Elem().Interface(), nil
}

func (t Texts) unpack(x any, l text.Lang) (any, error) {
	switch x := x.(type) {
	case []any:
		for i := range x {
			var err error
			if x[i], err = t.unpack(x[i], l); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		switch r := x[ref].(type) {
		case float64:
			if n := int(r); n >= 0 && n < len(t.Words) {
				return t.Words[n].In(l), nil
			}
			return nil, fmt.Errorf("no word %g among %d", r, len(t.Words))
		case map[string]any:
			zh, _ := r["zh"].(string)
			en, _ := r["en"].(string)
			return text.Text{ZH: zh, EN: en}.In(l), nil
		}
		for k := range x {
			var err error
			if x[k], err = t.unpack(x[k], l); err != nil {
				return nil, err
			}
		}
	}
	return x, nil
}

// Canonical is JSON in its one form: names sorted, numbers as RFC 8785 writes them (shortest decimal that reads back as the same 64-bit float), no space between.
func Canonical(raw []byte) ([]byte, error) {
	var x any
	if err := json.Unmarshal(raw, &x); err != nil {
		return nil, err
	}
	return encode(x)
}

// encode writes JSON without escaping <, > and &, and without the newline that Go puts behind it.
func encode(x any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(x)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Hash is SHA-256 in hex.
func Hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// strictly reads JSON and refuses names that it does not know.
func strictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
