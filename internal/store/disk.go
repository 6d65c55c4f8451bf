package store

import (
	"path/filepath"
	"strings"

	"leida/internal/fault"
)

// Disk is the file system that a file lies on.
type Disk struct {
	Kind        string // such as ext4, nfs or fuse.sshfs; empty where that is not known
	Free, Total int64  // bytes; Total 0 where that is not known
}

// A disk is low when less is free than lowBytes, or on a small one than a lowShare-th of it.
const (
	lowBytes = 500 << 20
	lowShare = 20
)

// Low says whether so little is free that somebody should make room before saves fail.
func (d Disk) Low() bool { return d.Total > 0 && d.Free < min(lowBytes, d.Total/lowShare) }

// Disk looks at the disk of a sqlite file; of PostgreSQL's nothing is known here.
func (s *Store) Disk() (Disk, error) {
	if s.path == "" {
		return Disk{}, nil
	}
	return s.disk(filepath.Dir(s.path))
}

// File is the path of the sqlite file, empty for PostgreSQL.
func (s *Store) File() string { return s.path }

// overNetwork are file systems whose files other machines may change, the host of a virtual one among them. The write-ahead log of sqlite needs memory shared by all who have the database open and
// locks that hold, and there has neither: https://sqlite.org/wal.html, https://sqlite.org/howtocorrupt.html section 2.
var overNetwork = map[string]bool{
	"nfs": true, "cifs": true, "smb": true, "smb2": true, "ncp": true, "afs": true, "coda": true, "ceph": true, "9p": true, "lustre": true, "gpfs": true, "beegfs": true,
	"vboxsf": true, "vmhgfs": true, "virtiofs": true,
}

// fuseOverNetwork are those that run as a program of the user's. Other FUSE file systems (NTFS, encrypted folders) are this machine's own.
var fuseOverNetwork = []string{
	"sshfs", "rclone", "s3fs", "s3ql", "goofys", "mount-s3", "gcsfuse", "blobfuse", "curlftpfs", "davfs", "smbnetfs", "glusterfs", "ceph", "juicefs", "mfs", "seaweedfs", "nfs", "cifs", "vmhgfs",
}

func (d Disk) network() bool {
	sub, fuse := strings.CutPrefix(d.Kind, "fuse.")
	if !fuse {
		return overNetwork[d.Kind]
	}
	for _, name := range fuseOverNetwork {
		if strings.HasPrefix(sub, name) {
			return true
		}
	}
	return false
}

// refuseNetwork says no to a database file on a disk that is not this machine's own.
func refuseNetwork(path string, probe func(string) (Disk, error)) error {
	d, err := probe(filepath.Dir(path))
	if err != nil {
		return err
	}
	if d.network() {
		return fault.New(fault.Conflict, "store.network_disk", "kind", d.Kind, "path", filepath.Dir(path))
	}
	return nil
}
