{{- define "ways.fail" }}{{ fail "the message: with a colon" }}{{ end -}}
{{- define "ways.required" }}{{ required "a value is wanted" .Values.nothing }}{{ end -}}
{{- define "ways.nil" }}{{ .Values.absent.deeper }}{{ end -}}
{{- define "ways.nested" }}{{ include "ways.nil" . }}{{ end -}}
{{- define "ways.field" }}{{ .Values.text.field }}{{ end -}}
{{- define "ways.type" }}{{ upper .Values.number }}{{ end -}}
{{- define "ways.index" }}{{ index (list 1 2) 5 }}{{ end -}}
{{- define "ways.compare" }}{{ eq .Values.number 5 }}{{ end -}}
{{- define "ways.include" }}{{ include "there.is.none" . }}{{ end -}}
{{- define "ways.template" }}{{ template "there.is.none" . }}{{ end -}}
{{- define "ways.recursion" }}{{ include "ways.recursion" . }}{{ end -}}
{{- define "ways.tpl-parse" }}{{ tpl "{{ if }}" . }}{{ end -}}
{{- define "ways.tpl-exec" }}{{ tpl "a {{ .Values.absent.x }}" . }}{{ end -}}
{{- define "ways.tpl-fail" }}{{ tpl "a {{ fail `from inside` }}" . }}{{ end -}}
{{- define "ways.divide" }}{{ div 1 0 }}{{ end -}}
{{- define "ways.range" }}{{ range .Values.text }}{{ end }}{{ end -}}
{{- define "ways.dig" }}{{ dig "a" "b" "c" .Values.table }}{{ dig "key" "b" "c" .Values.table }}{{ end -}}
{{- define "ways.toYaml" }}{{ mustToJson .Values.text }}{{ mustFromJson "{" }}{{ end -}}
{{- define "ways.regex" }}{{ regexFind "(" "a" }}{{ end -}}
{{- define "ways.arguments" }}{{ .Values.text 1 }}{{ end -}}
{{- define "ways.chart" }}{{ .Chart.Unknown }}{{ end -}}
{{- define "ways.semver" }}{{ semverCompare ">=x" "1.2.3" }}{{ end -}}
{{- define "ways.append" }}{{ append nil 1 }}{{ end -}}
{{- define "ways.lookup" }}{{ lookup "v1" "Secret" "a" "b" | toJson }}{{ end -}}
{{- define "ways.call" }}{{ call .Values.text }}{{ end -}}
{{- define "ways.none" }}fine: true{{ end -}}
{{- range list "yaml" "tab" "list" "scalar" "annotations" "kind" }}{{ end -}}
{{- define "ways.yaml" }}{{ end -}}
{{- define "ways.tab" }}{{ end -}}
{{- define "ways.list" }}{{ end -}}
{{- define "ways.scalar" }}{{ end -}}
{{- define "ways.annotations" }}{{ end -}}
{{- define "ways.kind" }}{{ end -}}
