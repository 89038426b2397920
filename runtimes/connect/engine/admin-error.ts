export type AdminErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'stopped'
  | 'no_lease'
  | 'too_large'
  | 'too_many'
  | 'invalid_answer'
  | 'unauthorized'
  | 'not_found'
  | 'conflict'
  | 'stale'
  | 'refused'
  | 'unsupported'
  | 'unavailable';

const refusals: ReadonlySet<AdminErrorCode> = new Set(['refused', 'conflict', 'not_found', 'unsupported']);

/** What an `AdminError` may tell besides. */
export type AdminErrorOptions = ErrorOptions & {
  readonly status?: number;
  /** Which objects of a refused document it is about, by id, each with the reason: the engine goes on without these. */
  readonly culprits?: ReadonlyMap<string, string>;
};

/**
 * A call of a third-party gateway's admin API that failed. The message is for operators and holds nothing that we sent. `stale`: somebody changed the gateway
 * since it was read, and nothing was written.
 */
export class AdminError extends Error {
  readonly code: AdminErrorCode;
  readonly status: number | undefined;
  readonly culprits: ReadonlyMap<string, string>;

  constructor(code: AdminErrorCode, message: string, { status, culprits = new Map(), ...options }: AdminErrorOptions = {}) {
    super(message, options);
    this.name = 'AdminError';
    this.code = code;
    this.status = status;
    this.culprits = culprits;
  }

  /** The gateway understood and said no: the same request will fail again. */
  get isRefusal(): boolean {
    return refusals.has(this.code);
  }
}
