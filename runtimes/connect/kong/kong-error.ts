import { isRecord, shorten } from '../compare.ts';

export type KongErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'stopped'
  | 'too_large'
  | 'too_many'
  | 'invalid_answer'
  | 'unauthorized'
  | 'not_found'
  | 'conflict'
  | 'refused'
  | 'unsupported'
  | 'unavailable';

/** A call of the Admin API that failed. The message is for operators and holds nothing that we sent. */
export class KongError extends Error {
  readonly code: KongErrorCode;
  readonly status: number | undefined;

  constructor(code: KongErrorCode, message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.name = 'KongError';
    this.code = code;
    this.status = options.status;
  }

  /** Kong understood and said no: the same request will fail again. */
  get isRefusal(): boolean {
    return this.code === 'refused' || this.code === 'conflict' || this.code === 'not_found' || this.code === 'unsupported';
  }
}

/** Kong's own error code for what a node without a database cannot do. */
const operationUnsupported = 12;

/** Translates an error status. The body may be Kong's error object, another object, HTML, or nothing. */
export function answeredError(status: number, text: string): KongError {
  const body = parse(text);
  const said = redact(typeof body['message'] === 'string' ? body['message'] : '');
  const sentence = `Kong answered ${status}${said === '' ? '' : `: ${said}`}`;
  return new KongError(codeOf(status, body['code']), shorten(sentence, 1000), { status });
}

function codeOf(status: number, kongCode: unknown): KongErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'not_found';
  if (status === 405 || kongCode === operationUnsupported) return 'unsupported';
  if (status === 409) return 'conflict';
  if (status === 408 || status === 429 || status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'invalid_answer';
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : {};
  } catch {
    return {};
  }
}

/** Kong quotes the value that is taken, and the value of a credential is a consumer's key. */
function redact(message: string): string {
  return message.replace(/\bkey="[\s\S]*"/, 'key="[redacted]"');
}
