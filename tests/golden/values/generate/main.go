// SPDX-License-Identifier: Apache-2.0

// Writes vectors.json beside this folder: values as go-cty, Terraform's own value library,
// puts them on the wire. `go run . ..` makes the file; `go run . verify < lines` reads lines
// of "name hex" (what our encoder made of each vector) and compares what they mean to go-cty.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"github.com/zclconf/go-cty/cty/msgpack"
)

type vector struct {
	Name  string          `json:"name"`
	Type  json.RawMessage `json:"type"`
	Hex   string          `json:"hex"`
	JSON  json.RawMessage `json:"json,omitempty"` // as in a state file; absent where something is unknown or infinite
	value cty.Value
	typ   cty.Type
}

func number(text string) cty.Value {
	return cty.MustParseNumberVal(text)
}

func primitives() map[string]cty.Value {
	values := map[string]cty.Value{
		"string empty": cty.StringVal(""), "string": cty.StringVal("hello"), "string unicode": cty.StringVal("héllo 日本 😀\n\t\x00end"),
		"string 31": cty.StringVal(strings.Repeat("a", 31)), "string 32": cty.StringVal(strings.Repeat("a", 32)), "string 255": cty.StringVal(strings.Repeat("a", 255)),
		"string 256": cty.StringVal(strings.Repeat("a", 256)), "string 65536": cty.StringVal(strings.Repeat("a", 65536)),
		"true": cty.True, "false": cty.False, "number inf": cty.PositiveInfinity, "number -inf": cty.NegativeInfinity,
		"number float 0.1": cty.NumberFloatVal(0.1), "number float third": cty.NumberFloatVal(1.0 / 3),
		"number quotient": number("1").Divide(number("3")),
	}
	for _, text := range strings.Fields(`0 -0 1 -1 31 32 -31 -32 -33 127 128 -127 -128 -129 255 256 32767 32768 -32768 -32769 65535 65536 2147483647 2147483648 -2147483648 -2147483649
4294967295 4294967296 9007199254740992 9007199254740993 9223372036854775807 -9223372036854775808 9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
36893488147419103232 1e3 1e30 1e-30 1e100 0.1 0.5 0.25 -0.75 2.5 3.14159 0.30000000000000004 1234567890123456789012345678901 1234567890.12345678901234567890 0.000001 1.5e300 4503599627370497.5 0.0009765625 123456.789`) {
		values["number "+text] = number(text)
	}
	return values
}

func compounds() map[string]cty.Value {
	object := cty.ObjectVal(map[string]cty.Value{"a": cty.StringVal("x"), "b": cty.NumberIntVal(1), "c": cty.NullVal(cty.Bool), "é": cty.True})
	deep := cty.StringVal("bottom")
	for i := 0; i < 60; i++ {
		if i%2 == 0 {
			deep = cty.ObjectVal(map[string]cty.Value{"k": deep})
		} else {
			deep = cty.TupleVal([]cty.Value{deep})
		}
	}
	many := make([]cty.Value, 70000)
	for i := range many {
		many[i] = cty.NumberIntVal(int64(i % 3))
	}
	return map[string]cty.Value{
		"list empty": cty.ListValEmpty(cty.String), "set empty": cty.SetValEmpty(cty.Number), "map empty": cty.MapValEmpty(cty.Bool), "object empty": cty.EmptyObjectVal, "tuple empty": cty.EmptyTupleVal,
		"list": cty.ListVal([]cty.Value{cty.StringVal("b"), cty.StringVal("a"), cty.NullVal(cty.String)}), "list 16": cty.ListVal(many[:16]), "list 70000": cty.ListVal(many),
		"set strings": cty.SetVal([]cty.Value{cty.StringVal("b"), cty.StringVal("a"), cty.StringVal("é"), cty.StringVal("B")}),
		"set numbers": cty.SetVal([]cty.Value{number("10"), number("9"), number("0.1"), number("-3")}),
		"set objects": cty.SetVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"a": cty.StringVal("2")}), cty.ObjectVal(map[string]cty.Value{"a": cty.StringVal("1")})}),
		"set unknown": cty.SetVal([]cty.Value{cty.UnknownVal(cty.String), cty.StringVal("a")}),
		"map":         cty.MapVal(map[string]cty.Value{"z": cty.NumberIntVal(1), "a": cty.NumberIntVal(2), "": cty.NullVal(cty.Number), "with \"quotes\"": cty.NumberIntVal(3)}),
		"object":      object, "list objects": cty.ListVal([]cty.Value{object, object}), "tuple": cty.TupleVal([]cty.Value{cty.StringVal("x"), cty.NumberIntVal(1), cty.NullVal(cty.DynamicPseudoType), object}),
		"object unknown inside": cty.ObjectVal(map[string]cty.Value{"a": cty.UnknownVal(cty.String), "b": cty.ListVal([]cty.Value{cty.UnknownVal(cty.Number), cty.NumberIntVal(1)})}),
		"deep":                  deep, "map nested": cty.MapVal(map[string]cty.Value{"m": cty.MapVal(map[string]cty.Value{"n": cty.ListVal([]cty.Value{cty.True})})}),
	}
}

