import { lstat, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { settings as connectSettings } from '@stoa/connect/config.ts';
import type { ConnectSettings } from '@stoa/connect/config.ts';
import { targetPeer } from '@stoa/connect/peers.ts';
import { controlPlanePeer } from '@stoa/control-plane-client/peer.ts';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import { ConfigurationError } from '@stoa/lib/errors.ts';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { chosenContext, openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import { progress } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type EnrollOptions = GlobalOptions & {
  target: string;
  targetUrl: string;
  targetTokenFile?: string;
  targetTokenHeader?: string;
  environment: string;
  name?: string;
  label?: string[];
  caFile?: string;
  dir: string;
  force?: boolean;
};

/** Long enough for a gateway that has to be woken, short enough for a person. */
const probeMs = 15_000;

/**
 * Makes this machine ready to run a Connect: looks at the third-party gateway, mints a key that is good for this instance alone, and writes Connect's configuration. Everything
 * that can be wrong is looked at before the key is made; a key whose files cannot be written is revoked.
 */
export async function enroll(terminal: Terminal, options: EnrollOptions): Promise<void> {
  const session = await openSession(terminal, options);
  const caFile = options.caFile === undefined ? (await chosenContext(terminal, options)).context.ca_file : resolve(options.caFile);
  const dir = resolve(options.dir);
  const files = { config: join(dir, 'connect.yaml'), key: join(dir, 'gateway.key') };
  const drafted = configurationOf(session, caFile, dir, options);
  const draft = judged(terminal, drafted);
  // The name of this machine may change, and the key is good for one name.
  const values = { ...drafted, instance_name: draft.instanceName, gateway_key_file: files.key };
  if (options.force !== true) for (const file of Object.values(files)) await requireAbsent(file);
  trustAuthorities(caFile);
  progress(terminal, `Asking ${draft.targetGatewayType} at ${draft.targetGatewayUrl} …`);
  const found = await targetPeer(draft)
    .reach(AbortSignal.any([terminal.signal, AbortSignal.timeout(probeMs)]))
    .catch((error: Error) => {
      throw new CommandError('unreachable', inFlags(`${error.message.replace(/\.?$/, '.')} No key was made.`), { cause: error });
    });
  const { key, secret } = await answered(
    session.client.createGatewayKey({
      body: { name: draft.instanceName, environments: [draft.environment], modes: ['connect'], instance_name: draft.instanceName },
    }),
  );
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await writeDurably(files.key, `${secret}\n`);
    await writeDurably(files.config, `# Made by stoactl enroll. What can be set: stoa-connect --help\n${stringify(values)}`);
    const written = connectSettings.load({ argv: ['--config', files.config], env: proxiesOf(terminal) });
    await controlPlanePeer(written).reach(AbortSignal.timeout(probeMs));
  } catch (error) {
    await answered(session.client.revokeGatewayKey({ params: { path: { key_id: key.key_id } } })).catch(() => undefined);
    if (options.force !== true) await Promise.all(Object.values(files).map((file) => rm(file, { force: true }).catch(() => undefined)));
    throw new CommandError('failed', `The key that was made is revoked again: ${(error as Error).message}`, { cause: error });
  }
  terminal.out(
    `The ${draft.targetGatewayType} at ${draft.targetGatewayUrl}: ${found}.
A key for ${draft.instanceName} in ${draft.environment}, for Connect alone, is in ${files.key}; nobody else can read it.
The configuration is in ${files.config}.

Next: stoa-connect --config ${files.config}
`,
  );
}

/** What Connect is told, in the spelling of its configuration file. */
function configurationOf({ server }: OpenSession, caFile: string | undefined, dir: string, options: EnrollOptions): Record<string, unknown> {
  const labels = Object.fromEntries((options.label ?? []).map(splitLabel));
  return {
    control_plane_url: server,
    environment: options.environment,
    ...(options.name !== undefined && { instance_name: options.name }),
    ...(options.label !== undefined && { labels }),
    state_dir: join(dir, 'state'),
    target_gateway_type: options.target,
    target_gateway_url: options.targetUrl,
    ...(options.targetTokenFile !== undefined && { target_gateway_token_file: resolve(options.targetTokenFile) }),
    ...(options.targetTokenHeader !== undefined && { target_gateway_token_header: options.targetTokenHeader }),
    ...(caFile !== undefined && { ca_file: caFile }),
  };
}

/** As Connect itself will read it, before there is a key. */
function judged(terminal: Terminal, values: Record<string, unknown>): ConnectSettings {
  const env = Object.entries(values).map(([key, value]): [string, string] => [`STOA_${key.toUpperCase()}`, plain(value)]);
  try {
    return connectSettings.load({ argv: [], env: { ...proxiesOf(terminal), ...Object.fromEntries(env), STOA_GATEWAY_KEY: 'not made yet' } });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandError('usage', inFlags(error.message));
    throw error;
  }
}

function splitLabel(label: string): [string, string] {
  const at = label.indexOf('=');
  if (at < 1) throw new CommandError('usage', `--label is KEY=VALUE: "${label}" is none.`);
  return [label.slice(0, at), label.slice(at + 1)];
}

const plain = (value: unknown): string =>
  typeof value === 'object'
    ? Object.entries(value as Record<string, string>)
        .map((pair) => pair.join('='))
        .join(',')
    : String(value);

const proxiesOf = ({ env }: Terminal) => Object.fromEntries(Object.entries(env).filter(([name]) => /^(https?|no)_proxy$/i.test(name)));

/** The longer names first, which begin with the shorter ones. */
const flags: readonly (readonly [string, string])[] = [
  ['STOA_TARGET_GATEWAY_TOKEN_HEADER', '--target-token-header'],
  ['STOA_TARGET_GATEWAY_TOKEN_FILE', '--target-token-file'],
  ['STOA_TARGET_GATEWAY_TOKEN', '--target-token-file'],
  ['STOA_TARGET_GATEWAY_TYPE', '--target'],
  ['STOA_TARGET_GATEWAY_URL', '--target-url'],
  ['STOA_CA_FILE', '--ca-file'],
  ['STOA_INSTANCE_NAME', '--name'],
  ['STOA_ENVIRONMENT', '--environment'],
  ['STOA_LABELS', '--label'],
];
const inFlags = (sentence: string): string => flags.reduce((said, [setting, flag]) => said.replaceAll(setting, flag), sentence);

async function requireAbsent(file: string): Promise<void> {
  const isThere = await lstat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
  if (isThere) throw new CommandError('conflict', `${file} is there already: --force replaces it, --dir FOLDER writes elsewhere. No key was made.`);
}
