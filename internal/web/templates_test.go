package web

import (
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"leida/internal/item"
	"leida/internal/text"
)

// Every template fits its struct, on every path through it, in both languages.
func TestTemplatesFitTheirPages(t *testing.T) {
	all, err := loadTemplates(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range text.Langs {
		if len(all.pages[l]) != len(registry) {
			t.Errorf("%s: %d templates for %d pages", l, len(all.pages[l]), len(registry))
		}
		for name, p := range registry {
			tpl := all.pages[l][name].Lookup("layout")
			if err := templatecheck.CheckHTML(tpl, p); err != nil {
				t.Errorf("%s, %s: %v", name, l, err)
			}
			if err := templatecheck.CheckHTMLStrict(tpl, p); err != nil && !strings.Contains(err.Error(), "web.figure and *web.figure") { // a pointer does as well
				t.Errorf("strictly, %s, %s: %v", name, l, err)
			}
		}
		for _, k := range item.Kinds() {
			for part, data := range map[string]any{"ask": k.Prompt, "explain": k.Explain} {
				if err := templatecheck.CheckHTMLStrict(all.kinds[l].Lookup(k.Name+"."+part), data); err != nil && !strings.Contains(err.Error(), "int and interface {}") { // a list of numbers
					t.Errorf("%s.%s, %s: %v", k.Name, part, l, err)
				}
			}
		}
	}
}

// A field that is gone is found: the check is no formality.
func TestTemplateCheckFindsFaults(t *testing.T) {
	all, err := loadTemplates(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := templatecheck.CheckHTML(all.pages[text.ZH]["home"].Lookup("layout"), &loginPage{}); err == nil {
		t.Error("the home page fits the sign-in page's struct")
	}
}
