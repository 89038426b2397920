import type { ApiOperation, ProblemError } from '@stoa/generated/schemas.ts';
import type { Forwarding, KnownArguments, ReceivedRequest, ToldRequest } from '../../model.ts';
import type { UpstreamTarget } from './build.ts';
import { credentialsFor, provenHeaders, sentIn } from './credentials.ts';
import { encodeStrict } from './encode.ts';
import { compileParameters } from './parameters.ts';
import { endsAtCaller, plainName } from './received-headers.ts';

/** Made with the first request: of 10,000 operations most are never called. */
export class LazyForwarding implements Forwarding {
  readonly #source: ApiOperation;
  readonly #context: UpstreamTarget;
  readonly #keyHeaders: readonly string[];
  #compiled: Forwarding | undefined;

  constructor(source: ApiOperation, context: UpstreamTarget, keyHeaders: readonly string[]) {
    this.#source = source;
    this.#context = context;
    this.#keyHeaders = keyHeaders;
  }

  get #forwarding(): Forwarding {
    return (this.#compiled ??= compileForwarding(this.#source, this.#context, this.#keyHeaders));
  }

  faults(request: ReceivedRequest): readonly ProblemError[] {
    return this.#forwarding.faults(request);
  }

  knownArguments(request: ReceivedRequest | ToldRequest): KnownArguments {
    return this.#forwarding.knownArguments(request);
  }

  target(pathAndQuery: string): string {
    return this.#forwarding.target(pathAndQuery);
  }

  headers(received: readonly string[]): string[] {
    return this.#forwarding.headers(received);
  }
}

/**
 * How a request that was let in goes on: what the caller proved itself by stays here (lesson 27), what the gateway proves itself by takes the
 * place of whatever the caller wrote there, and so does what policies set.
 */
function compileForwarding(
  operation: ApiOperation,
  { basePath, credentials: all, headers }: UpstreamTarget,
  keyHeaders: readonly string[],
): Forwarding {
  const credentials = credentialsFor(all, operation.security);
  const own = new Map<string, string>();
  for (const [name, value] of headers.set) own.set(name, value);
  for (const { name, value } of sentIn(credentials, 'header')) own.set(name.toLowerCase(), value);
  const proven = provenHeaders(credentials);
  for (const name of proven) own.delete(name);
  const cookies = new Map(sentIn(credentials, 'cookie').map(({ name, value }) => [name, value]));
  // By their plain names: an upstream that reads headers as CGI does takes `X_Tenant` of a caller for our `X-Tenant`.
  const dropped = new Set(['authorization', ...keyHeaders, ...headers.remove, ...own.keys(), ...proven].map(plainName));
  const queryCredentials = sentIn(credentials, 'query');
  const queryNames = new Set(queryCredentials.map(({ name }) => name));
  const added = queryCredentials.map(({ name, value }) => `${encodeStrict(name)}=${encodeStrict(value)}`);
  return {
    ...compileParameters(operation, { credentials, headers }),
    target: (pathAndQuery) => basePath + (queryNames.size === 0 ? pathAndQuery : withQuery(pathAndQuery, queryNames, added)),
    headers(received) {
      const ends = endsAtCaller(received);
      const sent: string[] = [];
      let cookie = '';
      for (let at = 0; at < received.length; at += 2) {
        const [name, value] = [received[at] as string, received[at + 1] as string];
        const lower = name.toLowerCase();
        if (dropped.has(plainName(lower)) || ends(lower)) continue;
        if (lower === 'cookie' && cookies.size > 0) cookie += `${value}; `;
        else sent.push(name, value);
      }
      if (cookies.size > 0) sent.push('cookie', withCookies(cookie, cookies));
      for (const [name, value] of own) sent.push(name, value);
      return sent;
    },
  };
}

/** A parameter that is the gateway's is not the caller's to send, in whatever way it spells the name. */
function withQuery(pathAndQuery: string, names: ReadonlySet<string>, added: readonly string[]): string {
  const queryAt = pathAndQuery.indexOf('?');
  const path = queryAt < 0 ? pathAndQuery : pathAndQuery.slice(0, queryAt);
  const given = queryAt < 0 ? [] : pathAndQuery.slice(queryAt + 1).split('&');
  const kept = given.filter((pair) => pair.split(';').every((part) => !names.has(nameOf(part))));
  return `${path}?${[...kept, ...added].join('&')}`;
}

const nameOf = (pair: string): string => [...new URLSearchParams(pair).keys()][0] ?? '';

function withCookies(received: string, own: ReadonlyMap<string, string>): string {
  const given = received.split(';').filter((pair) => pair.trim() !== '' && !own.has(pair.split('=', 1)[0]?.trim() ?? ''));
  return [...given.map((pair) => pair.trim()), ...Array.from(own, ([name, value]) => `${name}=${value}`)].join('; ');
}
