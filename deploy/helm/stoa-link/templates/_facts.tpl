{{- define "stoa-link.facts" -}}
component: link
program: stoa-link
port: 8082
stateSetting: STOA_STATE_DIR
workload: Deployment
isRuntime: true
startWithinSeconds: 60
publicPaths:
  - /mcp
  - /apis
  - /.well-known
{{- end -}}

{{/*
For a chart that runs another gateway and has this one as a dependency: the container of a Link beside it, and the volumes that it mounts. Both take the context of
this chart: `(index .Subcharts "stoa-link")`.
*/}}
{{- define "stoa-link.sidecar" -}}
{{- include "stoa.container" (dict "root" . "facts" (mergeOverwrite (include "stoa-link.facts" . | fromYaml) (dict "portName" "stoa-link"))) -}}
{{- end -}}

{{- define "stoa-link.sidecarVolumes" -}}
{{- include "stoa.volumes" (dict "root" . "facts" (include "stoa-link.facts" . | fromYaml)) -}}
{{- end -}}
