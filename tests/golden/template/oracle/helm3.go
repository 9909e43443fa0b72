// SPDX-License-Identifier: Apache-2.0

//go:build helm3

package main

import (
	"text/template"
	_ "unsafe" // for linkname

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

const profile = 3

// The functions as Helm installs them, before it rewrites any error.
//
//go:linkname initFunMap helm.sh/helm/v3/pkg/engine.Engine.initFunMap
func initFunMap(e engine.Engine, t *template.Template)

func install(t *template.Template, strict, lint bool) {
	initFunMap(engine.Engine{Strict: strict, LintMode: lint}, t)
}

func named(v map[string]any) any { return chartutil.Values(v) }
