import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { controlPlanePeer } from '@stoa/control-plane-client/peer.ts';
import type { GatewayKeyRequest, MintedGatewayKey } from '@stoa/generated/schemas.ts';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import { ConfigurationError, ExpectedError } from '@stoa/lib/errors.ts';
import { trustAuthorities } from '@stoa/lib/trust.ts';
import { stringify } from 'yaml';
import { settings as connectSettings } from './config.ts';
import type { ConnectSettings } from './config.ts';
import { targetPeer } from './peers.ts';
import { kindOfVendorSetting } from './vendors/table.ts';

/** What somebody says of the machine to enrol, as both programs that enrol one take it. */
export type EnrollmentOptions = {
  target: string;
  targetUrl: string;
  targetTokenFile?: string;
  targetTokenHeader?: string;
  targetCertFile?: string;
  targetKeyFile?: string;
  environment: string;
  name?: string;
  label?: readonly string[];
  /** Whose the key is, and with it the gateway. */
  team?: string;
  /** Settings of this kind of gateway alone, as the configuration spells them: `caddy_server=srv0`. */
  set?: readonly string[];
  caFile?: string;
  force?: boolean;
};
/** Where files go; the key lies beside the configuration. */
export type EnrollmentPlace = { readonly config: string; readonly stateDir: string };
/** How a key is minted and revoked, by whoever is signed in. */
export type Minting = { mint(request: GatewayKeyRequest): Promise<MintedGatewayKey>; revoke(keyId: string): Promise<unknown> };

/** Why a machine cannot be enrolled. */
export class EnrollmentError extends ExpectedError {
  readonly kind: 'usage' | 'conflict' | 'unreachable' | 'failed';
  override readonly exitCode: number;

  constructor(kind: EnrollmentError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.exitCode = kind === 'usage' ? 2 : 1;
  }
}

/** Long enough for a gateway that has to be woken, short enough for a person. */
const probeMs = 15_000;

/** All that can be wrong was looked at: what is left is to mint the key. */
export type PreparedEnrollment = {
  /** Mints a key that is good for this instance alone, and writes it with Connect's configuration. A key whose files cannot be written is revoked. Answers what to tell. */
  finish(by: string, minting: Minting): Promise<string>;
};

/** Looks at what is said, as Connect itself would, and at the third-party gateway. `say` is told what goes on. */
export async function prepareEnrollment(
  server: string,
  options: EnrollmentOptions,
  { config, stateDir }: EnrollmentPlace,
  { env, signal, say }: { env: NodeJS.ProcessEnv; signal: AbortSignal; say(sentence: string): void },
): Promise<PreparedEnrollment> {
  const files = { config, key: join(dirname(config), 'gateway.key') };
  const drafted = configurationOf(server, options, stateDir);
  const draft = judged(env, drafted);
  // The name of this machine may change, and the key is good for one name.
  const values = { ...drafted, instance_name: draft.instanceName, gateway_key_file: files.key };
  if (options.force !== true) for (const file of Object.values(files)) await requireAbsent(file);
  trustAuthorities(draft.caFile);
  say(`Asking ${draft.targetGatewayType} at ${draft.targetGatewayUrl} …`);
  const found = await targetPeer(draft)
    .reach(AbortSignal.any([signal, AbortSignal.timeout(probeMs)]))
    .catch((error: Error) => {
      throw new EnrollmentError('unreachable', inFlags(`${error.message.replace(/\.?$/, '.')} No key was made.`), { cause: error });
    });
  const { instanceName, environment } = draft;
  return {
    async finish(by, { mint, revoke }) {
      const before = await Promise.all(
        Object.values(files).map(async (file) => ({ file, text: await readFile(file, 'utf8').catch(() => undefined) })),
      );
      const { team } = options;
      const { key, secret } = await mint({
        name: instanceName,
        environments: [environment],
        modes: ['connect'],
        instance_name: instanceName,
        ...(team !== undefined && { team }),
      });
      try {
        await mkdir(dirname(config), { recursive: true, mode: 0o700 });
        await writeDurably(files.key, `${secret}\n`);
        await writeDurably(files.config, `# Made by ${by}. What can be set: stoa-connect --help\n${stringify(values)}`);
        const written = connectSettings.load({ argv: ['--config', files.config], env: proxiesOf(env) });
        await controlPlanePeer(written).reach(AbortSignal.timeout(probeMs));
      } catch (error) {
        const isRevoked = await revoke(key.key_id).then(
          () => true,
          () => false,
        );
        // What was there worked, perhaps.
        for (const { file, text } of before) await (text === undefined ? rm(file, { force: true }) : writeDurably(file, text)).catch(() => undefined);
        const end = isRevoked ? 'is revoked again' : `could not be revoked: end ${key.key_id} yourself`;
        throw new EnrollmentError('failed', `The key that was made ${end}: ${(error as Error).message}`, { cause: error });
      }
      return `The ${draft.targetGatewayType} at ${draft.targetGatewayUrl}: ${found}.
A key for ${instanceName} in ${environment}, for Connect alone, is in ${files.key}; nobody else can read it.
The configuration is in ${files.config}.

Next: stoa-connect --config ${files.config}`;
    },
  };
}

