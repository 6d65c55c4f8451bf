// Package fault says what went wrong, in words for people: every error a person may see is a message key with named values, never a sentence.
package fault

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind is the class of a failure. It decides the HTTP status and whether trying again helps; there is one place (web) that turns it into a response.
type Kind string

const (
	Invalid         Kind = "invalid"         // what was sent is not acceptable: 422
	BadRequest      Kind = "bad_request"     // it could not be read at all: 400
	TooLarge        Kind = "too_large"       // over a stated limit: 413
	Unauthenticated Kind = "unauthenticated" // sign in first: 401
	Forbidden       Kind = "forbidden"       // signed in, but not for this: 403
	NotFound        Kind = "not_found"       // absent, or somebody else's: 404
	Conflict        Kind = "conflict"        // the state has moved on: 409
	Throttled       Kind = "throttled"       // too often: 429
	Busy            Kind = "busy"            // try again shortly: 503
	Internal        Kind = "internal"        // our fault; the cause is logged, never shown: 500
)

// Args are the named values of a message, as in "from {min} to {max}".
type Args map[string]any

// Problem is one thing wrong at one place of what was sent.
type Problem struct {
	Path    string `json:"path"`              // where, such as options[2].credit; empty for the whole
	Key     string `json:"key"`               // message key
	Args    Args   `json:"args,omitempty"`    // the message's values
	Warning bool   `json:"warning,omitempty"` // worth a look, not a refusal
}

// At is a problem at a path.
func At(path, key string, args ...any) Problem {
	return Problem{Path: path, Key: key, Args: named(args)}
}

// Warn is a problem that does not refuse.
func Warn(path, key string, args ...any) Problem {
	p := At(path, key, args...)
	p.Warning = true
	return p
}

// Under puts a problem's path below another: Under("options[1]") turns "credit" into "options[1].credit".
func (p Problem) Under(parent string) Problem {
	p.Path = Join(parent, p.Path)
	return p
}

// Join puts two paths together: a and b.c make a.b.c, a and [2] make a[2].
func Join(parent, child string) string {
	switch {
	case parent == "":
		return child
	case child == "" || strings.HasPrefix(child, "["):
		return parent + child
	}
	return parent + "." + child
}

// Error is a failure with its message key. It satisfies errors.Is and errors.As through its cause.
type Error struct {
	Kind     Kind
	Key      string
	Args     Args
	Problems []Problem
	cause    error
}

// New is a failure of a kind; args are name, value, name, value ...
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: named(args)}
}

// Of is an Invalid failure of the problems that refuse, or nil where there is none.
func Of(problems []Problem) error {
	var hard []Problem
	for _, p := range problems {
		if !p.Warning {
			hard = append(hard, p)
		}
	}
	if len(hard) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "fault.invalid", Problems: hard}
}

// Field is an Invalid failure of one field.
func Field(path, key string, args ...any) *Error {
	return &Error{Kind: Invalid, Key: "fault.invalid", Problems: []Problem{At(path, key, args...)}}
}

// Because keeps the technical cause beside the message; it goes to the log and to errors.Is, never to a person.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is for logs and tests; people read text.Say(lang, e.Key, e.Args).
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	writeArgs(&b, e.Args)
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "; %s: %s", p.Path, p.Key)
		writeArgs(&b, p.Args)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.cause }

// KindOf is the kind of an error; whatever does not say is Internal.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return Internal
}

// As finds the fault in an error, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is reports whether an error is a fault of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

func writeArgs(b *strings.Builder, args Args) {
	names := make([]string, 0, len(args))
	for n := range args {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Fprintf(b, " %s=%v", n, args[n])
	}
}

func named(args []any) Args {
	if len(args) == 0 {
		return nil
	}
	if a, ok := args[0].(Args); ok && len(args) == 1 {
		return a
	}
	a := Args{}
	for i := 0; i+1 < len(args); i += 2 {
		a[fmt.Sprint(args[i])] = args[i+1]
	}
	return a
}

// Index is the path of an element: Index("options", 2) is options[2].
func Index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
