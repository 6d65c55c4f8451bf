package store

import (
	"bufio"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestKindOf(t *testing.T) {
	mounted := func() (string, error) { return "as mounted", nil }
	for number, want := range map[uint32]string{
		0x6969: "nfs", 0xFF534D42: "cifs", 0x786F4256: "vboxsf", 0xBACBACBC: "vmhgfs", 0x01021997: "9p", 0xEF53: "ext4", 0x65735546: "as mounted", 1: "",
	} {
		if got, err := kindOf(number, mounted); got != want || err != nil {
			t.Errorf("%#x: %s %v, not %s", number, got, err, want)
		}
	}
	known := append(slices.Collect(maps.Values(magic)), "virtiofs") // FUSE by its number, and no word before its name
	for kind := range overNetwork {
		if !slices.Contains(known, kind) {
			t.Errorf("%s is refused and never found", kind)
		}
	}
}

func TestMountTable(t *testing.T) {
	const table = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
35 22 0:31 / /home/x/far rw,nosuid,nodev shared:160 master:2 - fuse.sshfs x@far:/ rw,user_id=1000
37 22 0:33 / /srv rw,relatime - virtiofs share rw
36 22 0:32 / /mnt/a\040b rw - fuse portal rw
`
	for device, want := range map[string]string{"0:31": "fuse.sshfs", "0:32": "fuse", "0:33": "virtiofs", "8:1": "ext4", "0:99": "fuse"} {
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
