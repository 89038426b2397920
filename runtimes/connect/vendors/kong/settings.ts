import { setting } from '@stoa/lib/settings.ts';
import type { Secret } from '@stoa/lib/settings.ts';

/** What only a Kong needs to be told. */
export const kongSettings = {
  kongProxyUrl: setting.url({
    optional: true,
    describe:
      "Address of this Kong's proxy, such as http://kong.example:8000. What was applied is then asked for there, and counts as applied once Kong serves it; a route of ours, which reaches no upstream, says what that is. " +
      'Without it an acknowledgement says that traffic follows up to 5 s later.',
  }),
  kongRedisUrl: setting.secret({
    optional: true,
    check: (text) => (redisOf(text) === undefined ? 'must be a URL such as redis://:password@redis.example:6379/0' : undefined),
    describe:
      'Redis or Valkey in which the nodes of this Kong count rate limits together, as redis:// or rediss:// URL that they reach it by. Without it each node counts for itself, and lets more ' +
      'through under concurrent calls.',
  }),
};

/** Where Kong counts, in the words of its rate-limiting plugin. */
export type KongRedis = Readonly<Record<'host' | 'port' | 'username' | 'password' | 'database' | 'ssl', unknown>>;

/** @returns undefined when it is no such URL. */
export function redisOf(given: string | Secret): KongRedis | undefined {
  const url = URL.parse(typeof given === 'string' ? given : given.reveal());
  const database = /^\/?(\d{0,4})$/.exec(url?.pathname ?? '-')?.[1];
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '' || database === undefined) return undefined;
  const text = (part: string): string | null => (part === '' ? null : decodeURIComponent(part));
  return {
    host: url.hostname,
    port: url.port === '' ? 6379 : Number(url.port),
    username: text(url.username),
    password: text(url.password),
    database: Number(database),
    ssl: url.protocol === 'rediss:',
  };
}
