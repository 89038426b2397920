#!/bin/sh
# The two calls of ADR-057 in thirty lines, from openapi/registration.yaml alone: it registers and beats. Needs curl.
set -eu
api="$STOA_CONTROL_PLANE_URL/v1/internal/gateways"
began=$(date +%s)
interval=30

# Posts a body to a path; prints the answer, and fails when that is no 200.
post() {
  curl -fsS --max-time 10 -H "Authorization: Bearer $(cat "$STOA_GATEWAY_KEY_FILE")" -H 'Content-Type: application/json' -d "$2" "$api/$1"
}
# The value of a member of a JSON object that is a text or a number.
member() {
  sed -n "s/.*\"$1\" *: *\"\{0,1\}\([^\",}]*\).*/\1/p"
}

until answer=$(post register "{\"instance_name\":\"$STOA_INSTANCE_NAME\",\"gateway_mode\":\"$CONFORM_GATEWAY_MODE\",\"version\":\"1.0.0\",\"features\":[],\"environment\":\"$STOA_ENVIRONMENT\"}"); do
  sleep 2
done
id=$(printf '%s' "$answer" | member gateway_id)
interval=$(printf '%s' "$answer" | member heartbeat_interval_s)
while :; do
  sleep "$interval"
  answer=$(post "$id/heartbeat" "{\"status\":\"healthy\",\"uptime_s\":$(($(date +%s) - began)),\"metrics\":{}}") || continue
  changed=$(printf '%s' "$answer" | member heartbeat_interval_s)
  interval=${changed:-$interval}
done
