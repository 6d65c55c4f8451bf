package store

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// magic are the numbers of statfs(2) for what matters here, named as mount(8) does.
var magic = map[uint32]string{
	0x6969: "nfs", 0xFF534D42: "cifs", 0x517B: "smb", 0xFE534D42: "smb2", 0x564C: "ncp", 0x5346414F: "afs", 0x6B414653: "afs", 0x73757245: "coda",
	0x00C36400: "ceph", 0x01021997: "9p", 0x0BD00BD0: "lustre", 0x47504653: "gpfs", 0x19830326: "beegfs", 0x786F4256: "vboxsf", 0xBACBACBC: "vmhgfs",
	0xEF53: "ext4", 0x58465342: "xfs", 0x9123683E: "btrfs", 0x2FC12FC1: "zfs", 0xF2F52010: "f2fs", 0x01021994: "tmpfs", 0x794C7630: "overlay",
}

const fuseMagic = 0x65735546

// diskOf asks the kernel about the file system of a directory.
func diskOf(dir string) (Disk, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return Disk{}, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	kind, err := kindOf(uint32(fs.Type), func() (string, error) { return fuseKind(dir) })
	if err != nil {
		return Disk{}, err
	}
	return Disk{Kind: kind, Free: int64(fs.Bavail) * int64(fs.Bsize), Total: int64(fs.Blocks) * int64(fs.Bsize)}, nil
}

// kindOf names a file system by its number, or as it is mounted where it has that of FUSE, as virtiofs has too.
func kindOf(number uint32, mounted func() (string, error)) (string, error) {
	if number == fuseMagic {
		return mounted()
	}
	return magic[number], nil
}

// fuseKind is the type that the mount table gives for a directory's device, such as fuse.sshfs. statfs knows no more than that it is FUSE.
func fuseKind(dir string) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "fuse", nil
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	defer f.Close()
	return mountKind(bufio.NewScanner(f), device(uint64(st.Dev)))
}

// device is a device number as the mount table writes it, major:minor.
func device(n uint64) string {
	return fmt.Sprintf("%d:%d", n>>8&0xfff|n>>32&^0xfff, n&0xff|n>>12&^0xff&0xffffffff)
}

// mountKind finds a device's type in the lines of /proc/self/mountinfo: id, parent, major:minor, root, mount point, options, any number of tags, "-", type, source, options.
func mountKind(lines *bufio.Scanner, device string) (string, error) {
	for lines.Scan() {
		mount, rest, ok := strings.Cut(lines.Text(), " - ")
		head, kind := strings.Fields(mount), strings.Fields(rest)
		if ok && len(head) > 2 && len(kind) > 0 && head[2] == device {
			return kind[0], nil
		}
	}
	return "fuse", lines.Err()
}
