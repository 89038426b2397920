import type { Secret } from '@stoa/lib/settings.ts';

type Node = { readonly host: string; readonly port: number };

/** Where Redis is, as `STOA_REDIS_URL` says it. */
export type RedisPlace = {
  readonly kind: 'one' | 'cluster' | 'sentinel';
  readonly nodes: readonly Node[];
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Under which name sentinels know the primary. */
  readonly master: string;
};

const kinds = { '': 'one', cluster: 'cluster', sentinel: 'sentinel' } as const;
const defaultPorts = { one: 6379, cluster: 6379, sentinel: 26_379 } as const;
const shape = /^(?<scheme>[a-z+]+):\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<nodes>[^@/?#]+)(?:\/(?<path>[^?#]*))?$/;
const node = /^(?<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/i;

const examples =
  'redis://redis.example:6379/0, redis+cluster://a.example:6379,b.example:6379 or redis+sentinel://a.example:26379,b.example:26379/primary';

/** @returns the end of a sentence that begins with the setting's name, where the text is no such URL; it holds nothing of what may be a password. */
export function redisPlaceOf(given: string | Secret): RedisPlace | { readonly fault: string } {
  const parts = shape.exec(typeof given === 'string' ? given : given.reveal())?.groups;
  if (parts === undefined) return { fault: `must be a URL such as ${examples}` };
  const scheme = /^(?<tls>rediss?)(?:\+(?<kind>cluster|sentinel))?$/.exec(parts['scheme'] ?? '')?.groups;
  if (scheme === undefined)
    return {
      fault:
        'must be a URL that begins with redis://, redis+cluster:// or redis+sentinel://, or with TLS rediss://, rediss+cluster:// or rediss+sentinel://',
    };
  const kind = kinds[(scheme['kind'] ?? '') as keyof typeof kinds];
  const nodes = (parts['nodes'] ?? '').split(',').map((text) => nodeOf(text, defaultPorts[kind]));
  if (nodes.some((each) => each === undefined)) return { fault: 'must be a URL with hosts as host or host:port, and commas between them' };
  if (kind === 'one' && nodes.length > 1) return { fault: 'must be a URL with one host: for several say redis+cluster:// or redis+sentinel://' };
  const [first = '', second, ...more] = (parts['path'] ?? '').split('/');
  const [master, database] = kind === 'sentinel' ? [first, second ?? ''] : ['', first];
  if (kind === 'sentinel' && master === '')
    return { fault: 'must be a URL that ends with the name that the sentinels have for the primary, such as /primary' };
  if (!/^\d{0,4}$/.test(database) || more.length > 0 || (kind !== 'sentinel' && second !== undefined))
    return { fault: 'must be a URL that names the database by its number, or not at all' };
  if (kind === 'cluster' && Number(database) > 0) return { fault: 'must be a URL without a database: a cluster has one' };
  const [username, password] = [plain(parts['username']), plain(parts['password'])];
  if (username === null || password === null) return { fault: 'must be a URL whose user name and password are in percent-encoding' };
  const isTls = scheme['tls'] === 'rediss';
  return { kind, nodes: nodes as Node[], isTls, username, password, database: Number(database), master };
}

function nodeOf(text: string, defaultPort: number): Node | undefined {
  const { host, port } = node.exec(text)?.groups ?? {};
  const number = Number(port ?? defaultPort);
  return host === undefined || number === 0 || number > 65_535 ? undefined : { host: host.replace(/^\[|\]$/g, ''), port: number };
}

/** Undefined where there is none, null where it cannot be read. */
function plain(text: string | undefined): string | null | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
