import type { ServerResponse } from 'node:http';

/** A body that is written as long as the caller stays: server-sent events (HTML, "Server-sent events"). */
export class EventStream {
  /** Begins to write, once the head of the answer is sent. Rejects when it cannot. */
  readonly open: (response: ServerResponse) => Promise<void>;

  constructor(open: (response: ServerResponse) => Promise<void>) {
    this.open = open;
  }
}
