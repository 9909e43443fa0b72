// SPDX-License-Identifier: Apache-2.0

// Writes the golden files beside this folder: what sigs.k8s.io/yaml (the YAML of Helm
// and Kubernetes) makes of a table of values and texts. Run `go run . ..` from here.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	yaml3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

type pair struct {
	In    string `json:"in"`
	Out   string `json:"out,omitempty"`
	Error string `json:"error,omitempty"`
}

func write(dir, name string, pairs []pair) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	out.WriteString("[\n")
	for i, p := range pairs {
		if i > 0 {
			out.Truncate(out.Len() - 1)
			out.WriteString(",\n")
		}
		if err := encoder.Encode(p); err != nil {
			panic(err)
		}
	}
	out.WriteString("]\n")
	if err := os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o644); err != nil {
		panic(err)
	}
}

// A JSON text's value as sigs.k8s.io/yaml marshals it.
func encoded(in string) pair {
	var v any
	if err := json.Unmarshal([]byte(in), &v); err != nil {
		panic(fmt.Sprintf("%s: %v", in, err))
	}
	in = quote(v) // with numbers as the doubles they became
	out, err := yaml.Marshal(v)
	if err != nil {
		return pair{In: in, Error: err.Error()}
	}
	return pair{In: in, Out: string(out)}
}

// The same value as yaml.v3 writes it with two spaces, which is Helm's toYamlPretty.
func pretty(in string) pair {
	var v any
	if err := json.Unmarshal([]byte(in), &v); err != nil {
		panic(fmt.Sprintf("%s: %v", in, err))
	}
	in = quote(v)
	var out bytes.Buffer
	encoder := yaml3.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(v); err != nil {
		return pair{In: in, Error: err.Error()}
	}
	return pair{In: in, Out: out.String()}
}

func decoded(in string) pair {
	var v any
	if err := yaml.Unmarshal([]byte(in), &v); err != nil {
		return pair{In: in, Error: err.Error()}
	}
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return pair{In: in, Out: string(out)}
}

var words = strings.Fields(`y Y yes Yes YES yEs n N no No NO on On ON off Off OFF true True TRUE tRUE false False FALSE
null Null NULL nULL ~ ~~ .nan .NaN .NAN .inf .Inf .INF +.inf -.inf -.Inf nan inf << = ! & * @ % | > - ? : , [ ] { } # ' " \ -- --- ...
0 1 -1 +1 00 01 07 08 09 010 -010 0777 0o7 0o777 0O17 0x1F 0X1f -0x1f 0xg 0x 0b101 0B11 -0b11 0b2 1_000 1__0 _1 1_ 0_ 0x_1f
1.0 1. .5 -.5 +.5 . .. ... 1.5e3 1e3 1E3 1e+3 1e-3 1e 1e400 -1e400 1e-400 0.1 00.1 08.5 1.2.3 1,000 1.5_0 .5_0 1e1_0
9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
+18446744073709551615 +9223372036854775808 0xffffffffffffffff 0777777777777777777777 123456789012345678901234567890 1e21 1e20 1000000 1e06
12:30 12:30:45 1:60 -1:30 +1:30 1:2.5 1_0:30 12: :12 1:2:3.4_5 190:20:30.15 60:70
2001-01-01 2001-1-1 2001-13-01 2001-02-29 2000-02-29 2001-01-32 2001-01-01T12:00:00Z 2001-01-01t12:00:00Z 2001-01-01T12:00:00
2001-01-01T1:2:3Z 2001-01-01T12:00:00.123Z 2001-01-01T12:00:00+01:00 2001-01-01T12:00:00+1:00 2001-01-01T25:00:00Z 2001-01-01T12:60:00Z
2001-12-14t21:59:43.10-05:00 2001-1-1T0:0:0,5Z 12001-01-01 201-01-01 2001-01 2001- 2001-1-1x 1.2e 1e+ + - +- +a -a 1a 0a 0.0 -0 -0.0 +0 0e0 -0e5
key: a:b a: :a a#b #a -a - -- a- ?a ?- :: a,b [a {a a] a} !a &a *a %a @a |a >a 'a "a a'b a"b \a a\b $a (a) <a> a=b =a ~a a~ http://x.y:80/z?a=b
true1 yess nulls tru e12 E12 x1 0xZZ abc ABC déjà naïve 日本語 Ωmega 😀 a😀b`)

var pieces = []string{" ", "  ", "\n", "\n\n", "\t", "a", "b c", "word ", ": ", ":", "#", " #", "- ", "-", "'", "\"", "\\", "é", "日本", "😀", "0", "1", "x",
	"{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "=", "~", "null", "true", ".", "\r", "\r\n", "\u00a0", "\u2028", "\u2029",
	"\u0085", "\ufeff", "\u0001", "\u001b", "\ufffd", "\u200b", "long words that will make the line longer than eighty columns in the end "}

