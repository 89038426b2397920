/** One end of a channel between threads: a `MessagePort`, a `Worker` or its `parentPort`. */
export type End = {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
};

/** What may be asked, by name: each takes and answers what can be cloned. */
export type Questions = Readonly<Record<string, (argument: never) => unknown>>;

type Argument<Question> = Question extends (argument: infer Given) => unknown ? Given : never;
type Reply<Question> = Question extends (argument: never) => infer Answered ? Awaited<Answered> : never;

type Asked = { readonly ask: string; readonly id: number; readonly argument: unknown };
type Told = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: Error };

/** Questions and answers over a channel, in both directions. */
export class ThreadChannel<Theirs extends Questions> {
  readonly #end: End;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;
  #closed: Error | undefined;

  /** `ours` answers what the other end asks. */
  constructor(end: End, ours: Questions) {
    this.#end = end;
    end.on('message', (message) => {
      const received = message as Asked | Told;
      if ('ask' in received) void this.#answer(received, ours);
      else this.#settle(received);
    });
  }

  /** Rejects with what the other end throws, and when the channel has ended. */
  ask<Name extends keyof Theirs & string>(name: Name, argument: Argument<Theirs[Name]>): Promise<Reply<Theirs[Name]>> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = (this.#last += 1);
    const reply = Promise.withResolvers<unknown>();
    this.#waiting.set(id, reply);
    this.#end.postMessage({ ask: name, id, argument } satisfies Asked);
    return reply.promise as Promise<Reply<Theirs[Name]>>;
  }

  /** To be called when the other end is gone: nothing more is answered. */
  close(reason: Error): void {
    this.#closed = reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  async #answer({ ask, id, argument }: Asked, ours: Questions): Promise<void> {
    let told: Told;
    try {
      told = { id, value: await ours[ask]?.(argument as never) };
    } catch (error) {
      told = { id, error: error as Error };
    }
    this.#end.postMessage(told);
  }

  #settle(told: Told): void {
    const reply = this.#waiting.get(told.id);
    this.#waiting.delete(told.id);
    if ('error' in told) reply?.reject(told.error);
    else reply?.resolve(told.value);
  }
}
