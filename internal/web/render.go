package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/org"
	"leida/internal/text"
	pages "leida/templates"
)

// frame is what every page has around its own matter. Handlers set Title and what else they need; render fills in the rest.
type frame struct {
	Title    string
	Lang     text.Lang
	Viewer   org.Viewer
	Nav      []navLink
	Here     string // address of this page, for coming back after a change of language
	Request  string
	Scripts  []string // modules by name, such as charts.js
	Styles   []string // style sheets by name, besides leida.css
	Wide     bool     // a page of many columns
	Demo     bool
	Notice   string // something that was just done
	Bare     bool   // no navigation: signing in and what is ahead of it, errors before it
	Printing string // the line at the head of a printed page
}

type navLink struct {
	Href, Name string
	Current    bool
}

func (f *frame) framed() *frame { return f }

// page is a struct that embeds a frame.
type page interface{ framed() *frame }

// registry is every page and its struct. A template that is not here fails the start, and so does one that is missing.
var registry = map[string]page{}

// declare is called by each page's file.
func declare(name string, p page) struct{} {
	registry[name] = p
	return struct{}{}
}

// templates are the pages parsed once for each language, so that {{t}} needs to be told none.
type templates struct {
	zone  *time.Location
	pages map[text.Lang]map[string]*template.Template
	kinds map[text.Lang]*template.Template
	prose prose
}

func loadTemplates(zone *time.Location) (*templates, error) {
	t := &templates{zone: zone, pages: map[text.Lang]map[string]*template.Template{}, kinds: map[text.Lang]*template.Template{}}
	for _, l := range text.Langs {
		set, err := t.parse(l)
		if err != nil {
			return nil, err
		}
		t.pages[l] = set
		kinds, err := template.New("kinds").Funcs(t.funcs(l)).ParseFS(pages.FS, "items/*.html")
		if err != nil {
			return nil, err
		}
		for _, k := range item.Kinds() {
			for _, part := range []string{"ask", "explain"} {
				if kinds.Lookup(k.Name+"."+part) == nil {
					return nil, fmt.Errorf("templates/items/%s.html does not define %s.%s", k.Name, k.Name, part)
				}
			}
		}
		fold(kinds, l)
		t.kinds[l] = kinds
	}
	return t, nil
}

func (t *templates) parse(l text.Lang) (map[string]*template.Template, error) {
	base, err := template.New("base").Funcs(t.funcs(l)).ParseFS(pages.FS, "layout/*.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(pages.FS, "*.html")
	if err != nil {
		return nil, err
	}
	set := map[string]*template.Template{}
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".html")
		if registry[name] == nil {
			return nil, fmt.Errorf("templates/%s: no page declares it", f)
		}
		one, err := template.Must(base.Clone()).ParseFS(pages.FS, f)
		if err != nil {
			return nil, err
		}
		fold(one, l)
		set[name] = one
	}
	for name := range registry {
		if set[name] == nil {
			return nil, fmt.Errorf("page %s has no templates/%s.html", name, name)
		}
	}
	return set, nil
}

// render answers with a page.
func (s *Server) render(c *gin.Context, name string, p page) error {
	return s.renderStatus(c, http.StatusOK, name, p)
}

// renderStatus writes the whole page into a buffer before a byte is sent, so that a page is never half there.
func (s *Server) renderStatus(c *gin.Context, status int, name string, p page) error {
	f := p.framed()
	f.Lang, f.Viewer, f.Request, f.Demo = lang(c), viewer(c), requestID(c), s.Demo
	f.Here = c.Request.URL.RequestURI()
	if !reading(c) {
		f.Here = "/"
	}
	if f.Notice == "" {
		f.Notice = s.takeNotice(c)
	}
	f.Nav = navigation(f.Viewer, f.Lang, c.Request.URL.Path)
	f.Bare = f.Bare || !f.Viewer.SignedIn() || aheadOf(c) != None
	var b bytes.Buffer
	if err := s.templates.pages[f.Lang][name].ExecuteTemplate(&b, "layout", p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

// ask is an item's form, and explain what was right and why, from the templates of its kind.
func (s *Server) ask(it *item.Item, v item.View, a item.Answer) (template.HTML, error) {
	return s.kindPart(it.Type, v.Lang, "ask", it.Body.Prompt(v, a))
}

func (s *Server) explain(it *item.Item, v item.View, a item.Answer) (template.HTML, error) {
	return s.kindPart(it.Type, v.Lang, "explain", it.Explain(v, item.Response{Answer: a}))
}

func (s *Server) kindPart(kind string, l text.Lang, part string, data any) (template.HTML, error) {
	var b bytes.Buffer
	if err := s.templates.kinds[l].ExecuteTemplate(&b, kind+"."+part, data); err != nil {
		return "", fmt.Errorf("%s.%s: %w", kind, part, err)
	}
	return template.HTML(b.String()), nil
}

// Notices survive one redirect in a cookie that holds a message key, so that nothing a person typed is echoed.
const noticeCookie = "leida_notice"

func (s *Server) notice(c *gin.Context, key string) { s.setCookie(c, noticeCookie, key, time.Minute) }

func (s *Server) takeNotice(c *gin.Context) string {
	key, err := c.Cookie(s.cookieName(noticeCookie))
	if err != nil || key == "" {
		return ""
	}
	s.setCookie(c, noticeCookie, "", -time.Second)
	if !strings.HasPrefix(key, "notice.") || !text.Has(key) {
		return ""
	}
	return text.Say(lang(c), key)
}

func (t *templates) localArgs(l text.Lang, args fault.Args) fault.Args {
	out := fault.Args{}
	for k, v := range args {
		if at, ok := v.(time.Time); ok {
			v = t.datetime(l, at)
		}
		out[k] = v
	}
	return out
}
