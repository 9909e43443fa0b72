// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math/rand"
	"strings"

	"sigs.k8s.io/yaml"
)

// Texts by hand: what the random ones below would hardly meet.
var texts = []string{"", "\n", "# only a comment\n", "---\n", "---\n...\n", "--- a\n--- b\n", "a: 1\n---\nb: [\n", "%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "%YAML 2.0\n---\na: 1\n", "%FOO\n--- a\n",
	"a: b: c\n", "a: 1\n b: 2\n", "a:\n  - 1\n - 2\n", "a: [1, 2\n", "a: {b: 1\n", "a: ]\n", "a: }\n", "- a\nb: c\n", "a: 'x\n", "a: \"x\n", "a: \"\\q\"\n", "a: \"\\x4\"\n", "a: \"\\u12\"\n", "\ta: 1\n", "a:\n\tb: 1\n", "a: \t1\n", "a:\t1\n",
	"a: @x\n", "a: `x\n", "a: %x\n", "a: |\n  x\n y\n", "a: |2\n  x\n", "a: |-\n  x\n\n", "a: |+\n  x\n\n", "a: >\n  x\n  y\n\n  z\n", "a: >-\n  x\n   y\n  z\n", "a: |0\n  x\n", "a: |x\n  x\n", "a: |10\n x\n",
	"a: &x 1\nb: *x\n", "a: *x\n", "a: &x [*x]\n", "a: &x {b: *x}\n", "a: &x {c: 1}\nb:\n  <<: *x\n  d: 2\n", "a: &x {c: 1}\nb:\n  c: 2\n  <<: *x\n", "a: &x {c: 1}\nb: &y {c: 3, d: 4}\nz:\n  <<: [*x, *y]\n", "<<: {a: 1}\n", "<<: 1\n", "<<: [1]\n", "<<: [{a: 1}, {a: 2, b: 3}]\n",
	"\"<<\": {a: 1}\n", "a: <<\n", "!!merge x: {a: 1}\n", "a: &x 1\n<<: *x\n", "a: 1\na: 2\n", "{a: 1, a: 2}\n", "1: a\n1.5: b\ntrue: c\nyes: d\n0x10: e\n1e3: f\n.inf: g\n0.1: h\n123456789.125: i\n", "null: a\n", "~: a\n", "? \n: a\n", "[a]: 1\n", "{a: 1}: 1\n", "? [a, b]\n: 1\n", "? [\"\\x07\\x1b\\x7f\\u00e9\\u200b\\u2028\\ue000\\U0001f600\"]\n: 1\n", "18446744073709551615: 1\n",
	"2001-01-01: a\n", "!!str 1: a\n", "!!int 1: a\n", "!!binary aGk=: a\n", "a: !!binary aGk=\n", "a: !!binary a!\n", "a: !!binary |\n  aGVs\n  bG8=\n", "a: !!binary /w==\n", "a: !!str 1\n", "a: !!int \"1\"\n", "a: !!int x\n", "a: !!int 1.5\n", "a: !!float 1\n", "a: !!float x\n", "a: !!float 18446744073709551615\n", "a: !!bool yes\n", "a: !!bool \"no\"\n", "a: !!bool 1\n", "a: !!null x\n", "a: !!null ''\n", "a: !!timestamp 2001-01-01\n", "a: !!timestamp x\n",
	"a: !foo 1\n", "a: !foo {b: 1}\n", "a: ! 1\n", "a: ! \"1\"\n", "a: !!set {b: }\n", "a: !!omap [b: 1]\n", "a: !<tag:yaml.org,2002:int> 1\n", "a: !<x 1\n", "a: !!unknown 1\n", "a: !!seq 1\n", "a: !x!y 1\n", "%TAG ! tag:yaml.org,2002:\n--- !int 1\n", "a: !!map {b: 1}\n",
	"a: .inf\n", "a: -.inf\n", "a: .nan\n", "a: 1e400\n", "a: [.inf]\n", "- - - a\n  - b\n- c\n", "- a\n-b\n", "-\n", "- \n", "?\n", ":\n", ": a\n", "a:\n", "a: ~\nb:\nc: null\n", "a: 'it''s'\n", "a: \"\\u00e9\\x41\\n\\t\\\\\\\"\\/\\0\\a\\b\\e\\f\\v\\N\\_\\L\\P\\U0001F600\"\n", "\"a\\0b\": 1\n", "a: \"x\n  y\n\n  z\"\n", "a: \"x \\\n   y\"\n", "a: 'x\n  y'\n", "a: x\n  y\n\n  z\n", "a: x # c\nb: x#c\n", "a: \"\\ud83d\\ude00\"\n",
	"a: {b: c, d: [e, f], g: {h: i}}\n", "a: [b: c, d]\n", "{a, b: , c: }\n", "[a, , b]\n", "[a b, 'c', \"d\"]\n", "{a: b:c}\n", "{\"a\":1}\n", "{\"a\":\"b\",\"c\":[1,2.5,null,true]}", "[\n1,\n2\n]\n", "{a: [}\n", "[{]}\n", "a\n", "12\n", "'x'\n", "\ufeffa: 1\n", "a: \ufeffb\n", "a: \u0085b\n", "a: \u2028b\n", "\u0085a: 1\n",
	"a: \x01\n", "a: \x7f\n", "\"\x01\"\n", "a: \xff\n", "a: \xc3\n", "\xff\xfea\x00:\x00 \x001\x00\n\x00", "a: \u0080\n", "a: b\r\nc: d\r\n", "a: b\rc: d\r", "a: |\r\n  x\r\n  y\r\n", "a: *\n", "a: &\n", "a: &a &b c\n", "&a a: &b b\n*a : *b\n", "*x : 1\n", "a: !!int !!str 1\n", "a: - b\n", "a:\n- b\n- c\nd:\n  - e\n", "a:\n    b:\n  c: 1\n", "key with spaces: v\n", "a: b\n\n\n...\n", "a: b\n... x\n", "a: b\n...\nc: d\n", "--- |\n x\n--- >\n y\n", "a: 1\n- b\n", "a\nb: c\n", "a: b\nc\n", "a: b\nc\nd: e\n", "'a': b\n'c' d\n",
	"{{ .x }}: 1\n", "a: {{ .x }}\n", "a: {{ .x }}-b\n", "- {{ x }}\n", "a: b {{ c }}\n", "a: [b\n  c: d\n", "a: \"b\" c\n", "a: 'b' c\n", "a: [b] c\n", "a: {b: c} d\n", "a: b\n  c: d\n", "a:\n  b\n  c: d\n", "a:\n  - b: c\n   d: e\n", "a:\n  b: c\n d: e\n", "x: - y\n", "x:\n  y: |\n z\n", "? a\n? b\n", "? a\n: b\n? c\n", "a: |\n\tx\n", "a: |\n \tx\n", "a: >\n\n\n  x\n", "a: |+\n\n\nb: 1\n", "a: |\n   \n  x\n", "a:\n  |\n  x\n", "a:   # c\n  b\n", "a: b: \n", "a: 'b\n---\nc'\n", "a: \"b\n...\n\"\n", "--- a: b\n", "---a: b\n", "--- - a\n", "a: ?b\n", "a: -b\n", "a: :b\n", "?a: b\n", "-a: b\n", ":a: b\n"}

