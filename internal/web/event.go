package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
)

// Security events. Each is told on its request's own line of the log, beside the time, the request's id, the address, who it was if that is known,
// the route and the outcome; docs/security.md lists them.
const (
	eventLogin    = "login"
	eventHalf     = "login_half" // the password was right, the code is still to come
	eventFailed   = "login_failed"
	eventProof    = "proof" // who was signed in proved again who they are
	eventLogout   = "logout"
	eventSession  = "session_refused" // a session cookie that is not, or no longer, anybody's
	eventDenied   = "denied"          // a page or a thing that is not for the viewer
	eventCross    = "cross_site"      // a change that another site asked for
	eventThrottle = "throttled"       // too many tries
	eventBusy     = "busy"            // turned away to keep room for answers
	eventOdd      = "malformed"       // what no page of ours sends
	eventLate     = "late_answer"     // an answer after the time
	eventFailure  = "failure"         // of the server itself
	eventPanic    = "panic"
)

// note says what this request is in the log.
func note(c *gin.Context, event string) { asked(c).event = event }

// eventOf is what a request was: what its handler noted, else what its refusal says.
func eventOf(c *gin.Context, err error) string {
	noted := asked(c).event
	if noted != "" || err == nil {
		return noted
	}
	f := publicFault(err)
	if f.Key == "exam.time_over" {
		return eventLate
	}
	return map[fault.Kind]string{fault.Forbidden: eventDenied, fault.Throttled: eventThrottle, fault.Busy: eventBusy,
		fault.BadRequest: eventOdd, fault.TooLarge: eventOdd, fault.Internal: eventFailure}[f.Kind]
}

// eventLevel is INFO for what people do, WARN for what was refused, ERROR for what failed.
func eventLevel(event string, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case event == "", event == eventLogin, event == eventHalf, event == eventProof, event == eventLogout:
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

// forLog is an error as the log has it: a failure of ours in full, a refusal by its kind and keys alone, since the rest of it may be what somebody typed.
func forLog(err error, status int) string {
	if status >= http.StatusInternalServerError {
		return err.Error()
	}
	f := publicFault(err)
	keys := []string{string(f.Kind) + ": " + f.Key}
	for _, p := range f.Problems {
		if !slices.Contains(keys, p.Key) {
			keys = append(keys, p.Key)
		}
	}
	return strings.Join(keys, "; ")
}
