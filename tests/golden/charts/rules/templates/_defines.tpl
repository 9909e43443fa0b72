{{- define "rules.first" }}first{{ end -}}
{{- define "rules.kept" }}kept{{ end -}}
{{- define "inner.overridden" }}the root's{{ end -}}
