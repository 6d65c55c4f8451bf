package org

import (
	"fmt"
	"time"

	"leida/internal/text"
)

// Cycle is a period of assessment, such as a quarter. Closing it freezes a snapshot of every profile (MEASUREMENT 5.3).
type Cycle struct {
	ID       string
	Name     text.Text
	From, To time.Time // [From, To)
	ClosedAt time.Time // zero while open
}

// Closed reports whether the cycle's reports are frozen.
func (c Cycle) Closed() bool { return !c.ClosedAt.IsZero() }

// Quarter is the cycle of a time where no other has been set: the calendar quarter in the centre's zone.
func Quarter(t time.Time, zone *time.Location) Cycle {
	t = t.In(zone)
	q := (int(t.Month()) - 1) / 3
	from := time.Date(t.Year(), time.Month(3*q+1), 1, 0, 0, 0, 0, zone)
	return Cycle{
		ID:   fmt.Sprintf("%d-q%d", t.Year(), q+1),
		Name: text.Text{ZH: fmt.Sprintf("%d年第%s季度", t.Year(), []string{"一", "二", "三", "四"}[q]), EN: fmt.Sprintf("Q%d %d", q+1, t.Year())},
		From: from, To: from.AddDate(0, 3, 0),
	}
}
