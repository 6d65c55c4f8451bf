package web

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"rsc.io/qr"
)

// The drawing has a dark module wherever the code has one, and a quiet zone of four around it.
func TestQRIsDrawnAsEncoded(t *testing.T) {
	key, err := keyOf([]byte("twenty bytes of seed"), "A1001")
	if err != nil {
		t.Fatal(err)
	}
	if want := "otpauth://totp/leida:A1001?algorithm=SHA1&digits=6&issuer=leida&period=30&secret=" + key.Secret(); key.URL() != want {
		t.Errorf("%s, want %s", key.URL(), want)
	}
	drawn, err := drawQR(key.URL())
	if err != nil {
		t.Fatal(err)
	}
	code, err := qr.Encode(key.URL(), qr.M)
	if err != nil {
		t.Fatal(err)
	}
	dark := map[[2]int]bool{}
	for run := range strings.SplitSeq(strings.TrimSuffix(drawn.Path, "z"), "z") {
		var x, y, w, back int
		if n, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &w, &back); n != 4 || w != back || err != nil {
			t.Fatal(run, err)
		}
		for i := range w {
			dark[[2]int{x + i, y}] = true
		}
	}
	if drawn.Size != code.Size+8 {
		t.Error(drawn.Size)
	}
	for y := range drawn.Size {
		for x := range drawn.Size {
			if dark[[2]int{x, y}] != code.Black(x-4, y-4) {
				t.Fatalf("at %d, %d", x, y)
			}
		}
	}
}

// ASVS 11.5.1: what nobody may guess has 128 bits, and each of them stands in what is read out.
func TestSecretsHave128Bits(t *testing.T) {
	for name, secret := range map[string]func(raw []byte) (string, error){
		"one-time password": func(raw []byte) (string, error) { return OneTimePassword(bytes.NewReader(raw)) },
		"recovery code": func(raw []byte) (string, error) {
			codes, _, err := newRecoveryCodes(bytes.NewReader(bytes.Repeat(raw, recoveryCodes)))
			if err != nil {
				return "", err
			}
			return codes[0], nil
		},
	} {
		const bits = 128
		raw := make([]byte, bits/8)
		if _, err := rand.Read(raw); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for bit := range bits {
			other := bytes.Clone(raw)
			other[bit/8] ^= 1 << (bit % 8)
			code, err := secret(other)
			if err != nil {
				t.Fatal(name, err)
			}
			seen[code] = true
		}
		if len(seen) != bits {
			t.Errorf("%s: %d of %d bits can be told apart", name, len(seen), bits)
		}
		if _, err := secret(raw[1:]); err == nil {
			t.Errorf("%s: made of fewer bits", name)
		}
	}
}
