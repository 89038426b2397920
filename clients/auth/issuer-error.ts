import { ExpectedError } from '@stoa/lib/errors.ts';

/** An issuer that gave no token: because it said no, or because it could not be asked. The message is whole sentences. */
export class IssuerError extends ExpectedError {
  readonly kind: 'refused' | 'unreachable';

  constructor(kind: 'refused' | 'unreachable', message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** What the codes of RFC 6749 §5.2, RFC 8628 §3.5 mean to whoever signs in. */
const meanings: Readonly<Record<string, string>> = {
  access_denied: 'The sign-in was refused.',
  expired_token: 'The code was not typed in time.',
  invalid_grant: 'The issuer does not know this sign-in any more.',
  invalid_client: 'The issuer does not know this program: its client has to be registered there.',
  invalid_scope: 'The issuer does not give the scopes that the Control Plane asks for.',
};
const network = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'ABORT_ERR']);

/** What an exchange with the issuer failed of, in words. */
export function issuerError(issuer: string, error: unknown): IssuerError {
  if (error instanceof IssuerError) return error;
  const { error: code, error_description: description, message, code: failure, cause, name } = error as Record<string, unknown>;
  if (typeof code === 'string') {
    const said = typeof description === 'string' && description !== '' ? ` It says: ${plain(description)}.` : '';
    return new IssuerError('refused', `${meanings[code] ?? `The issuer ${issuer} answers ${plain(code)}.`}${said}`, { cause: error });
  }
  const why = cause instanceof Error && cause.message !== '' ? cause.message : String(message);
  const isNetwork = network.has(String(failure)) || ['TimeoutError', 'AbortError'].includes(String(name)) || !String(failure).startsWith('OAUTH_');
  return new IssuerError(
    'unreachable',
    isNetwork
      ? `The issuer ${issuer} cannot be reached: ${plain(why)}. Is it reachable from this machine?`
      : `The issuer ${issuer} does not answer as it should: ${plain(why)}.`,
    { cause: error },
  );
}

/** One line without control characters, whatever the issuer says. */
const plain = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 300)
    .replace(/\.$/, '');
