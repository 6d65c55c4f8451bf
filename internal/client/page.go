package client

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Control is one thing in a form that can be set. Several radio buttons or checkboxes of one name are several controls.
type Control struct {
	Name   string
	Type   string   // radio, checkbox, number, text, hidden, select, textarea
	Value  string   // as it stands; of a radio button or a checkbox what it sends when set
	Set    bool     // of a radio button or a checkbox
	Values []string // of a select: what may be chosen, without the empty one
}

// controlsOf are the controls of a form in the page's order, buttons left out.
func controlsOf(form *html.Node) []Control {
	var out []Control
	for n := range form.Descendants() {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" {
			continue
		}
		switch n.Data {
		case "input":
			kind := attr(n, "type")
			if kind == "" {
				kind = "text"
			}
			out = append(out, Control{Name: name, Type: kind, Value: attr(n, "value"), Set: has(n, "checked")})
		case "textarea":
			out = append(out, Control{Name: name, Type: "textarea", Value: words(n)})
		case "select":
			out = append(out, selectOf(n, name))
		}
	}
	return out
}

func selectOf(n *html.Node, name string) Control {
	c := Control{Name: name, Type: "select"}
	for o := range n.Descendants() {
		if o.Type != html.ElementNode || o.Data != "option" {
			continue
		}
		v := attr(o, "value")
		if has(o, "selected") {
			c.Value = v
		}
		if v != "" {
			c.Values = append(c.Values, v)
		}
	}
	return c
}

// elements are the elements of a name that one wants.
func elements(doc *html.Node, name string, want func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && want(n) {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), class)
}

// words is the text in an element.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}
