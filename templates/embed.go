// Package templates carries the pages: layout around every page, one file per page, and the parts of each item kind.
package templates

import "embed"

// FS holds layout/*.html, *.html (a page each) and items/*.html (a kind each).
//
//go:embed layout/*.html *.html items/*.html
var FS embed.FS
