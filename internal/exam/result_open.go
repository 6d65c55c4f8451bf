package exam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// OpenResult reads a result as far as marking an item anew needs it: the item's place, of the other places only what sums and passes are made of (Critical, Pending, Score, Section, Units and Weight), and
// all that is no place. The others stay folded, and Encode writes them as they were. Reading every place whole takes ten times as long.
//
// raw must be what Encode wrote, shown to be that by its hash: what stays folded is not looked at again.
func OpenResult(raw []byte, item string) (*Result, error) {
	list := bytes.Index(raw, []byte(placesName)) // the name can stand in no text: its quotes would be escaped
	if list < 0 {
		return nil, errNoPlaces
	}
	list += len(placesName)
	id, err := encode(item)
	if err != nil {
		return nil, err
	}
	places := make([]Place, 0, 32)
	at := list - 1
	for more := true; more; { // raw[at] is the bracket or the comma before a place
		var p Place
		n, err := p.open(raw[at+1:], id)
		if err != nil {
			return nil, fmt.Errorf("stored result: place %d: %w", len(places), err)
		}
		places = append(places, p)
		at += 1 + n
		more = at < len(raw) && raw[at] == ','
	}
	r, err := ReadResult(slices.Concat(raw[:list], raw[at:]))
	if err != nil {
		return nil, err
	}
	r.Places = places
	return r, nil
}

const placesName = `"places":[`

var errNoPlaces = errors.New("stored result: its places are no list of objects")

// open reads the place at the start of raw, whole where it is of an item, whose id comes as JSON, and else what sums are made of. n is where it ends.
func (p *Place) open(raw, item []byte) (n int, err error) {
	var errs []error
	number := func(value []byte) float64 {
		x, err := strconv.ParseFloat(string(value), 64)
		errs = append(errs, err)
		return x
	}
	whole := false
	n, ok := members(raw, func(member []byte) {
		name, value, _ := bytes.Cut(member, []byte(`":`))
		switch string(name) {
		case `"critical`:
			errs = append(errs, json.Unmarshal(value, &p.Critical))
		case `"item`:
			members(value, func(member []byte) {
				whole = whole || bytes.HasPrefix(member, []byte(`"id":`)) && bytes.Equal(member[len(`"id":`):], item)
			})
		case `"pending`:
			p.Pending = string(value) == "true"
		case `"score`:
			p.Score = number(value)
		case `"section`:
			p.Section = int(number(value))
		case `"units`:
			p.Units = number(value)
		case `"weight`:
			p.Weight = number(value)
		}
	})
	if !ok {
		return 0, errNoPlaces
	}
	if err := errors.Join(errs...); err != nil || !whole {
		p.Folded = raw[:n]
		return n, err
	}
	*p = Place{}
	return n, strictly(raw[:n], p)
}

// members visits the members of the JSON object at the start of raw without reading them, and says where it ends. There must be no space between.
func members(raw []byte, visit func(member []byte)) (end int, ok bool) {
	if len(raw) == 0 || raw[0] != '{' {
		return 0, false
	}
	depth, from := 0, 1
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
		case ',':
			if depth == 1 {
				visit(raw[from:i])
				from = i + 1
			}
		case ']', '}':
			if depth--; depth > 0 {
				continue
			}
			visit(raw[from:i])
			return i + 1, true
		}
	}
	return 0, false
}

// Encode is the result as canonical JSON, which is what its hash is of. Places that are folded are written as they were.
func (r *Result) Encode() ([]byte, error) {
	folded := 0
	for _, p := range r.Places {
		folded += len(p.Folded)
	}
	if folded == 0 {
		return encode(r)
	}
	head := *r
	head.Places = []Place{}
	raw, err := encode(&head)
	if err != nil {
		return nil, err
	}
	list := bytes.Index(raw, []byte(placesName)) + len(placesName)
	out := make([]byte, 0, len(raw)+folded+4096)
	out = append(out, raw[:list]...)
	for i, p := range r.Places {
		if i > 0 {
			out = append(out, ',')
		}
		place := []byte(p.Folded)
		if place == nil {
			if place, err = encode(p); err != nil {
				return nil, err
			}
		}
		out = append(out, place...)
	}
	return append(out, raw[list:]...), nil
}
