import { X509Certificate } from 'node:crypto';

/** What a gateway tells of itself, and no more: what it does not tell is left out. */
export type GatewayHealth = {
  /** Whether it says that it serves. */
  readonly ready?: boolean | undefined;
  /** Why it does not, as a sentence. */
  readonly reason?: string | undefined;
  /** Those that it shows or checks, as far as its admin API gives them away. */
  readonly certificates?: readonly Certificate[];
  /** Requests that it has answered since its start, and those of them that ended in a fault of the server (5xx). */
  readonly answers?: Answers | undefined;
};
export type Certificate = { readonly name: string; readonly endsAtMs: number };
export type Answers = { readonly total: number; readonly errors: number };

/** What is read of one file or field: a chain is a few certificates. */
const maxChain = 20;

/** When what is written there as PEM ends: of a chain the first that does. What is none, such as a reference to a vault, is left out. */
export function certificateIn(name: string, pem: unknown): Certificate[] {
  if (typeof pem !== 'string') return [];
  const blocks = (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).slice(0, maxChain);
  const ends = blocks.flatMap(endOf);
  return ends.length === 0 ? [] : [{ name, endsAtMs: Math.min(...ends) }];
}

function endOf(pem: string): number[] {
  try {
    return [new X509Certificate(pem).validToDate.getTime()];
  } catch {
    return [];
  }
}

/** Adds up a counter of answers by their status, in the Prometheus text format 0.0.4. Undefined where the text has no such counter. */
export function answersIn(
  text: string,
  counter: string,
  counts: (labels: Readonly<Record<string, string>>) => boolean = () => true,
): Answers | undefined {
  let found = false;
  const sum = { total: 0, errors: 0 };
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${counter}{`)) continue;
    const end = line.lastIndexOf('}');
    const labels = Object.fromEntries([...line.slice(0, end).matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [key, value]));
    const value = Number(
      line
        .slice(end + 1)
        .trim()
        .split(' ')[0],
    );
    if (!Number.isFinite(value) || !counts(labels)) continue;
    found = true;
    sum.total += value;
    if (/^5\d\d$/.test(labels['code'] ?? '')) sum.errors += value;
  }
  return found ? sum : undefined;
}
