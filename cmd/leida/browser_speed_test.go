package main

import (
	"context"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// orientFirstMS is how soon the first sign of content should be there, milliseconds, on a device four times slower than this machine.
const orientFirstMS = 500

// testFirstContent measures the first sign of content on a slow device: home, the page of an item and an agent's report, five times each. It holds
// nobody to a figure, which other work on the machine would move; make bench prints it.
func testFirstContent(t *testing.T, browser context.Context) {
	c := demoCentre(t)
	agent := newVisitor(t, browser, c).tab(phone)
	agent.signIn("A1001", demoPassword)
	agent.follow("section.next button, section.next a.btn")
	quiz := agent.path()
	call(agent, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: 4})
	for _, page := range []string{"/", quiz, "/me"} {
		var took []float64
		for range 5 {
			agent.open(page)
			agent.wait("performance.getEntriesByName('first-contentful-paint').length === 1")
			took = append(took, js[float64](agent, "performance.getEntriesByName('first-contentful-paint')[0].startTime"))
		}
		slices.Sort(took)
		t.Logf("%s: first content after %.0f ms (median of %d; slowest %.0f), orientation %d", page, took[2], len(took), took[4], orientFirstMS)
	}
}
