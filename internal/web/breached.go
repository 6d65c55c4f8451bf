package web

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Breached is a file of passwords known from breaches: the SHA-1 of each in hexadecimal, one a line, sorted; what follows a colon is not read. That is how the
// large collections are published. It is searched where it lies, so it may be larger than memory. A nil Breached knows none.
type Breached struct {
	file io.ReaderAt
	size int64
}

const sha1Hex = 2 * sha1.Size

// OpenBreached looks whether a file is what it should be, at its beginning and its end.
func OpenBreached(file io.ReaderAt, size int64) (*Breached, error) {
	b := &Breached{file, size}
	first, err := b.hashAfter(0)
	if err != nil {
		return nil, err
	}
	last, err := b.hashAfter(max(0, size-2*maxBreachedLine))
	switch {
	case err != nil:
		return nil, err
	case first == "" || first > last:
		return nil, fmt.Errorf("not a sorted list of SHA-1 hashes, one a line")
	}
	return b, nil
}

// Has reports whether a password is in the file, in about as many reads as the number of its lines has bits.
func (b *Breached) Has(password string) (bool, error) {
	if b == nil {
		return false, nil
	}
	sum := sha1.Sum([]byte(password))
	want := strings.ToUpper(hex.EncodeToString(sum[:]))
	var failed error
	at := sort.Search(int(b.size), func(i int) bool {
		got, err := b.hashAfter(int64(i))
		if err != nil {
			failed = err
		}
		return got == "" || got >= want
	})
	if failed != nil {
		return false, failed
	}
	got, err := b.hashAfter(int64(at))
	return got == want, err
}

const maxBreachedLine = 80 // bytes: a hash, a colon, a count and the end of the line

// hashAfter is the hash of the first line that begins at an offset or after it, in capitals; "" after the last.
func (b *Breached) hashAfter(offset int64) (string, error) {
	var buf [2 * maxBreachedLine]byte
	from := max(0, offset-1) // with the end of the line before, if it is one
	n, err := b.file.ReadAt(buf[:], from)
	if err != nil && err != io.EOF {
		return "", err
	}
	rest := buf[:n]
	if offset > 0 {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			if from+int64(n) < b.size {
				return "", fmt.Errorf("a line of more than %d bytes at %d", maxBreachedLine, from)
			}
			return "", nil
		}
		rest = rest[end+1:]
	}
	if len(bytes.TrimSpace(rest)) == 0 {
		return "", nil
	}
	if len(rest) < sha1Hex {
		return "", fmt.Errorf("no SHA-1 in the line after %d", from)
	}
	if _, err := hex.DecodeString(string(rest[:sha1Hex])); err != nil {
		return "", fmt.Errorf("no SHA-1 in the line after %d", from)
	}
	return strings.ToUpper(string(rest[:sha1Hex])), nil
}
