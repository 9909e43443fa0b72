// SPDX-License-Identifier: Apache-2.0

//go:build helm4

package main

import (
	"context"
	"text/template"
	_ "unsafe" // for linkname

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/engine"
)

const profile = 4

// The functions as Helm installs them, before it rewrites any error.
//
//go:linkname initFunMap helm.sh/helm/v4/pkg/engine.Engine.initFunMap
func initFunMap(e engine.Engine, ctx context.Context, t *template.Template)

func install(t *template.Template, strict, lint bool) {
	initFunMap(engine.Engine{Strict: strict, LintMode: lint}, context.Background(), t)
}

func named(v map[string]any) any { return common.Values(v) }
