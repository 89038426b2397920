{{- define "stoa-control-plane.facts" -}}
component: control-plane
program: stoa-control-plane
port: 8080
stateSetting: STOA_DATA_DIR
workload: Deployment
isRuntime: false
startWithinSeconds: 300
metricsPort: 9090
publicPaths:
  - /
{{- end -}}