func unknowns() map[string]cty.Value {
	return map[string]cty.Value{
		"unknown string": cty.UnknownVal(cty.String), "unknown list": cty.UnknownVal(cty.List(cty.String)), "unknown not null": cty.UnknownVal(cty.String).RefineNotNull(),
		"unknown prefix": cty.UnknownVal(cty.String).Refine().StringPrefixFull("https://").NewValue(),
		"unknown range":  cty.UnknownVal(cty.Number).Refine().NumberRangeInclusive(number("1"), number("10.5")).NewValue(),
		"unknown length": cty.UnknownVal(cty.List(cty.String)).Refine().CollectionLengthLowerBound(2).CollectionLengthUpperBound(9).NewValue(),
		"null string":    cty.NullVal(cty.String), "null object": cty.NullVal(cty.Object(map[string]cty.Type{"a": cty.String})),
	}
}

func add(vectors []vector, name string, value cty.Value, typ cty.Type) []vector {
	wire, err := msgpack.Marshal(value, typ)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	typeJSON, err := ctyjson.MarshalType(typ)
	if err != nil {
		panic(err)
	}
	v := vector{Name: name, Type: typeJSON, Hex: hex.EncodeToString(wire), value: value, typ: typ}
	if value.IsWhollyKnown() {
		if v.JSON, err = ctyjson.Marshal(value, typ); err != nil {
			v.JSON = nil // infinities
		}
	}
	return append(vectors, v)
}

func vectors() (out []vector) {
	for _, table := range []map[string]cty.Value{primitives(), compounds(), unknowns()} {
		for _, name := range sorted(table) {
			value := table[name]
			out = add(out, name, value, value.Type())
			if strings.HasSuffix(name, "70000") || strings.HasSuffix(name, "65536") {
				continue
			}
			out = add(out, "dynamic "+name, value, cty.DynamicPseudoType)
			inside := cty.Object(map[string]cty.Type{"a": value.Type(), "d": cty.DynamicPseudoType})
			out = add(out, "inside "+name, cty.ObjectVal(map[string]cty.Value{"a": value, "d": value}), inside)
		}
	}
	out = add(out, "dynamic unknown", cty.DynamicVal, cty.DynamicPseudoType)
	out = add(out, "dynamic null", cty.NullVal(cty.DynamicPseudoType), cty.DynamicPseudoType)
	list := cty.List(cty.DynamicPseudoType)
	return add(out, "list of dynamic", cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("b")}), list)
}

func sorted(table map[string]cty.Value) (names []string) {
	for name := range table {
		names = append(names, name)
	}
	for i := range names {
		for j := i; j > 0 && names[j] < names[j-1]; j-- {
			names[j], names[j-1] = names[j-1], names[j]
		}
	}
	return names
}

// Equal as Terraform compares: numbers by their text, refinements ignored.
func same(a, b cty.Value) bool {
	return strip(a).RawEquals(strip(b))
}

func strip(v cty.Value) cty.Value {
	out, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if !v.IsKnown() {
			return cty.UnknownVal(v.Type()), nil
		}
		if v.Type() == cty.Number && !v.IsNull() && !v.AsBigFloat().IsInt() && !v.AsBigFloat().IsInf() {
			f, _, _ := big.ParseFloat(v.AsBigFloat().Text('f', -1), 10, 512, big.ToNearestEven)
			return cty.NumberVal(f), nil
		}
		return v, nil
	})
	if err != nil {
		panic(err)
	}
	return out
}

func verify() {
	byName := map[string]vector{}
	for _, v := range vectors() {
		byName[v.Name] = v
	}
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 64<<20)
	count, wrong := 0, 0
	for scanner.Scan() {
		name, text, _ := strings.Cut(scanner.Text(), "\t")
		v, ok := byName[name]
		if !ok {
			continue
		}
		count++
		wire, err := hex.DecodeString(text)
		var got cty.Value
		if err == nil {
			got, err = msgpack.Unmarshal(wire, v.typ)
		}
		if err != nil || !same(got, v.value) {
			wrong++
			fmt.Printf("%s: %v\n  wanted %#v\n  got    %#v\n", name, err, v.value, got)
		}
	}
	fmt.Printf("%d of %d vectors mean the same to go-cty\n", count-wrong, count)
	if wrong > 0 || count != len(byName) {
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "verify" {
		verify()
		return
	}
	var out bytes.Buffer
	out.WriteString("[\n")
	all := vectors()
	for i, v := range all {
		line, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		out.Write(line)
		if i+1 < len(all) {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
	}
	out.WriteString("]\n")
	if err := os.WriteFile(filepath.Join(os.Args[1], "vectors.json"), out.Bytes(), 0o644); err != nil {
		panic(err)
	}
}
