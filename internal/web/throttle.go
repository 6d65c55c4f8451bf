package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"leida/internal/fault"
	"leida/internal/store"
)

// Allowances of trying, which all servers share: by account, whoever asks, and by address, whatever account.
const (
	accountBurst = 8                // tries at once for one account
	accountEvery = 30 * time.Second // and one more each so often
	addressBurst = 60               // a centre's agents share an address at the start of a shift
	addressEvery = 2 * time.Second
)

// attempt takes one of the tries that an account, and the address that the request comes from, have at secrets, all together: passwords at the door and
// inside, codes of either kind. Throttled is that there is none left. The address pays for what is asked of an account in vain too: whoever keeps an account waiting can do so with few from one
// address. An address that is used up costs the accounts nothing.
func (s *Server) attempt(c *gin.Context, account string) error {
	ok, err := s.Store.Allow(c, s.Now(),
		store.Limit{Key: limitKey("address", network(c.ClientIP())), Burst: addressBurst, Every: addressEvery},
		store.Limit{Key: limitKey("account", account), Burst: accountBurst, Every: accountEvery})
	if err == nil && !ok {
		err = fault.New(fault.Throttled, "login.throttled")
	}
	return err
}

// forgive gives an account its tries back after the right proof.
func (s *Server) forgive(c *gin.Context, account string) error {
	return s.Store.Forgive(c, limitKey("account", account))
}

// limitKey hides what was typed, which may be somebody's password in the wrong field, and is short however long that was.
func limitKey(kind, of string) string {
	sum := sha256.Sum256([]byte(kind + " " + of))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// network is what one party has of addresses: an IPv4 address, or 64 bits of IPv6.
func network(address string) string {
	at, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if at = at.Unmap(); at.Is4() {
		return at.String()
	}
	whole, err := at.Prefix(64)
	if err != nil {
		return address
	}
	return whole.String()
}
