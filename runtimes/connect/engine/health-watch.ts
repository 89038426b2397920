import type { TargetHealthReport } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Answers, Certificate, GatewayHealth } from './health.ts';
import type { GatewayAdapter } from './model.ts';

export type HealthWatch = {
  /** Begins to ask. `told` is called when what would be reported is another. */
  start(told: () => void): void;
  /** What is known, as the contract has it. */
  report(): TargetHealthReport;
  /** The same as numbers, for heartbeats and metrics: only those that are known. */
  metrics(): Record<string, number>;
  stop(): void;
};

/** Asking costs a gateway a few reads: once a minute, and not again before the last question is answered. */
const everyMs = 60_000;
const patienceMs = 10_000;
/** What the contract takes. The first to end are told. */
const maxCertificates = 100;

type Known = { readonly health: GatewayHealth; readonly certificates: readonly Certificate[]; readonly errorRatio: number | undefined };
type Options = {
  readonly adapter: Pick<GatewayAdapter, 'type' | 'health'>;
  readonly log: Logger;
  readonly intervalMs?: number;
  readonly random?: () => number;
};

/** Asks the third-party gateway how it is, apart from the passes that configure it. Of one that does not answer, or tells nothing, nothing is known. */
export function watchHealth({ adapter, log, intervalMs = everyMs, random = Math.random }: Options): HealthWatch {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let known: Known | undefined;
  let before: Answers | undefined;
  let told = '';

  async function look(): Promise<void> {
    try {
      const health = (await adapter.health?.(AbortSignal.any([stopping.signal, AbortSignal.timeout(patienceMs)]))) ?? {};
      const certificates = [...(health.certificates ?? [])].sort((a, b) => a.endsAtMs - b.endsAtMs).slice(0, maxCertificates);
      known = { health, certificates, errorRatio: ratioSince(before, health.answers) };
      before = health.answers;
    } catch (error) {
      if (stopping.signal.aborted) return;
      // Whether it can be reached, the passes tell.
      log.debug({ err: error }, 'the gateway did not tell how it is');
      known = undefined;
    }
  }

  const report = (): TargetHealthReport => ({
    state: known?.health.ready === undefined ? 'unknown' : known.health.ready ? 'ready' : 'not_ready',
    ...(known?.health.ready === false && { reason: (known.health.reason ?? 'It says that it is not ready.').slice(0, 1000) }),
    ...(known?.health.certificates !== undefined && {
      certificates: known.certificates.map(({ name, endsAtMs }) => ({ name: name.slice(0, 256), ends_at: new Date(endsAtMs).toISOString() })),
    }),
  });

  async function turn(onNews: () => void): Promise<void> {
    await look();
    if (stopping.signal.aborted) return;
    const found = report();
    const text = JSON.stringify(found);
    if (text !== told) {
      if (found.state === 'not_ready') log.warn({ reason: found.reason }, `the ${adapter.type} gateway is not ready`);
      told = text;
      onNews();
    }
    timer = setTimeout(() => void turn(onNews), intervalMs * (0.9 + 0.2 * random()));
  }

  return {
    start(onNews) {
      if (adapter.health !== undefined) void turn(onNews);
    },
    report,
    metrics: () => ({
      ...(known?.health.ready !== undefined && { target_ready: known.health.ready ? 1 : 0 }),
      ...(known?.certificates[0] !== undefined && { target_certificate_ends_at_seconds: Math.floor(known.certificates[0].endsAtMs / 1000) }),
      ...(known?.errorRatio !== undefined && { target_error_ratio: known.errorRatio }),
    }),
    stop() {
      stopping.abort();
      clearTimeout(timer);
    },
  };
}

/** Of the answers since the last look; undefined where there were none, or where the gateway began to count anew. */
function ratioSince(before: Answers | undefined, now: Answers | undefined): number | undefined {
  if (before === undefined || now === undefined) return undefined;
  const [total, errors] = [now.total - before.total, now.errors - before.errors];
  return total > 0 && errors >= 0 && errors <= total ? errors / total : undefined;
}
