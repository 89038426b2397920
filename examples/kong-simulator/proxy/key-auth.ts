import type { Row } from '../schemas/field.ts';
import { parentId } from '../admin/store.ts';
import { header, type PluginRun, type ProxyExchange, texts } from './exchange.ts';

/** key-auth: the first of `key_names` found in a header or the query. Keys in a body are not looked for, so such calls get 401. */
export const keyAuth: PluginRun = (config, exchange) => {
  if (config['run_on_preflight'] === false && exchange.method === 'OPTIONS') return undefined;
  const refused = authenticate(config, exchange);
  if (!refused) return undefined;
  const anonymous = [...exchange.tables.consumers.values()].find(
    (consumer) => config['anonymous'] !== null && [consumer.id, consumer['username']].includes(config['anonymous'] as string),
  );
  if (!anonymous) return refused;
  identify(exchange, anonymous);
  exchange.upstreamHeaders.set('x-anonymous-consumer', 'true');
  return undefined;
};

function authenticate(config: Parameters<PluginRun>[0], exchange: ProxyExchange) {
  const realm = config['realm'] as string | null;
  const headers = { 'www-authenticate': realm === null ? 'Key' : `Key realm="${realm}"` };
  const key = findKey(config, exchange);
  if (key === undefined || key === '') return { status: 401, message: 'No API key found in request', headers };
  const credential = [...exchange.tables.keyauth_credentials.values()].find((row) => row['key'] === key);
  const consumer = credential && exchange.tables.consumers.get(parentId(credential, 'consumer') ?? '');
  // Where a document says when a key ends, it is a time.
  const isOver = typeof credential?.['ttl'] === 'number' && credential['ttl'] > 100_000_000 && credential['ttl'] * 1000 <= exchange.now;
  if (!credential || !consumer || isOver) return { status: 401, message: 'Unauthorized', headers };
  identify(exchange, consumer, credential);
  return undefined;
}

function findKey(config: Parameters<PluginRun>[0], exchange: ProxyExchange): string | undefined {
  for (const name of texts(config['key_names'])) {
    const fromHeader = config['key_in_header'] ? header(exchange, name) : undefined;
    const key = fromHeader ?? (config['key_in_query'] ? (exchange.query.get(name) ?? undefined) : undefined);
    if (key === undefined) continue;
    if (config['hide_credentials']) {
      exchange.upstreamHeaders.delete(name.toLowerCase());
      exchange.query.delete(name);
    }
    return key;
  }
  return undefined;
}

function identify(exchange: ProxyExchange, consumer: Row, credential?: Row): void {
  exchange.consumer = consumer;
  if (credential) exchange.credential = credential;
  const told: [string, unknown][] = [
    ['x-consumer-id', consumer.id],
    ['x-consumer-custom-id', consumer['custom_id']],
    ['x-consumer-username', consumer['username']],
    ['x-credential-identifier', credential?.id],
  ];
  for (const [name, value] of told) {
    if (typeof value === 'string') exchange.upstreamHeaders.set(name, value);
    else exchange.upstreamHeaders.delete(name);
  }
  exchange.upstreamHeaders.delete('x-anonymous-consumer');
}
