// SPDX-License-Identifier: Apache-2.0

// Writes cases.json beside this folder: what the validator of Helm 3.20 says of values
// against schemas. Run `go run . ..` from here.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

type result struct {
	Schema   json.RawMessage `json:"schema"`
	Instance json.RawMessage `json:"instance"`
	Report   string          `json:"report"`
	Error    string          `json:"error,omitempty"` // the schema is of no use
}

const url = "file:///values.schema.json"

// As helm's chartutil.ValidateAgainstSingleSchema does it. golang.org/x/text is of the version in its go.mod.
func check(schemaText, instanceText string) result {
	out := result{Schema: json.RawMessage(schemaText), Instance: json.RawMessage(instanceText)}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(schemaText))
	if err != nil {
		panic(schemaText + ": " + err.Error())
	}
	var instance any // numbers are float64, as in Helm's values
	if err := json.Unmarshal([]byte(instanceText), &instance); err != nil {
		panic(instanceText + ": " + err.Error())
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(jsonschema.SchemeURLLoader{})
	if err := compiler.AddResource(url, schema); err != nil {
		panic(err)
	}
	validator, err := compiler.Compile(url)
	if err != nil {
		out.Error = err.Error()
		return out
	}
	if err := validator.Validate(instance); err != nil {
		_, out.Report, _ = strings.Cut(err.Error(), "\n")
	}
	return out
}

func main() {
	var out bytes.Buffer
	out.WriteString("[\n")
	for i, group := range groups {
		for j, instance := range group.instances {
			if i+j > 0 {
				out.WriteString(",\n")
			}
			line, err := json.Marshal(check(group.schema, instance))
			if err != nil {
				panic(err)
			}
			out.Write(line)
		}
	}
	out.WriteString("\n]\n")
	if err := os.WriteFile(filepath.Join(os.Args[1], "cases.json"), out.Bytes(), 0o644); err != nil {
		panic(err)
	}
}
