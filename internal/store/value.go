package store

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// moment is a time as it is stored: whole milliseconds since 1970 in UTC, NULL for the zero time.
type moment struct{ time.Time }

// stamp rounds a time down to what storage holds, so that rows can be compared.
func stamp(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	return moment{fromMillis(t.UnixMilli())}
}

// Value implements driver.Valuer.
func (m moment) Value() (driver.Value, error) {
	if m.IsZero() {
		return nil, nil
	}
	return m.UnixMilli(), nil
}

// Scan implements sql.Scanner.
func (m *moment) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		m.Time = time.Time{}
	case int64:
		m.Time = fromMillis(v)
	default:
		return fmt.Errorf("time stored as %T", v)
	}
	return nil
}

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// reference is a string that may be missing: empty here, NULL in storage.
type reference string

// Value implements driver.Valuer.
func (r reference) Value() (driver.Value, error) {
	if r == "" {
		return nil, nil
	}
	return string(r), nil
}

// Scan implements sql.Scanner.
func (r *reference) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*r = ""
	case string:
		*r = reference(v)
	case []byte:
		*r = reference(v)
	default:
		return fmt.Errorf("reference stored as %T", v)
	}
	return nil
}

// like is a pattern that finds a word anywhere; it wants ESCAPE '!'.
func like(word string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(word) + "%"
}

// Page is a stretch of a list. Limit 0 means DefaultLimit.
type Page struct{ Limit, Offset int }

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

func (p Page) limit() int {
	if p.Limit <= 0 {
		return DefaultLimit
	}
	return min(p.Limit, MaxLimit)
}

func (p Page) offset() int { return max(p.Offset, 0) }
