// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"reflect"
	"sort"
	"text/template"
	_ "unsafe" // for linkname
)

//go:linkname builtins text/template.builtins
func builtins() template.FuncMap

// Prints the name of every function that a template of this helm may call, one a line.
func printFunctions() {
	t := template.New("")
	install(t, false, false)
	own := reflect.ValueOf(t).Elem().FieldByName("common").Elem().FieldByName("parseFuncs")
	known := map[string]bool{}
	for name := range builtins() {
		known[name] = true
	}
	for _, name := range own.MapKeys() {
		known[name.String()] = true
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name)
	}
}
