{{/* Every template takes a dict of `root`, the chart's context, and `facts`, what a chart says of its program (templates/_facts.tpl of each). */}}

{{- define "stoa.name" -}}
{{- $v := .root.Values -}}
{{- if $v.fullnameOverride -}}
{{- $v.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains .facts.component .root.Release.Name -}}
{{- .root.Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .root.Release.Name .facts.component | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "stoa.selector" -}}
app.kubernetes.io/name: {{ .facts.program }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "stoa.labels" -}}
{{ include "stoa.selector" . }}
app.kubernetes.io/component: {{ .facts.component }}
app.kubernetes.io/part-of: stoa
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "stoa.metadata" -}}
name: {{ include "stoa.name" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "stoa.labels" . | nindent 2 }}
{{- end -}}

{{- define "stoa.image" -}}
{{- $image := .root.Values.image -}}
{{- $registry := (.root.Values.global).imageRegistry | default $image.registry -}}
{{- if $image.digest -}}
{{- printf "%s/%s@%s" $registry .facts.component $image.digest -}}
{{- else -}}
{{- printf "%s/%s:%s" $registry .facts.component ($image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "stoa.scheme" -}}
{{- if .root.Values.tls.secret -}}HTTPS{{- else -}}HTTP{{- end -}}
{{- end -}}
