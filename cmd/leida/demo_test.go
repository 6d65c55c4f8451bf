package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// leida demo fills an empty database, tells who can sign in, and leaves one with people in it alone.
func TestDemoFillsOnce(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	nothing := func(string) string { return "" }
	call := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		code := run(t.Context(), args, nothing, strings.NewReader(""), &out, &errs)
		return code, out.String(), errs.String()
	}
	code, out, errs := call("--lang=en", "demo", "--data", data)
	if code != exitOK || !strings.Contains(out, "A1001") || !strings.Contains(out, demoPassword) || errs != "" {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	code, list, _ := call("user", "list", "--data", data)
	if code != exitOK || strings.Count(list, "\n") != 44 {
		t.Errorf("exit %d\n%s", code, list)
	}
	code, out, errs = call("demo", "--data", data)
	if code != exitFailure || out != "" || !strings.Contains(errs, "已经有人员") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}
