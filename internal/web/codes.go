package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"rsc.io/qr"
)

// Codes of a generator: RFC 6238 with SHA-1, six digits every 30 seconds, as every authenticator app knows them.
const (
	codePeriod    = 30 // seconds
	codeSkew      = 1  // steps of the clock, either way
	codeSeed      = 20 // random bytes
	recoveryCodes = 10
	secretBytes   = 16 // of a recovery code and a one-time password: 128 bits, so that a plain hash keeps them
)

// OneTimeLasts is how long a one-time password is good for.
const OneTimeLasts = 72 * time.Hour

// typeable are 32 characters of which none passes for another.
var typeable = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// readable is a random secret in characters to be read out or copied from paper, in groups of four; the last has two.
func readable(rand io.Reader) (string, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(rand, raw); err != nil {
		return "", err
	}
	code := typeable.EncodeToString(raw)
	var b strings.Builder
	for i := 0; i < len(code); i += 4 {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(code[i:min(i+4, len(code))])
	}
	return b.String(), nil
}

// OneTimePassword is a random password to be read out, used once and then changed.
func OneTimePassword(rand io.Reader) (string, error) { return readable(rand) }

// newRecoveryCodes are codes for a person to keep, and the hashes for us to keep.
func newRecoveryCodes(rand io.Reader) (codes []string, hashes [][32]byte, err error) {
	for range recoveryCodes {
		code, err := readable(rand)
		if err != nil {
			return nil, nil, err
		}
		codes, hashes = append(codes, code), append(hashes, recoveryHash(code))
	}
	return codes, hashes, nil
}

// recoveryHash forgives what happens when a code is copied from paper: case, hyphens and blanks, and the letters that are not among ours.
func recoveryHash(typed string) [32]byte {
	const most = 200 // bytes; no longer one is a code
	typed = strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(typed[:min(len(typed), most)]))
	return sha256.Sum256([]byte(typed))
}

var codeOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// looksGenerated reports whether a typed code is of the generator's form; it may have blanks.
func looksGenerated(typed string) bool {
	digits := strings.ReplaceAll(typed, " ", "")
	return len(digits) == codeOptions.Digits.Length() && strings.Trim(digits, "0123456789") == ""
}

// stepOf is the step of the clock whose code was typed: this one, or a neighbour, for clocks differ.
func stepOf(seed []byte, typed string, now time.Time) (step int64, ok bool) {
	typed = strings.ReplaceAll(typed, " ", "")
	for d := int64(-codeSkew); d <= codeSkew; d++ {
		at := now.Unix()/codePeriod + d
		code, err := hotp.GenerateCodeCustom(base32.StdEncoding.EncodeToString(seed), uint64(at), codeOptions)
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(typed)) == 1 {
			step, ok = at, true
		}
	}
	return step, ok && len(seed) > 0
}

// keyOf is a seed as an authenticator app takes it, by address or typed.
func keyOf(seed []byte, account string) (*otp.Key, error) {
	return totp.Generate(totp.GenerateOpts{Issuer: "leida", AccountName: account, Secret: seed, Period: codePeriod, Digits: codeOptions.Digits, Algorithm: codeOptions.Algorithm})
}

// qrCode is a drawing of dark squares on light, Size modules wide with the quiet zone around them.
type qrCode struct {
	Size int
	Path string // of SVG, one module to the unit
}

func drawQR(content string) (qrCode, error) {
	const quiet = 4 // modules around it, as the standard asks
	code, err := qr.Encode(content, qr.M)
	if err != nil {
		return qrCode{}, err
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if w := x - from; w > 0 {
				b.WriteString(rect(from+quiet, y+quiet, w))
			}
		}
	}
	return qrCode{Size: code.Size + 2*quiet, Path: b.String()}, nil
}
