{{- define "loading.name" }}{{ .Chart.Name }}-{{ .Release.Name }}{{ end -}}
