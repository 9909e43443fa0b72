// SPDX-License-Identifier: Apache-2.0

// Writes cases.json beside this folder: what helm's own parser makes of --set, --set-string, --set-json and
// --set-literal, or what it says against them. Run `go run . ..` from here.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"unicode/utf8"

	"helm.sh/helm/v3/pkg/strvals"
)

type row struct {
	Kind  string          `json:"kind"`
	In    string          `json:"in,omitempty"`
	Hex   string          `json:"hex,omitempty"` // instead of In, where that is not UTF-8
	Out   json.RawMessage `json:"out,omitempty"`
	Error string          `json:"error,omitempty"`
}

var parsers = map[string]func(string, map[string]interface{}) error{
	"set": strvals.ParseInto, "set-string": strvals.ParseIntoString, "set-json": strvals.ParseJSON, "set-literal": strvals.ParseLiteralInto,
}

// What quoting does with it: runes that do not print, those that only look empty, broken bytes, quotes.
var odd = []string{"\u200b", "\u00a0", "\u2028", "\u2029", "\u00ad", "\ufeff", "\ufffd", "\u0085", "\u3000", "é", "日本", "😀", "\U000e0001", "\U0010ffff", "\x01",
	"\a\b\f\n\r\t\v", "\x1b", "\x7f", "\"", "'", "`", " ", "\xff", "\x80", "\xc3", "\xc3(", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "e\u0301"}

var texts = map[string][]string{
	"set": {"", "a=1,b=x,c=true,d=null,e=", "a.b.c=1,a.b.d=2", "a={1,x,true}", "a[0]=x,a[2]=y", "a[1].b=1,a[0].c=2", "a[0][1]=z", `a\.b=1,c=x\,y`,
		"a=007,b=0,c=-3,d=1.5,e=1e3,f=+5", "a=9223372036854775807,b=9223372036854775808", "a=True,b=FALSE,c=Null", "a", "a,b=1", "a.b", "a={1,2", "a[x]=1", "a[-1]=1",
		"a[65537]=1", "a[0]b=1", "a[0]'\"=1", "a.b.=1", "a[99999999999999999999]=1", "a[1", "a=1,a.b=2"},
	"set-string":  {"a=1,b=true", "a=null", "a"},
	"set-json":    {`a={"x":[1,2]},b=null,c="q"`, `a[1]={"x":1}`, "a"},
	"set-literal": {"a.b=1,c={x}", "a", "a=\xff\xed\xa0\x80"},
}

func ask(kind, text string) row {
	r, values := row{Kind: kind, In: text}, map[string]interface{}{}
	if !utf8.ValidString(text) {
		r.In, r.Hex = "", hex.EncodeToString([]byte(text))
	}
	if err := parsers[kind](text, values); err != nil {
		r.Error = err.Error()
		return r
	}
	r.Out = marshal(values)
	return r
}

func marshal(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

func main() {
	var lines [][]byte
	for _, kind := range []string{"set", "set-string", "set-json", "set-literal"} {
		for _, text := range texts[kind] {
			lines = append(lines, marshal(ask(kind, text)))
		}
	}
	for _, text := range odd {
		for _, form := range []string{"a%b", "a%b,c=1", "a[%]=1", "a[0]%=1", "a=%", "%=1", "a.%=1"} {
			lines = append(lines, marshal(ask("set", string(bytes.ReplaceAll([]byte(form), []byte("%"), []byte(text))))))
		}
	}
	out := append([]byte("[\n"), bytes.Join(lines, []byte(",\n"))...)
	if err := os.WriteFile(filepath.Join(os.Args[1], "cases.json"), append(out, "\n]\n"...), 0o644); err != nil {
		panic(err)
	}
}
