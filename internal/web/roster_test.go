package web

import (
	"encoding/base64"
	"testing"
)

// Whatever file can be checked can be confirmed: it comes back in base64, whose letters a form need not escape.
func TestRosterComesBackWhole(t *testing.T) {
	if n := len("again=") + base64.RawURLEncoding.EncodedLen(maxRoster); n > maxUpload {
		t.Errorf("a file of %d bytes comes back as %d, and %d may be sent", maxRoster, n, maxUpload)
	}
}
