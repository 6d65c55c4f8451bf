package web

import (
	"strings"
	"testing"
)

func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::1": "2001:db8:1:2::/64", "2001:db8:1:3::1": "2001:db8:1:3::/64",
		"": "", "nowhere": "nowhere",
	} {
		if got := network(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// What somebody types is not kept, and costs no more however long it is.
func TestLimitKey(t *testing.T) {
	long := limitKey("account", strings.Repeat("x", 100_000))
	short := limitKey("account", "hunter2")
	if len(long) != len(short) || strings.Contains(short, "hunter2") || short == limitKey("address", "hunter2") || short != limitKey("account", "hunter2") {
		t.Error(long, short)
	}
}
