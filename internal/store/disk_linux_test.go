package store

import (
	"bufio"
	"strings"
	"testing"
)

func TestMountTable(t *testing.T) {
	const table = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
35 22 0:31 / /home/x/far rw,nosuid,nodev shared:160 master:2 - fuse.sshfs x@far:/ rw,user_id=1000
36 22 0:32 / /mnt/a\040b rw - fuse portal rw
`
	for device, want := range map[string]string{"0:31": "fuse.sshfs", "0:32": "fuse", "8:1": "ext4", "0:99": "fuse"} {
		if got, err := mountKind(bufio.NewScanner(strings.NewReader(table)), device); got != want || err != nil {
			t.Errorf("%s: %s %v", device, got, err)
		}
	}
	for number, want := range map[uint64]string{0x801: "8:1", 0x1f: "0:31", 0x10300: "259:0", 0x1200034: "0:4660"} {
		if got := device(number); got != want {
			t.Errorf("%#x: %s, not %s", number, got, want)
		}
	}
}
