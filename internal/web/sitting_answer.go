package web

import (
	"cmp"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/exam"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/store"
)

// saved is the reply to a script's save.
type saved struct {
	Rev      int64      `json:"rev"`
	SavedAt  string     `json:"saved_at"` // times in UTC, RFC 3339
	Now      string     `json:"now"`
	Deadline *string    `json:"deadline"`
	State    exam.State `json:"state"`
	Answered bool       `json:"answered"`
	Done     int        `json:"done,omitempty"` // of an answer, how many of how many parts
	Of       int        `json:"of,omitempty"`
	Other    bool       `json:"other,omitempty"` // the content kept under this very revision is another: of a form that was held up, or of another device
}

// sent is an answer as it came, with the form's control fields taken off.
type sent struct {
	fields item.Fields
	rev    int64
	flag   *bool  // set, unset, or nil for as it is
	toggle bool   // the flag button was pressed
	exact  bool   // rev is what it says; of a form without a script it is what the page was drawn with
	goTo   string // next, prev, submit, a place; of a form
}

// answerItem saves an answer: from a script that stays on the page, or from a form that goes on to another.
func (s *Server) answerItem(c *gin.Context) error {
	v, l, now := viewer(c), lang(c), s.Now()
	n, err := placeParam(c)
	if err != nil {
		return err
	}
	in, bad := readSent(c)
	var it *item.Item
	var answer item.Answer
	var taken bool
	x, err := s.Store.UpdatePlace(c, v, *asked(c).place, func(x *exam.Sitting) (err error) {
		if bad != nil {
			return bad // here, because to anybody else the sitting is not found
		}
		if it, err = s.Definitions.ItemAt(c, x.Slots[n].ItemHash); err != nil {
			return err
		}
		if answer, err = it.Body.Parse(x.View(n, l), in.fields); err != nil {
			return err
		}
		taken = in.rev > x.Slots[n].Rev
		return x.Answer(in.save(x, v.Session, n, it, answer), now)
	})
	switch {
	case fault.Is(err, fault.NotFound):
		_, _, which := s.sittingPlace(c) // the sitting, or the place?
		return cmp.Or(which, err)
	case bad == nil && !wantsJSON(c) && fault.Is(err, fault.Invalid):
		return s.askAgain(c, n, in, err)
	case !wantsJSON(c) && stopped(err): // the form goes on all the same: what was saved before stands
		if err := s.keepLate(c, err, c.Param("sitting"), n, answer); err != nil {
			return err
		}
		s.notice(c, "notice.item_over")
		c.Redirect(http.StatusSeeOther, itemURL(c.Param("sitting"), n))
		return nil
	case err != nil:
		return errors.Join(err, s.keepLate(c, err, c.Param("sitting"), n, answer))
	case wantsJSON(c):
		slot := x.Slots[n]
		reply := saved{Rev: slot.Rev, SavedAt: wireTime(slot.SavedAt), Now: wireTime(now), State: x.State, Answered: slot.Answer != nil}
		if reply.Answered {
			var just item.Answer
			if taken {
				just = answer
			}
			if reply.Done, reply.Of, err = slot.Parts(it, just); err != nil {
				return err
			}
		}
		if !taken && in.rev == slot.Rev {
			same, err := slot.Holds(it, x.View(n, l), answer)
			if err != nil {
				return err
			}
			reply.Other = !same
		}
		if !x.Deadline.IsZero() {
			at := wireTime(x.Deadline)
			reply.Deadline = &at
		}
		sendData(c, http.StatusOK, reply)
		return nil
	}
	c.Redirect(http.StatusSeeOther, nextPage(x, n, in))
	return nil
}

// wireTime is a time as JSON has it.
func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// stopped reports whether the clock of the item itself takes nothing.
func stopped(err error) bool {
	f := fault.As(err)
	return f != nil && (f.Key == "exam.item_over" || f.Key == "exam.not_begun")
}

