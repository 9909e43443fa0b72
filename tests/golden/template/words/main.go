// SPDX-License-Identifier: Apache-2.0

// Prints src/funcs/words_tables.inc: the classes that only words.c asks for.
// Run: go run . > ../../../../src/funcs/words_tables.inc
package main

import (
	"fmt"
	"unicode"
)

func set(name string, in func(rune) bool) {
	fmt.Printf("static const struct rune_range %s[] = {", name)
	count, first, last := 0, rune(-1), rune(-1)
	flush := func() {
		if first < 0 {
			return
		}
		if count%6 == 0 {
			fmt.Print("\n   ")
		}
		fmt.Printf(" {%#x, %#x},", first, last)
		count++
	}
	for c := rune(0); c <= unicode.MaxRune; c++ {
		if !in(c) {
			continue
		}
		if first < 0 || c != last+1 {
			flush()
			first = c
		}
		last = c
	}
	flush()
	fmt.Println("\n};")
}

func main() {
	fmt.Println("// SPDX-License-Identifier: Apache-2.0")
	fmt.Println("// Unicode " + unicode.Version + " classes of words.c, made by tests/golden/template/words; do not edit.")
	fmt.Println("// clang-format off")
	set("punct", unicode.IsPunct)
	set("number", unicode.IsNumber)
	set("title", unicode.IsTitle)
}
