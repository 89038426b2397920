{{/* Nothing comes in and nothing goes out but what is named here. */}}
{{- define "stoa.networkPolicy" -}}
{{- $v := .root.Values -}}
{{- if $v.networkPolicy.enabled }}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "stoa.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        # What was installed with it, the pods of `helm test` among them.
        - podSelector: { matchLabels: { app.kubernetes.io/part-of: stoa, app.kubernetes.io/instance: {{ .root.Release.Name }} } }
        {{- with $v.networkPolicy.from }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports: [{ port: {{ .facts.port }}, protocol: TCP }]
    {{- with $v.networkPolicy.metricsFrom }}
    - from:
        {{- toYaml . | nindent 8 }}
      ports: [{ port: {{ $.facts.metricsPort | default $.facts.port }}, protocol: TCP }]
    {{- end }}
  egress:
    - to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }]
      ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
    {{- if .facts.isRuntime }}
    - to: [{ podSelector: { matchLabels: { app.kubernetes.io/name: stoa-control-plane, app.kubernetes.io/instance: {{ .root.Release.Name }} } } }]
      ports: [{ port: 8080, protocol: TCP }]
    {{- end }}
    {{- with $v.networkPolicy.egress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
{{- end -}}

{{- define "stoa.routes" -}}
{{- $v := .root.Values -}}
{{- $name := include "stoa.name" . -}}
{{- if $v.ingress.enabled }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
  {{- with $v.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $v.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  rules:
    - host: {{ $v.ingress.host }}
      http:
        paths:
          {{- range .facts.publicPaths }}
          - path: {{ . }}
            pathType: Prefix
            backend: { service: { name: {{ $name }}, port: { name: http } } }
          {{- end }}
  {{- with $v.ingress.tlsSecret }}
  tls: [{ hosts: [{{ $v.ingress.host }}], secretName: {{ . }} }]
  {{- end }}
{{- end }}
{{- if $v.gatewayRoute.enabled }}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
spec:
  parentRefs:
    {{- toYaml $v.gatewayRoute.parentRefs | nindent 4 }}
  hostnames:
    {{- toYaml $v.gatewayRoute.hostnames | nindent 4 }}
  rules:
    - matches:
        {{- range .facts.publicPaths }}
        - path: { type: PathPrefix, value: {{ . }} }
        {{- end }}
      backendRefs: [{ name: {{ $name }}, port: {{ .facts.port }} }]
{{- end }}
{{- end -}}
