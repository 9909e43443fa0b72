# SPDX-License-Identifier: Apache-2.0
"""Small charts that the tests of releases write into a directory of theirs,
and the configuration that installs them."""

import json
import pathlib

APP = {
    "Chart.yaml": "apiVersion: v2\nname: app\nversion: {version}\nappVersion: '9'\ndescription: exercises releases\n",
    "values.yaml": """\
replicas: 1
image: example/app:1
env: {}
annotations: {}
data:
  number: 3306
  text: "3306"
  fraction: 0.10
  thousand: 1e3
  large: 9007199254740993
  million: 1000000
  none: null
  removed: default
  list: [1, two, 3.5]
  empty: {}
withService: true
badPort: false
hooks: false
hookFails: false
keep: false
stuck: false
""",
    "templates/_names.tpl": '{{- define "app.labels" -}}\napp: {{ .Release.Name }}\n{{- end -}}\n',
    "templates/settings.yaml": """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-settings
  {{- with .Values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
data:
  {{- range $key, $value := .Values.data }}
  {{ $key }}: {{ $value | toJson | quote }}
  {{- end }}
  revision: {{ .Release.Revision | quote }}
  verb: {{ if .Release.IsInstall }}install{{ else }}upgrade{{ end }}
{{- if .Values.keep }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-kept
  annotations:
    helm.sh/resource-policy: keep
{{- end }}
""",
    "templates/workload.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
  labels:
    {{- include "app.labels" . | nindent 4 }}
  {{- with .Values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "app.labels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "app.labels" . | nindent 8 }}
    spec:
      {{- if .Values.stuck }}
      nodeSelector: {nowhere: "true"}
      {{- end }}
      containers:
        - name: web
          image: {{ .Values.image }}
          env:
            - {name: ALWAYS, value: "1"}
            {{- range $name, $value := .Values.env }}
            - {name: {{ $name }}, value: {{ $value | quote }}}
            {{- end }}
          ports: [{containerPort: 80, name: http}]
""",
    "templates/service.yaml": """\
{{- if .Values.withService }}
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
spec:
  selector:
    {{- include "app.labels" . | nindent 4 }}
  ports:
    - {name: http, port: {{ if .Values.badPort }}99999{{ else }}80{{ end }}, targetPort: http}
{{- end }}
""",
    "templates/hook.yaml": """\
{{- if .Values.hooks }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-before
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-5"
spec:
  backoffLimit: 0
  {{- if .Values.hookFails }}
  activeDeadlineSeconds: 1
  suspend: true
  {{- end }}
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: example/hook}]
{{- end }}
""",
    "templates/NOTES.txt": "Installed {{ .Release.Name }} with {{ .Values.replicas }} replicas.\n",
}


CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.{group}
spec:
  group: {group}
  scope: Namespaced
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""


def crd(group):
    """A custom resource definition of its own for a test."""
    return CRD.replace("{group}", group)


def write_chart(directory, files=None, version="1.0.0"):
    """Writes a chart (APP unless files are given); returns its directory."""
    directory = pathlib.Path(directory)
    for name, text in (files or APP).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{version}", version))
    return directory


def release(namespace, chart, values=None, more="", name="app", label="this"):
    """A wandb_operator of any chart."""
    given = f"values = jsondecode({json.dumps(json.dumps(values)).replace('${', '$${')})" if values is not None else ""
    return (
        f'resource "wandb_operator" "{label}" {{\n  name = "{name}"\n  namespace = "{namespace}"\n  chart = "{chart}"\n'
        f"  {given}\n  {more}\n}}\n"
    )


def files(tmp_path, *texts):
    """The words that give helm these values, texts or objects, each in a file."""
    words = []
    for number, text in enumerate(texts):
        path = tmp_path / f"values{number}.yaml"
        path.write_text(text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))
        words += ["-f", path]
    return words
