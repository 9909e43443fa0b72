{{- /* What the operator does in a namespace with an instance. */ -}}
{{- define "operator.rules" -}}
{{- $all := list "create" "delete" "get" "list" "patch" "update" "watch" -}}
{{- $look := list "get" "list" "watch" -}}
{{- $rules := list
      (list "" $all "configmaps" "events" "persistentvolumeclaims" "secrets" "serviceaccounts" "services")
      (list "" $look "endpoints" "namespaces" "nodes" "pods" "pods/log" "resourcequotas")
      (list "apps" $all "daemonsets" "deployments" "replicasets" "statefulsets")
      (list "apps.wandb.com" $all "weightsandbiases" "weightsandbiases/finalizers" "weightsandbiases/status")
      (list "autoscaling" $all "horizontalpodautoscalers")
      (list "batch" $all "cronjobs" "jobs")
      (list "cloud.google.com" $all "backendconfigs")
      (list "coordination.k8s.io" $all "leases")
      (list "keda.sh" $all "scaledobjects")
      (list "networking.k8s.io" $all "ingresses" "networkpolicies")
      (list "policy" $all "poddisruptionbudgets")
      (list "rbac.authorization.k8s.io" $all "rolebindings" "roles") -}}
{{- range $rules }}
- apiGroups: [{{ index . 0 | quote }}]
  resources: {{ slice . 2 | toJson }}
  verbs: {{ index . 1 | toJson }}
{{- end }}
{{- end -}}
