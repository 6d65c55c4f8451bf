package web_test

import (
	"crypto/rand"
	"path/filepath"
	"strings"
	"testing"

	"leida/internal/store"
	"leida/internal/web"
)

// A disk that is nearly full is told of, and nobody is turned away for it.
func TestReadyOnALowDisk(t *testing.T) {
	t.Parallel()
	disk := store.Disk{Kind: "ext4", Free: 1 << 40, Total: 2 << 40}
	st, err := store.Open(t.Context(), store.Config{Path: filepath.Join(t.TempDir(), "x.db"), Now: (&clock{t: noon}).now, Rand: rand.Reader,
		Disk: func(string) (store.Disk, error) { return disk, nil }})
	must(err)
	t.Cleanup(func() { must(st.Close()) })
	must(st.Migrate(t.Context()))
	w := newWorld(t, func(c *web.Config) { c.Store = st })
	for _, x := range []struct {
		free int64
		want string
	}{{1 << 40, "ready\n"}, {300 << 20, "ready, but the disk is nearly full: 300 MB free\n"}, {600 << 20, "ready\n"}} {
		disk.Free = x.free
		if r := w.anybody().get("/readyz").is(200); !strings.HasPrefix(r.body, "ready") || r.body != x.want {
			t.Errorf("%d bytes free: %q", x.free, r.body)
		}
	}
}