func scalars(random *rand.Rand) (out []string) {
	out = append(out, "", " ", "  ", "\n", "\n\n", " \n", "\n ", "a\n", "a\n\n", "\na", " a", "a ", "a b", "a\nb", "a\nb\n", "a\n\nb", "  a\nb", "a \nb", "a\t\nb",
		"\ta", "a\tb", "2001-01-01 12:00:00", "2001-01-01 1:2:3.5", "2001-01-01  12:00:00", "2001-01-01 12:00:00 +1", "a: b", "a : b", "a #b", "- a", "? a", "a:\n", "#\n", "--- a", "... a",
		"\u007f", "\u0080", "a\u0085b", "a \u0085 b", "a\u2028b", "\ufeffa", "a\ufeff", "\ufffe", "\u0000", "\a\b\v\f\r\x1b", "\r\n", "a\r\nb")
	out = append(out, words...)
	long := strings.Repeat("lorem ipsum dolor sit amet ", 12)
	out = append(out, long, long+"\n"+long, "\""+long, "'"+long+": x", " "+long, strings.Repeat("x", 200), strings.Repeat("x", 100)+" "+strings.Repeat("y", 100),
		strings.Repeat("日本語 ", 60), strings.Repeat("é\t", 60), strings.ReplaceAll(long, " ", "  "), "\t"+long, long+"\u0001", strings.Repeat("a\\b ", 40))
	for i := 0; i < 1400; i++ {
		var text strings.Builder
		for n := random.Intn(7) + 1; n > 0; n-- {
			text.WriteString(pieces[random.Intn(len(pieces))])
		}
		out = append(out, text.String())
	}
	return out
}

func quote(v any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

var numbers = strings.Fields(`0 1 -1 10 100000 999999 1000000 1234567 12345678 123456.789 999999.9 1234567.5 0.1 0.0001 0.00001 0.000001 0.0000001 1e-7 1.5e-9
1e20 1e21 1e22 -1e21 123456789012 9007199254740993 9223372036854775807 12345678901234567000 18446744073709551615 18446744073709551616 3.14159 2.5 1e300 5e-324
1.7976931348623157e308 0.30000000000000004 100 1e2 1.0 5.684341886080802e-14 9.5367431640625e-07 4.35 4503599627370496.5 8.41e21`)

var structures = []string{`{}`, `[]`, `{"a":{}}`, `{"a":[]}`, `[[]]`, `[{}]`, `[[1,2],[3]]`, `{"a":[1,{"b":2,"c":[3,[4,{"d":5}]]}]}`, `{"a":null}`, `null`, `[null,true,false]`,
	`{"b":1,"a":2,"A":3,"B":4}`, `{"a10":1,"a9":2,"a1":3,"a":4,"a-b":5,"a.b":6,"a_b":7,"aB":8}`, `{"10":1,"9":2,"010":3,"1":4,"01":5,"100":6,"a1b":7,"a2b":10}`,
	`{"é":1,"e":2,"z":3,"日":4,"1":5,"_":6,"-":7,"٣":8,"²":9}`, `{"y":1,"n":2,"true":3,"null":4,"":5,"1.5":6,"~":7}`, `{"multi\nline":1,"with: colon":2,"# hash":3," lead":4,"trail ":5}`,
	`{"a":"x\ny\n","b":["x\ny","  x\n"],"c":{"d":"\nx"}}`, `[["a\nb"],{"k":"a\nb\n\n"}]`, `{"v1.10":1,"v1.9":2,"v1.9.1":3,"v01":4,"v1":5,"x00":6,"x0":7,"x000":8,"x1000":9,"x100":10}`,
	`[[[["deep"]]],[[]],{"a":[{"b":[]}]}]`, `{"a":[["x"],["y",{"z":1}]]}`, `{"a b":{"c d":[" e "]}}`, `{"list":["- a","b: c","#d"]}`, `["\ty\n",{"k":"\ty\n\tz"}]`}

func values(random *rand.Rand) (out []string) {
	for _, s := range scalars(random) {
		out = append(out, quote(s))
	}
	out = append(out, numbers...)
	out = append(out, structures...)
	for _, size := range []int{100, 127, 128, 129, 130, 200, 1021, 1022, 1023, 1024} {
		out = append(out, quote(map[string]any{strings.Repeat("k", size): 1}), quote(map[string]any{strings.Repeat("k ", size/2): []any{1}}))
	}
	for i := 0; i < 500; i++ {
		out = append(out, quote(tree(random, 4)))
	}
	return out
}

func piece(random *rand.Rand) string {
	var text strings.Builder
	for n := random.Intn(4) + 1; n > 0; n-- {
		text.WriteString(pieces[random.Intn(len(pieces))])
	}
	return text.String()
}

func tree(random *rand.Rand, depth int) any {
	kind := random.Intn(6)
	if depth == 0 {
		kind %= 4
	}
	switch kind {
	case 0:
		return words[random.Intn(len(words))]
	case 1:
		return piece(random)
	case 2:
		return json.Number(numbers[random.Intn(len(numbers))])
	case 3:
		return []any{nil, true, false, map[string]any{}, []any{}}[random.Intn(5)]
	case 4:
		list := make([]any, random.Intn(4))
		for i := range list {
			list[i] = tree(random, depth-1)
		}
		return list
	}
	m := map[string]any{}
	for n := random.Intn(5); n > 0; n-- {
		if random.Intn(4) == 0 {
			m[piece(random)] = tree(random, depth-1)
		} else {
			m[words[random.Intn(len(words))]] = tree(random, depth-1)
		}
	}
	return m
}

func main() {
	dir := ".."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	random := rand.New(rand.NewSource(1))
	var encode, prettily, decode []pair
	all := values(random)
	for _, v := range all {
		encode = append(encode, encoded(v))
		prettily = append(prettily, pretty(v))
	}
	for _, text := range documents(random) {
		if utf8.ValidString(text) { // the golden files are JSON
			decode = append(decode, decoded(text))
		}
	}
	writeBase64(dir, random)
	write(dir, "yaml_encode.json", encode)
	write(dir, "yaml_pretty.json", prettily)
	write(dir, "yaml_decode.json", decode)
}
