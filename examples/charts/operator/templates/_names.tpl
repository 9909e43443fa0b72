{{- /* The word that all names start with. */ -}}
{{- define "operator.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}

{{- /* Who the manager is to the cluster. */ -}}
{{- define "operator.account" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (printf "%s-manager" (include "operator.name" .)) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default "latest" }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "operator.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* True when certificates of one's own have to be mounted. */ -}}
{{- define "operator.hasCerts" -}}
{{- if or .Values.customCACerts .Values.caCertsConfigMap }}true{{ end -}}
{{- end -}}

{{- /* The namespaces an isolated operator looks after, its own last. */ -}}
{{- define "operator.namespaces" -}}
{{ append .Values.namespaceIsolation.additionalNamespaces .Release.Namespace | uniq | join "," }}
{{- end -}}
