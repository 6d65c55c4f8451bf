package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Beyond this machine nobody serves plain HTTP without having said so.
func TestPlainHTTPStaysOnThisMachine(t *testing.T) {
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "leida.example:0"} {
		for _, args := range [][]string{{"--addr", addr}, {"--addr", "127.0.0.1:0", "--metrics-addr", addr}, {"--secure", "--metrics-addr", addr}} {
			r := invoke("", append([]string{"serve", "--data", t.TempDir()}, args...)...)
			if r.code != exitUsage || !strings.Contains(r.err, "--insecure-http") {
				t.Errorf("%v: %+v", args, r)
			}
		}
	}
	for _, addr := range []string{"localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"} {
		if c := (serveCmd{Addr: addr, MetricsAddr: addr}); c.checkAddresses() != nil {
			t.Errorf("%s is refused", addr)
		}
	}
	for _, c := range []serveCmd{
		{Addr: ":1", Secure: true}, {Addr: ":1", listenFlags: listenFlags{TLSCert: "a", TLSKey: "b"}}, {Addr: ":1", MetricsAddr: ":2", listenFlags: listenFlags{InsecureHTTP: true}},
	} {
		if err := c.checkAddresses(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if c := (serveCmd{Addr: "localhost:1", listenFlags: listenFlags{TLSCert: "a"}}); c.checkAddresses() == nil {
		t.Error("a certificate without its key is taken")
	}
}

// certificate makes a self-signed one for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shape := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "leida test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	cert, key, pool = write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", secret), x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return cert, key, pool
}

// HTTPS of our own: TLS 1.2 and 1.3, forward secrecy, no answer to plain HTTP but that it is the wrong one.
func TestServeTLS(t *testing.T) {
	cert, key, pool := certificate(t)
	addr, out := freeAddr(t), &safeBuffer{}
	ctx, stop := context.WithCancel(context.Background())
	p := &program{t: t, base: "https://" + addr, stop: stop, done: make(chan int, 1), out: out}
	go func() {
		p.done <- run(ctx, []string{"serve", "--data", t.TempDir(), "--addr", addr, "--metrics-addr", "", "--tls-cert", cert, "--tls-key", key}, func(string) string { return "" }, strings.NewReader(""), out, out)
	}()
	t.Cleanup(func() { p.end() })
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	var page *http.Response
	p.until("the server answers", func() (up bool) {
		var err error
		page, err = client.Get(p.base + "/login")
		return err == nil
	})
	page.Body.Close()
	if page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Strict-Transport-Security"), "max-age=31536000") {
		t.Errorf("%s %v", page.Status, page.Header)
	}
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool, MinVersion: version, MaxVersion: version})
		if (err == nil) != want {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			suite := tls.CipherSuiteName(conn.ConnectionState().CipherSuite)
			if version == tls.VersionTLS12 && !strings.Contains(suite, "ECDHE") {
				t.Errorf("no forward secrecy: %s", suite)
			}
			conn.Close()
		}
	}
	var weak []uint16
	for _, s := range append(tls.InsecureCipherSuites(), tls.CipherSuites()...) {
		if !strings.Contains(s.Name, "ECDHE") && slices.Contains(s.SupportedVersions, tls.VersionTLS12) && !slices.Contains(s.SupportedVersions, tls.VersionTLS13) {
			weak = append(weak, s.ID)
		}
	}
	if conn, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, CipherSuites: weak}); err == nil {
		t.Errorf("takes %s", tls.CipherSuiteName(conn.ConnectionState().CipherSuite))
		conn.Close()
	}
	plain, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get("http://" + addr + "/login")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(plain.Body)
	plain.Body.Close()
	if err != nil || plain.StatusCode != http.StatusBadRequest || strings.Contains(string(body), "<html") || plain.Header.Get("Location") != "" {
		t.Errorf("plain HTTP: %s %v %s %v", plain.Status, plain.Header, body, err)
	}
	if code := p.end(); code != exitOK {
		t.Errorf("stopped with %d:\n%s", code, out)
	}
}

