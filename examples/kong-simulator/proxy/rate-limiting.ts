import { header, type PluginRun, type ProxyExchange } from './exchange.ts';

const periods = [
  { name: 'second', seconds: 1 },
  { name: 'minute', seconds: 60 },
  { name: 'hour', seconds: 3600 },
  { name: 'day', seconds: 86_400 },
  { name: 'month', seconds: 2_592_000 },
  { name: 'year', seconds: 31_536_000 },
] as const;
const maxCounters = 100_000;

/** rate-limiting with fixed windows counted in this process, which is Kong's `local` policy; the other policies count the same here. */
export function createRateLimiting(): PluginRun {
  const counters = new Map<string, number>();
  return (config, exchange, plugin) => {
    const windows = periods.flatMap(({ name, seconds }) => {
      const limit = config[name];
      if (typeof limit !== 'number') return [];
      const start = windowStart(name, exchange.now);
      const key = [plugin.id, exchange.match.route.id, exchange.match.service?.id, identifier(config, exchange), name, start].join('|');
      const used = counters.get(key) ?? 0;
      const resetSeconds = Math.max(1, seconds - Math.floor((exchange.now - start) / 1000));
      return [{ name, limit, key, used, resetSeconds, remaining: Math.max(0, limit - used) }];
    });
    const stopped = windows.some((window) => window.used >= window.limit);
    const shown = windows.map((window) => ({ ...window, remaining: Math.max(0, window.remaining - (stopped ? 0 : 1)) }));
    const tightest = shown.toSorted((a, b) => a.remaining - b.remaining || b.resetSeconds - a.resetSeconds)[0];
    if (!tightest) return undefined;
    if (config['hide_client_headers'] !== true) tell(exchange, shown, tightest);
    if (!stopped) {
      if (counters.size > maxCounters) counters.clear();
      for (const window of windows) counters.set(window.key, window.used + 1);
      return undefined;
    }
    const headers: Record<string, string> = config['hide_client_headers'] === true ? {} : { 'retry-after': String(tightest.resetSeconds) };
    return { status: config['error_code'] as number, message: config['error_message'] as string, headers };
  };
}

interface ShownWindow {
  name: string;
  limit: number;
  remaining: number;
  resetSeconds: number;
}

function tell({ responseHeaders }: ProxyExchange, windows: ShownWindow[], tightest: ShownWindow): void {
  for (const { name, limit, remaining } of windows) {
    const period = name[0]!.toUpperCase() + name.slice(1);
    responseHeaders.set(`x-ratelimit-limit-${period.toLowerCase()}`, String(limit));
    responseHeaders.set(`x-ratelimit-remaining-${period.toLowerCase()}`, String(remaining));
  }
  responseHeaders.set('ratelimit-limit', String(tightest.limit));
  responseHeaders.set('ratelimit-remaining', String(tightest.remaining));
  responseHeaders.set('ratelimit-reset', String(tightest.resetSeconds));
}

function identifier(config: Parameters<PluginRun>[0], exchange: ProxyExchange): string {
  switch (config['limit_by']) {
    case 'service':
      return exchange.match.service?.id ?? exchange.clientIp;
    case 'header':
      return header(exchange, config['header_name'] as string) ?? exchange.clientIp;
    case 'path':
      return exchange.path === config['path'] ? exchange.path : exchange.clientIp;
    case 'credential':
      return exchange.credential?.id ?? exchange.clientIp;
    case 'consumer':
      return exchange.consumer?.id ?? exchange.credential?.id ?? exchange.clientIp;
    default:
      return exchange.clientIp;
  }
}

/** Windows begin with the clock's second, minute and so on, in UTC. */
function windowStart(period: (typeof periods)[number]['name'], now: number): number {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  switch (period) {
    case 'year':
      return Date.UTC(year, 0);
    case 'month':
      return Date.UTC(year, month);
    case 'day':
      return Date.UTC(year, month, day);
    default: {
      const ms = { second: 1000, minute: 60_000, hour: 3_600_000 }[period];
      return Math.floor(now / ms) * ms;
    }
  }
}
