{{- define "rules.kept" }}   {{/* blank, so it replaces nothing */}}
{{ end -}}
{{- define "rules.shared" }}shared by {{ .Chart.Name }}{{ end -}}
