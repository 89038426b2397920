import { randomUUID } from 'node:crypto';

/** One process of the instance: what it knows is what it was answered, unless the answer was lost. */
export type Process = { bootId: string; epoch: number | undefined; seq: number };
export type Outcome = { status: number; code?: string; epoch?: number; duplicate?: boolean };

/** The protocol as a state machine: one instance, the processes that fight for it, and what a Control Plane must answer each of them. */
export class ProtocolMachine {
  readonly processes: readonly Process[] = [newProcess(), newProcess(), newProcess()];
  epoch = 0;
  #holder: string | undefined;
  #isLeft = false;
  isDecommissioned = false;
  isKeyRevoked = false;
  readonly #batches = new Set<string>();

  get isRegistered(): boolean {
    return this.epoch > 0;
  }

  register({ bootId }: Process): Outcome {
    if (this.isKeyRevoked) return { status: 401 };
    if (this.isDecommissioned) return { status: 410 };
    if (this.#holder !== bootId) this.epoch += 1;
    this.#holder = bootId;
    this.#isLeft = false;
    return { status: 200, epoch: this.epoch };
  }

  beat(epoch: number | undefined): Outcome {
    return this.#refusal(epoch) ?? { status: 200, epoch: this.epoch };
  }

  leave(epoch: number | undefined): Outcome {
    const refusal = this.#refusal(epoch);
    if (refusal === undefined) this.#isLeft = true;
    return refusal ?? { status: 204 };
  }

  report({ bootId, epoch }: Process, seq: number): Outcome {
    const refusal = this.#refusal(epoch);
    if (refusal !== undefined) return refusal;
    const batch = `${bootId} ${seq}`;
    const duplicate = this.#batches.has(batch);
    this.#batches.add(batch);
    return { status: 200, duplicate };
  }

  /** What operators are shown of an instance that was heard of a moment ago. */
  get liveness(): readonly string[] {
    if (this.isDecommissioned) return ['revoked'];
    if (this.#isLeft) return ['left'];
    return this.epoch > 4 ? ['conflict'] : ['online'];
  }

  #refusal(epoch: number | undefined): Outcome | undefined {
    if (this.isKeyRevoked) return { status: 401 };
    if (this.isDecommissioned) return { status: 410 };
    if (this.#isLeft) return { status: 404 };
    return epoch === undefined || epoch === this.epoch ? undefined : { status: 409, code: 'stale_epoch' };
  }
}

export const newProcess = (): Process => ({ bootId: randomUUID(), epoch: undefined, seq: 0 });
