import type { IncomingMessage } from 'node:http';
import { peerOf, unixPeer } from '@stoa/lib/client-address.ts';
import { certificateOf } from '@stoa/lib/client-certificate.ts';

type Asking = Pick<IncomingMessage, 'socket' | 'headers'>;
type Rule = (request: Asking) => boolean;

const certificatePrefix = 'certificate=';
const name = /^(?:URI:[a-z][a-z0-9+.-]*:\/\/[^/\s]+(?:\/\S*)?|DNS:[^\s*]+|email:[^\s*]+@[^\s*]+)$/i;

/** By the connection alone: nothing that stands in a request says who asks. */
const plain: Readonly<Record<string, Rule>> = {
  loopback: (request) => /^(?:127\.|::1$)/.test(peerOf(request) ?? ''),
  socket: (request) => peerOf(request) === unixPeer,
  certificate: ({ socket }) => certificateOf(socket) !== undefined,
};

/** Why an entry of `STOA_AUTHZ_CALLERS` is none: the end of a sentence that begins with the setting. */
export function askerFault(entries: readonly string[]): string | undefined {
  const wrong = entries.find((entry) => ruleOf(entry) === undefined);
  return wrong === undefined
    ? undefined
    : `must hold entries such as loopback, socket, certificate or certificate=URI:spiffe://bank.example/ns/edge/*, which ${wrong} is not`;
}

/** Whether who sent a request may ask here. */
export function askersOf(entries: readonly string[]): Rule {
  const rules = entries.flatMap((entry) => ruleOf(entry) ?? []);
  return (request) => rules.some((rule) => rule(request));
}

function ruleOf(entry: string): Rule | undefined {
  if (Object.hasOwn(plain, entry)) return plain[entry];
  const wanted = entry.startsWith(certificatePrefix) ? entry.slice(certificatePrefix.length) : '';
  if (!name.test(wanted)) return undefined;
  return ({ socket }) => certificateOf(socket)?.names.some((shown) => isMeant(wanted, shown)) === true;
}

/** `/*` at the end of a URI stands for all paths below it. */
const isMeant = (wanted: string, shown: string): boolean => (wanted.endsWith('/*') ? shown.startsWith(wanted.slice(0, -1)) : shown === wanted);
