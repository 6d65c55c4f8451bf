package web_test

import (
	"encoding/base64"
	"html/template"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func base64of(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func htmlEscape(s string) string { return template.HTMLEscapeString(s) }

// replyOf is what a recorder holds, as a client would have read it.
func replyOf(t testing.TB, what string, rec *httptest.ResponseRecorder) reply {
	t.Helper()
	res := rec.Result()
	got := reply{t: t, what: what, status: res.StatusCode, header: res.Header, body: rec.Body.String()}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && strings.HasPrefix(got.body, "<!doctype") {
		var err error
		if got.parsed, err = html.Parse(strings.NewReader(got.body)); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// nopCloser is a body in memory.
type nopCloser struct{ io.Reader }

func (nopCloser) Close() error { return nil }
