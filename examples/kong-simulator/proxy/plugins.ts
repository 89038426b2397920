import { BlockList, isIPv6 } from 'node:net';
import { parentId } from '../admin/store.ts';
import type { Input, Row } from '../schemas/field.ts';
import { cors } from './cors.ts';
import { header, type PluginRun, type ProxyExchange, texts } from './exchange.ts';
import { keyAuth } from './key-auth.ts';
import { createRateLimiting } from './rate-limiting.ts';

/** The plugins this proxy runs, in the order of Kong's priorities. */
export function createPlugins(): readonly (readonly [name: string, run: PluginRun])[] {
  return [
    ['correlation-id', createCorrelationId()],
    ['bot-detection', notRun('bot-detection')],
    ['cors', cors],
    ['jwt', notRun('jwt')],
    ['key-auth', keyAuth],
    ['ip-restriction', ipRestriction],
    ['request-size-limiting', requestSizeLimiting],
    ['acl', acl],
    ['rate-limiting', createRateLimiting()],
    ['request-transformer', requestTransformer],
    ['response-transformer', responseTransformer],
    ['request-termination', requestTermination],
  ];
}

/** The plugin of a name that counts here: the most particular of its scopes, as Kong chooses. */
export function effectivePlugin(name: string, exchange: ProxyExchange): Row | undefined {
  const scope = { route: exchange.match.route.id, service: exchange.match.service?.id, consumer: exchange.consumer?.id };
  const weights = { route: 2, service: 1, consumer: 4 };
  let best: { plugin: Row; weight: number } | undefined;
  for (const plugin of exchange.tables.plugins.values()) {
    if (plugin['name'] !== name || plugin['enabled'] !== true) continue;
    let weight = 0;
    let count = 0;
    let fits = true;
    for (const field of ['route', 'service', 'consumer'] as const) {
      const id = parentId(plugin, field);
      if (id === undefined) continue;
      fits &&= id === scope[field];
      weight += weights[field];
      count += 8;
    }
    if (fits && (!best || weight + count > best.weight)) best = { plugin, weight: weight + count };
  }
  return best?.plugin;
}

/** Refuses rather than lets pass: a guard that is configured and not run would be an open door. */
const notRun =
  (name: string): PluginRun =>
  () => ({ status: 501, message: `the Kong simulator does not run the plugin '${name}'` });

function createCorrelationId(): PluginRun {
  let worker: string | undefined;
  let count = 0;
  return (config, exchange) => {
    const name = (config['header_name'] as string).toLowerCase();
    worker ??= exchange.newId();
    count += 1;
    const generated = config['generator'] === 'uuid#counter' ? `${worker}#${count}` : exchange.newId();
    const id = header(exchange, name) ?? generated;
    exchange.upstreamHeaders.set(name, id);
    if (config['echo_downstream'] === true) exchange.responseHeaders.set(name, id);
    return undefined;
  };
}

const ipRestriction: PluginRun = (config, exchange) => {
  const listed = (ranges: unknown): boolean => {
    const block = new BlockList();
    for (const range of texts(ranges)) {
      const [address = '', bits] = range.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (bits === undefined) block.addAddress(address, family);
      else block.addSubnet(address, Number(bits), family);
    }
    return block.check(exchange.clientIp, isIPv6(exchange.clientIp) ? 'ipv6' : 'ipv4');
  };
  const refused = listed(config['deny']) || (texts(config['allow']).length > 0 && !listed(config['allow']));
  if (!refused) return undefined;
  const message = (config['message'] as string | null) ?? `IP address not allowed: ${exchange.clientIp}`;
  return { status: (config['status'] as number | null) ?? 403, message };
};

const requestSizeLimiting: PluginRun = (config, exchange) => {
  const unit = { megabytes: 2 ** 20, kilobytes: 2 ** 10, bytes: 1 }[config['size_unit'] as 'megabytes' | 'kilobytes' | 'bytes'];
  const maxBytes = (config['allowed_payload_size'] as number) * unit;
  return exchange.body.length > maxBytes ? { status: 413, message: 'Request size limit exceeded' } : undefined;
};

const acl: PluginRun = (config, exchange) => {
  if (!exchange.consumer) return { status: 401, message: 'Unauthorized' };
  const rows = [...exchange.tables.acls.values()].filter((row) => parentId(row, 'consumer') === exchange.consumer!.id);
  const groups = rows.map((row) => row['group'] as string);
  const inAny = (list: unknown): boolean => texts(list).some((group) => groups.includes(group));
  const allowed = texts(config['allow']).length > 0 ? inAny(config['allow']) : !inAny(config['deny']);
  if (!allowed) return { status: 403, message: 'You cannot consume this service' };
  if (config['hide_groups_header'] !== true) exchange.upstreamHeaders.set('x-consumer-groups', groups.join(', '));
  return undefined;
};

/** Headers, query and path: removing, adding what is absent, replacing what is present. */
const requestTransformer: PluginRun = (config, exchange) => {
  const { upstreamHeaders, query } = exchange;
  for (const name of part(config, 'remove', 'headers')) upstreamHeaders.delete(name.toLowerCase());
  for (const name of part(config, 'remove', 'querystring')) query.delete(name);
  for (const [name, value] of pairs(config, 'replace', 'headers')) if (upstreamHeaders.has(name)) upstreamHeaders.set(name, value);
  for (const [name, value] of pairs(config, 'add', 'headers')) if (!upstreamHeaders.has(name)) upstreamHeaders.set(name, value);
  for (const [name, value] of pairs(config, 'add', 'querystring')) if (!query.has(name)) query.set(name, value);
  const uri = (config['replace'] as Input)['uri'];
  if (typeof uri !== 'string') return undefined;
  const path = filledIn(uri, exchange.match.captures);
  // A template that fails ends in an error of the plugin.
  if (path === undefined) return { status: 500, message: 'An unexpected error occurred' };
  exchange.upstreamPath = path;
  return undefined;
};

/** The one kind of template that the simulator fills in: a group of the route's path, which Lua cannot join with anything where it is not there. */
function filledIn(template: string, captures: Readonly<Record<string, string>>): string | undefined {
  let isWhole = true;
  const text = template.replace(/\$\(uri_captures\["(\w+)"\] \.\. ""\)/g, (_all, name: string) => {
    isWhole &&= Object.hasOwn(captures, name);
    return captures[name] ?? '';
  });
  return isWhole && !text.includes('$(') ? text : undefined;
}

/** Adds, replaces and removes headers of the answer; the other edits of response-transformer are stored and not done. */
const responseTransformer: PluginRun = (config, exchange) => {
  for (const name of part(config, 'remove', 'headers')) exchange.removedHeaders.add(name.toLowerCase());
  for (const [name, value] of pairs(config, 'replace', 'headers')) exchange.replacedHeaders.set(name, value);
  for (const [name, value] of pairs(config, 'add', 'headers')) exchange.responseHeaders.set(name, value);
  return undefined;
};

const part = (config: Input, edit: string, place: string): string[] => texts((config[edit] as Input)[place]);

const pairs = (config: Input, edit: string, place: string): [string, string][] =>
  part(config, edit, place).map((text) => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
  });

const requestTermination: PluginRun = (config) => {
  const status = config['status_code'] as number;
  const body = config['body'] as string | null;
  if (body !== null) return { status, raw: { body, contentType: (config['content_type'] as string | null) ?? 'application/json; charset=utf-8' } };
  const message = (config['message'] as string | null) ?? 'Service unavailable';
  return { status, raw: { body: JSON.stringify({ message }), contentType: 'application/json; charset=utf-8' } };
};
