import type { ApiItem } from '@stoa/generated/schemas.ts';
import type { UpstreamAnswer } from '../../upstream/upstream.ts';

/**
 * Where a redirect leads, as a sentence to be added to its status; empty for other answers. Servers that only move a path repeat the query, which
 * may hold the credential that we sent: no client may learn it.
 */
export function locationOf({ status, location }: Extract<UpstreamAnswer, { kind: 'answered' }>, { upstream }: ApiItem): string {
  if (location === undefined || status < 300 || status > 399) return '';
  const secrets = upstream.auth === undefined ? [] : [upstream.auth.value];
  return ` Its Location is ${secrets.reduce(withoutSecret, location)}; the gateway does not follow it.`;
}

function withoutSecret(text: string, secret: string): string {
  return [secret, encodeURIComponent(secret), new URLSearchParams([['', secret]]).toString().slice(1)].reduce(
    (rest, spelling) => (spelling === '' ? rest : rest.replaceAll(spelling, '***')),
    text,
  );
}
