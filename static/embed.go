// Package static holds what pages load: style sheet, scripts and the chart bundle, as built from src by "make assets".
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

//go:embed dist
var embedded embed.FS

// Prefix is the path under which everything here is served.
const Prefix = "/static/"

// types are the media types of what is served; a file of another kind is not.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml; charset=utf-8",
	".txt": "text/plain; charset=utf-8",
}

// asset is one file with its compressed copies by content coding.
type asset struct {
	url   string
	plain []byte
	coded map[string][]byte // br, gzip
}

var (
	byName = map[string]asset{}
	byURL  = map[string]asset{}
)

func init() {
	dist := files()
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || types[path.Ext(name)] == "" {
			return err
		}
		a := asset{coded: map[string][]byte{}}
		if a.plain, err = fs.ReadFile(dist, name); err != nil {
			return err
		}
		for coding, suffix := range map[string]string{"br": ".br", "gzip": ".gz"} {
			if a.coded[coding], err = fs.ReadFile(dist, name+suffix); err != nil {
				return err
			}
		}
		sum := sha256.Sum256(a.plain)
		ext := path.Ext(name)
		a.url = Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
		byName[name], byURL[a.url] = a, a
		return nil
	})
	if err != nil {
		panic(err) // the files are compiled in: a missing one cannot reach a user
	}
}

func files() fs.FS {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		panic(err) // only for a malformed path
	}
	return dist
}

// Open opens a built file by its name, such as "charts.js" or "manifest.json".
func Open(name string) (fs.File, error) { return files().Open(name) }

// Has reports whether a name can be served, so that a page need not ask for a script that its kind of item does not have.
func Has(name string) bool { _, ok := byName[name]; return ok }

// URL is the path of a file with the hash of its content in it: "items/ordering.js" gives "/static/items/ordering.1a2b3c4d.js". What is served there never changes, so it may be cached for ever. An unknown name gives "".
func URL(name string) string { return byName[name].url }

// Lookup is what to answer for a path made by [URL]: the bytes in the best coding of those that the Accept-Encoding header allows, their media type, and the coding ("br", "gzip" or "" for none). The bytes are shared and must not be changed.
func Lookup(hashedPath, acceptEncoding string) (data []byte, contentType, encoding string, ok bool) {
	a, ok := byURL[hashedPath]
	if !ok {
		return nil, "", "", false
	}
	contentType = types[path.Ext(hashedPath)]
	for _, coding := range []string{"br", "gzip"} {
		if accepts(acceptEncoding, coding) && len(a.coded[coding]) < len(a.plain) {
			return a.coded[coding], contentType, coding, true
		}
	}
	return a.plain, contentType, "", true
}

// accepts reads an Accept-Encoding header. A coding must be named, or covered by "*", with a weight above 0.
func accepts(header, coding string) bool {
	any := false
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64) // unreadable is 0: plain bytes are always right
		}
		switch name {
		case coding:
			return weight > 0
		case "*":
			any = weight > 0
		}
	}
	return any
}
