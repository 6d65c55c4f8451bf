package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"leida/internal/fault"
)

func TestNetworkDisksAreRefused(t *testing.T) {
	onlySQLite(t)
	for kind, network := range map[string]bool{
		"nfs": true, "cifs": true, "smb2": true, "9p": true, "ceph": true, "fuse.sshfs": true, "fuse.rclone": true, "fuse.glusterfs": true, "fuse.s3fs": true, "fuse.ceph-fuse": true,
		"vboxsf": true, "virtiofs": true, "vmhgfs": true, "fuse.vmhgfs-fuse": true,
		"ext4": false, "xfs": false, "btrfs": false, "zfs": false, "tmpfs": false, "overlay": false, "": false, "fuse": false, "fuseblk": false, "fuse.gocryptfs": false, "fuse.ntfs-3g": false,
	} {
		w := empty(t)
		c := w.config()
		c.Path = filepath.Join(t.TempDir(), "x.db")
		c.Disk = func(dir string) (Disk, error) {
			if dir != filepath.Dir(c.Path) {
				t.Errorf("asked about %s", dir)
			}
			return Disk{Kind: kind, Free: 1 << 40, Total: 2 << 40}, nil
		}
		s, err := Open(w.ctx, c)
		if !network {
			w.ok(err)
			w.ok(s.Close())
			continue
		}
		w.fails(err, fault.Conflict, "store.network_disk")
		if fault.As(err).Args["kind"] != kind {
			t.Errorf("%v", err)
		}
		if _, err := os.Stat(c.Path); err == nil {
			t.Errorf("%s: a file was made", kind)
		}
	}
	w := empty(t)
	c, broken := w.config(), errors.New("no answer")
	c.Disk = func(string) (Disk, error) { return Disk{}, broken }
	if _, err := Open(w.ctx, c); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestDiskLow(t *testing.T) {
	const mb, gb = int64(1) << 20, int64(1) << 30
	for _, x := range []struct {
		free, total int64
		low         bool
	}{{499 * mb, 100 * gb, true}, {501 * mb, 100 * gb, false}, {501 * mb, 4096 * gb, false}, {60 * mb, gb, false}, {40 * mb, gb, true}, {0, 0, false}} {
		if got := (Disk{Free: x.free, Total: x.total}).Low(); got != x.low {
			t.Errorf("%+v: %v", x, got)
		}
	}
}

// The kernel's word on the disk that the tests run on, and on the mount table's lines.
func TestDiskOf(t *testing.T) {
	d, err := diskOf(t.TempDir())
	if err != nil || d.Total <= 0 || d.Free < 0 || d.Free > d.Total {
		t.Error(d, err)
	}
	if _, err := diskOf(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there")
	}
}
