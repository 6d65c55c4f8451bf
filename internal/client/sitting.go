package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Task is an assignment that the home page asks the person to sit now.
type Task struct {
	Assignment string // to be started; empty for one that is running
	Sitting    string // that is running; empty for one not started
}

// Open are the tasks on the home page that can be started or continued.
func (c *Client) Open(ctx context.Context) ([]Task, error) {
	r, err := c.get(ctx, "/")
	if err != nil {
		return nil, err
	}
	doc, err := r.page()
	if err != nil {
		return nil, err
	}
	var out []Task
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if m := startPath.FindStringSubmatch(attr(n, "action")); n.Data == "form" && m != nil {
			out = append(out, Task{Assignment: m[1]})
		}
		if m := sittingPath.FindStringSubmatch(attr(n, "href")); n.Data == "a" && m != nil {
			out = append(out, Task{Sitting: m[1]})
		}
	}
	return out, nil
}

var (
	startPath   = regexp.MustCompile(`^/assignments/([^/]+)/start$`)
	sittingPath = regexp.MustCompile(`^/sittings/([^/]+)$`)
	itemPath    = regexp.MustCompile(`^/sittings/([^/]+)/items/(\d+)$`)
)

// Place is an item of a sitting: its number on the paper, from 1. Of a sitting that is over N is 0.
type Place struct {
	Sitting string
	N       int
}

func placeOf(r reply) (Place, error) {
	at, err := r.to("/sittings/")
	if err != nil {
		return Place{}, err
	}
	if m := itemPath.FindStringSubmatch(at); m != nil {
		n, err := strconv.Atoi(m[2])
		return Place{m[1], n}, err
	}
	return Place{Sitting: strings.Split(at, "/")[2]}, nil // its result, or the question before handing in
}

// Start begins an assignment's sitting, or finds the one that there is.
func (c *Client) Start(ctx context.Context, assignment string) (Place, error) {
	r, err := c.post(ctx, "/assignments/"+url.PathEscape(assignment)+"/start", nil)
	if err != nil {
		return Place{}, err
	}
	return placeOf(r)
}

// Continue is where a sitting goes on.
func (c *Client) Continue(ctx context.Context, sitting string) (Place, error) {
	r, err := c.get(ctx, "/sittings/"+url.PathEscape(sitting))
	if err != nil {
		return Place{}, err
	}
	return placeOf(r)
}

// Take makes this session the one in which a sitting goes on.
func (c *Client) Take(ctx context.Context, sitting string) (Place, error) {
	r, err := c.post(ctx, "/sittings/"+url.PathEscape(sitting)+"/take", nil)
	if err != nil {
		return Place{}, err
	}
	return placeOf(r)
}

// Item is a page of a sitting.
type Item struct {
	Place
	Length   int // places of the paper
	Kind     string
	Rev      int64      // what a form of this page is sent as; the revision kept is the one before
	Kept     url.Values // the answer kept, as the page shows it; what is not set is missing or empty
	Flagged  bool
	Moved    bool      // the sitting goes on in another session
	Deadline time.Time // to the second; zero for none
	Controls []Control
}

// Item reads a page of a sitting. Of one that is over it is an Error with the code over.
func (c *Client) Item(ctx context.Context, at Place) (*Item, error) {
	r, err := c.get(ctx, at.path())
	if err != nil {
		return nil, err
	}
	return itemOf(r, at)
}

// Look fetches a page of a sitting and takes its word that it is one: reading it costs a load generator more than making it costs the server.
func (c *Client) Look(ctx context.Context, at Place) error {
	r, err := c.get(ctx, at.path())
	if err == nil && (r.status != http.StatusOK || !bytes.Contains(r.body, []byte(`<form id="answer"`))) {
		return &Error{What: r.what, Status: r.status, Err: errors.New("no page of an item")}
	}
	return err
}

func (p Place) path() string {
	return "/sittings/" + url.PathEscape(p.Sitting) + "/items/" + strconv.Itoa(p.N)
}

func itemOf(r reply, at Place) (*Item, error) {
	if strings.HasSuffix(r.header.Get("Location"), "/result") {
		return nil, &Error{What: r.what, Status: r.status, Code: "over"}
	}
	doc, err := r.page()
	if err != nil {
		return nil, err
	}
	forms := elements(doc, "form", func(n *html.Node) bool { return attr(n, "id") == "answer" })
	if len(forms) != 1 {
		return nil, &Error{What: r.what, Status: r.status, Err: errors.New("no page of an item")}
	}
	it := &Item{Place: at, Kind: attr(forms[0], "data-kind"), Controls: controlsOf(forms[0])}
	for _, b := range elements(doc, "button", func(n *html.Node) bool { return attr(n, "form") == "answer" }) {
		if n, err := strconv.Atoi(attr(b, "value")); attr(b, "name") == "_go" && err == nil {
			it.Length = max(it.Length, n)
		}
		it.Flagged = it.Flagged || attr(b, "name") == "_flag" && attr(b, "aria-pressed") == "true"
	}
	take := elements(doc, "form", func(n *html.Node) bool { return strings.HasSuffix(attr(n, "action"), "/take") })
	it.Moved = len(take) > 0
	for _, t := range elements(doc, "span", func(n *html.Node) bool { return attr(n, "id") == "timer" }) {
		if it.Deadline, err = time.Parse(time.RFC3339, attr(t, "data-deadline")); err != nil {
			return nil, &Error{What: r.what, Status: r.status, Err: err}
		}
	}
	it.Kept = content(it.Controls)
	for _, c := range it.named("_rev") {
		it.Rev, err = strconv.ParseInt(c.Value, 10, 64)
	}
	if err != nil || it.Rev < 1 || it.Length < 1 {
		return nil, &Error{What: r.what, Status: r.status, Err: fmt.Errorf("revision %d, %d places", it.Rev, it.Length)}
	}
	return it, nil
}

