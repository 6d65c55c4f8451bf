// Package client is an agent without a browser: it signs in, sits and submits through leida's own pages over HTTP, as forms and the sitting page's script do.
// Tests under load, under faults and across replicas drive the program with it.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
)

const (
	sessionCookie = "leida_session"
	maxPage       = 8 << 20 // bytes of a reply
)

// Client is one person's browser: it keeps cookies, and follows no redirect by itself. It is safe for concurrent use.
type Client struct {
	base *url.URL
	http http.Client
}

// New is a browser with nobody signed in. base is the server's address, such as http://127.0.0.1:8080; transport is nil for http.DefaultTransport.
func New(base string, transport http.RoundTripper) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return nil, fmt.Errorf("client: %q is no address of a server", base)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{base: &url.URL{Scheme: u.Scheme, Host: u.Host}, http: http.Client{Transport: transport, Jar: jar, CheckRedirect: stay}}, nil
}

// Error is a request that did not do what it should.
type Error struct {
	What       string        // method and path
	Status     int           // 0 where no reply came
	Code       string        // of a refusal in JSON: moved, time_over, submitted, ...; login where the session is gone
	Message    string        // for the person
	RetryAfter time.Duration // what the server asked for; 0 for nothing
	Lost       bool          // the connection was refused, or broke before the whole reply was here
	Maybe      bool          // nobody can tell whether the server did it: the connection was lost, or it failed on the way
	Err        error
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %d %s %s", e.What, e.Status, e.Code, e.Message)
	if e.Err != nil {
		s += " " + e.Err.Error()
	}
	return strings.Join(strings.Fields(s), " ")
}

func (e *Error) Unwrap() error { return e.Err }

// reply is a response, read whole.
type reply struct {
	what   string
	status int
	header http.Header
	body   []byte
}

// get asks for a page.
func (c *Client) get(ctx context.Context, path string) (reply, error) {
	return c.do(ctx, http.MethodGet, path, nil, "text/html")
}

// post sends a form as one of our pages does.
func (c *Client) post(ctx context.Context, path string, form url.Values) (reply, error) {
	return c.do(ctx, http.MethodPost, path, form, "text/html")
}

// do sends a request and reads the reply. A status of 400 and above is an *Error, as is no reply at all.
func (c *Client) do(ctx context.Context, method, path string, form url.Values, accept string) (reply, error) {
	r := reply{what: method + " " + path}
	to, err := c.base.Parse(path)
	if err != nil {
		return r, &Error{What: r.what, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return r, &Error{What: r.what, Err: err}
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "leida-client")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("Origin", c.base.String())
	}
	res, err := c.http.Do(req)
	if err != nil {
		return r, &Error{What: r.what, Lost: true, Maybe: method == http.MethodPost && !refused(err), Err: err}
	}
	defer res.Body.Close()
	r.status, r.header = res.StatusCode, res.Header
	if r.body, err = io.ReadAll(io.LimitReader(res.Body, maxPage)); err != nil {
		return r, &Error{What: r.what, Status: r.status, Lost: true, Maybe: method == http.MethodPost, Err: err}
	}
	return r, r.failure(method)
}

// failure is what a status of 400 and above means.
func (r reply) failure(method string) error {
	if r.status < http.StatusBadRequest {
		return nil
	}
	e := &Error{What: r.what, Status: r.status, Maybe: method == http.MethodPost && r.status >= http.StatusInternalServerError}
	if s, err := strconv.Atoi(r.header.Get("Retry-After")); err == nil {
		e.RetryAfter = time.Duration(s) * time.Second
	}
	var refusal struct {
		Error struct{ Code, Message string }
	}
	if json.Unmarshal(r.body, &refusal) == nil {
		e.Code, e.Message = refusal.Error.Code, refusal.Error.Message
	}
	return e
}

// to is where a redirect leads, if it leads to a path that begins so. A redirect to the sign-in page is an Error with the code login.
func (r reply) to(prefix string) (string, error) {
	at := r.header.Get("Location")
	switch {
	case r.status >= 300 && strings.HasPrefix(at, prefix):
		return at, nil
	case r.status >= 300 && strings.HasPrefix(at, "/login"):
		return "", &Error{What: r.what, Status: r.status, Code: "login"}
	}
	return "", &Error{What: r.what, Status: r.status, Err: fmt.Errorf("leads to %q and not to %s", at, prefix)}
}

// page is the HTML of a reply that is a page.
func (r reply) page() (*html.Node, error) {
	if r.status != http.StatusOK {
		_, err := r.to("\x00") // a page was asked for and a redirect came
		return nil, err
	}
	return html.Parse(strings.NewReader(string(r.body)))
}

// SignIn signs in by name or number. A wrong password is an Error with status 401, too many tries one with 429.
func (c *Client) SignIn(ctx context.Context, name, password string) error {
	r, err := c.post(ctx, "/login", url.Values{"name": {name}, "password": {password}})
	if err != nil {
		return err
	}
	if _, err = r.to("/"); err == nil && c.Session() == "" {
		err = &Error{What: r.what, Status: r.status, Err: errors.New("no session was given")}
	}
	return err
}

// SignOut ends the session.
func (c *Client) SignOut(ctx context.Context) error {
	_, err := c.post(ctx, "/logout", nil)
	return err
}

// Session is the token of the session, as the cookie carries it; empty for none.
func (c *Client) Session() string {
	for _, k := range c.http.Jar.Cookies(c.base) {
		if k.Name == sessionCookie {
			return k.Value
		}
	}
	return ""
}

// Resume goes on with a session whose token one has.
func (c *Client) Resume(token string) {
	c.http.Jar.SetCookies(c.base, []*http.Cookie{{Name: sessionCookie, Value: token, Path: "/"}})
}

// refused says that a request cannot have reached the server: there was no connection to send it on.
func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
