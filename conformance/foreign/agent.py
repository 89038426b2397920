#!/usr/bin/env python3
"""A runtime that serves nothing but obeys the contract at level full: from openapi/registration.yaml alone, by the standard library of Python 3.9."""
import base64, hashlib, http.client, http.server, json, os, random, resource, signal, socket, sys, threading, time, urllib.parse, uuid

SHA_OF_NOTHING = "sha256:" + hashlib.sha256(b"").hexdigest()
KINDS = {"api", "consumer", "consumer_key", "subscription", "plan", "plan_subscription", "policy"}
# Of policies each kind that is understood, with its members.
POLICIES = {"api_key_auth": {"header"}, "rate_limit": {"limit", "window_s"}}

def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()

def canonical(value):
    """RFC 8785 for the numbers that the contract has: integers, and fractions that need no exponent."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False)

def hash_of_list(hashes):
    """The hash over the items' hashes in the order of their ids."""
    return sha256("".join(hashes[name][7:] + "\n" for name in sorted(hashes)).encode())

def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None

# Ed25519 as RFC 8032 has it, verification alone: the standard library has no public keys.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return ((f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P)

def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result

def point_of(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    return (P - x if x & 1 != sign else x, y, 1, x * y % P if x & 1 == sign else (P - x) * y % P)

BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def is_signed(public_key, message, signature):
    """Whether a key in SubjectPublicKeyInfo made this signature of a message; both are base64url."""
    try:
        key, value = [base64url(text) for text in (public_key, signature)]
    except ValueError:
        return False
    if len(key) != 44 or len(value) != 64:
        return False
    a, r, s = point_of(key[12:]), point_of(value[:32]), int.from_bytes(value[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(value[:32] + key[12:] + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0

def base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def rejections(items):
    """Those that are not understood are rejected, and so are the APIs that they guard."""
    unknown = [
        one
        for one in items
        if one.get("kind") not in KINDS or (one["kind"] == "policy" and not set(one["policy"]["config"]) <= POLICIES.get(one["policy"]["kind"], set()))
    ]
    guarded = {api for one in unknown for api in one.get("api_ids", [])}
    return [
        {"id": one["id"], "state": "rejected", "phase": "validate", "reason": "This is not understood here."}
        for one in items
        if one in unknown or (one.get("kind") == "api" and one.get("api_id") in guarded)
    ]

class Answer:
    def __init__(self, status=0, body=b"", headers=None):
        self.status, self.body, self.headers = status, body, headers or {}

class Agent:
    def __init__(self, env):
        self.env = env
        self.base = urllib.parse.urlsplit(env["STOA_CONTROL_PLANE_URL"])
        self.state_file = os.path.join(env["STOA_STATE_DIR"], "state.json")
        self.boot_id, self.started = str(uuid.uuid4()), time.monotonic()
        self.ended, self.lock, self.url = threading.Event(), threading.Lock(), ""
        self.credential = self.at = self.served = self.etag = self.poll = None
        self.trusted, self.state, self.registrations, self.fences = [], "none", 0, 0
        self.is_stale, self.from_nothing, self.drops_metrics, self.rests = True, False, False, False
        self.forbidden_until = 0.0
        self.read_key()
        os.makedirs(env["STOA_STATE_DIR"], exist_ok=True)
        try:
            with open(self.state_file, encoding="utf-8") as file:
                kept = json.load(file)
            self.served, self.trusted, self.state = kept["served"], kept["trusted"], "applied"
        except (OSError, ValueError, KeyError):
            pass  # There was no process before this one.

    def read_key(self):
        with open(self.env["STOA_GATEWAY_KEY_FILE"], encoding="utf-8") as file:
            self.key = file.read().strip()

    def keep(self):
        if self.served is None:
            return
        descriptor = os.open(self.state_file + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"served": self.served, "trusted": self.trusted}, file)
        os.replace(self.state_file + ".new", self.state_file)

    interval = lambda self: self.at["interval"] if self.at else 30
    pause = lambda self, seconds: self.ended.wait(max(0, seconds))
    over = lambda self: self.ended.is_set() or self.rests
    epoch = lambda self: {} if self.at["epoch"] is None else {"lease_epoch": self.at["epoch"]}

    def stop_polling(self):
        poll = self.poll
        try:
            if poll is not None and poll.sock is not None:
                poll.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # It has ended by itself.

    def send(self, method, path, body=None, bearer=None, timeout=None, headers=None, polls=False):
        """One call; status 0 says that there was no answer."""
        kind = http.client.HTTPSConnection if self.base.scheme == "https" else http.client.HTTPConnection
        call = kind(self.base.hostname, self.base.port, timeout=timeout or min(10, self.interval() / 3))
        sent = {"Authorization": "Bearer " + (bearer or self.credential or self.key), **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        if polls:
            self.poll = call
        try:
            call.request(method, self.base.path.rstrip("/") + "/v1/internal/gateways" + path, None if body is None else json.dumps(body), sent)
            response = call.getresponse()
            return Answer(response.status, response.read(), response.headers)
        except (OSError, http.client.HTTPException):
            return Answer()
        finally:
            call.close()

    @staticmethod
    def wait_s(answer, attempt):
        """How long to wait after an answer that is no success."""
        jitter = lambda cap: random.uniform(0.2, min(cap, 2.0 ** min(attempt, 20)))
        if answer.status in (429, 503):
            text = answer.headers.get("Retry-After", "0")
            asked = int(text) if text.isdecimal() else 0
            return min(600, asked * random.uniform(1, 1.2) if asked >= 1 else jitter(60))
        if answer.status in (400, 403):
            return 300 * random.uniform(1, 1.2)
        return jitter(300 if answer.status == 401 else 60)

    def take(self, answer):
        """What an answer changes, whichever call it is to."""
        before = self.registrations
        if answer.status == 401:
            self.credential = None
            self.read_key()
        elif answer.status == 410:
            self.rests = True
            self.stop_polling()
        elif answer.status == 403:
            self.is_stale, self.forbidden_until = True, time.monotonic() + 300
            self.stop_polling()
        elif answer.status == 404:
            self.register(before)
        elif answer.status == 409 and (parsed(answer.body) or {}).get("code") == "stale_epoch":
            self.fences += 1
            if self.fences > 1:
                self.pause(150)
            self.register(before)

    def register(self, before):
        """Registers, unless somebody else has since `before`."""
        with self.lock:
            attempt = 0
            while self.registrations == before and not self.over():
                given = {"instance_name": "STOA_INSTANCE_NAME", "gateway_mode": "CONFORM_GATEWAY_MODE", "environment": "STOA_ENVIRONMENT"}
                body = {name: self.env[variable] for name, variable in given.items()}
                body.update(version="1.0.0", features=["subscriptions", "plans"], boot_id=self.boot_id, endpoints={"health": self.url + "/healthz"})
                answer = self.send("POST", "/register", body, bearer=self.key)
                reply = parsed(answer.body) if answer.status == 200 else None
                if isinstance(reply, dict) and isinstance(reply.get("gateway_id"), str) and isinstance(reply.get("heartbeat_interval_s"), int):
                    return self.registered(reply)
                if answer.status not in (404, 409):
                    self.take(answer)
                self.pause(self.wait_s(answer, attempt))
                attempt += 1

    def registered(self, reply):
        keys = reply.get("signing_keys") or []
        if not self.trusted or {one["key_id"] for one in keys} & {one["key_id"] for one in self.trusted}:
            self.trusted = keys
        self.at = {
            "id": reply["gateway_id"],
            "epoch": reply.get("lease_epoch"),
            "interval": min(3600, max(5, reply["heartbeat_interval_s"])),
            "keys": keys,
            "keys_id": reply.get("signing_keys_id"),
            "differs": "config_base" in (reply.get("features") or []),
        }
        if reply.get("credential"):
            self.credential = reply["credential"]["token"]
        self.keep()
        self.registrations += 1

    def beats(self):
        self.pause(random.random() * self.interval())
        seq = attempt = 0
        while not self.over():
            config = {"generation": 0, "hash": "", **{name: self.served[name] for name in ("generation", "hash") if self.served}, "state": self.state}
            metrics = {} if self.drops_metrics else {"memory_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
            beat = {"status": "healthy", "uptime_s": time.monotonic() - self.started, "metrics": metrics, "seq": seq, "config": config}
            keys_id = self.at["keys_id"]
            answer = self.send("POST", f"/{self.at['id']}/heartbeat", {**beat, **self.epoch()})
            seq += 1
            reply = ({} if answer.body == b"" else parsed(answer.body)) if answer.status == 200 else None
            if not isinstance(reply, dict):
                self.drops_metrics = self.drops_metrics or answer.status in (413, 415, 422)
                self.take(answer)
                self.pause(random.random() * self.interval() if answer.status in (404, 409) else self.wait_s(answer, attempt))
                attempt += 1
                continue
            attempt = 0
            if isinstance(reply.get("heartbeat_interval_s"), int):
                self.at["interval"] = min(3600, max(5, reply["heartbeat_interval_s"]))
            if reply.get("credential"):
                self.credential = reply["credential"]["token"]
            self.pause(self.interval() * random.uniform(0.9, 1.1))
            if keys_id is not None and reply.get("signing_keys_id", keys_id) != keys_id and not self.over():
                self.register(self.registrations)
                self.pause(random.random())

    def feed(self):
        attempt = 0
        while not self.over():
            if not self.at["keys"] or time.monotonic() < self.forbidden_until:
                self.pause(0.5)
                continue
            differs, gateway = self.at["differs"], self.at["id"]
            held = SHA_OF_NOTHING if self.from_nothing or self.served is None else hash_of_list(self.served["hashes"])
            query = "?wait_s=20" + ("&base=" + urllib.parse.quote(held, safe="") if differs else "")
            asked = {} if self.etag is None else {"If-None-Match": self.etag}
            answer = self.send("GET", f"/{gateway}/config{query}", timeout=30, headers=asked, polls=True)
            if answer.status == 304:
                self.is_stale, attempt = False, 0
                continue
            outcome = self.judge(answer.body, gateway, differs) if answer.status == 200 else None
            if outcome is None:
                self.is_stale = True
                if self.over():
                    return
                self.take(answer)
                self.pause(0.5 if answer.status in (404, 409) else self.wait_s(answer, attempt))
                attempt += 1
                continue
            attempt = 0
            if outcome == "again":
                continue
            self.etag = answer.headers.get("ETag")
            if outcome != "the same":
                self.acknowledge(outcome)

    def judge(self, body, gateway, differs):
        """What to acknowledge; `again` to ask from nothing, `the same` for no news, None where the answer is no state at all."""
        lines = body.split(b"\n") if differs else [body, b""]
        head = parsed(lines[0])
        if lines.pop() != b"" or not isinstance(head, dict) or not isinstance(head.get("generation"), int) or not isinstance(head.get("hash"), str):
            return None
        generation, hashed = head["generation"], head["hash"]
        entries = head.get("changed" if differs else "items") or []
        rest = {"unlisted_applied": True} if differs else {}

        def reject(reason):
            self.state = "rejected"
            items = [{"id": one["id"], "state": "rejected", "phase": "validate", "reason": reason} for one in entries]
            return {"generation": generation, "hash": hashed, "state": "rejected", "items": items, **rest}

        signature = head.get("signature") or {}
        signer = next((one for one in self.at["keys"] if one["key_id"] == signature.get("key_id")), None)
        message = f"{gateway}\n{generation}\n{hashed}".encode()
        if signer is None or head.get("gateway_id") != gateway or not is_signed(signer["public_key"], message, signature.get("value", "")):
            return reject("The signature is wrong.")
        if differs:
            texts = lines[1:]
            has_base = "base" in head and self.served is not None
            gone = {*head.get("removed", []), *(one["id"] for one in entries)}
            items = [one for one in (self.served["items"] if has_base else []) if one["id"] not in gone]
            hashes = {one["id"]: self.served["hashes"][one["id"]] for one in items}
            hashes.update((one["id"], one["hash"]) for one in entries)
            fits = [sha256(text) for text in texts] == [one["hash"] for one in entries]
            if not fits or hash_of_list(hashes) != hashed:
                if not self.from_nothing and "base" in head:
                    self.from_nothing = True
                    return "again"
                return reject("The items are not those of the list that is signed.")
            items += [json.loads(text) for text in texts]
        else:
            items = entries
            hashes = {one["id"]: sha256(canonical(one).encode()) for one in items}
            if sha256(canonical(items).encode()) != hashed:
                return reject("The content has another hash.")
        is_same = self.served is not None and (self.served["generation"], self.served["hash"]) == (generation, hashed)
        rejected = rejections(items)
        self.served = {"generation": generation, "hash": hashed, "items": items, "hashes": hashes}
        self.from_nothing = self.is_stale = False
        self.state = "applied_with_warnings" if rejected else "applied"
        self.keep()
        if is_same:
            return "the same"
        known = {one["id"]: one for one in rejected}
        told = rejected if differs else [known.get(one["id"], {"id": one["id"], "state": "applied"}) for one in items]
        return {"generation": generation, "hash": hashed, "state": self.state, "items": told, **rest}

    def acknowledge(self, ack):
        attempt = 0
        while not self.over():
            answer = self.send("POST", f"/{self.at['id']}/config/ack", {**self.epoch(), **ack})
            if answer.status in (204, 422):
                return
            self.take(answer)
            self.pause(self.wait_s(answer, attempt))
            attempt += 1

    def probed(self, path):
        """What a probe is answered: status, media type, body."""
        if path == "/healthz":
            return 200, "application/json", {"status": "ok"}
        if self.served is None:
            problem = {"type": "about:blank", "title": "Not ready", "status": 503, "detail": "There is no configuration yet."}
            return 503, "application/problem+json", problem
        config = {"state": "stale" if self.is_stale else "fresh", "generation": self.served["generation"], "hash": self.served["hash"]}
        return 200, "application/json", {"status": "ready", "config": config}

    def run(self):
        agent = self

        class Probes(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, kind, body = agent.probed(self.path)
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                if status == 503:
                    self.send_header("Retry-After", "1")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        probes = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Probes)
        self.url = f"http://127.0.0.1:{probes.server_address[1]}"
        print(json.dumps({"msg": "The agent listens.", "url": self.url}), file=sys.stderr, flush=True)
        signal.signal(signal.SIGTERM, lambda *_: self.ended.set())
        threading.Thread(target=probes.serve_forever, daemon=True).start()

        def life():
            self.register(0)
            if not self.over():
                threading.Thread(target=self.feed, daemon=True).start()
                self.beats()

        threading.Thread(target=life, daemon=True).start()
        self.ended.wait()
        self.stop_polling()
        if self.at is not None and not self.rests:
            epoch = self.at["epoch"]
            self.send("DELETE", f"/{self.at['id']}" + ("" if epoch is None else f"?lease_epoch={epoch}"))

Agent(os.environ).run()
