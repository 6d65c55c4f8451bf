package web

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
)

// checkParams makes of an id that no database takes one that nothing has: each page has its own way to say so.
func checkParams(c *gin.Context) {
	for i, p := range c.Params {
		if !plain(p.Value) {
			c.Params[i].Value = "?"
		}
	}
}

// checkInput refuses, for every route, what no handler should have to think of: text with NUL or bytes that are not UTF-8, which no database takes, and
// a name given twice where one value is meant, since there is no telling which.
func checkInput(c *gin.Context, r Route) error {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return badForm(err)
	}
	if err := checkValues(query, Route{Lists: r.Lists}); err != nil || !r.Writes() || r.Path == "" { // where there is no route, nobody reads a form
		return err
	}
	if err := parseForm(c.Request, r); err != nil {
		return err
	}
	return checkValues(c.Request.PostForm, r)
}

// parseForm reads a form here for all: gin's PostForm keeps to itself what went wrong, and would read types that nobody looked at. An upload may have several parts, an answer be JSON.
func parseForm(in *http.Request, r Route) error {
	kind, _, _ := mime.ParseMediaType(in.Header.Get("Content-Type"))
	var err error
	switch {
	case r.Answer, kind == "application/x-www-form-urlencoded", kind == "" && in.ContentLength == 0:
		err = in.ParseForm()
	case r.Upload && kind == "multipart/form-data":
		err = in.ParseMultipartForm(maxUpload) // its values go to PostForm too
	default:
		return fault.New(fault.BadRequest, "web.content_type")
	}
	if err != nil {
		return badForm(err)
	}
	return nil
}

// checkValues refuses the first field, by name, that is not text or is there too often. The fields of an answer are left to its item's kind, which can say more of them.
func checkValues(values url.Values, r Route) error {
	first, key := "", ""
	for name, given := range values {
		if key != "" && name > first {
			continue
		}
		switch {
		case r.Answer && !strings.HasPrefix(name, "_"):
		case !plain(name) || slices.ContainsFunc(given, func(v string) bool { return !plain(v) }):
			first, key = name, "web.characters"
		case len(given) > 1 && !slices.Contains(r.Lists, name):
			first, key = name, "web.twice"
		}
	}
	if key == "" {
		return nil
	}
	return fault.New(fault.BadRequest, key, "name", clip(first))
}

// plain reports whether a text can be kept: UTF-8 without NUL.
func plain(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
