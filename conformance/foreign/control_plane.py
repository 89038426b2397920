#!/usr/bin/env python3
"""The two calls of ADR-057 as a Control Plane has them: from openapi/registration.yaml alone, by the standard library of Python 3.9.

It answers at STUB_LISTEN (HOST:PORT, or 127.0.0.1:0), lets in whoever has the key in STOA_GATEWAY_KEY_FILE, and prints where it listens and one line
of JSON for each call. It keeps what it knows in memory, and deploys nothing."""
import hmac, http.server, json, os, re, signal, sys, threading, uuid

INTERVAL_S = 5
MODES = {"edge_mcp", "sidecar", "connect"}
MAX_BODY = 1 << 20
MAX_GATEWAYS = 10_000
with open(os.environ["STOA_GATEWAY_KEY_FILE"], encoding="utf-8") as key_file:
    KEY = key_file.read().strip()
gateways, lock = {}, threading.Lock()

class Refused(Exception):
    """Status, and what is told of it."""

def text(body, name):
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255:
        raise Refused(400, f"{name} is a text of 1 to 255 characters.")
    return value

def register(body):
    if text(body, "gateway_mode") not in MODES:
        raise Refused(400, f"gateway_mode is one of {', '.join(sorted(MODES))}.")
    text(body, "version")
    if not isinstance(body.get("features"), list):
        raise Refused(400, "features is a list.")
    identity = (text(body, "environment"), body["gateway_mode"], text(body, "instance_name"))
    with lock:
        if identity not in gateways and len(gateways) >= MAX_GATEWAYS:
            raise Refused(503, "There are too many gateways.")
        gateway_id = gateways.setdefault(identity, str(uuid.uuid4()))
    return {"gateway_id": gateway_id, "heartbeat_interval_s": INTERVAL_S}

def heartbeat(gateway_id, body):
    if gateway_id not in gateways.values():
        raise Refused(404, "There is no such gateway: register.")
    text(body, "status")
    if isinstance(body.get("uptime_s"), bool) or not isinstance(body.get("uptime_s"), (int, float)) or not isinstance(body.get("metrics"), dict):
        raise Refused(400, "uptime_s is a number and metrics an object.")
    return {"heartbeat_interval_s": INTERVAL_S}

class Calls(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "application/problem+json")
        self.send_header("Content-Length", str(len(data)))
        if status == 401:
            self.send_header("WWW-Authenticate", 'Bearer realm="stub"')
        if status == 503:
            self.send_header("Retry-After", "30")
        self.end_headers()
        self.wfile.write(data)

    def called(self):
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refused(413, f"A body has a length, of {MAX_BODY} bytes at most.")
        data = self.rfile.read(int(length))
        if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), b"Bearer " + KEY.encode()):
            raise Refused(401, "The gateway key is unknown.")
        call = re.fullmatch(r"/v1/internal/gateways/(?:(register)|([0-9a-f-]{36})/heartbeat)", self.path)
        if self.command != "POST" or call is None:
            raise Refused(404, "There are two calls here: register and heartbeat.")
        try:
            body = json.loads(data)
        except ValueError:
            raise Refused(400, "The body is no JSON.") from None
        if not isinstance(body, dict):
            raise Refused(400, "The body is an object.")
        return register(body) if call[1] else heartbeat(call[2], body)

    def handle_call(self):
        try:
            status, body = 200, self.called()
        except Refused as refused:
            status, body = refused.args[0], {"type": "about:blank", "title": "Refused", "status": refused.args[0], "detail": refused.args[1]}
        print(json.dumps({"call": f"{self.command} {self.path.split('?')[0]}", "status": status}), flush=True)
        self.answer(status, body)

    do_GET = do_POST = do_DELETE = handle_call

    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # A caller that hangs up is none.

host, port = os.environ.get("STUB_LISTEN", "127.0.0.1:0").rsplit(":", 1)
server = Server((host, int(port)), Calls)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(json.dumps({"msg": "The Control Plane listens.", "url": f"http://{host}:{server.server_address[1]}"}), flush=True)
server.serve_forever()
