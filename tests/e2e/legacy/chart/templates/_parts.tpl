{{/* The bucket in use, as JSON: the instance's own when it has a name, else the default one. */}}
{{- define "bucket" -}}
{{- $b := ternary .Values.global.bucket .Values.global.defaultBucket (not (empty .Values.global.bucket.name)) -}}
{{- $scheme := dict "s3" "s3" "cw" "cw" "az" "az" "gcs" "gs" -}}
{{- $keys := ternary "$(BUCKET_ACCESS_KEY):$(BUCKET_SECRET_KEY)@" "" (and (has $b.provider (list "s3" "cw")) (not (empty $b.accessKey)) (not (empty $b.secretKey))) -}}
{{- $path := ternary "/$(BUCKET_PATH)" "" (not (empty $b.path)) -}}
{{- dict "of" $b "url" (printf "%s://%s$(BUCKET_NAME)%s" (get $scheme $b.provider) $keys $path) | toJson -}}
{{- end -}}

{{/* Parameters of the Redis address: what is fixed, then what the values say. */}}
{{- define "redis.query" -}}
{{- $fixed := dict "ttlInSeconds" 604800 -}}
{{- if .Values.global.redis.caCert -}}{{- $fixed = dict "ttlInSeconds" 604800 "tls" "true" "caCertPath" "/etc/ssl/certs/redis_ca.pem" -}}{{- end -}}
{{- $pairs := list -}}
{{- range $name, $text := merge $fixed (deepCopy .Values.global.redis.params) -}}
{{- if toString $text -}}{{- $pairs = append $pairs (printf "%s=%v" $name $text) -}}{{- end -}}
{{- end -}}
?{{ join "&" $pairs }}
{{- end -}}

{{- define "redis.url" -}}
redis://{{ if .Values.global.redis.password }}:$(REDIS_PASSWORD)@{{ end }}$(REDIS_HOST):$(REDIS_PORT)$(REDIS_PARAMS)
{{- end -}}

{{/* What is composed: a list of variables; `env` takes the place of those of the same name. */}}
{{- define "composed" -}}
{{- $release := .Release.Name -}}
- {name: BUCKET_ACCESS_KEY, valueFrom: {secretKeyRef: {name: {{ $release }}-bucket, key: ACCESS_KEY, optional: true}}}
- {name: AZURE_STORAGE_KEY, valueFrom: {secretKeyRef: {name: {{ $release }}-bucket, key: ACCESS_KEY, optional: true}}}
- {name: BUCKET_SECRET_KEY, valueFrom: {secretKeyRef: {name: {{ $release }}-bucket, key: SECRET_KEY, optional: true}}}
- {name: BUCKET, value: {{ (include "bucket" . | fromJson).url | quote }}}
- {name: MYSQL_PASSWORD, valueFrom: {secretKeyRef: {name: {{ $release }}-mysql, key: MYSQL_PASSWORD}}}
- {name: MYSQL_PORT, value: {{ .Values.global.mysql.port | toString | quote }}}
- {name: MYSQL_HOST, value: {{ .Values.global.mysql.host | default (printf "%s-mysql" $release) | quote }}}
- {name: MYSQL_DATABASE, value: {{ .Values.global.mysql.database | quote }}}
- {name: MYSQL_USER, value: {{ .Values.global.mysql.user | quote }}}
- {name: MYSQL, value: "mysql://$(MYSQL_USER):$(MYSQL_PASSWORD)@$(MYSQL_HOST):$(MYSQL_PORT)/$(MYSQL_DATABASE)?tls=preferred"}
- {name: REDIS_PASSWORD, valueFrom: {secretKeyRef: {name: {{ $release }}-redis-secret, key: REDIS_PASSWORD, optional: true}}}
- {name: REDIS, value: {{ include "redis.url" . | quote }}}
- {name: LICENSE, valueFrom: {secretKeyRef: {name: {{ $release }}-license, key: license}}}
{{- if .Values.global.auth.oidc.secret }}
- {name: OIDC_SECRET, valueFrom: {secretKeyRef: {name: {{ $release }}-oidc-secret, key: OIDC_SECRET}}}
{{- end }}
{{- end -}}

{{/* One container: ConfigMaps, then what is composed, then the merged map, which is quoted and run through tpl. */}}
{{- define "container" -}}
{{- $env := merge (deepCopy (default dict .Values.env)) (default dict .Values.extraEnv) .Values.global.env .Values.global.extraEnv -}}
{{- $composed := list -}}
{{- range include "composed" . | fromYamlArray -}}
{{- if not (hasKey $env .name) -}}{{- $composed = append $composed . -}}{{- end -}}
{{- end -}}
{{- $text := "" -}}
{{- range $name, $value := $env -}}
{{- $text = printf "%s\n- name: %s\n%s" $text $name (ternary (toYaml $value) (printf "value: %s" (toString $value | quote)) (kindIs "map" $value) | indent 2) -}}
{{- end -}}
envFrom:
{{- range (default list .Values.from) }}
  - configMapRef: {name: {{ $.Release.Name }}-{{ . }}-configmap}
{{- end }}
env:
{{ toYaml $composed | indent 2 }}
{{ tpl $text . | indent 2 }}
{{- end -}}

{{- define "deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicaCount | default 1 }}
  template:
    metadata:
      labels: {{ merge (deepCopy .Values.pod.labels) .Values.global.pod.labels | toJson }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: {{ .Values.image.repository }}:latest
          resources: {{ default dict .Values.resources | toJson }}
{{ include "container" . | indent 10 }}
{{- end -}}
