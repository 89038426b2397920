import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { issuerFault, revoke } from '@stoa/client-auth/issuer.ts';
import type { AskIssuer } from '@stoa/client-auth/issuer.ts';
import { isRenewable } from '@stoa/client-auth/kept-token.ts';
import { signInByDevice } from '@stoa/client-auth/sign-in.ts';
import { serverFault } from '@stoa/client-config/config-faults.ts';
import { exchange } from '@stoa/control-plane-client/exchange.ts';
import { createPlainClient } from '@stoa/control-plane-client/plain-client.ts';
import type { PlainResponse } from '@stoa/control-plane-client/plain-client.ts';
import type { Approval } from '@stoa/generated/schemas.ts';
import { controlPlaneOperations } from '@stoa/generated/client.ts';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { EnrollmentError, prepareEnrollment } from './enrollment.ts';

const options = {
  server: { type: 'string' },
  'target-url': { type: 'string' },
  environment: { type: 'string' },
  target: { type: 'string', default: 'kong' },
  'target-token-file': { type: 'string' },
  'target-token-header': { type: 'string' },
  'ca-file': { type: 'string' },
  name: { type: 'string' },
  label: { type: 'string', multiple: true },
  tenant: { type: 'string' },
  config: { type: 'string', default: '/etc/stoa/connect.yaml' },
  'state-dir': { type: 'string' },
  force: { type: 'boolean' },
} as const;

const longestMs = 60_000;
/** For what is taken back, also when the command was interrupted. */
const cleanUpMs = 10_000;

/**
 * Signs a person in by a code that he types into a browser elsewhere, mints a key for this machine in his name, and writes what Connect starts with. Nothing
 * of the sign-in is kept: it is revoked when the key is there. Answers what to tell.
 */
export async function enroll(argv: readonly string[], env: NodeJS.ProcessEnv, say: (text: string) => void, signal: AbortSignal): Promise<string> {
  const { server, ...given } = read(argv);
  const caFile = given['ca-file'] === undefined ? undefined : resolve(given['ca-file']);
  const config = resolve(given.config);
  const stateDir = resolve(given['state-dir'] ?? (config === '/etc/stoa/connect.yaml' ? '/var/lib/stoa-connect' : join(dirname(config), 'state')));
  const enrollment = await prepareEnrollment(
    server,
    {
      target: given.target,
      targetUrl: given['target-url'],
      environment: given.environment,
      ...(given['target-token-file'] !== undefined && { targetTokenFile: given['target-token-file'] }),
      ...(given['target-token-header'] !== undefined && { targetTokenHeader: given['target-token-header'] }),
      ...(given.name !== undefined && { name: given.name }),
      ...(given.label !== undefined && { label: given.label }),
      ...(caFile !== undefined && { caFile }),
      ...(given.force !== undefined && { force: given.force }),
    },
    { config, stateDir },
    { env, signal, say },
  );
  trustAuthorities(caFile);
  const ask: AskIssuer = (url, init) => fetch(url, { ...init, signal: AbortSignal.any([signal, ...(init.signal ? [init.signal] : [])]) });
  const offer = await answered(server, clientOf(server, signal).getSignIn());
  const fault = issuerFault(server, offer);
  if (fault !== undefined) throw new EnrollmentError('failed', fault);
  const parameters = given.tenant === undefined ? {} : { tenant: given.tenant };
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

function read(argv: readonly string[]) {
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options, strict: true }));
  } catch (error) {
    throw new EnrollmentError('usage', `${(error as Error).message}. stoa-connect --help has the options.`);
  }
  const { server, environment, 'target-url': targetUrl, ...others } = values;
  const missing = Object.entries({ server, environment, 'target-url': targetUrl }).flatMap(([name, value]) =>
    value === undefined ? [`--${name}`] : [],
  );
  if (server === undefined || environment === undefined || targetUrl === undefined)
    throw new EnrollmentError('usage', `Say ${missing.join(' and ')}. stoa-connect --help has the options.`);
  const fault = serverFault(server);
  if (fault !== undefined) throw new EnrollmentError('usage', `--server ${fault}.`);
  return { ...others, server, environment, 'target-url': targetUrl };
}

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

async function answered<T>(server: string, call: Promise<{ data?: T; error?: unknown; response: PlainResponse }>): Promise<Exclude<T, Approval>> {
  const { data, error, response } = await call.catch((cause: Error) => {
    throw new EnrollmentError('unreachable', `${server} cannot be reached: ${cause.message}.`, { cause });
  });
  if (response.status === 202) throw new EnrollmentError('failed', awaits(data as Approval));
  if (response.ok) return data as Exclude<T, Approval>;
  const { detail } = (error ?? {}) as { detail?: unknown };
  throw new EnrollmentError('failed', typeof detail === 'string' ? detail : `${server} answers with status ${response.status}.`);
}

/** The approval is for whoever asked, and good once. */
const awaits = ({ approval_id: id, environments }: Approval): string =>
  `No key was made: ${environments.join(', ')} demands a second person for it. He approves it with: stoactl approvals approve ${id}. Then enrol again, signed in as the same person.`;
