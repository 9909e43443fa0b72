// SPDX-License-Identifier: Apache-2.0

// Renders the cases of each given file (cases/NAME.yaml) with the template engines
// of helm 3.20.1 and 4.3.1 and writes NAME.golden.json beside it. See ../README.md.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"
	_ "unsafe" // for linkname

	engine3 "helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/chartutil"
	engine4 "helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/chart/common"
	"sigs.k8s.io/yaml"
)

// The functions as Helm installs them, before it rewrites any error.
//
//go:linkname install3 helm.sh/helm/v3/pkg/engine.Engine.initFunMap
func install3(e engine3.Engine, t *template.Template)

//go:linkname install4 helm.sh/helm/v4/pkg/engine.Engine.initFunMap
func install4(e engine4.Engine, ctx context.Context, t *template.Template)

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

func values(profile int, text string) any {
	var v map[string]any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	if profile == 3 {
		return chartutil.Values(v)
	}
	return common.Values(v)
}

func run(profile int, g *golden) (r result) {
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
	if profile == 3 {
		install3(engine3.Engine{Strict: g.Strict, LintMode: g.Lint}, t)
	} else {
		install4(engine4.Engine{Strict: g.Strict, LintMode: g.Lint}, context.Background(), t)
	}
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
		"Values":   values(profile, text),
		"Release":  map[string]any{"Name": "rel", "Namespace": "ns", "Revision": 1, "IsInstall": true, "Service": "Helm"},
		"Template": values(profile, `{"Name": "c/templates/main", "BasePath": "c/templates"}`),
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

func generate(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var file caseFile
	if err := yaml.UnmarshalStrict(data, &file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
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
				return err
			}
			g.Values = string(text)
		}
		g.Helm3 = run(3, &g)
		if again := run(3, &g); !same(again, g.Helm3) {
			return fmt.Errorf("%s: not the same twice: %s", path, c.Template)
		}
		if r := run(4, &g); !same(r, g.Helm3) {
			g.Helm4 = &r
		}
		out = append(out, g)
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(out); err != nil {
		return err
	}
	name := strings.TrimSuffix(path, filepath.Ext(path)) + ".golden.json"
	fmt.Printf("%s: %d cases\n", filepath.Base(name), len(out))
	return os.WriteFile(name, buf.Bytes(), 0o644)
}

func main() {
	for _, path := range os.Args[1:] {
		if err := generate(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
