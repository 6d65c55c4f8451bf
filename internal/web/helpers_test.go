package web_test

import "encoding/base64"

func base64of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
