// SPDX-License-Identifier: Apache-2.0

// Prints the Unicode classes as Go's strconv and unicode packages have them, as ranges. Run:
//
//	go run . classes > ../../../src/go/unicode_tables.inc
//	go run . case > ../../../src/go/unicode_case_tables.inc
package main

import (
	"fmt"
	"os"
	"strconv"
	"unicode"
)

func ranges(name string, in func(rune) bool) {
	fmt.Printf("static const struct rune_range %s[] = {\n", name)
	line := ""
	flush := func(start, end rune) {
		item := fmt.Sprintf("{0x%x, 0x%x}, ", start, end)
		if len(line)+len(item) > 106 {
			fmt.Println("    " + line[:len(line)-1])
			line = ""
		}
		line += item
	}
	start := rune(-1)
	for r := rune(0); r <= unicode.MaxRune+1; r++ {
		ok := r <= unicode.MaxRune && in(r)
		if ok && start < 0 {
			start = r
		}
		if !ok && start >= 0 {
			flush(start, r-1)
			start = -1
		}
	}
	if line != "" {
		fmt.Println("    " + line[:len(line)-1])
	}
	fmt.Println("};")
}

// Runs of code points that map at the same distance.
func mapping(name string, to func(rune) rune) {
	fmt.Printf("static const struct shift %s[] = {\n", name)
	line := ""
	for r := rune(0); r <= unicode.MaxRune; {
		d := to(r) - r
		if d == 0 {
			r++
			continue
		}
		end := r
		step := rune(1)
		if to(r+1)-(r+1) != d && to(r+2)-(r+2) == d {
			step = 2
		}
		for to(end+step)-(end+step) == d && (step == 1 || to(end+1) == end+1) {
			end += step
		}
		item := fmt.Sprintf("{0x%x, 0x%x, %d, %d}, ", r, end, step, d)
		if len(line)+len(item) > 106 {
			fmt.Println("    " + line[:len(line)-1])
			line = ""
		}
		line += item
		r = end + 1
	}
	fmt.Println("    " + line[:len(line)-1])
	fmt.Println("};")
}

func main() {
	if len(os.Args) != 2 || (os.Args[1] != "classes" && os.Args[1] != "case") {
		fmt.Fprintln(os.Stderr, "usage: go run . classes|case")
		os.Exit(2)
	}
	fmt.Println("// SPDX-License-Identifier: Apache-2.0")
	fmt.Printf("// Unicode %s as Go has it, made by tests/golden/unicode; do not edit.\n", unicode.Version)
	fmt.Println("// clang-format off")
	if os.Args[1] == "classes" {
		ranges("letter_ranges", unicode.IsLetter)
		ranges("digit_ranges", unicode.IsDigit)
		ranges("print_ranges", strconv.IsPrint)
	} else {
		fmt.Println("struct shift { int32_t first, last, step, by; };")
		ranges("space_ranges", unicode.IsSpace)
		ranges("upper_ranges", unicode.IsUpper)
		ranges("lower_ranges", unicode.IsLower)
		mapping("to_upper", unicode.ToUpper)
		mapping("to_lower", unicode.ToLower)
		mapping("to_title", unicode.ToTitle)
	}
	fmt.Println("// clang-format on")
}
