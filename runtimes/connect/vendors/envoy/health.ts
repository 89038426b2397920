import { isRecord } from '../../engine/compare.ts';
import type { Answers, Certificate, GatewayHealth } from '../../engine/health.ts';
import { managersOf } from './probe.ts';
import { generationPath } from './probe-host.ts';
import { parsed, readings } from './reading.ts';
import type { EnvoyTools } from './tools.ts';

/** How an Envoy is: whether it says that it is live and its listener answers, the certificates that it shows and checks, and what the listener of our routes has answered. */
export async function envoyHealth(
  { tell, ask, listeners }: Pick<EnvoyTools, 'tell' | 'ask' | 'listeners'>,
  signal: AbortSignal,
): Promise<GatewayHealth> {
  const [said, answer, certificates, answers] = await Promise.all([
    tell('/ready', signal),
    ask(generationPath, undefined, signal),
    tell('/certs', signal),
    countedBy(listeners, tell, signal),
  ]);
  const reason =
    said.status !== 200
      ? `Envoy says that it is ${said.text.trim().slice(0, 64)}.`
      : answer === undefined
        ? "Envoy's listener does not answer at STOA_ENVOY_LISTENER."
        : undefined;
  return { ready: reason === undefined, ...(reason !== undefined && { reason }), certificates: certificatesIn(certificates.text), answers };
}

/** By the prefix that the listener counts under. Connect's own questions are among them, a few a minute. */
async function countedBy(listeners: EnvoyTools['listeners'], tell: EnvoyTools['tell'], signal: AbortSignal): Promise<Answers | undefined> {
  const prefixes = new Set(managersOf(await listeners(signal)).map((manager) => `http.${String(manager['stat_prefix'])}.downstream_rq_`));
  const { text } = await tell(`/stats?filter=${encodeURIComponent('^http\\..*\\.downstream_rq_(completed|5xx)$')}`, signal);
  const counted = readings(text);
  const sum = (what: string): number =>
    counted.reduce((all, [name, value]) => all + (prefixes.has(name.slice(0, -what.length)) && name.endsWith(what) ? Number(value) : 0), 0);
  return prefixes.size === 0 ? undefined : { total: sum('completed'), errors: sum('5xx') };
}

function certificatesIn(text: string): Certificate[] {
  const { certificates } = parsed(text) ?? {};
  const all = (Array.isArray(certificates) ? certificates : []).filter(isRecord).flatMap((one) => [one['ca_cert'], one['cert_chain']].flat());
  const ends = all.filter(isRecord).flatMap((one): Certificate[] => {
    const endsAtMs = Date.parse(String(one['expiration_time']));
    return Number.isNaN(endsAtMs) ? [] : [{ name: String(one['path'] ?? one['serial_number']).slice(0, 256), endsAtMs }];
  });
  return [...new Map(ends.map((one) => [`${one.name} ${one.endsAtMs}`, one])).values()];
}
