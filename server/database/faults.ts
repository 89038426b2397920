/** A fault of the database or of the way to it, as callers are told it. None is theirs: they should come back. */
export type DatabaseFault = { readonly detail: string; readonly retryAfterS: number };

type Row = DatabaseFault & {
  /**
   * PostgreSQL's SQLSTATEs, whole or by their class of two characters; Prisma's codes, and the kinds of its driver adapter, which it puts below a
   * P2010 or P2039; Node's codes of sockets and look-ups.
   */
  readonly codes: readonly string[];
  /** What node-postgres and Prisma say without a code. */
  readonly message?: RegExp;
};

/** Every fault that is the database's own, each with the sentence that names it. Of two rows that fit, the first counts. */
export const databaseFaults = {
  full: { codes: ['53100'], detail: 'The disk of the database is full.', retryAfterS: 30 },
  no_connection: {
    codes: ['53300', 'P2024', 'P2037', 'TooManyConnections'],
    message: /timeout exceeded when trying to connect|Connection terminated due to connection timeout/,
    detail: 'No connection to the database came free in time: it is overloaded, or it hangs.',
    retryAfterS: 5,
  },
  out_of_resources: { codes: ['53'], detail: 'The database is out of memory or of another resource.', retryAfterS: 10 },
  read_only: {
    codes: ['25006'],
    detail: 'The database takes no writes at present: it is a stand-by, or it was made read-only.',
    retryAfterS: 10,
  },
  refused: {
    codes: ['28', 'P1000', 'P1010', 'AuthenticationFailed', 'DatabaseAccessDenied'],
    detail: 'The database does not let the Control Plane in: an operator must correct the user and password of DATABASE_URL.',
    retryAfterS: 30,
  },
  missing: {
    codes: ['3D000', '57P04', 'P1003', 'DatabaseDoesNotExist'],
    detail: 'The database that DATABASE_URL names does not exist on its server.',
    retryAfterS: 30,
  },
  no_right: {
    codes: ['42501'],
    detail: 'The database denies the Control Plane a right that it needs: an operator must grant it to the user of DATABASE_URL.',
    retryAfterS: 30,
  },
  no_tls: {
    codes: [
      'P1011',
      'TlsConnectionError',
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    message: /^The server does not support SSL connections|^There was an error establishing an SSL connection/,
    detail: 'No encrypted connection to the database can be made: an operator must correct its certificate or DATABASE_URL.',
    retryAfterS: 30,
  },
  slow: {
    codes: ['57014', '55P03', '25P03', '25P04', 'P1008', 'P2028', 'SocketTimeout', 'ETIMEDOUT'],
    message: /^Query read timeout/,
    detail: 'The database did not answer in time.',
    retryAfterS: 5,
  },
  conflict: {
    codes: ['40', 'P2034', 'TransactionWriteConflict'],
    detail: 'Other changes of the same moment kept this one from being made.',
    retryAfterS: 1,
  },
  restarting: {
    codes: ['57P'],
    detail: 'The database is starting, stopping or being restarted, and ended the connection.',
    retryAfterS: 2,
  },
  damaged: { codes: ['58', 'XX', 'F0'], detail: 'The database reports a failure of its disk or of its own.', retryAfterS: 30 },
  away: {
    codes: [
      '08',
      'P1001',
      'P1002',
      'P1017',
      'P1018',
      'DatabaseNotReachable',
      'ConnectionClosed',
      'TransactionAlreadyClosed',
      'ECONNREFUSED',
      'ECONNRESET',
      'EPIPE',
      'EHOSTUNREACH',
      'EHOSTDOWN',
      'ENETUNREACH',
      'ENETDOWN',
      'EADDRNOTAVAIL',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EAI_FAIL',
    ],
    message: /Connection terminated|not queryable|server has closed the connection|Connection ended unexpectedly/i,
    detail: 'The database cannot be reached at present.',
    retryAfterS: 2,
  },
} as const satisfies Record<string, Row>;

export type DatabaseFaultName = keyof typeof databaseFaults;
const rows: readonly Row[] = Object.values(databaseFaults);
const maxLooked = 30;

/** The fault of the database that an error tells of, whatever wraps it; undefined when it tells of none. */
export function databaseFault(error: unknown): DatabaseFault | undefined {
  const told = unwrap(error);
  return rows.find(
    ({ codes, message }) =>
      told.codes.some((code) => codes.some((known) => isOf(known, code))) || (message !== undefined && told.texts.some((text) => message.test(text))),
  );
}

/** A code itself, or a SQLSTATE of the class. */
const isOf = (known: string, code: string): boolean => code === known || (known.length < 5 && code.length === 5 && code.startsWith(known));

/**
 * What an error and all that it wraps say of themselves: causes, the parts of an AggregateError (Node tries every address of a host), and
 * what Prisma's driver adapter was told, which stands in `meta`.
 */
function unwrap(error: unknown): { codes: string[]; texts: string[] } {
  const told = { codes: [] as string[], texts: [] as string[] };
  const waiting: unknown[] = [error];
  for (let looked = 0; looked < waiting.length && looked < maxLooked; looked += 1) {
    const each = waiting[looked];
    if (typeof each !== 'object' || each === null) continue;
    const { code, originalCode, kind, message, cause, meta, errors } = each as Record<string, unknown>;
    told.codes.push(...[code, originalCode, kind].filter((value) => typeof value === 'string'));
    if (typeof message === 'string') told.texts.push(message);
    waiting.push(
      cause,
      (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError,
      ...(Array.isArray(errors) ? (errors as unknown[]) : []),
    );
  }
  return told;
}
