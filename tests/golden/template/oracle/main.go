// SPDX-License-Identifier: Apache-2.0

// Renders the cases of each given file (cases/NAME.yaml) with the template engine of the helm it is
// built with: `-modfile=helm3.mod -tags helm3` or `-modfile=helm4.mod -tags helm4`, because each helm has its
// own versions of what both use. The first run, of helm 3, starts NAME.golden.json beside the file,
// the one of helm 4 adds where that differs. See ../README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"sigs.k8s.io/yaml"
)

type testCase struct {
	Template string            `json:"template"`
	Values   any               `json:"values,omitempty"`
	Files    map[string]string `json:"files,omitempty"`
	Strict   bool              `json:"strict,omitempty"`
	Lint     bool              `json:"lint,omitempty"`
}

// A case may be just its template.
func (c *testCase) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, &c.Template)
	}
	type plain testCase
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode((*plain)(c))
}

type caseFile struct {
	Values any               `json:"values"`
	Files  map[string]string `json:"files"`
	Cases  []testCase        `json:"cases"`
}

type result struct {
	Output *string `json:"output,omitempty"`
	Error  *string `json:"error,omitempty"`
}

type golden struct {
	Template string            `json:"template"`
	Values   string            `json:"values,omitempty"` // JSON text, read as a values file
	Files    map[string]string `json:"files,omitempty"`
	Strict   bool              `json:"strict,omitempty"`
	Lint     bool              `json:"lint,omitempty"`
	Helm3    result            `json:"helm3"`
	Helm4    *result           `json:"helm4,omitempty"` // where it differs
}

func values(text string) any {
	var v map[string]any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return named(v)
}

func run(g *golden) (r result) {
	fail := func(err error) result {
		s := err.Error()
		return result{Error: &s}
	}
	defer func() {
		if p := recover(); p != nil {
			r = fail(fmt.Errorf("panic: %v", p))
		}
	}()
	t := template.New("gotpl")
	t.Option("missingkey=zero")
	if g.Strict {
		t.Option("missingkey=error")
	}
	install(t, g.Strict, g.Lint)
	names := []string{}
	for name := range g.Files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := t.New(name).Parse(g.Files[name]); err != nil {
			return fail(err)
		}
	}
	if _, err := t.New("main").Parse(g.Template); err != nil {
		return fail(err)
	}
	text := g.Values
	if text == "" {
		text = "{}"
	}
	data := map[string]any{
		"Values":   values(text),
		"Release":  map[string]any{"Name": "rel", "Namespace": "ns", "Revision": 1, "IsInstall": true, "Service": "Helm"},
		"Template": values(`{"Name": "c/templates/main", "BasePath": "c/templates"}`),
	}
	var out strings.Builder
	if err := t.ExecuteTemplate(&out, "main", data); err != nil {
		return fail(err)
	}
	s := out.String()
	return result{Output: &s}
}

func same(a, b result) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// The cases of a file, with nothing rendered yet.
func read(path string) ([]golden, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file caseFile
	if err := yaml.UnmarshalStrict(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	out := []golden{}
	for _, c := range file.Cases {
		g := golden{Template: c.Template, Files: c.Files, Strict: c.Strict, Lint: c.Lint}
		if c.Files == nil {
			g.Files = file.Files
		}
		v := c.Values
		if v == nil {
			v = file.Values
		}
		if v != nil {
			text, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			g.Values = string(text)
		}
		out = append(out, g)
	}
	return out, nil
}

func generate(path string) error {
	name := strings.TrimSuffix(path, filepath.Ext(path)) + ".golden.json"
	out, err := read(path)
	if err == nil && profile == 4 {
		var data []byte
		if data, err = os.ReadFile(name); err == nil {
			err = json.Unmarshal(data, &out)
		}
	}
	if err != nil {
		return err
	}
	for i := range out {
		g := &out[i]
		r := run(g)
		if again := run(g); !same(again, r) {
			return fmt.Errorf("%s: not the same twice: %s", path, g.Template)
		}
		if profile == 3 {
			g.Helm3 = r
		} else if !same(r, g.Helm3) {
			g.Helm4 = &r
		}
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(out); err != nil {
		return err
	}
	if profile == 4 {
		fmt.Printf("%s: %d cases\n", filepath.Base(name), len(out))
	}
	return os.WriteFile(name, buf.Bytes(), 0o644)
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "functions" {
		printFunctions()
		return
	}
	for _, path := range os.Args[1:] {
		if err := generate(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
