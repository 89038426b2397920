{{/* One container: what a pod of ours runs, and what a Link beside another gateway runs. */}}
{{- define "stoa.container" -}}
{{- $v := .root.Values -}}
name: {{ .facts.program }}
image: {{ include "stoa.image" . }}
imagePullPolicy: {{ $v.image.pullPolicy }}
env:
  {{- include "stoa.env" . | nindent 2 }}
ports:
  - { name: {{ .facts.portName | default "http" }}, containerPort: {{ .facts.port }}, protocol: TCP }
  {{- if .facts.metricsPort }}
  - { name: metrics, containerPort: {{ .facts.metricsPort }}, protocol: TCP }
  {{- end }}
# Ready is who has a configuration to serve, alive who answers at all: neither asks the Control Plane.
startupProbe:
  httpGet: { path: /healthz, port: {{ .facts.port }}, scheme: {{ include "stoa.scheme" . }} }
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: {{ .facts.startWithinSeconds }}
readinessProbe:
  httpGet: { path: /readyz, port: {{ .facts.port }}, scheme: {{ include "stoa.scheme" . }} }
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 3
livenessProbe:
  httpGet: { path: /healthz, port: {{ .facts.port }}, scheme: {{ include "stoa.scheme" . }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
lifecycle:
  # Until every node and every proxy knows that this pod is leaving; then SIGTERM, and what is under way ends.
  preStop: { sleep: { seconds: {{ $v.preStopSeconds }} } }
resources:
  {{- toYaml $v.resources | nindent 2 }}
securityContext:
  {{- if not $v.openshift }}
  # Said here and not of the pod: a Link may share one with others.
  runAsUser: 65532
  runAsGroup: 65532
  {{- end }}
  runAsNonRoot: true
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  {{- include "stoa.mounts" . | nindent 2 }}
{{- end -}}

{{- define "stoa.pod" -}}
{{- $v := .root.Values -}}
metadata:
  labels:
    {{- include "stoa.labels" . | nindent 4 }}
    {{- with $v.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A changed setting is a new pod: settings are read at the start.
    checksum/config: {{ include "stoa.config" . | sha256sum }}
    {{- with $v.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "stoa.name" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $v.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    {{- if not $v.openshift }}
    fsGroup: 65532
    {{- end }}
    seccompProfile: { type: RuntimeDefault }
  {{- with (concat $v.image.pullSecrets ((($v.global).imagePullSecrets) | default list)) }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - {{- include "stoa.container" . | nindent 6 }}
  volumes:
    {{- include "stoa.volumes" . | nindent 4 }}
  {{- if $v.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: {{ $v.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "stoa.selector" $ | nindent 10 }}
      matchLabelKeys: [{{ if eq $.facts.workload "Deployment" }}pod-template-hash{{ else }}controller-revision-hash{{ end }}]
    {{- end }}
  {{- end }}
  {{- with $v.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $v.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