/** What Connect is told, in the spelling of its configuration file. */
function configurationOf(server: string, options: EnrollmentOptions, stateDir: string): Record<string, unknown> {
  const {
    environment,
    name,
    label,
    target,
    targetUrl,
    targetTokenFile,
    targetTokenHeader,
    targetCertFile,
    targetKeyFile,
    caFile,
    set = [],
  } = options;
  return {
    control_plane_url: server,
    environment,
    ...(name !== undefined && { instance_name: name }),
    ...(label !== undefined && { labels: Object.fromEntries(label.map(splitLabel)) }),
    state_dir: stateDir,
    target_gateway_type: target,
    target_gateway_url: targetUrl,
    ...(targetTokenFile !== undefined && { target_gateway_token_file: resolve(targetTokenFile) }),
    ...(targetTokenHeader !== undefined && { target_gateway_token_header: targetTokenHeader }),
    ...(targetCertFile !== undefined && { target_gateway_cert_file: resolve(targetCertFile) }),
    ...(targetKeyFile !== undefined && { target_gateway_key_file: resolve(targetKeyFile) }),
    ...(caFile !== undefined && { ca_file: caFile }),
    ...Object.fromEntries(set.map(vendorSetting)),
  };
}

/** As Connect itself will read it, before there is a key. */
function judged(env: NodeJS.ProcessEnv, values: Record<string, unknown>): ConnectSettings {
  const given = Object.entries(values).map(([key, value]): [string, string] => [`STOA_${key.toUpperCase()}`, plain(value)]);
  try {
    return connectSettings.load({ argv: [], env: { ...proxiesOf(env), ...Object.fromEntries(given), STOA_GATEWAY_KEY: 'not made yet' } });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new EnrollmentError('usage', inFlags(error.message));
    throw error;
  }
}

const splitLabel = (label: string): [string, string] => splitPair('--label', label);

function splitPair(flag: string, given: string): [string, string] {
  const at = given.indexOf('=');
  if (at < 1) throw new EnrollmentError('usage', `${flag} is KEY=VALUE: "${given}" is none.`);
  return [given.slice(0, at), given.slice(at + 1)];
}

/** What a value may be, Connect itself judges; a secret has no place in a command. */
function vendorSetting(given: string): [string, string] {
  const [key, value] = splitPair('--set', given);
  const kind = kindOfVendorSetting(key);
  if (kind !== undefined) return [key, kind === 'path' ? resolve(value) : value];
  throw new EnrollmentError(
    'usage',
    `--set ${key}: that is no setting of a kind of gateway, or a secret, of which --set takes ${key}_file. stoa-connect --help has them.`,
  );
}

const plain = (value: unknown): string =>
  typeof value === 'object'
    ? Object.entries(value as Record<string, string>)
        .map((pair) => pair.join('='))
        .join(',')
    : String(value);

const proxiesOf = (env: NodeJS.ProcessEnv) => Object.fromEntries(Object.entries(env).filter(([name]) => /^(https?|no)_proxy$/i.test(name)));

/** The longer names first, which begin with the shorter ones. */
const flags: readonly (readonly [string, string])[] = [
  ['STOA_TARGET_GATEWAY_TOKEN_HEADER', '--target-token-header'],
  ['STOA_TARGET_GATEWAY_TOKEN_FILE', '--target-token-file'],
  ['STOA_TARGET_GATEWAY_TOKEN', '--target-token-file'],
  ['STOA_TARGET_GATEWAY_CERT_FILE', '--target-cert-file'],
  ['STOA_TARGET_GATEWAY_KEY_FILE', '--target-key-file'],
  ['STOA_TARGET_GATEWAY_TYPE', '--target'],
  ['STOA_TARGET_GATEWAY_URL', '--target-url'],
  ['STOA_CONTROL_PLANE_URL', '--server'],
  ['STOA_CA_FILE', '--ca-file'],
  ['STOA_INSTANCE_NAME', '--name'],
  ['STOA_ENVIRONMENT', '--environment'],
  ['STOA_LABELS', '--label'],
];
const inFlags = (sentence: string): string =>
  flags
    .reduce((said, [setting, flag]) => said.replaceAll(setting, flag), sentence)
    .replaceAll(/\bSTOA_([A-Z_]+)\b/g, (name, key: string) =>
      kindOfVendorSetting(key.toLowerCase()) === undefined ? name : `--set ${key.toLowerCase()}`,
    );

async function requireAbsent(file: string): Promise<void> {
  const isThere = await lstat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
  if (isThere) throw new EnrollmentError('conflict', `${file} is there already: --force replaces it, another place keeps it. No key was made.`);
}
