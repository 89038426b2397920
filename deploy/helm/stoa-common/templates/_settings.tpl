{{/* The settings of a program: a file of what is no secret, and a file for each secret. */}}
{{- define "stoa.config" -}}
{{- $config := deepCopy .root.Values.config -}}
{{- if and .facts.isRuntime (not $config.control_plane_url) -}}
{{- $_ := set $config "control_plane_url" (printf "http://%s-control-plane:8080" .root.Release.Name) -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{- define "stoa.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "stoa.metadata" . | nindent 2 }}
data:
  config.yaml: |
    {{- include "stoa.config" . | nindent 4 }}
{{- end -}}

{{- define "stoa.env" -}}
{{- $v := .root.Values -}}
- name: STOA_CONFIG
  value: /etc/stoa/config.yaml
- name: STOA_LISTEN
  value: {{ printf "0.0.0.0:%d" (int .facts.port) }}
- name: {{ .facts.stateSetting }}
  value: /var/lib/stoa
{{- if .facts.isRuntime }}
# What the Console shows, and deployments are told apart by; the pod says goodbye when it is asked to end.
- name: STOA_INSTANCE_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- end }}
{{- if .facts.metricsPort }}
- name: STOA_METRICS_LISTEN
  value: {{ printf "0.0.0.0:%d" (int .facts.metricsPort) }}
{{- end }}
{{- if $v.tls.secret }}
- name: STOA_TLS_CERT_FILE
  value: /run/secrets/stoa-tls/tls.crt
- name: STOA_TLS_KEY_FILE
  value: /run/secrets/stoa-tls/tls.key
{{- end }}
{{- if $v.trustedAuthorities.configMap }}
- name: STOA_CA_FILE
  value: /etc/stoa-authorities/{{ $v.trustedAuthorities.key }}
{{- end }}
{{- range $name, $from := $v.secrets }}
- name: {{ $name }}_FILE
  value: /run/secrets/stoa/{{ $name }}
{{- end }}
{{- end -}}

{{- define "stoa.mounts" -}}
{{- $v := .root.Values -}}
- { name: config, mountPath: /etc/stoa, readOnly: true }
- { name: state, mountPath: /var/lib/stoa }
- { name: tmp, mountPath: /tmp }
{{- if $v.secrets }}
- { name: secrets, mountPath: /run/secrets/stoa, readOnly: true }
{{- end }}
{{- if $v.tls.secret }}
- { name: tls, mountPath: /run/secrets/stoa-tls, readOnly: true }
{{- end }}
{{- if $v.trustedAuthorities.configMap }}
- { name: authorities, mountPath: /etc/stoa-authorities, readOnly: true }
{{- end }}
{{- range $v.mounts }}
- { name: {{ .name }}, mountPath: {{ .path | quote }}, readOnly: true }
{{- end }}
{{- end -}}

{{- define "stoa.volumes" -}}
{{- $v := .root.Values -}}
- name: config
  configMap: { name: {{ include "stoa.name" . }} }
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- if not (and (eq .facts.workload "StatefulSet") ($v.persistence).enabled) }}
- name: state
  emptyDir: { sizeLimit: 1Gi }
{{- end }}
{{- if $v.secrets }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $name, $from := $v.secrets }}
      - secret:
          name: {{ $from.name }}
          items: [{ key: {{ $from.key | quote }}, path: {{ $name }} }]
      {{- end }}
{{- end }}
{{- if $v.tls.secret }}
- name: tls
  secret: { secretName: {{ $v.tls.secret }}, defaultMode: 0440 }
{{- end }}
{{- if $v.trustedAuthorities.configMap }}
- name: authorities
  configMap: { name: {{ $v.trustedAuthorities.configMap }} }
{{- end }}
{{- range $v.mounts }}
- name: {{ .name }}
  {{- if .secret }}
  secret: { secretName: {{ .secret }}, defaultMode: 0440 }
  {{- else }}
  configMap: { name: {{ .configMap }} }
  {{- end }}
{{- end }}
{{- end -}}