// save is what a sitting is to take. A button that was pressed without a script is newer than any save before it, even on a page that the browser's Back brought up.
func (in sent) save(x *exam.Sitting, session string, n int, it *item.Item, answer item.Answer) exam.Save {
	out := exam.Save{Holder: session, N: n, Rev: in.rev, Item: it, Answer: answer, Flagged: in.flag}
	if !in.exact {
		out.Rev = max(in.rev, x.Slots[n].Rev+1)
	}
	if in.toggle {
		on := !x.Slots[n].Flagged
		out.Flagged = &on
	}
	return out
}

// keepLate records an answer that came after the time, of the sitting or of the item: it is not scored, but it can be looked at when somebody complains.
func (s *Server) keepLate(c *gin.Context, err error, sitting string, n int, answer item.Answer) error {
	if f := fault.As(err); f == nil || f.Key != "exam.time_over" && f.Key != "exam.item_over" {
		return nil
	}
	if ok, err := s.spend(c, "late"); err != nil || !ok {
		return err
	}
	return s.audit(c, store.AuditEntry{Action: "late_answer", Object: "sitting", ObjectID: sitting, Detail: detail("place", n+1, "answer", answer)})
}

// askAgain says what is wrong at each field of a form, and keeps all else that was typed.
func (s *Server) askAgain(c *gin.Context, n int, in sent, refused error) error {
	x, err := s.Store.Sitting(c, viewer(c), c.Param("sitting"))
	if err != nil || x.State != exam.Live {
		return cmp.Or(err, refused)
	}
	it, err := s.Definitions.ItemAt(c, x.Slots[n].ItemHash)
	if err != nil {
		return err
	}
	f := fault.As(refused)
	typed, again := it.Body.Parse(x.View(n, lang(c)), in.fields.Without(f.Problems))
	if again != nil {
		typed = nil
	}
	return s.showItem(c, statuses[f.Kind], x, n, typed, f.Problems)
}

// nextPage is where a form's button leads.
func nextPage(x *exam.Sitting, n int, in sent) string {
	last := len(x.Slots) - 1
	switch in.goTo {
	case "next":
		if n == last {
			return "/sittings/" + x.ID + "/submit"
		}
		n++
	case "prev":
		n = max(0, n-1)
	case "submit":
		return "/sittings/" + x.ID + "/submit"
	default:
		if to, err := strconv.Atoi(in.goTo); err == nil && to >= 1 && to <= len(x.Slots) {
			n = to - 1
		}
	}
	return itemURL(x.ID, n)
}

// readSent takes a form or a JSON body apart. Names that begin with _ are the form's own; all others are the answer.
func readSent(c *gin.Context) (sent, error) {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	switch kind {
	case "application/json":
		return readSentJSON(c)
	case "application/x-www-form-urlencoded", "":
	default:
		return sent{}, fault.New(fault.BadRequest, "web.content_type")
	}
	if err := c.Request.ParseForm(); err != nil {
		return sent{}, badForm(err)
	}
	control, answer := url.Values{}, url.Values{}
	for name, values := range c.Request.PostForm {
		if strings.HasPrefix(name, "_") {
			control[name] = values
		} else {
			answer[name] = values
		}
	}
	in := sent{goTo: control.Get("_go"), toggle: control.Has("_flag"), exact: wantsJSON(c) || control.Has("_exact")}
	if in.toggle {
		in.goTo = "" // stay
	}
	var err error
	if in.rev, err = parseRev(control.Get("_rev")); err != nil {
		return sent{}, err
	}
	in.fields, err = item.FormFields(answer)
	return in, err
}

// maxRev keeps revisions far from overflow and inside what scripts count exactly.
const maxRev = 1 << 50

func parseRev(s string) (int64, error) {
	rev, err := strconv.ParseInt(s, 10, 64)
	if err != nil || rev < 1 || rev > maxRev {
		return 0, fault.Field("_rev", "define.whole", "min", 1, "max", int64(maxRev))
	}
	return rev, nil
}
