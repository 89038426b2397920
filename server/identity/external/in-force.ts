import type { Logger } from '@stoa/lib/log.ts';
import type { Proxies } from '@stoa/lib/proxies.ts';
import type { Pool } from 'pg';
import type { ExternalAccess } from '../../access/authenticator.ts';
import type { KeyMaterial } from '../../access/master-key.ts';
import { AskAgain } from './ask-again.ts';
import { findBearer } from './bearer.ts';
import { ExternalIssuer } from './external-issuer.ts';
import type { ExternalIssuerSettings } from './settings.ts';

/** The issuer of the settings; undefined where the embedded one is in force. */
export function externalIssuerOf(settings: ExternalIssuerSettings & Proxies, log: Logger): ExternalIssuer | undefined {
  const { oidcIssuer, oidcClientId } = settings;
  return oidcIssuer === undefined || oidcClientId === undefined
    ? undefined
    : new ExternalIssuer({ ...settings, oidcIssuer, oidcClientId }, settings, log);
}

/** What credentials have of it. */
export function externalAccess(parts: { pool: Pool; keys: KeyMaterial; external: ExternalIssuer; log: Logger }): ExternalAccess {
  const { issuer, askAgainS } = parts.external;
  const askAgain = new AskAgain(parts);
  return { issuer, askAgainS, session: (id) => askAgain.session(id), bearer: (token) => findBearer(parts, token) };
}
