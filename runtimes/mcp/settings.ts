import { hostname } from 'node:os';
import { chainFault, usualChain } from './decide/credential-chain.ts';
import { httpSettings } from '@stoa/lib/http-server.ts';
import { proxySettingsWithSocket, unixPeer } from '@stoa/lib/client-address.ts';
import { commonSettings } from '@stoa/lib/log.ts';
import { clientCertificateSettings } from '@stoa/lib/server-tls.ts';
import { upstreamSettings } from '@stoa/lib/outgoing-settings.ts';
import { telemetrySettings } from '@stoa/lib/telemetry/settings.ts';
import { assertionKeyFault } from './upstream/proofs/assertion-signer.ts';
import { secretSourcesFault } from './snapshot/secrets.ts';
import { setting } from '@stoa/lib/settings.ts';
import type { SettingsOf } from '@stoa/lib/settings.ts';
import { redisPlaceOf } from './decide/replicas/redis-url.ts';

const instanceName = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
  says: 'must be 1 to 128 letters, digits, ".", "_" or "-", the first a letter or digit',
};
const environment = {
  pattern: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  says: 'must be 1 to 63 lower-case letters, digits or "-", and begin and end without "-"',
};

/** The settings that Gateway and Link share; each adds its defaults, so that the two cannot drift apart. */
export function runtimeSettings<const P extends { program: string; listen: string }>({ program, listen }: P) {
  return {
    ...commonSettings,
    ...upstreamSettings,
    ...telemetrySettings,
    controlPlaneUrl: setting.url({ describe: 'Base URL of the Control Plane, such as https://stoa.example.' }),
    gatewayKey: setting.secret({ describe: 'Gateway key that an operator minted for this instance.' }),
    instanceName: setting.string({
      default: defaultInstanceName(),
      describe:
        'Name of this instance, unique in its environment and the same after every restart. Set it wherever the host name changes with ' +
        'each start, as that of a Kubernetes Deployment does: every new name is a new instance to the Control Plane.',
      matches: instanceName,
    }),
    environment: setting.string({
      default: 'default',
      describe: 'Environment that this instance belongs to, exactly as the Control Plane knows it.',
      matches: environment,
    }),
    labels: setting.labels({ default: {}, describe: 'Labels that deployments can choose this instance by.' }),
    stateDir: setting.path({
      default: `.stoa/${program}`,
      describe: 'Directory of this instance alone, for the last good configuration and for usage not yet reported. Keep it over restarts.',
    }),
    workers: setting.string({
      default: '1',
      describe:
        'How many threads serve calls, each on a core of its own, or auto for as many as there are cores. Limits hold for all of them together; each has its ' +
        'own copy of the configuration in memory, its own connections to upstreams, and slows bad keys by itself. More than 1 needs Linux.',
      matches: { pattern: /^(?:auto|[1-9]|[1-5]\d|6[0-4])$/, says: 'must be a number from 1 to 64, or auto' },
    }),
    listen: setting.address({ default: listen, describe: 'Where to listen.' }),
    ...httpSettings,
    ...proxySettingsWithSocket,
    ...clientCertificateSettings,
    socket: setting.string({
      optional: true,
      describe:
        'Path of a Unix socket to listen on besides STOA_LISTEN, for everything that is served there, over plain HTTP: /run/stoa/link.sock. One that a killed program left is replaced. Needs STOA_WORKERS=1.',
      matches: { pattern: /^\/[^\0]{1,100}$/, says: 'must be the whole path of a socket, of 101 characters at most, such as /run/stoa/link.sock' },
    }),
    socketMode: setting.string({
      default: '660',
      describe: 'Who may connect to Unix sockets of this program: 600 its user, 660 its group too, 666 everybody on this machine.',
      matches: { pattern: /^(?:600|660|666)$/, says: 'must be 600, 660 or 666' },
    }),
    publicUrl: setting.url({
      optional: true,
      describe: 'URL that clients reach this instance under, for the Console to show; by default the address listened on.',
    }),
    mcpChain: setting.list({
      default: [...usualChain],
      describe:
        'Which credentials let in at /mcp: entries of which the first that all is presented for decides who calls, each a key, a token (token=company: of that trusted issuer), a certificate, or several with + between, all of one consumer. ' +
        'Last may stand anonymous=consumer: as whom those are taken who present nothing.',
      check: chainFault,
    }),
    dpopNonceSecret: setting.secret({
      optional: true,
      matches: { pattern: /^\S{32,}$/, says: 'must be 32 characters or more, without blanks' },
      describe:
        'Secret that nonces for proofs (DPoP) are made with, the same for all replicas behind one address: 32 characters or more. By default each has its own, and a client that comes to another ' +
        'replica is asked for its nonce once more.',
    }),
    allowedOrigins: setting.list({
      default: [],
      describe: 'Origins of web pages that may call /mcp, such as https://agent.example. Programs other than browsers need none.',
      check: (origins) => {
        const wrong = origins.find((origin) => URL.parse(origin)?.origin !== origin);
        return wrong === undefined ? undefined : `must hold origins such as https://agent.example, which ${wrong} is not`;
      },
    }),
    upstreamSecrets: setting.labels({
      default: {},
      check: secretSourcesFault,
      describe:
        'Secrets for upstreams that APIs may name, and where they are: orders-key=file:/run/secrets/orders, crm-key=env:CRM_KEY. With @host or @*.example.com behind it, ' +
        'one is for APIs, or for token endpoints, at that host alone.',
    }),
    assertionKey: setting.secret({
      optional: true,
      check: assertionKeyFault,
      describe:
        'Private key in PEM, of P-256 or Ed25519, by which upstreams are told who calls (X-Stoa-Assertion). Give the same to all instances behind one URL; by default each makes ' +
        'one and keeps it in its state directory.',
    }),
    redisUrl: setting.secret({
      optional: true,
      check: (text) => {
        const place = redisPlaceOf(text);
        return 'fault' in place ? place.fault : undefined;
      },
      describe:
        'Redis or Valkey in which the replicas of an environment count limits together and remember proofs (DPoP), such as redis://redis.example:6379; rediss:// for TLS, redis+cluster://host,host for a ' +
        'cluster, redis+sentinel://host,host/primary for sentinels. Without it each replica counts for itself.',
    }),
    redisPassword: setting.secret({
      optional: true,
      describe: 'Password for Redis, in place of one in the URL. Read anew from its file for each connection.',
    }),
    redisPrefix: setting.string({
      default: 'stoa',
      matches: { pattern: /^[A-Za-z0-9._-]{1,64}$/, says: 'must be letters, digits, dots, underscores and hyphens, 64 at most' },
      describe:
        'What the keys in Redis begin with. Tenants that share a Redis, and Control Planes, take one each: replicas of one prefix and environment count together.',
    }),
    redisTimeout: setting.durationMs({
      default: '500ms',
      minMs: 10,
      maxMs: 10_000,
      describe: 'How long Redis may take to answer before this replica counts its share of each limit alone.',
    }),
    upstreamTimeout: setting.durationMs({
      default: '30s',
      minMs: 1,
      maxMs: 3_600_000,
      describe: 'Longest that a call of a tool may take, and that a request below /apis may be without a byte.',
    }),
  };
}

export type RuntimeSettings = SettingsOf<ReturnType<typeof runtimeSettings>>;

/** A rule about the socket and what speaks of it: the sentence that says why they do not belong together. */
export function socketFault({ socket, workers, trustedProxies }: Pick<RuntimeSettings, 'socket' | 'workers' | 'trustedProxies'>): string | undefined {
  if (socket === undefined) {
    return trustedProxies.includes(unixPeer)
      ? 'STOA_TRUSTED_PROXIES names unix, which has no effect without STOA_SOCKET: set that too, or remove it.'
      : undefined;
  }
  return workers === '1'
    ? undefined
    : 'STOA_SOCKET names a socket in a folder, which several threads cannot listen on: set STOA_WORKERS=1, or remove it.';
}

function defaultInstanceName(): string {
  const name = hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
  return name === '' ? 'gateway' : name;
}
