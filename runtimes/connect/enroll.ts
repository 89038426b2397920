import { dirname, join, resolve } from 'node:path';
import { issuerFault, revoke } from '@stoa/client-auth/issuer.ts';
import type { AskIssuer } from '@stoa/client-auth/issuer.ts';
import { isRenewable } from '@stoa/client-auth/kept-token.ts';
import { signInByDevice } from '@stoa/client-auth/sign-in.ts';
import { serverFault } from '@stoa/client-config/config-faults.ts';
import { exchange } from '@stoa/control-plane-client/exchange.ts';
import { createPlainClient } from '@stoa/control-plane-client/plain-client.ts';
import { reasonOf, refusalOf } from '@stoa/control-plane-client/refusal.ts';
import type { ServerReply } from '@stoa/control-plane-client/refusal.ts';
import type { Approval } from '@stoa/generated/schemas.ts';
import { controlPlaneOperations } from '@stoa/generated/client.ts';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { settings } from './config.ts';
import { EnrollmentError, prepareEnrollment } from './enrollment.ts';
import type { EnrollmentOptions } from './enrollment.ts';
import { usualVendor } from './vendors/table.ts';

const usualConfig = '/etc/stoa/connect.yaml';
const usualStateDir = '/var/lib/stoa-connect';
const longestMs = 60_000;
/** For what is taken back, also when the command was interrupted. */
const cleanUpMs = 10_000;

/**
 * Signs a person in by a code that he types into a browser elsewhere, mints a key for this machine in his name, and writes what Connect starts with. Nothing
 * of the sign-in is kept: it is revoked when the key is there. Answers what to tell.
 */
export async function enroll(argv: readonly string[], env: NodeJS.ProcessEnv, say: (text: string) => void, signal: AbortSignal): Promise<string> {
  const { server, config, tenant, stateDir, options } = read(argv);
  const { caFile } = options;
  const enrollment = await prepareEnrollment(server, options, { config, stateDir }, { env, signal, say });
  trustAuthorities(caFile);
  const ask: AskIssuer = (url, init) => fetch(url, { ...init, signal: AbortSignal.any([signal, ...(init.signal ? [init.signal] : [])]) });
  const offer = await answered(server, clientOf(server, signal).getSignIn());
  const fault = issuerFault(server, offer);
  if (fault !== undefined) throw new EnrollmentError('failed', fault);
  const parameters = tenant === undefined ? {} : { tenant };
  const token = await signInByDevice({ offer, ask, parameters, signal }, ({ uri, completeUri, code }) => {
    say(`Open ${uri} in any browser and type the code ${code}`);
    if (completeUri !== undefined) say(`or open ${completeUri}`);
  });
  const client = clientOf(server, signal, token.access_token);
  try {
    return await enrollment.finish('stoa-connect enroll', {
      mint: (body) => answered(server, client.createGatewayKey({ body })),
      revoke: (key_id) =>
        answered(server, clientOf(server, AbortSignal.timeout(cleanUpMs), token.access_token).revokeGatewayKey({ params: { path: { key_id } } })),
    });
  } finally {
    const askLast: AskIssuer = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(cleanUpMs) });
    if (isRenewable(token)) await revoke(token, askLast).catch(() => say('The sign-in could not be ended at the issuer; it ends by itself.'));
  }
}

type Asked = { server: string; config: string; stateDir: string; tenant: string | undefined; options: EnrollmentOptions };

function read(argv: readonly string[]): Asked {
  const { options: given, config: place } = settings.command({ argv: ['enroll', ...argv] });
  const text = (name: string): string | undefined => (typeof given[name] === 'string' ? given[name] : undefined);
  const path = (name: string): string | undefined => {
    const given = text(name);
    return given === undefined ? undefined : resolve(given);
  };
  const [server, environment, targetUrl] = ['server', 'environment', 'target-url'].map(text);
  if (server === undefined || environment === undefined || targetUrl === undefined) {
    const missing = ['server', 'environment', 'target-url'].filter((name) => text(name) === undefined).map((name) => `--${name}`);
    throw new EnrollmentError('usage', `Say ${missing.join(' and ')}. stoa-connect --help has the options.`);
  }
  const fault = serverFault(server);
  if (fault !== undefined) throw new EnrollmentError('usage', `--server ${fault}.`);
  const config = resolve(place ?? usualConfig);
  return {
    server,
    config,
    stateDir: path('state-dir') ?? (config === usualConfig ? usualStateDir : join(dirname(config), 'state')),
    tenant: text('tenant'),
    options: {
      target: text('target') ?? usualVendor,
      targetUrl,
      environment,
      ...present({
        targetTokenFile: text('target-token-file'),
        targetTokenHeader: text('target-token-header'),
        targetCertFile: text('target-cert-file'),
        targetKeyFile: text('target-key-file'),
        name: text('name'),
        team: text('team'),
        caFile: path('ca-file'),
        label: given['label'] as string[] | undefined,
        set: given['set'] as string[] | undefined,
        force: given['force'] as boolean | undefined,
      }),
    },
  };
}

/** What was given of some options. */
const present = <T extends object>(options: T) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

/** The operations of the Control Plane, over the one way that Connect has to it. */
function clientOf(server: string, signal: AbortSignal, token?: string) {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return controlPlaneOperations(
    createPlainClient(server, (request) =>
      exchange({
        ...request,
        headers: { ...request.headers, ...authorization },
        signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
        silenceMs: longestMs,
      }),
    ),
  );
}

async function answered<T>(server: string, call: Promise<ServerReply<T>>): Promise<Exclude<T, Approval>> {
  const reply = await call.catch((cause: unknown) => {
    throw new EnrollmentError('unreachable', `${server} cannot be reached: ${reasonOf(cause)}.`, { cause });
  });
  if (reply.response.status === 202) throw new EnrollmentError('failed', awaits(reply.data as Approval));
  if (reply.response.ok) return reply.data as Exclude<T, Approval>;
  const { kind, message } = refusalOf(reply, { server: '--server', remedyOf: () => undefined });
  throw new EnrollmentError(kind === 'unreachable' ? kind : 'failed', message);
}

/** The approval is for whoever asked, and good once. */
const awaits = ({ approval_id: id, environments }: Approval): string =>
  `No key was made: ${environments.join(', ')} demands a second person for it. He approves it with: stoactl approvals approve ${id}. Then enrol again, signed in as the same person.`;
