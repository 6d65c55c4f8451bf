package web

import (
	"strings"

	"leida/internal/org"
	"leida/internal/text"
)

// navigation is the viewer's menu, with the place they are at marked.
func navigation(v org.Viewer, l text.Lang, path string) []navLink {
	if !v.SignedIn() {
		return nil
	}
	var nav []navLink
	add := func(href, key string, under ...string) {
		current := path == href
		for _, u := range under {
			current = current || strings.HasPrefix(path, u)
		}
		nav = append(nav, navLink{Href: href, Name: text.Say(l, key), Current: current})
	}
	add("/", "nav.home", "/sittings/")
	if v.Is(org.Agent) {
		add("/me", "nav.me")
	}
	if v.Is(org.Manager) {
		add("/teams", "nav.teams", "/teams", "/people/")
	}
	if v.Is(org.Trainer, org.Manager) {
		add("/assignments", "nav.assignments", "/assignments")
	}
	if v.Is(org.Trainer, org.Admin) {
		add("/bank", "nav.bank", "/bank")
	}
	if v.Is(org.Admin) {
		add("/admin/people", "nav.people", "/admin/people", "/admin/roster")
		add("/admin/cycles", "nav.cycles", "/admin/cycles")
	}
	add("/help", "nav.help")
	return nav
}
