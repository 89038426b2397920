import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { settings } from '@stoa/connect/config.ts';
import type { ConnectSettings } from '@stoa/connect/config.ts';
import { connectPeers } from '@stoa/connect/peers.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { GatewayKey } from '@stoa/generated/schemas.ts';
import { allItems } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { failed, ok, skipped, warning } from './finding.ts';
import type { DoctorFinding } from './finding.ts';

const reachMs = 10_000;
const hintLength = 'stoa_gk_'.length + 4;

/** A Connect of this machine as it would start: its settings, what it needs from outside, and whether its key is for it. */
export async function connectFindings(file: string, env: NodeJS.ProcessEnv, client: ControlPlaneClient | undefined): Promise<DoctorFinding[]> {
  const path = resolve(file);
  const mode = await stat(path).then(
    ({ mode }) => mode & 0o077,
    () => 0,
  );
  const proxies = Object.fromEntries(Object.entries(env).filter(([name]) => /^(https?|no)_proxy$/i.test(name)));
  let config: ConnectSettings;
  try {
    config = settings.load({ argv: ['--config', path], env: proxies });
  } catch (error) {
    return [failed('connect', (error as Error).message, `Correct ${path}; stoa-connect check --config ${path} tells of every setting.`)];
  }
  return [
    mode === 0
      ? ok('connect', `${config.instanceName} in ${config.environment}, by ${path}`)
      : failed('connect', `others on this machine may read ${path}`, `chmod 600 ${path}`),
    ...(await Promise.all(
      connectPeers(config).map(async ({ name, where, reach }) => {
        const check = `connect: ${name.toLowerCase()}`;
        return reach(AbortSignal.timeout(reachMs)).then(
          (found) => ok(check, `${where}: ${found}`),
          (error: Error) => failed(check, `${where}: ${error.message}`, `Correct it, and look again with stoa-connect check --config ${path}.`),
        );
      }),
    )),
    await scopeFinding(config, client, dirname(path)),
  ];
}

/** The list of keys has the first characters of each. */
async function scopeFinding(
  { gatewayKey, environment, instanceName, targetGatewayType, targetGatewayUrl }: ConnectSettings,
  client: ControlPlaneClient | undefined,
  dir: string,
): Promise<DoctorFinding> {
  const check = 'connect: key';
  const mint = `stoactl enroll --target ${targetGatewayType} --target-url ${targetGatewayUrl} --environment ${environment} --name ${instanceName} --dir ${dir} --force`;
  if (client === undefined) return skipped(check, 'nobody is signed in who may see keys');
  let keys: GatewayKey[];
  try {
    keys = (await allItems(kindOf('gateway-keys'), client)) as unknown as GatewayKey[];
  } catch (error) {
    return skipped(check, (error as Error).message.split('\n')[0] ?? '');
  }
  const hint = gatewayKey.reveal().slice(0, hintLength);
  const key = keys.find((listed) => listed.hint === hint && listed.state === 'valid');
  if (key === undefined) return failed(check, `the tenant has no good key that begins with ${hint}`, `Mint one: ${mint}`);
  const lacks = [
    key.environments.length > 0 && !key.environments.includes(environment) && `the environment ${environment}`,
    key.modes.length > 0 && !key.modes.includes('connect') && 'the mode connect',
    key.instance_name !== undefined && key.instance_name !== instanceName && `the instance ${instanceName}`,
  ].filter((lack) => lack !== false);
  if (lacks.length > 0) return failed(check, `the key ${key.name} is not good for ${lacks.join(', ')}`, `Mint one that is: ${mint}`);
  const isNarrow = key.environments.length > 0 && key.modes.length > 0 && key.instance_name !== undefined;
  return isNarrow
    ? ok(check, `the key ${key.name} is good for this instance alone`)
    : warning(check, `the key ${key.name} is good for more than this instance`, `Mint one that is not: ${mint}`);
}
