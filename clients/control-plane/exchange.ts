import http from 'node:http';

/** A request as it goes over the wire. */
export type Sent = {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** The one of the process when absent. */
  readonly agent?: http.Agent | undefined;
  readonly signal: AbortSignal;
  /** For how long nothing may come; as long as the signal lets it when absent. */
  readonly silenceMs?: number;
};
/** What came: `release` is to be called when the body was read, or is not wanted. */
export type Received = { readonly incoming: http.IncomingMessage; release(): void };

/** A kept-alive connection that the server closed while we took it up: it has not read the request. */
export class ReusedConnectionError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'ReusedConnectionError';
  }
}

/** An answer that is not read to its end. */
export class TooLargeError extends Error {}

/**
 * One exchange over `node:http`, up to the head of the answer: redirects are not followed, which would carry the credential elsewhere. The signal ends it at any moment, the
 * body included. Loading the global fetch would cost a small program 20 to 30 MB of memory, and one that runs for the blink of an eye half of its time.
 */
export async function exchange({ method, url, headers, body, agent, signal, silenceMs }: Sent): Promise<Received> {
  // Loaded where it is used: TLS takes a short command as long as all the rest.
  const { request } = url.protocol === 'https:' ? await import('node:https') : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: body !== undefined && body.length > 0 ? { ...headers, 'content-length': body.length } : headers,
      agent,
      ...(silenceMs !== undefined && { timeout: silenceMs }),
    });
    let answer: http.IncomingMessage | undefined;
    const end = (error: Error): void => {
      // Else whoever reads the body would be told that the connection was reset, and not why.
      answer?.destroy(error);
      outgoing.destroy(error);
    };
    // Not the option `signal`, whose listeners stay on a signal that lives as long as the program.
    const abort = (): void => end(asError(signal.reason));
    const release = (): void => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort, { once: true });
    outgoing.on('timeout', () => end(new Error(`no answer within ${silenceMs} ms`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      release();
      reject(outgoing.reusedSocket && error.code === 'ECONNRESET' ? new ReusedConnectionError(error) : error);
    });
    outgoing.on('response', (incoming) => {
      answer = incoming;
      resolve({ incoming, release });
    });
    if (signal.aborted) abort();
    else outgoing.end(body);
  });
}

/** The body of an answer, as a whole. Rejects with `TooLargeError` when it is larger than `maxBytes`. */
export async function bodyOf({ incoming, release }: Received, maxBytes: number): Promise<Buffer> {
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      total += chunk.length;
      // Leaving the loop destroys the stream and the connection with it.
      if (total > maxBytes) throw new TooLargeError(`the answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, total);
  } finally {
    release();
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('the request was aborted'));
