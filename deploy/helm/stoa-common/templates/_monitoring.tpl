{{- define "stoa.monitoring" -}}
{{- $v := .root.Values -}}
{{- $of := printf "namespace=%q,service=%q" .root.Release.Namespace (include "stoa.name" .) -}}
{{- if $v.metrics.serviceMonitor.enabled }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
    {{- with $v.metrics.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "stoa.selector" . | nindent 6 }}
  endpoints:
    - port: {{ if .facts.metricsPort }}metrics{{ else }}http{{ end }}
      path: /metrics
      interval: {{ $v.metrics.serviceMonitor.interval }}
      {{- if and $v.tls.secret (not .facts.metricsPort) }}
      scheme: https
      {{- with $v.metrics.serviceMonitor.tlsConfig }}
      tlsConfig:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
{{- end }}
{{- if $v.metrics.alerts.enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
    {{- with $v.metrics.alerts.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- .root.Files.Get "files/alerts.yaml" | replace "@OF@" $of | nindent 2 }}
{{- end }}
{{- if $v.metrics.dashboard.enabled }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "stoa.name" . }}-dashboard
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "stoa.labels" . | nindent 4 }}
    {{- toYaml $v.metrics.dashboard.labels | nindent 4 }}
data:
  {{ .facts.program }}.json: |
    {{- .root.Files.Get "files/dashboard.json" | replace "@OF@" ($of | replace "\"" "\\\"") | nindent 4 }}
{{- end }}
{{- end -}}

{{/* `helm test`: asks through the Service, as others do, from a pod that the policy lets in. */}}
{{- define "stoa.test" -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "stoa.name" . }}-test
  namespace: {{ .root.Release.Namespace }}
  labels:
    app.kubernetes.io/part-of: stoa
    app.kubernetes.io/instance: {{ .root.Release.Name }}
    app.kubernetes.io/name: {{ .facts.program }}-test
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    runAsNonRoot: true
    {{- if not .root.Values.openshift }}
    runAsUser: 65532
    runAsGroup: 65532
    {{- end }}
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: test
      image: {{ include "stoa.image" . }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command:
        - /usr/local/bin/node
        - -e
        - |
          const [base, ...paths] = process.argv.slice(1);
          const ask = async (path) => {
            for (let left = 30; ; left -= 1) {
              const status = await fetch(base + path, { signal: AbortSignal.timeout(5000) }).then((answer) => answer.status, (error) => String(error.cause ?? error));
              if (status === 200) return console.log(path + ': 200');
              if (left === 0) throw new Error(base + path + ' answered ' + status);
              await new Promise((resolve) => setTimeout(resolve, 1000));
            }
          };
          for (const path of paths) await ask(path);
        - {{ printf "%s://%s:%d" (include "stoa.scheme" . | lower) (include "stoa.name" .) (int .facts.port) }}
        - /healthz
        - /readyz
        - /version
      {{- if .root.Values.tls.secret }}
      # It asks whether there is an answer, and not who gives it: the certificate is for the name that clients use.
      env: [{ name: NODE_TLS_REJECT_UNAUTHORIZED, value: '0' }]
      {{- end }}
      resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 128Mi } }
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
{{- end -}}

{{/* All that a chart of ours makes. */}}
{{- define "stoa.all" -}}
{{ include "stoa.workload" . }}
---
{{ include "stoa.networkPolicy" . }}
---
{{ include "stoa.routes" . }}
---
{{ include "stoa.monitoring" . }}
{{- end -}}