// Keys that are more than a word, and what aliases make of them.
var keyTexts = []string{"? &a [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n: v\n", "? &a {*a : 1}\n: v\n", "? &a {b: *a}\n: v\n", "? [&a [x], *a, [*a]]\n: v\n", "? &a [1]\n: *a\n", "a: &a [1, 2]\n? *a\n: v\n",
	"a: &a x\n*a : 1\nb: *a\n", "a: &a 5\n*a : 1\n? *a\n: 2\n", "? &x .nan\n: v\n*x : w\nz: *x\n", "? &x .nan\n: v\n*x : w\n", "? [.nan, .inf, {null: 1}, 18446744073709551615]\n: v\n", "? [!!int x]\n: v\n", "? [!!binary a!]\n: v\n",
	"? {[a]: b, c: !!int x}\n: v\n", "? {c: !!int x, [a]: b}\n: v\n", "? {<<: 1}\n: v\n", "? [*nowhere]\n: v\n", "? {? {? [a]\n: b}\n: c}\n: d\n", "[a]: !!int x\n", "a: !!int x\n[a]: 1\n", "null: !!int x\n", "a: &a {b: c}\nx: {<<: [*a, &y {b: 1}, *y]}\nz: *y\n",
	"a: &a {b: &b {c: d}}\n<<: [*a, *b, {<<: *a}]\n", "a: &a [&b [c]]\nx: [*a, *b, *a]\n", "&a a: &b {*a : *a}\n*a : *b\n", "? {a: " + strings.Repeat("x", 3000) + "}\n: v\n",
	"? [&a [x, x, x, x, x, x, x, x, x], &b [*a, *a, *a, *a, *a, *a, *a, *a, *a], &c [*b, *b, *b, *b, *b, *b, *b, *b, *b], &d [*c, *c, *c, *c, *c, *c, *c, *c, *c], [*d, *d, *d, *d, *d, *d, *d, *d, *d]]\n: v\n",
	"a: &a {x: 1, y: 2}\n" + strings.Repeat("<<: *a\n", 40), "a: &a {x: 1, y: 2, z: 3, u: 4, v: 5, w: 6}\nb: &b {<<: [" + strings.Repeat("*a, ", 30) + "*a]}\nc: {<<: [" + strings.Repeat("*b, ", 60) + "*b]}\n"}

// Texts with up to three small wounds, to meet the parser's errors on many lines.
func wounded(random *rand.Rand, text string) string {
	wounds := []string{" ", "\t", "\n", ":", ": ", "- ", "[", "]", "{", "}", "'", "\"", "#", "&a ", "*a", "!", "|", ">", "%", "@", ",", "? ", "---\n", "\\"}
	for n := random.Intn(3) + 1; n > 0 && len(text) > 0; n-- {
		at := random.Intn(len(text))
		if random.Intn(3) == 0 {
			text = text[:at] + text[at+1:]
		} else {
			text = text[:at] + wounds[random.Intn(len(wounds))] + text[at:]
		}
	}
	return text
}

func documents(random *rand.Rand) (out []string) {
	out = append(out, texts...)
	out = append(out, flowTexts...)
	for _, word := range words {
		out = append(out, fmt.Sprintf("a: %s\n", word), fmt.Sprintf("%s: 1\n", word), fmt.Sprintf("- %s\n", word), fmt.Sprintf("[%s]\n", word))
	}
	for i := 0; i < 1500; i++ {
		text, err := yaml.Marshal(tree(random, 4))
		if err == nil && len(text) < 400 {
			out = append(out, wounded(random, string(text)))
		}
	}
	var deep strings.Builder
	for i := 0; i < 40; i++ {
		deep.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	out = append(out, deep.String(), "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d, *d, *d, *d, *d, *d, *d]\n")
	return append(out, keyTexts...)
}
