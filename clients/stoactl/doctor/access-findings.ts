import { stat } from 'node:fs/promises';
import { discoverIssuer } from '@stoa/client-auth/issuer.ts';
import type { AskIssuer, SignInOffer } from '@stoa/client-auth/issuer.ts';
import { TokenStore } from '@stoa/client-auth/token-store.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { GatewayKey, Session } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { allItems } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { failed, ok, skipped, untilExpiry, warning } from './finding.ts';
import type { DoctorFinding } from './finding.ts';

/** Whether the files that may hold tokens are read by their owner alone. */
export async function fileFindings(configPath: string, env: NodeJS.ProcessEnv): Promise<DoctorFinding[]> {
  const paths = [configPath, new TokenStore(configPath, env).path];
  const open: string[] = [];
  for (const path of paths) {
    const mode = await stat(path).then(
      ({ mode }) => mode & 0o777,
      () => 0,
    );
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) open.push(path);
  }
  return open.length === 0
    ? [ok('files', `${configPath} is for its owner alone`)]
    : [failed('files', `others on this machine may read ${open.join(' and ')}`, `chmod 600 ${open.join(' ')}, and sign in again.`)];
}

/** Whether people can sign in from this machine. */
export async function issuerFinding(client: ControlPlaneClient, ask: AskIssuer): Promise<DoctorFinding> {
  try {
    const offer: SignInOffer = await answered(client.getSignIn());
    await discoverIssuer(offer, ask);
    return ok('issuer', `${offer.issuer} answers`);
  } catch (error) {
    return failed(
      'issuer',
      (error as Error).message,
      'Open the address of the issuer from this machine; STOA_PUBLIC_URL of the server says where the embedded one is.',
    );
  }
}

/** Who is signed in, until when, and what he may do. */
export function tokenFindings(who: Session, isRenewed: boolean, nowMs: number): DoctorFinding[] {
  const name = who.user?.email ?? who.name ?? who.role;
  const rights = `${name} is ${who.roles.join(' and ')} in ${who.tenant?.name ?? 'its tenant'}, with ${who.permissions.length} permissions`;
  return [
    isRenewed || who.expires_at === undefined
      ? ok('token', isRenewed ? 'renewed by itself' : 'has no end')
      : untilExpiry('token', 'it', Date.parse(who.expires_at), nowMs, 7, 'Sign in again: stoactl login.'),
    who.permissions.length > 0 ? ok('rights', rights) : warning('rights', rights, 'Ask an owner for a role.'),
  ];
}

const maxNamed = 10;

/** Gateway keys that are good for more than they need be, or not for long any more. */
export async function keyFindings(client: ControlPlaneClient, nowMs: number): Promise<DoctorFinding[]> {
  let keys: GatewayKey[];
  try {
    keys = (await allItems(kindOf('gateway-keys'), client)) as unknown as GatewayKey[];
  } catch (error) {
    return [skipped('gateway keys', (error as Error).message.split('\n')[0] ?? '')];
  }
  const good = keys.filter(({ state }) => state === 'valid');
  const open = good.filter(({ environments, modes }) => environments.length === 0 || modes.length === 0);
  const ending = good.flatMap(({ key_id, name, expires_at }) =>
    expires_at === undefined
      ? []
      : [
          untilExpiry(
            'gateway keys',
            `the key ${name}`,
            Date.parse(expires_at),
            nowMs,
            14,
            `Give its holder the one that takes its place: stoactl keys rotate ${key_id}`,
          ),
        ],
  );
  const named = open.slice(0, maxNamed).map(({ name }) => name);
  const more = open.length > maxNamed ? ` and ${open.length - maxNamed} more` : '';
  return [
    open.length === 0
      ? ok('gateway keys', `${good.length} good, each for named environments and modes`)
      : warning(
          'gateway keys',
          `good in every environment or for every mode: ${named.join(', ')}${more}`,
          'Mint ones that are good for one environment and mode, and revoke these: stoactl delete gateway-key NAME.',
        ),
    ...ending.filter(({ status }) => status !== 'ok'),
  ];
}
