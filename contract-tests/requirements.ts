import { managementContract } from './document/contract.ts';

export type Subject = 'control-plane' | 'gateway' | 'link' | 'connect';
export type Requirement = {
  readonly id: string;
  /** What must be true, in one sentence. */
  readonly sentence: string;
  /** Where the product promises it: a file of this repository and words that stand in it. */
  readonly source: { readonly file: string; readonly quote: string };
  readonly binds: readonly Subject[];
  /** The operations that it is about. */
  readonly operations: readonly string[];
};

const adr057 = 'docs/adr/057-product-lineup.md';
const adr058 = 'docs/adr/058-contract-first.md';
const protocol = 'docs/registration-protocol.md';
const registration = 'openapi/registration.yaml';
const server: Subject[] = ['control-plane'];
const runtimes: Subject[] = ['gateway', 'link', 'connect'];
const everyone: Subject[] = [...server, ...runtimes];
const companions = ['ackGatewayConfig', 'reportObservedState', 'reportUsage'];
const withGatewayId = ['heartbeat', 'getGatewayConfig', ...companions, 'deregisterGateway'];

function requirement<const Id extends string>(id: Id, binds: readonly Subject[], operations: readonly string[], sentence: string, file: string, quote: string) {
  return { id, sentence, source: { file, quote }, binds, operations } satisfies Requirement;
}

