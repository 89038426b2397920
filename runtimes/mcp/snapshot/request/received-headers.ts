import { memoOf } from '@stoa/lib/memo.ts';
import { plainName } from '@stoa/lib/own-headers.ts';

/** What belongs to one connection, or frames one message (RFC 9110 §7.6.1). A length is passed on: it is that of the same body. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** What says of a request where it comes from, or whom a gateway in front took for its caller: ours is the only one that upstreams are to believe. */
const identities: ReadonlySet<string> = new Set([
  'host',
  'expect',
  'forwarded',
  'dpop',
  'client-cert',
  'client-cert-chain',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-server',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
  'x-forwarded-client-cert',
  'x-forwarded-tls-client-cert',
  'x-forwarded-tls-client-cert-info',
  'x-real-ip',
  'x-request-id',
  'x-remote-user',
  'remote-user',
  'traceparent',
  'tracestate',
]);
const identityPrefixes = [
  'x-stoa-',
  'x-consumer-',
  'x-credential-',
  'x-authenticated-',
  'x-auth-request-',
  'x-client-cert',
  'x-ssl-client',
  'ssl-client',
] as const;

export { plainName } from '@stoa/lib/own-headers.ts';

/** Which headers of a request end here: what belongs to the connection, what it names as such, and identities, under any spelling that is read as theirs. */
export function endsAtCaller(received: readonly string[]): (lower: string) => boolean {
  const named = namedByConnection(received);
  return (lower) => hopByHop.has(lower) || (named !== nothing && named.has(plainName(lower))) || isSpokenForUs(lower);
}

/** The same for answers of an upstream: callers are told nothing in our name that we did not say. */
export function endsAtUpstream(received: readonly string[]): (lower: string) => boolean {
  const named = namedByConnection(received);
  return (lower) => isOfThisAnswer(lower) || (named !== nothing && named.has(plainName(lower)));
}

const isOfThisAnswer = memoOf((lower) => hopByHop.has(lower) || lower === 'x-request-id' || plainName(lower).startsWith('x-stoa-'));

/** What is ours to say of a message is nobody's to say in another spelling. */
const framing: ReadonlySet<string> = new Set([...hopByHop, 'content-length']);

/** Whether a header is one that only we send, in whatever spelling. Callers repeat their headers. */
export const isSpokenForUs = memoOf((lower) => {
  const plain = plainName(lower);
  return identities.has(plain) || (plain !== lower && framing.has(plain)) || identityPrefixes.some((prefix) => plain.startsWith(prefix));
});

const nothing: ReadonlySet<string> = new Set();
/** It may name what it will not have passed on, but not what frames the message. */
const notForConnection: ReadonlySet<string> = new Set(['content-length', 'content-type']);

function namedByConnection(received: readonly string[]): ReadonlySet<string> {
  let named = nothing;
  for (let at = 0; at < received.length; at += 2) {
    const name = received[at] as string;
    if (name.length === 10 && name.toLowerCase() === 'connection') named = named.union(namedIn(received[at + 1] as string));
  }
  return named;
}

/** The plain names of what a line of `Connection` names: what is read as one that ends here ends here. */
export const namedIn = memoOf((connection): ReadonlySet<string> => {
  const names = connection.split(',').map((option) => plainName(option.trim()));
  return new Set(names.filter((name) => name !== '' && !notForConnection.has(name)));
});
