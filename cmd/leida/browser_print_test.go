package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"leida/internal/text"
)

var onePage = regexp.MustCompile(`/Type\s*/Page[^s]`)

// testPrint prints the reports as the button does: an agent on two sheets at most, a team on two to four, with the head on the first and no sheet left empty.
func testPrint(t *testing.T, browser context.Context) {
	c := demoCentre(t)
	agent := newVisitor(t, browser, c).tab(desktop)
	agent.signIn("A1001", password)
	manager := newVisitor(t, browser, c).tab(desktop)
	manager.signIn("M1001", password)
	manager.open("/teams")
	teams := js[[]string](manager, "[...document.querySelectorAll('tbody th a')].map((a) => a.getAttribute('href'))")
	for _, lang := range text.Langs {
		evidence := text.Say(lang, "report.subs.table")
		for _, p := range []struct {
			name, path  string
			by          *tab
			least, most int
			second      string // on the second sheet
		}{
			{"print-agent", "/me", agent, 1, 2, evidence},
			{"print-team", teams[len(teams)-1], manager, 2, 4, ""},
		} {
			p.by.speak(string(lang))
			p.by.open(p.path)
			name := p.name + "-" + string(lang)
			sheets := printed(p.by, filepath.Join(shotsDir(t), name+".pdf"))
			if n := len(sheets); n < p.least || n > p.most {
				t.Errorf("%s has %d sheets, want %d to %d", name, n, p.least, p.most)
			}
			if sheets[0] == noText {
				continue
			}
			head := p.by.text("h1")
			if !strings.Contains(squeezed(sheets[0]), squeezed(head)) {
				t.Errorf("%s: the first sheet does not say %q", name, head)
			}
			if p.second != "" && (len(sheets) < 2 || !strings.Contains(squeezed(sheets[1]), squeezed(p.second))) {
				t.Errorf("%s: the second sheet does not say %q", name, p.second)
			}
			for i, s := range sheets {
				if len([]rune(squeezed(s))) < 150 {
					t.Errorf("%s: sheet %d is nearly empty: %q", name, i+1, s)
				}
			}
		}
	}
}

const noText = "\x00"

func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// printed prints the open page on A4 and keeps it; it returns the text of each sheet, or noText where pdftotext is missing.
func printed(b *tab, file string) []string {
	b.t.Helper()
	yes := true
	pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: chromedp.PaperA4.Width, PaperHeight: chromedp.PaperA4.Height, PreferCSSPageSize: &yes, PrintBackground: &yes}).Data
	if err := os.WriteFile(file, pdf, 0o644); err != nil {
		b.t.Fatal(err)
	}
	sheets := make([]string, len(onePage.FindAll(pdf, -1)))
	if len(sheets) == 0 {
		b.t.Fatalf("%s has no sheet", file)
	}
	tool, err := exec.LookPath("pdftotext")
	for i := range sheets {
		if sheets[i] = noText; err != nil {
			continue
		}
		var out bytes.Buffer
		cmd := exec.Command(tool, "-f", strconv.Itoa(i+1), "-l", strconv.Itoa(i+1), "-layout", file, "-")
		if cmd.Stdout = &out; cmd.Run() == nil {
			sheets[i] = out.String()
		}
	}
	return sheets
}

// testReadmeShot writes the picture of the README where LEIDA_README_SHOT says; see make readme-shot.
func testReadmeShot(t *testing.T, browser context.Context) {
	file := os.Getenv("LEIDA_README_SHOT")
	if file == "" {
		t.Skip("LEIDA_README_SHOT names no file")
	}
	b := newVisitor(t, browser, demoCentre(t)).tab(desktop)
	b.speak("zh")
	b.signIn("A1001", password)
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}})
	b.open("/me")
	yes := true
	height := js[float64](b, "(scrollTo(0, 0), document.querySelectorAll('.sheet')[0].getBoundingClientRect().bottom + 24)")
	raw := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &yes,
		Clip: &page.Viewport{Width: float64(b.screen.width), Height: height, Scale: 1}}).Data
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, raw, 0o644); err != nil {
		t.Fatal(err)
	}
}
