// SPDX-License-Identifier: Apache-2.0

// Merges every case of cases.json with the operator's own code and prints what became of it. `generate` runs it inside
// a copy of the operator's source tree.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/wandb/operator/pkg/wandb/spec"
)

type testCase struct {
	Name   string                   `json:"name"`
	Levels []map[string]interface{} `json:"levels"`
	Merged map[string]interface{}   `json:"merged"`
	Failed string                   `json:"failed,omitempty"` // "mismatch" or "panic"
}

func merge(c *testCase) {
	defer func() {
		if recover() != nil {
			c.Failed, c.Merged = "panic", nil
		}
	}()
	desired := new(spec.Spec)
	for _, values := range c.Levels {
		if err := desired.Merge(&spec.Spec{Values: values}); err != nil {
			c.Failed = "mismatch"
			return
		}
	}
	c.Merged = desired.Values
}

// The merge changes the maps it is given, so the levels are printed as they were read.
func line(raw json.RawMessage) string {
	var c, before testCase
	for _, target := range []*testCase{&c, &before} {
		if err := json.Unmarshal(raw, target); err != nil {
			panic(err)
		}
	}
	merge(&c)
	before.Merged, before.Failed = c.Merged, c.Failed
	text, err := json.Marshal(before)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func main() {
	var cases []json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	for i, raw := range cases {
		separator := ","
		if i == 0 {
			separator = "["
		}
		fmt.Printf("%s\n%s", separator, line(raw))
	}
	fmt.Println("\n]")
}
