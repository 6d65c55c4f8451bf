package web

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"leida/internal/org"
)

// passwords hashes and checks with argon2id (m = 19 MiB, t = 2, p = 1, RFC 9106 string form), a few at a time so that a flood of sign-ins cannot exhaust memory.
type passwords struct {
	rand  io.Reader
	slots chan struct{}
	decoy string // what a name that nobody has is checked against, so that it takes as long as one that somebody has
}

const (
	argonTime    = 2
	argonMemory  = 19 << 10 // KiB
	argonThreads = 1
	argonKey     = 32
	argonAtOnce  = 4 // and no more than there are cores: they would only share them, each with its 19 MiB
)

func newPasswords(rand io.Reader) passwords {
	p := passwords{rand: rand, slots: make(chan struct{}, min(argonAtOnce, runtime.GOMAXPROCS(0)))}
	p.decoy = encodePassword([16]byte{}, make([]byte, argonKey))
	return p
}

// HashPassword is the stored form of a password.
func HashPassword(rand io.Reader, password string) (string, error) {
	var salt [16]byte
	if _, err := io.ReadFull(rand, salt[:]); err != nil {
		return "", err
	}
	return encodePassword(salt, argon2.IDKey([]byte(password), salt[:], argonTime, argonMemory, argonThreads, argonKey)), nil
}

func encodePassword(salt [16]byte, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b64.EncodeToString(salt[:]), b64.EncodeToString(key))
}

func (p passwords) hash(password string) (string, error) {
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	return HashPassword(p.rand, password)
}

// check compares in constant time. An empty stored form is nobody's: the work is done all the same and the answer is no.
// A password that is longer than any can be costs nothing, whoever it is tried on.
func (p passwords) check(stored, password string) bool {
	if len(password) > org.MaxPasswordBytes {
		return false
	}
	p.slots <- struct{}{}
	defer func() { <-p.slots }()
	known := stored != ""
	if !known {
		stored = p.decoy
	}
	h, ok := decodePassword(stored)
	if !ok {
		return false
	}
	got := argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(got, h.key) == 1 && known
}

// hashed is a stored password taken apart.
type hashed struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func decodePassword(stored string) (h hashed, ok bool) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return h, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.threads); err != nil || h.time == 0 || h.threads == 0 {
		return h, false
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	return h, err1 == nil && err2 == nil && len(h.key) > 0
}

// weaker reports whether a stored password cost less work than one would today.
func weaker(stored string) bool {
	h, ok := decodePassword(stored)
	return ok && (h.memory < argonMemory || h.time < argonTime || len(h.key) < argonKey)
}
