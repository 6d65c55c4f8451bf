package web_test

import (
	"encoding/base64"
	"html/template"
)

func base64of(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func htmlEscape(s string) string { return template.HTMLEscapeString(s) }