/** Everything that the contract tests prove. Each test cites ids from here; manifest.test.ts looks for gaps. */
export const requirements = [
  requirement('REG-001', everyone, ['registerGateway'], 'Registration is POST /v1/internal/gateways/register with five required fields; its answer is 200 with gateway_id and heartbeat_interval_s.', adr057, 'POST /v1/internal/gateways/register'),
  requirement('REG-002', server, ['registerGateway'], 'The same tenant, environment and name always get the same gateway_id.', protocol, 'Registering again returns the same `gateway_id`, always.'),
  requirement('REG-003', server, ['registerGateway'], 'The same boot_id gets the same answer and changes no epoch.', protocol, 'The same `boot_id` gets the same answer, and nothing is bumped.'),
  requirement('REG-004', server, ['registerGateway'], 'A new boot_id takes the lease over: the epoch rises by one.', protocol, 'A new `boot_id` is a takeover: `lease_epoch` rises by one'),
  requirement('REG-005', server, ['registerGateway'], 'More than three takeovers in five minutes are shown as a conflict.', protocol, 'More than three takeovers in five minutes are a `conflict`'),
  requirement('REG-006', server, ['registerGateway'], 'Registering an instance changes nothing about any other (lesson 1).', protocol, 'Registering one instance never touches another.'),
  requirement('REG-007', server, ['registerGateway'], 'A mode other than the three is refused with 400, which names the three (lesson 5).', adr057, 'There is no alias, no default and no coercion: anything else is refused with 400.'),
  requirement('REG-008', server, ['registerGateway'], 'Environments have no aliases: prod and production are two (lesson 5).', protocol, '`prod` and `production` are two environments.'),
  requirement('REG-009', everyone, ['registerGateway', 'heartbeat'], 'A server accepts fields that it does not know, and shows their names; a runtime of this revision sends none.', adr058, 'Unknown fields are accepted and ignored, and shown by name on the gateway\'s page'),
  requirement('REG-010', server, ['registerGateway', 'heartbeat'], 'An invalid body is answered with every fault at once.', protocol, 'answered with 400 and every fault at once.'),
  requirement('REG-011', server, ['registerGateway', 'deregisterGateway'], 'A deregistered instance has left, and registering brings the same one back.', protocol, 'A deregistered instance is `left`; registering again brings it back under the same `gateway_id`.'),
  requirement('REG-012', server, ['registerGateway', 'heartbeat'], 'A client without boot_id and lease_epoch is never fenced.', adr058, 'A client that sends no `boot_id` is never fenced.'),
  requirement('REG-013', everyone, ['registerGateway'], 'Every instance appears among the modes, under its own.', adr057, 'Every instance appears on the Console\'s `/gateways/modes`'),
  requirement('REG-014', runtimes, ['registerGateway'], 'A first registration that fails is tried again until it succeeds (lesson 2).', protocol, 'A first registration that fails is tried again; the instance never becomes a zombie.'),
  requirement('REG-015', runtimes, ['registerGateway'], 'A process keeps one boot_id for as long as it lives.', 'openapi/schemas/registration.yaml', 'One UUID per process start.'),

  requirement('BEAT-001', everyone, ['heartbeat'], 'A heartbeat is POST …/heartbeat with status, uptime_s and metrics; its answer is 200.', adr057, 'POST /v1/internal/gateways/{gateway_id}/heartbeat'),
  requirement('BEAT-002', server, ['heartbeat'], 'What is acknowledged is committed.', protocol, 'A heartbeat is answered only after it is committed.'),
  requirement('BEAT-003', server, ['registerGateway', 'heartbeat'], 'The server names an interval between 5 and 3600 s at registration and at each heartbeat.', protocol, 'The interval lies between 5 and 3600 seconds'),
  requirement('BEAT-004', runtimes, ['heartbeat'], 'A runtime beats at the interval that the server gave, and at a changed one from then on.', adr057, 'and may change it with any reply; a client respects it.'),
  requirement('BEAT-005', server, withGatewayId, 'A fenced holder gets 409 stale_epoch for heartbeat, acknowledgement, observed state, usage and goodbye.', protocol, 'A fenced holder gets 409 `stale_epoch`'),
  requirement('BEAT-006', server, ['heartbeat'], 'The lane for heartbeats and the way through the framework give the same answers.', protocol, 'There are two ways through the server for a heartbeat, and they give the same answers.'),
  requirement('BEAT-007', server, ['heartbeat'], 'Liveness is derived, and an unhealthy instance that beats is online (lesson 6).', protocol, 'is another axis than the `status` that an instance reports of itself.'),
  requirement('BEAT-008', server, ['heartbeat', 'registerGateway'], 'A lease runs three intervals and ten seconds by the database\'s clock.', protocol, 'it runs three intervals and ten seconds from the receipt of a heartbeat.'),
  requirement('BEAT-009', runtimes, ['heartbeat'], 'The first heartbeat comes within one interval after registration.', protocol, 'The first heartbeat comes within one interval after registration'),
  requirement('BEAT-010', runtimes, ['heartbeat'], 'A metric means the same whichever runtime reports it: each is one that the protocol names (lesson 7).', protocol, 'A name means the same whichever runtime reports it.'),

  requirement('AUTH-001', server, ['registerGateway', ...withGatewayId], 'A missing, unknown, expired or revoked credential is 401.', protocol, 'A missing, unknown, expired or revoked credential is 401 with `WWW-Authenticate`.'),
  requirement('AUTH-002', server, ['registerGateway', ...withGatewayId], 'A key outside its environments, modes or name gets 403, for every call.', protocol, 'Outside that scope the answer is 403.'),
  requirement('AUTH-003', server, withGatewayId, 'A key of another tenant meets no gateway of this one (lesson 9).', protocol, 'Another tenant\'s gateway is 404, whatever is asked of it.'),
  requirement('AUTH-004', server, withGatewayId, 'A revoked key is refused within 5 s, also on the fast lane.', protocol, 'A revoked key is refused everywhere within 5 seconds.'),
  requirement('AUTH-005', ['control-plane', 'gateway', 'link', 'connect'], ['registerGateway', ...withGatewayId], 'Every operation is authenticated unless its document gives the reason why it is public.', protocol, 'Every operation is authenticated unless its document says why it is public.'),
  requirement('AUTH-006', runtimes, ['registerGateway'], 'A refused credential is read again, and a new one is used without a restart (lesson 3).', protocol, 'Reads its credential again and keeps trying'),
  requirement('AUTH-007', runtimes, ['registerGateway', 'heartbeat'], 'A credential that registration returns replaces the gateway key, which is taken up again when the credential is refused.', 'openapi/schemas/registration.yaml', 'It replaces the gateway key for that instance until it expires.'),

  requirement('FAIL-001', server, ['registerGateway', ...withGatewayId], 'Every error is problem+json with the status, and a request id.', protocol, 'Every error is an RFC 9457 problem with a `request_id`.'),
  requirement('FAIL-404', everyone, withGatewayId, 'An unknown gateway is 404, upon which a runtime registers again at once.', registration, '**404** register again at once, with jitter.'),
  requirement('FAIL-409', runtimes, ['heartbeat'], 'A fenced runtime stops writing and registers once more.', registration, '**409** `stale_epoch`: stop all writes, register once more, then back off.'),
  requirement('FAIL-410', everyone, withGatewayId, 'A decommissioned instance is told 410 by every call, and stops calling but not serving.', registration, '**410** stop until restarted, keep serving.'),
  requirement('FAIL-403', runtimes, ['heartbeat'], 'A forbidden runtime keeps serving its last good configuration.', registration, '**403** stop syncing, keep serving the last good configuration.'),
  requirement('FAIL-400', runtimes, ['heartbeat'], 'A runtime does not repeat a body that was found invalid.', registration, '**400** do not retry the same body'),
  requirement('FAIL-413', runtimes, ['heartbeat'], 'A runtime whose heartbeat is too large leaves the metrics out.', registration, '**413, 415, 422** drop what can be dropped and retry.'),
  requirement('FAIL-503', runtimes, ['registerGateway', 'heartbeat'], 'A runtime waits as long as Retry-After says.', registration, '**429, 503** wait `Retry-After` plus up to 20 %.'),
  requirement('FAIL-000', runtimes, ['registerGateway', 'heartbeat', 'getGatewayConfig', 'ackGatewayConfig'], 'A lost, cut, late or malformed answer is tried again.', registration, 'No answer: full jitter'),
  requirement('FAIL-999', runtimes, ['registerGateway', 'heartbeat', 'getGatewayConfig'], 'A runtime ignores fields of an answer that it does not know.', protocol, 'Fields of an answer that a client does not know are ignored.'),

  requirement('ADR-001', server, ['registerGateway', 'heartbeat'], 'A client written from ADR-057 alone works against our server.', adr057, 'a client written from this section alone works against our server'),
  requirement('ADR-002', runtimes, ['registerGateway', 'heartbeat'], 'Our runtimes work against a server written from ADR-057 alone, whose heartbeat answers are empty.', protocol, 'A server that knows the two calls of ADR-057 alone is enough to stay registered.'),

  requirement('CONF-001', everyone, ['getGatewayConfig'], 'A gateway that was never given anything gets an empty configuration, which is valid and makes it ready.', protocol, 'A gateway that has never been given anything gets an empty, valid configuration.'),
  requirement('CONF-002', everyone, ['getGatewayConfig'], 'An unknown gateway gets 404, which a runtime never takes for an empty configuration (lesson 11).', protocol, 'An unknown gateway gets 404, never an empty configuration.'),
  requirement('CONF-003', server, ['getGatewayConfig'], 'The feed waits for news when told, and answers 304 when there is none.', protocol, 'the feed answers as soon as there is something newer, and 304 when there is not.'),
  requirement('CONF-004', everyone, ['getGatewayConfig'], 'A configuration carries the hash of its content and a signature, and a runtime takes none whose signature is wrong.', protocol, 'both are signed with Ed25519.'),
  requirement('CONF-005', server, ['getGatewayConfig'], 'The generation rises with every change, and only then.', protocol, '`generation` rises with every change'),
  requirement('CONF-006', everyone, ['getGatewayConfig'], 'What is absent from a configuration is removed, the last item too (lesson 16).', protocol, 'What is absent is to be removed, the last item too.'),
  requirement('CONF-007', everyone, ['ackGatewayConfig'], 'An acknowledgement covers every item, and a rejected generation never looks in sync (lesson 12).', protocol, 'A rejected generation never looks in sync.'),
  requirement('CONF-008', server, ['ackGatewayConfig'], 'A generation that was never issued cannot be acknowledged.', protocol, 'A generation that was never issued cannot be acknowledged.'),
  requirement('CONF-009', runtimes, ['getGatewayConfig', 'ackGatewayConfig'], 'A bad generation is acknowledged as rejected and leaves what is served untouched.', protocol, 'A bad generation is quarantined, acknowledged as rejected, and leaves what is served untouched.'),
  requirement('CONF-010', runtimes, ['getGatewayConfig'], 'After SIGKILL a runtime starts alone, from its last good configuration (lesson 13).', protocol, 'A runtime starts and serves without a Control Plane'),
  requirement('CONF-011', ['control-plane', 'connect'], ['reportObservedState'], 'What Connect observed is reported and replaces the report before.', protocol, 'An observed state replaces the one before.'),

  requirement('USE-001', ['control-plane', 'gateway', 'link'], ['reportUsage'], 'A usage batch is counted once, however often it is sent (lesson 30).', protocol, 'A batch is counted once, whatever is sent again'),
  requirement('BYE-001', everyone, ['deregisterGateway'], 'A runtime that is told to stop deregisters, and the Control Plane shows that it has left.', protocol, 'A runtime that is told to stop deregisters.'),

  requirement('RUN-001', runtimes, [], 'A runtime answers /healthz, /readyz, /version and /metrics as its document says.', 'openapi/runtime.yaml', 'Gateway, Link and Connect answer these probes.'),
  requirement('RUN-002', runtimes, [], 'Readiness does not depend on the Control Plane (lesson 28).', protocol, 'Readiness does not depend on the Control Plane; it says `stale` instead.'),

  requirement('OPS-001', server, managementContract.entries.map(({ id }) => id), 'Every operation of the management API answers with the statuses and the bodies that it documents.', adr058, 'Do the programs do what it says?'),
] as const satisfies readonly Requirement[];

export type RequirementId = (typeof requirements)[number]['id'];