// A database elsewhere whose certificate is not checked is warned of.
func TestUnsureDatabase(t *testing.T) {
	for address, want := range map[string]bool{
		"": false, "postgres://leida@db.example/leida": true, "postgres://leida@db.example/leida?sslmode=disable": true, "postgres://leida@db.example/leida?sslmode=require": true, "postgres://leida@192.0.2.1:5432/leida?sslmode=verify-ca": true,
		"postgres://leida@db.example/leida?sslmode=verify-full": false, "postgres://leida@localhost/leida": false, "postgres://leida@127.0.0.1:5432/leida": false, "postgres://leida@[::1]/leida": false, "postgres:///leida?host=/run/postgresql": false, "postgres:///leida?host=db.example": true,
	} {
		if got := unsureDatabase(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	r := invoke("", "serve", "--db", "postgres://leida@db.invalid/leida?sslmode=disable&connect_timeout=1", "--addr", "127.0.0.1:0", "--metrics-addr", "")
	if r.code != exitFailure || !strings.Contains(r.err, "sslmode=verify-full") {
		t.Errorf("%+v", r)
	}
}

// A database role with a password that comes with the box is refused, and so is a private key that everybody may read.
func TestDefaultSecretsAreRefused(t *testing.T) {
	if weakDatabase("") {
		t.Error("no address is refused")
	}
	for who, want := range map[string]bool{
		"leida": false, "leida:leida": true, "x:x": true, "postgres:Postgres": true, "leida:": true, "leida:password": true, "leida:a1-long-one-of-its-own": false,
	} {
		if got := weakDatabase("postgres://" + who + "@db.example/leida"); got != want {
			t.Errorf("%s: %v", who, got)
		}
	}
	r := invoke("", "serve", "--db", "postgres://"+"leida:leida"+"@127.0.0.1:1/leida", "--addr", "127.0.0.1:0", "--metrics-addr", "")
	if r.code != exitUsage || strings.Contains(r.err, "leida:leida") {
		t.Errorf("%+v", r)
	}
	cert, key, _ := certificate(t)
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	r = invoke("", "serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0", "--metrics-addr", "", "--tls-cert", cert, "--tls-key", key)
	if r.code != exitFailure || !strings.Contains(r.err, "chmod 600") {
		t.Errorf("%+v", r)
	}
}

// A new database has nobody in it: no account of ours, no default password.
func TestFreshDatabaseHasNobody(t *testing.T) {
	data := t.TempDir()
	if r := invoke("", "migrate", "--data", data); r.code != exitOK {
		t.Fatal(r)
	}
	r := invoke("", "user", "list", "--data", data)
	if r.code != exitOK || strings.Contains(r.out, "admin") || strings.Count(strings.TrimSpace(r.out), "\n") > 0 {
		t.Errorf("%+v", r)
	}
	p := start(t, "--data", data)
	for _, name := range []string{"admin", "root", "leida", "demo", "Z01", "test"} {
		for _, secret := range []string{name, "admin", "password", demoPassword, ""} {
			got, err := p.client.PostForm(p.base+"/login", url.Values{"name": {name}, "password": {secret}})
			if err != nil {
				t.Fatal(err)
			}
			got.Body.Close()
			if got.StatusCode != http.StatusUnauthorized && got.StatusCode != http.StatusTooManyRequests {
				t.Errorf("%s with %q: %s", name, secret, got.Status)
			}
		}
	}
	for _, name := range []string{filepath.Join(data, "leida.db"), data} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm()&0o077 != 0 && name != data {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

// Lines of the log are in UTC, whatever the machine's zone.
func TestLogIsInUTC(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		(&serveCmd{LogFormat: format, LogLevel: "info"}).logger(&world{err: &out}).Info("x")
		stamp := regexp.MustCompile(`time"?[=:]"?([0-9T:.-]+)Z`).FindStringSubmatch(out.String())
		if stamp == nil {
			t.Fatalf("%s: no time in UTC in %s", format, &out)
		}
	}
	east := time.FixedZone("east", 8*3600)
	at := time.Date(2026, 11, 2, 12, 0, 0, 0, east)
	if got := inUTC(nil, slog.Time(slog.TimeKey, at)).Value.Time(); got.Location() != time.UTC || !got.Equal(at) {
		t.Error(got)
	}
}
