/** What to tell a client that lacks something: nothing more where it sent no credential (RFC 6750 §3.1). */
export type Challenged = {
  readonly error?: 'invalid_token' | 'insufficient_scope' | undefined;
  /** Which the token needs. */
  readonly scopes?: readonly string[] | undefined;
  /** Where a client learns who gives tokens (RFC 9728 §5.1). */
  readonly metadataUrl?: string | undefined;
};

/** The challenge of every door, the value of `WWW-Authenticate` (RFC 6750 §3). */
export function challengeOf({ error, scopes = [], metadataUrl }: Challenged): string {
  const parts = ['realm="stoa"'];
  if (error !== undefined) parts.push(`error="${error}"`);
  if (scopes.length > 0) parts.push(`scope="${scopes.join(' ')}"`);
  if (metadataUrl !== undefined) parts.push(`resource_metadata="${metadataUrl}"`);
  return `Bearer ${parts.join(', ')}`;
}

/** The same for whoever is not known. */
export const challengeFor = ({ hadCredential }: { readonly hadCredential: boolean }): string =>
  challengeOf({ error: hadCredential ? 'invalid_token' : undefined });
