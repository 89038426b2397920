{{- define "stoa-connect.facts" -}}
component: connect
program: stoa-connect
port: 8083
stateSetting: STOA_STATE_DIR
workload: StatefulSet
isRuntime: true
startWithinSeconds: 60
replicas: 1
publicPaths: []
{{- end -}}
