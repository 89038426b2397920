import type { Input } from '../schemas/field.ts';
import { header, type PluginRun, type ProxyExchange, texts } from './exchange.ts';

/** cors: answers the preflight, and marks every other answer, also when the request sent no Origin (as Kong 3.9.3 does). */
export const cors: PluginRun = (config, exchange) => {
  const origin = header(exchange, 'origin');
  const isPreflight = exchange.method === 'OPTIONS' && origin !== undefined && header(exchange, 'access-control-request-method') !== undefined;
  if (isPreflight && config['preflight_continue'] === true) return undefined;
  allowOrigin(config, exchange, origin);
  if (!isPreflight) {
    const exposed = texts(config['exposed_headers']);
    if (exposed.length > 0) exchange.responseHeaders.set('access-control-expose-headers', exposed.join(','));
    return undefined;
  }
  const allowed = texts(config['headers']).join(',') || header(exchange, 'access-control-request-headers');
  const headers: Record<string, string> = { 'access-control-allow-methods': texts(config['methods']).join(',') };
  if (allowed !== undefined) headers['access-control-allow-headers'] = allowed;
  if (typeof config['max_age'] === 'number') headers['access-control-max-age'] = String(config['max_age']);
  const wantsPrivateNetwork = header(exchange, 'access-control-request-private-network') === 'true';
  if (config['private_network'] === true && wantsPrivateNetwork) headers['access-control-allow-private-network'] = 'true';
  return { status: 200, raw: { body: '' }, headers };
};

function allowOrigin(config: Input, { responseHeaders }: ProxyExchange, origin: string | undefined): void {
  const origins = texts(config['origins']);
  const credentials = config['credentials'] === true;
  if (origins.length === 0 || origins.includes('*')) {
    if (!credentials || origin === undefined) responseHeaders.set('access-control-allow-origin', '*');
    else setOrigin(responseHeaders, origin, true);
    return;
  }
  // A single plain origin is sent whoever asks; the browser compares.
  const [only] = origins;
  const fixed = origins.length === 1 && /^[A-Za-z0-9.:/-]+$/.test(only!) ? only : undefined;
  setOrigin(responseHeaders, fixed ?? origins.map((entry) => matching(entry, origin)).find((found) => found !== undefined), credentials);
}

function setOrigin(headers: Map<string, string>, origin: string | undefined, credentials: boolean): void {
  headers.set('vary', 'Origin');
  if (origin !== undefined) headers.set('access-control-allow-origin', origin);
  if (credentials) headers.set('access-control-allow-credentials', 'true');
}

/** An entry with other than host characters is a regex, anchored on both sides. */
function matching(entry: string, origin: string | undefined): string | undefined {
  if (origin === undefined) return undefined;
  if (/^[A-Za-z0-9.:/-]+$/.test(entry)) return entry === origin ? origin : undefined;
  const subject = entry.includes(':') ? origin : origin.replace(/^[a-z]+:\/\//, '').replace(/:\d+$/, '');
  return new RegExp(`^(?:${entry.replace(/^\^/, '').replace(/\$$/, '')})$`).test(subject) ? origin : undefined;
}
