{{- define "language" -}}
{{- with .Values.map }}
with: {{ .a }} {{ $.Release.Name }}
{{- end }}
{{- with .Values.nothing }}never{{ else with .Values.flag }}
else-with: {{ . }}
{{- else }}never{{ end }}
{{- range $i, $x := .Values.list }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ if eq $i 5 }}{{ break }}{{ end }}
range-{{ $i }}: {{ $x }}
{{- end }}
{{- range .Values.absent }}never{{ else }}
range-else: true
{{- end }}
{{- range $key, $value := .Values.map }}
map-{{ $key }}: {{ $value | quote }}
{{- end }}
{{- range 3 }}
int: {{ . }}
{{- end }}
{{- $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 3 }}{{ end }}
assigned: {{ $x }}
raw: {{ `a "raw" \n string` | quote }} {{ 'x' }} {{ 0x1F }} {{ 0b101 }} {{ 1_000 }} {{ 1e3 }} {{ "esc\t\u00e9\x41" | quote }}
{{- /* a comment
over lines */ -}}
{{ "" }}
pipes: {{ "a" | printf "%s-%s" "b" | upper | quote }}
nil: [{{ .Values.nothing }}] [{{ .Values.absent }}] {{ (.Values.absent).deeper }} {{ eq .Values.absent nil }}
template: {{ template "inner" . }}
and-or: {{ and .Values.absent .Values.absent.deep }} {{ or .Values.flag .Values.absent.deep }}
if-else: {{ if eq .Values.half 2.5 }}half{{ else if .Values.flag }}yes{{ else }}no{{ end }}
method: {{ .Values.Table "map" | toJson }} {{ .Values.PathValue "map.a" }} {{ .Values.AsMap | kindOf }}
{{ .Values.YAML | indent 2 }}
{{- end -}}
