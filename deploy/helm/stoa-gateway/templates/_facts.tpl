{{- define "stoa-gateway.facts" -}}
component: gateway
program: stoa-gateway
port: 8081
stateSetting: STOA_STATE_DIR
workload: Deployment
isRuntime: true
startWithinSeconds: 60
publicPaths:
  - /mcp
  - /apis
  - /.well-known
{{- end -}}
