package chart

import (
	"encoding/xml"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// canvas writes SVG elements. Everything that goes in is escaped; a style attribute is never written, so a strict content policy holds.
type canvas struct {
	b     strings.Builder
	light bool // colours of its own instead of custom properties
}

// light is the palette of a file that stands alone.
var light = map[string]string{
	agentColour: "#2450d3", targetColour: "#b4560c", previousColour: "#0c857a", teamColour: "#647089",
	textColour: "#172033", mutedColour: "#56627a", lineColour: "#dfe5ef", strongColour: "#7d8aa0", surfaceColour: "#ffffff", trackColour: "#f0f3f9",
}

// paint is a colour as an attribute.
func (c *canvas) paint(name string) string {
	if c.light {
		return light[name]
	}
	return "var(" + name + ")"
}

// open starts an element; attrs are name, value, ...
func (c *canvas) open(name string, attrs ...string) { c.tag(name, attrs, ">") }

func (c *canvas) close(name string) { c.b.WriteString("</" + name + ">") }

// el is an element without content.
func (c *canvas) el(name string, attrs ...string) { c.tag(name, attrs, "/>") }

func (c *canvas) tag(name string, attrs []string, end string) {
	c.b.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		c.b.WriteString(" " + attrs[i] + `="`)
		c.escape(attrs[i+1])
		c.b.WriteByte('"')
	}
	c.b.WriteString(end)
}

// stroke is a line of a colour and width; more are further attributes.
func (c *canvas) stroke(class, d, colour string, width float64, more ...string) {
	c.el("path", append([]string{"class", class, "d", d, "fill", "none", "stroke", c.paint(colour), "stroke-width", num(width), "stroke-linejoin", "round"}, more...)...)
}

// words is one line of text with its baseline at y.
func (c *canvas) words(class string, x, y float64, anchor string, l line, colour string) {
	attrs := []string{"class", class, "x", num(x), "y", num(y), "font-size", num(l.size), "fill", c.paint(colour)}
	if anchor != "start" {
		attrs = append(attrs, "text-anchor", anchor)
	}
	if l.bold {
		attrs = append(attrs, "font-weight", "600")
	}
	c.open("text", attrs...)
	c.escape(l.s)
	c.close("text")
}

// symbol draws a marker of a kind; a hollow one shows the surface inside.
func (c *canvas) symbol(s style, at point, scale float64) {
	fill, edge := s.colour, surfaceColour
	if s.id == "target" {
		fill, edge = surfaceColour, targetColour
	}
	h := s.size * scale / 2
	attrs := []string{"class", "mark mark-" + s.id, "fill", c.paint(fill), "stroke", c.paint(edge), "stroke-width", num(1.5 * scale)}
	corners := map[string][]vertex{
		"diamond":  {{0, -h}, {h, 0}, {0, h}, {-h, 0}},
		"triangle": {{0, -h}, {h, h}, {-h, h}},
		"rect":     {{-h, -h}, {h, -h}, {h, h}, {-h, h}},
	}[s.symbol]
	if corners == nil {
		c.el("circle", append(attrs, "cx", num(at.x), "cy", num(at.y), "r", num(h))...)
		return
	}
	from := func(v vertex) point { return point{at.x + v[0], at.y + v[1]} }
	c.el("path", append(attrs, "d", path(from, corners, true))...)
}

// dashes is the stroke-dasharray of a style, as the chart library of the page draws it.
func dashes(s style) []string {
	switch s.dash {
	case "dashed":
		return []string{"stroke-dasharray", num(4*s.width) + " " + num(2*s.width)}
	case "dotted":
		return []string{"stroke-dasharray", num(s.width) + " " + num(s.width)}
	}
	return nil
}

// escape writes text; characters that XML cannot hold become U+FFFD.
func (c *canvas) escape(s string) {
	_ = xml.EscapeText(&c.b, []byte(s)) // a strings.Builder does not fail
}

func (c *canvas) html() template.HTML { return template.HTML(c.b.String()) }

// num is a number with at most two decimals; it is never NaN or infinite, because nothing absent is drawn.
func num(v float64) string {
	v = math.Round(v*100) / 100
	if v == 0 {
		return "0" // not -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
