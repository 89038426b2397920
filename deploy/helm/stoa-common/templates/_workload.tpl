{{- define "stoa.workload" -}}
{{- $v := .root.Values -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
automountServiceAccountToken: false
---
{{ include "stoa.configMap" . }}
---
apiVersion: apps/v1
kind: {{ .facts.workload }}
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
spec:
  {{- if not ($v.autoscaling).enabled }}
  replicas: {{ .facts.replicas | default $v.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "stoa.selector" . | nindent 6 }}
  {{- if eq .facts.workload "Deployment" }}
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 25% }
  {{- else }}
  # One name, and never two pods under it: they would write to one admin API.
  serviceName: {{ include "stoa.name" . }}
  {{- end }}
  template:
    {{- include "stoa.pod" . | nindent 4 }}
  {{- if and (eq .facts.workload "StatefulSet") ($v.persistence).enabled }}
  volumeClaimTemplates:
    - metadata: { name: state }
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $v.persistence.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources: { requests: { storage: {{ $v.persistence.size }} } }
  {{- end }}
---
{{ include "stoa.service" . }}
{{- if ($v.podDisruptionBudget).enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ $v.podDisruptionBudget.maxUnavailable }}
  # A pod that is not ready serves nobody, and must not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "stoa.selector" . | nindent 6 }}
{{- end }}
{{- if ($v.autoscaling).enabled }}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: {{ .facts.workload }}, name: {{ include "stoa.name" . }} }
  minReplicas: {{ $v.autoscaling.minReplicas }}
  maxReplicas: {{ $v.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ $v.autoscaling.cpuPercent }} } }
  behavior:
    scaleDown: { stabilizationWindowSeconds: 300, policies: [{ type: Percent, value: 25, periodSeconds: 60 }] }
{{- end }}
{{- end -}}

{{- define "stoa.service" -}}
{{- $v := .root.Values -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
  {{- with $v.service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ $v.service.type }}
  selector:
    {{- include "stoa.selector" . | nindent 4 }}
  ports:
    - { name: http, port: {{ .facts.port }}, targetPort: {{ .facts.port }}, protocol: TCP }
    {{- if .facts.metricsPort }}
    - { name: metrics, port: {{ .facts.metricsPort }}, targetPort: metrics, protocol: TCP }
    {{- end }}
{{- end -}}
