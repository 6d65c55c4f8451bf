package web

import (
	"html/template"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"leida/internal/text"
	pages "leida/templates"
)

// Folded templates write what they wrote before, wherever the text stands, and what html/template has to look at is left to it.
func TestFold(t *testing.T) {
	const page = `{{define "a"}}<p class="{{if .}}{{t "app.name"}}{{else}}{{t "app.home"}}{{end}}" title='{{t "fold<&special"}}'>{{t "app.logo"}} {{t "sitting.item" "n" 3}}{{t (print "app." "home")}}</p>` +
		`{{range $i, $x := .}}{{with $x}}<a href="{{asset "leida.css"}}">{{. | printf "%s<"}}</a>{{else}}{{t "app.skip"}}{{end}}{{else}}{{t "app.skip"}}{{end}}<title>{{t "fold<&special"}}</title>{{end}}`
	for _, l := range text.Langs {
		write := func(folded bool) string {
			funcs := (&templates{}).funcs(l)
			set := template.Must(template.New("base").Funcs(funcs).Parse(page))
			if folded {
				before := strings.Count(set.Lookup("a").Tree.Root.String(), "{{t \"")
				fold(set, l)
				if after := strings.Count(set.Lookup("a").Tree.Root.String(), "{{t \""); before != 8 || after != 3 {
					t.Errorf("%d of %d texts are left", after, before)
				}
			}
			out := ""
			for _, data := range [][]string{nil, {"x", ""}} {
				var b strings.Builder
				if err := set.ExecuteTemplate(&b, "a", data); err != nil {
					t.Fatal(err)
				}
				out += b.String()
			}
			return out
		}
		if was, is := write(false), write(true); was != is {
			t.Errorf("%s\n%s", was, is)
		}
	}
}

// No text stands in an address, where html/template would write it in another way than between tags.
func TestNoTextInAddresses(t *testing.T) {
	err := fs.WalkDir(pages.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(pages.FS, name)
		for _, found := range regexp.MustCompile(`\s(?:href|src|srcset|action|formaction|poster|data)="[^"{]*(?:\{\{[^}]*\}\}[^"{]*)*?\{\{t "[^"]*"\}\}`).FindAllString(string(src), -1) {
			t.Errorf("%s: %s", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every page has its constant texts folded in.
func TestPagesAreFolded(t *testing.T) {
	loaded, err := loadTemplates(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range text.Langs {
		nav := loaded.pages[l]["sitting_item"].Lookup("main").Tree.Root.String()
		if !strings.Contains(nav, text.Say(l, "sitting.next")) || strings.Contains(nav, `{{t "sitting.next"}}`) {
			t.Error(l)
		}
		if kind := loaded.kinds[l].Lookup("matching.ask").Tree.Root.String(); !strings.Contains(kind, text.Say(l, "matching.choose")) {
			t.Error(l, kind)
		}
	}
}