// Saved is what the server says of an answer saved: Rev is the revision that it has, ours or a newer one.
type Saved struct {
	Rev      int64      `json:"rev"`
	SavedAt  time.Time  `json:"saved_at"`
	Now      time.Time  `json:"now"`
	Deadline *time.Time `json:"deadline"`
	State    string     `json:"state"`
	Answered bool       `json:"answered"`
	Other    bool       `json:"other"` // under Rev another content is kept than was sent
}

// Save sends an answer as the page's script does, and stays. What comes back without an error is on the server's disk.
func (c *Client) Save(ctx context.Context, at Place, rev int64, answer url.Values) (Saved, error) {
	var s Saved
	r, err := c.do(ctx, http.MethodPost, at.path(), withSteering(answer, "_rev", strconv.FormatInt(rev, 10)), "application/json")
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(r.body, &s); err != nil {
		return s, &Error{What: r.what, Status: r.status, Maybe: true, Err: err}
	}
	return s, nil
}

// Go saves an answer as the form without a script does and goes where a button leads: next, prev, submit or a number. Going to submit, or on from the last
// place, leads to a Place with N 0. An answer that is refused is an Error with status 422.
func (c *Client) Go(ctx context.Context, at Place, rev int64, answer url.Values, button string) (Place, error) {
	r, err := c.post(ctx, at.path(), withSteering(answer, "_rev", strconv.FormatInt(rev, 10), "_go", button))
	if err != nil {
		return Place{}, err
	}
	return placeOf(r)
}

// Press is Go as the page's script has it: the revision is exactly what it says, so that a copy of the form that comes late changes nothing.
func (c *Client) Press(ctx context.Context, at Place, rev int64, answer url.Values, button string) (Place, error) {
	r, err := c.post(ctx, at.path(), withSteering(answer, "_rev", strconv.FormatInt(rev, 10), "_exact", "1", "_go", button))
	if err != nil {
		return Place{}, err
	}
	return placeOf(r)
}

// withSteering is a form's content with name, value ... of the fields that steer the page.
func withSteering(answer url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for name, values := range answer {
		out[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

// Unanswered are the places that the question before handing in names as unanswered.
func (c *Client) Unanswered(ctx context.Context, sitting string) ([]int, error) {
	r, err := c.get(ctx, "/sittings/"+url.PathEscape(sitting)+"/submit")
	if err != nil {
		return nil, err
	}
	doc, err := r.page()
	if err != nil {
		return nil, err
	}
	var out []int
	for _, list := range elements(doc, "ul", func(n *html.Node) bool {
		return hasClass(n, "left") && n.PrevSibling != nil && n.PrevSibling.Data == "p"
	}) { // flagged ones stand below a heading
		for _, b := range elements(list, "b", func(n *html.Node) bool { return hasClass(n, "num") }) {
			n, err := strconv.Atoi(words(b))
			if err != nil {
				return nil, &Error{What: r.what, Status: r.status, Err: err}
			}
			out = append(out, n)
		}
	}
	return out, nil
}

// Submit hands the sitting in. However often it is sent, there is one result.
func (c *Client) Submit(ctx context.Context, sitting string) error {
	r, err := c.post(ctx, "/sittings/"+url.PathEscape(sitting)+"/submit", nil)
	if err != nil {
		return err
	}
	_, err = r.to("/sittings/" + url.PathEscape(sitting) + "/result")
	return err
}

// Result is what the result page says.
type Result struct {
	Ready  bool   // false while the sitting waits to be scored
	Score  string // 0 to 100, as written
	Points []string
}

// Result reads the result page of a sitting; Points are those of each item, as written.
func (c *Client) Result(ctx context.Context, sitting string) (Result, error) {
	r, err := c.get(ctx, "/sittings/"+url.PathEscape(sitting)+"/result")
	if err != nil {
		return Result{}, err
	}
	doc, err := r.page()
	if err != nil {
		return Result{}, err
	}
	var out Result
	first := func(s string) string { f, _, _ := strings.Cut(s, "/"); return strings.TrimSpace(f) }
	for _, p := range elements(doc, "p", func(n *html.Node) bool { return hasClass(n, "total") }) {
		out.Ready, out.Score = true, first(words(p))
	}
	for _, place := range elements(doc, "article", func(*html.Node) bool { return true }) { // the list above them has the same points
		for _, p := range elements(place, "span", func(n *html.Node) bool { return hasClass(n, "pts") }) {
			out.Points = append(out.Points, first(words(p)))
		}
	}
	return out, nil
}
