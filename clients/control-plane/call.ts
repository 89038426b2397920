import type { Failure } from './decide.ts';
import { retryAfterMs } from './timing.ts';

/** What the generated client resolves to when it is told to leave the body as text or as bytes. */
export type Answer = { data?: unknown; error?: unknown; response: Response };
export type Success = { ok: true; status: number; text: string; bytes: Buffer; headers: Headers };
export type CallResult = Success | ({ ok: false } & Failure);

/**
 * One exchange: `send` gets a signal that aborts after `timeoutMs`, body included, or when `signal` does. Never throws; a refused, reset
 * or late connection is an outcome like a status is.
 */
export async function call(send: (signal: AbortSignal) => Promise<Answer>, timeoutMs: number, signal: AbortSignal): Promise<CallResult> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  const late = (): void => controller.abort(new Error(`no answer within ${timeoutMs} ms`));
  // Not AbortSignal.timeout: its timer would outlive the exchange. When this process stood still the answer may be there, unread: timers come first.
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (turn = setImmediate(late)), timeoutMs);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return outcomeOf(await send(controller.signal));
  } catch (error) {
    const cause: unknown = controller.signal.aborted ? controller.signal.reason : error;
    return { ok: false, status: 'none', detail: cause instanceof Error ? describe(cause) : 'the request was aborted' };
  } finally {
    clearTimeout(timer);
    clearImmediate(turn);
    signal.removeEventListener('abort', abort);
  }
}

function outcomeOf({ data, error, response }: Answer): CallResult {
  const { status, headers } = response;
  if (response.ok || status === 304) {
    const text = typeof data === 'string' ? data : '';
    return { ok: true, status, text, bytes: data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.from(text), headers };
  }
  const problem = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  // A date is meant by the server's clock, which ours may not agree with.
  const servedAtMs = Date.parse(headers.get('date') ?? '');
  const retryAfter = retryAfterMs(headers.get('retry-after'), Number.isNaN(servedAtMs) ? Date.now() : servedAtMs);
  return {
    ok: false,
    status,
    detail: typeof problem['detail'] === 'string' ? problem['detail'].slice(0, 500) : `status ${status}`,
    ...(typeof problem['code'] === 'string' && { code: problem['code'] }),
    ...(retryAfter !== undefined && { retryAfterMs: retryAfter }),
  };
}

function describe(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined || error.message.includes(code) ? error.message : `${error.message} (${code})`;
}
