package client

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// content is what a browser would send of the controls as they stand; names that begin with _ steer the page and are left out.
func content(controls []Control) url.Values {
	out := url.Values{}
	for _, c := range controls {
		switch {
		case strings.HasPrefix(c.Name, "_"):
		case c.Type != "radio" && c.Type != "checkbox" || c.Set:
			out.Add(c.Name, c.Value)
		}
	}
	return out
}

// Pick is a well-formed answer to the item, whatever its kind. next gives a number from 0 to below n, as rand.IntN does.
func (it *Item) Pick(next func(n int) int) url.Values {
	out := url.Values{}
	var ranks []string
	for _, name := range it.names() {
		group := it.named(name)
		switch first := group[0]; first.Type {
		case "radio":
			out.Set(name, group[next(len(group))].Value)
		case "checkbox":
			if name != "excluded[]" { // of an ordering: what is ranked cannot also be left out
				out.Set(name, group[next(len(group))].Value)
			}
		case "select":
			out.Set(name, first.Values[next(len(first.Values))])
		case "number":
			ranks = append(ranks, name)
		default:
			out.Set(name, "no. "+strconv.Itoa(next(1000)))
		}
	}
	if len(ranks) > 0 {
		from := next(len(ranks))
		for i, name := range ranks {
			out.Set(name, strconv.Itoa((i+from)%len(ranks)+1))
		}
	}
	return out
}

// names are the names of the answer's controls, each once, in the page's order.
func (it *Item) names() []string {
	var out []string
	for _, c := range it.Controls {
		if !strings.HasPrefix(c.Name, "_") && !slices.Contains(out, c.Name) {
			out = append(out, c.Name)
		}
	}
	return out
}

func (it *Item) named(name string) []Control {
	return slices.DeleteFunc(slices.Clone(it.Controls), func(c Control) bool { return c.Name != name })
}
