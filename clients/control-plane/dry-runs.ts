import type { AdoptionQuestion } from '@stoa/generated/schemas.ts';
import { validateAdoptionQuestion } from '@stoa/generated/validators.js';
import type { Logger } from '@stoa/lib/log.ts';
import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import { companionCall } from './companion-call.ts';
import type { CompanionContext, Verdict } from './companion-call.ts';
import { keepRunning } from './keep-running.ts';
import type { Lease } from './lease.ts';
import { Pause } from './pause.ts';
import { fullJitterMs, requestTimeoutMs } from './timing.ts';
import type { ControlPlaneConnectionOptions, Rehearsal } from './types.ts';
import { assembleState } from './verified-state.ts';
import { holdWhole } from './whole-form.ts';

export type DryRunPollsOptions = Required<Pick<ControlPlaneConnectionOptions, 'rehearse'>> & {
  client: ControlPlaneClient;
  context: CompanionContext;
  log: Logger;
};

const waitS = 50;
const pollTimeoutMs = (waitS + 10) * 1000;
/** A server that asks for none is looked at again after the next registration; this often at the latest. */
const idleMs = 60_000;
const maxItems = 50_000;

/** Waits to be asked what would come of a desired state, and answers. Nothing that it is told is applied, so that it needs no signature. */
export class DryRunPolls {
  readonly #options: DryRunPollsOptions;
  readonly #pause = new Pause();
  #attempt = 0;

  constructor(options: DryRunPollsOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, context } = this.#options;
    await keepRunning({ name: 'waiting for dry runs', step: () => this.#step(signal), pause: this.#pause, signal, log, random: context.random });
  }

  async #step(signal: AbortSignal): Promise<number> {
    const { client, context } = this.#options;
    const lease = await context.session.active(signal);
    if (lease === undefined) return 0;
    if (!lease.asksDryRuns) return idleMs;
    const params = { path: { gateway_id: lease.gatewayId }, query: { wait_s: waitS, ...epochOf(lease) } };
    const startedMs = performance.now();
    const ends = AbortSignal.any([signal, ...[lease.permit()?.signal ?? []].flat()]);
    const verdict = await companionCall(context, lease, this.#attempt, pollTimeoutMs, ends, (init) => client.takeDryRun({ params, ...init }));
    if (signal.aborted) return 0;
    if (!verdict.ok) return this.#failed(verdict, lease);
    this.#attempt = 0;
    // A server that does not wait would else be asked without a pause.
    if (verdict.status !== 200) return performance.now() - startedMs < 1000 ? fullJitterMs(5, context.random) : 0;
    await this.#answer(verdict.text, lease, signal);
    return 0;
  }

  #failed(verdict: Verdict & { ok: false }, lease: Lease): number {
    const { log, context } = this.#options;
    log.debug({ status: verdict.failure.status }, `Dry runs are not answered now: ${verdict.failure.detail}.`);
    // Announced by a server that was replaced by one from before dry runs.
    if (verdict.kind === 'refused' && verdict.failure.status === 400) lease.asksDryRuns = false;
    const waitMs = verdict.kind === 'refused' ? fullJitterMs(this.#attempt, context.random) : verdict.afterMs;
    this.#attempt += 1;
    return waitMs;
  }

  async #answer(text: string, lease: Lease, signal: AbortSignal): Promise<void> {
    const { client, context, log } = this.#options;
    const question = read(text);
    if (question === undefined) return void log.warn('A dry run was asked for in a form that this version does not know; it is not answered.');
    const body = { ...epochOf(lease), dry_run_id: question.id, ...(await this.#rehearse(question, lease)) };
    const params = { path: { gateway_id: lease.gatewayId } };
    const timeoutMs = requestTimeoutMs(context.session.intervalS);
    const verdict = await companionCall(context, lease, 0, timeoutMs, signal, (init) => client.answerDryRun({ params, body, ...init }));
    if (!verdict.ok) log.debug({ status: verdict.failure.status }, `The answer to a dry run did not arrive: ${verdict.failure.detail}.`);
  }

  async #rehearse({ items, adopt }: Question, { gatewayId }: Lease): Promise<Rehearsal> {
    const { held } = holdWhole(items, []);
    const signature = { key_id: '', algorithm: 'ed25519' as const, value: '' };
    const state = assembleState({ gateway_id: gatewayId, generation: 0, hash: '', signature, held });
    try {
      const rehearsal = await this.#options.rehearse({ gateway_id: gatewayId, items: state.items }, adopt);
      return { ...rehearsal, items: [...state.rejected, ...rehearsal.items] };
    } catch (error) {
      this.#options.log.error({ err: error }, 'A dry run failed.');
      return { state: 'rejected', items: [], writes: [], unavailable: 'The dry run failed unexpectedly; the log of the runtime has the error.' };
    }
  }
}

type Question = { id: string; items: readonly unknown[]; adopt: AdoptionQuestion | undefined };

function read(text: string): Question | undefined {
  try {
    const { dry_run_id: id, items, adopt } = JSON.parse(text) as { dry_run_id?: unknown; items?: unknown; adopt?: unknown };
    if (typeof id !== 'string' || !Array.isArray(items) || items.length > maxItems) return undefined;
    if (adopt !== undefined && !validateAdoptionQuestion(adopt)) return undefined;
    return { id, items, adopt };
  } catch {
    return undefined;
  }
}

const epochOf = ({ epoch }: Lease): { lease_epoch?: number } => (epoch === undefined ? {} : { lease_epoch: epoch });
