// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/BurntSushi/toml"
)

// As Helm's toToml: the message where it fails.
func tomlEncoded(in string) pair {
	var v any
	if err := json.Unmarshal([]byte(in), &v); err != nil {
		panic(err)
	}
	in = quote(v)
	var out bytes.Buffer
	if err := toml.NewEncoder(&out).Encode(v); err != nil {
		return pair{In: in, Error: err.Error()}
	}
	return pair{In: in, Out: out.String()}
}

// As Helm's fromToml, shown as JSON.
func tomlDecoded(in string) pair {
	m := map[string]any{}
	if err := toml.Unmarshal([]byte(in), &m); err != nil {
		return pair{In: in, Error: err.Error()}
	}
	out, err := json.Marshal(m)
	if err != nil {
		return pair{In: in, Error: err.Error()}
	}
	return pair{In: in, Out: string(out)}
}

var tomlTexts = strings.Split(`a = 1
---
a = 1 # c
b = "x\ty\u00e9\U0001F600\"\\"
'c d' = 'it\s'
---
a.b.c = 1
a.b.d = [1, 2, [3, "x"]]
---
[a]
b = 1
[a.c]
d = 2
[[e.f]]
g = 1
[[e.f]]
g = 2
[e.f.h]
i = true
---
a = {b = 1, c.d = 2, e = []}
---
a = """
x
  y \
    z"""
b = '''
raw\n'''
c = """a""quote"""""
---
a = [
  1,
  2, # c
]
---
a = 0x1F
b = 0o17
c = 0b101
d = 1_000
e = -1
f = +1.5
g = 1e3
h = 1.5e-3
i = 6_6.5_0
---
a = 9223372036854775807
---
a = 9223372036854775808
---
a =
---
a = 01
---
a = 1__0
---
a = .5
---
a = 5.
---
a = 1
a = 2
---
[a]
[a]
---
a = 1
[a]
---
[[a]]
[a]
---
[a.b]
[a]
c = 1
---
a.b = 1
[a]
c = 1
---
a
---
= 1
---
a = x
---
a = "x
---
a = "\q"
---
a = [1
---
a = {b = 1
---
[a
---
a = 1 b = 2
---
a.b = 1
a.b.c = 2
---
a = true
b = false
---
"" = 1
---
a = [{b = 1}, {b = 2}]
---
[[a]]
b = 1
[[a.c]]
d = 1
[[a.c]]
d = 2
[[a]]
b = 2
---
"a.b" = 1
[x."y.z"]
w = 1
---
[fruit]
apple.color = "red"
[fruit.apple]
x = 1
---
a = "\u12"
---
a = nan1
---
a = [1,,2]
---
a = 1
`+"\t"+`b = 2
---
a = "x`+"\x01"+`"
`, "---\n")

func writeTOML(dir string, values []string) {
	var encode, decode []pair
	for _, v := range append(values, `{"a":[1,{"b":[null]}]}`, `{"a":[[1,2],["x"]],"m":[1,{"k":"v","t":{"u":1}}]}`, `{"a":{"b":{"c":1},"d":[{"e":1,"f":{"g":2}},{"e":2}]},"z":1}`, `{"f":[1.5,100,1e6,1e21,1e-7]}`, `{"a b":{"":1,"ü":{"x":[]}}}`) {
		if strings.HasPrefix(v, "{") {
			encode = append(encode, tomlEncoded(v))
		}
	}
	for _, text := range tomlTexts {
		decode = append(decode, tomlDecoded(text))
	}
	for _, p := range encode {
		if p.Error == "" {
			decode = append(decode, tomlDecoded(p.Out))
		}
	}
	write(dir, "toml_encode.json", encode)
	write(dir, "toml_decode.json", decode)
}
