package main

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// listenFlags say how the pages are reached beyond this machine.
type listenFlags struct {
	TLSCert      string `name:"tls-cert" env:"LEIDA_TLS_CERT" type:"existingfile" placeholder:"FILE" help:"Certificate chain (PEM): serve HTTPS without a proxy; needs --tls-key."`
	TLSKey       string `name:"tls-key" env:"LEIDA_TLS_KEY" type:"existingfile" placeholder:"FILE" help:"Private key (PEM) of --tls-cert."`
	InsecureHTTP bool   `name:"insecure-http" env:"LEIDA_INSECURE_HTTP" help:"Allow plain HTTP beyond this machine: whoever is on the way can read and change it."`
}

// https reports whether people reach the pages over HTTPS, by a proxy or by ourselves.
func (c *serveCmd) https() bool { return c.Secure || c.TLSCert != "" }

func (c *serveCmd) url() string {
	if c.TLSCert != "" {
		return "https://" + c.Addr
	}
	return "http://" + c.Addr
}

// checkAddresses refuses plain HTTP beyond this machine, of the pages and of the metrics, unless somebody said that it is meant.
func (c *serveCmd) checkAddresses() error {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return usageError{errors.New("--tls-cert and --tls-key go together")}
	case c.InsecureHTTP:
	case !c.https() && !loopback(c.Addr):
		return usageError{fmt.Errorf("%s is reached from other machines, over plain HTTP: give --tls-cert and --tls-key, or --secure behind a proxy that speaks HTTPS, or --insecure-http if you mean it", c.Addr)}
	case c.MetricsAddr != "" && !loopback(c.MetricsAddr):
		return usageError{fmt.Errorf("metrics on %s are reached from other machines, over plain HTTP and by anybody: give --insecure-http if you mean it", c.MetricsAddr)}
	}
	return nil
}

// loopback reports whether only this machine reaches an address. One that is no address is left for listening to complain about.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err != nil || host == "localhost" || net.ParseIP(host).IsLoopback()
}

// unsureDatabase reports whether a PostgreSQL address leads to another machine without checking which: whoever is on the way could read and change everything.
func unsureDatabase(address string) bool {
	u, err := url.Parse(address)
	if address == "" || err != nil {
		return false
	}
	host := cmp.Or(u.Query().Get("host"), u.Hostname(), "localhost")
	here := strings.HasPrefix(host, "/") || host == "localhost" || net.ParseIP(host).IsLoopback()
	return !here && u.Query().Get("sslmode") != "verify-full"
}

// weakDatabase reports whether a PostgreSQL address has a password that anybody would try first.
func weakDatabase(address string) bool {
	u, err := url.Parse(address)
	if address == "" || err != nil {
		return false
	}
	password, given := u.User.Password()
	return given && (password == u.User.Username() || slices.Contains([]string{"", "postgres", "password", "leida", "admin", "root", "secret", "changeme", "123456"}, strings.ToLower(password)))
}

// checkKey refuses a private key that everybody on this machine may read.
func checkKey(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.Mode().Perm()&0o007 != 0 {
		err = fmt.Errorf("--tls-key %s: everybody on this machine may read or change it; chmod 600", name)
	}
	return err
}

// listen serves until the server is shut down: TLS 1.2 or newer with the cipher suites that Go takes for sound, or plain HTTP.
func (c *serveCmd) listen(server *http.Server, l net.Listener) error {
	if c.TLSCert == "" {
		return server.Serve(l)
	}
	if err := checkKey(c.TLSKey); err != nil {
		return err
	}
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return server.ServeTLS(l, c.TLSCert, c.TLSKey)
}
