package exam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// OpenResult reads a result as far as marking an item anew needs it: the item's place, of the other places only what sums and passes are made of (Critical, Score, Section, Units and Weight), and
// all that is no place. The others stay folded, and Encode writes them as they were. Reading every place whole takes ten times as long.
//
// raw must be what Encode wrote, shown to be that by its hash: what stays folded is not looked at again.
func OpenResult(raw []byte, item string) (*Result, error) {
	list := bytes.Index(raw, []byte(placesName)) // the name can stand in no text: its quotes would be escaped
	if list < 0 {
		return nil, errNoPlaces
	}
	list += len(placesName)
	var folded [][]byte
	end, ok := cut(raw[list:], func(place []byte) { folded = append(folded, place) })
	if !ok {
		return nil, errNoPlaces
	}
	r, err := ReadResult(bytes.Join([][]byte{raw[:list], raw[list+end:]}, []byte("[]")))
	if err != nil {
		return nil, err
	}
	id, err := encode(item)
	if err != nil {
		return nil, err
	}
	r.Places = make([]Place, len(folded))
	for i, f := range folded {
		if err := r.Places[i].open(f, id); err != nil {
			return nil, fmt.Errorf("stored result: place %d: %w", i, err)
		}
	}
	return r, nil
}

const placesName = `"places":`

var errNoPlaces = errors.New("stored result: no places")

// open reads a place whole where it is of an item, whose id comes as JSON, and else what sums are made of.
func (p *Place) open(raw, item []byte) error {
	var errs []error
	number := func(value []byte) float64 {
		x, err := strconv.ParseFloat(string(value), 64)
		errs = append(errs, err)
		return x
	}
	whole := false
	_, ok := cut(raw, func(member []byte) {
		name, value, _ := bytes.Cut(member, []byte(`":`))
		switch string(name) {
		case `"critical`:
			errs = append(errs, json.Unmarshal(value, &p.Critical))
		case `"item`:
			cut(value, func(member []byte) {
				whole = whole || bytes.HasPrefix(member, []byte(`"id":`)) && bytes.Equal(member[len(`"id":`):], item)
			})
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
		errs = append(errs, errors.New("it has no end"))
	}
	if err := errors.Join(errs...); err != nil || !whole {
		p.Folded = raw
		return err
	}
	*p = Place{}
	return strictly(raw, p)
}

// cut visits the elements of a JSON array, or the members of an object, without reading them, and says where it ends. There must be no space between.
func cut(raw []byte, visit func(part []byte)) (end int, ok bool) {
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
			if from < i {
				visit(raw[from:i])
			}
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
	out = append(append(out, raw[:list]...), '[')
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
	return append(append(out, ']'), raw[list+len("[]"):]...), nil
}
