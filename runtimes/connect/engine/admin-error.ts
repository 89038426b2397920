export type AdminErrorCode =
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

/** A call of a third-party gateway's admin API that failed. The message is for operators and holds nothing that we sent. */
export class AdminError extends Error {
  readonly code: AdminErrorCode;
  readonly status: number | undefined;

  constructor(code: AdminErrorCode, message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.name = 'AdminError';
    this.code = code;
    this.status = options.status;
  }

  /** The gateway understood and said no: the same request will fail again. */
  get isRefusal(): boolean {
    return this.code === 'refused' || this.code === 'conflict' || this.code === 'not_found' || this.code === 'unsupported';
  }
}
