import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { CallApprovalAnswer, CallApprovalQuestion } from '@stoa/generated/schemas.ts';
import { validateCallApprovalAnswer } from '@stoa/generated/validators.js';
import type { Logger } from '@stoa/lib/log.ts';
import { companionCall } from './companion-call.ts';
import type { CompanionContext } from './companion-call.ts';

/** Whoever called waits meanwhile. */
const timeoutMs = 5000;
/** Once more where no answer came: what was granted is granted again. */
const tries = 2;
const maxAtOnce = 32;

type Options = { client: ControlPlaneClient; context: CompanionContext; log: Logger; signal: AbortSignal };

/** Asks whether calls were approved that wait for a person. */
export class CallApprovals {
  readonly #options: Options;
  #asking = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Undefined where the Control Plane cannot be asked, or does not say. Never rejects. */
  async ask(question: Omit<CallApprovalQuestion, 'lease_epoch'>): Promise<CallApprovalAnswer | undefined> {
    if (this.#asking >= maxAtOnce) return undefined;
    this.#asking += 1;
    try {
      return await this.#answerTo(question);
    } catch (error) {
      this.#options.log.error({ err: error }, 'Whether a call was approved could not be asked.');
      return undefined;
    } finally {
      this.#asking -= 1;
    }
  }

  async #answerTo(question: Omit<CallApprovalQuestion, 'lease_epoch'>): Promise<CallApprovalAnswer | undefined> {
    const { client, context, log, signal } = this.#options;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const { lease } = context.session;
      if (lease === undefined) return undefined;
      const body = { ...question, ...(lease.epoch !== undefined && { lease_epoch: lease.epoch }) };
      const params = { path: { gateway_id: lease.gatewayId } };
      const verdict = await companionCall(context, lease, 0, timeoutMs, signal, (init) => client.askCallApproval({ params, body, ...init }));
      if (verdict.ok) return read(verdict.text);
      log.warn({ status: verdict.failure.status }, `Whether a call was approved is not known: ${verdict.failure.detail}.`);
      if (verdict.failure.status !== 'none' || signal.aborted) return undefined;
    }
    return undefined;
  }
}

function read(text: string): CallApprovalAnswer | undefined {
  const answer: unknown = JSON.parse(text);
  return validateCallApprovalAnswer(answer) ? answer : undefined;
}
