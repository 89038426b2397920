/** What is kept of one sign-in: a token that was made elsewhere, or what an issuer gave, with the one that renews it. */
export type KeptToken = {
  readonly access_token: string;
  readonly refresh_token?: string;
  /** By the clock of this machine. */
  readonly expires_at?: string;
  /** Who renews and revokes it, and as which client he knows us. */
  readonly issuer?: string;
  readonly client_id?: string;
  /** Of a service account, which gets its next token by it. */
  readonly client_secret?: string;
  /** Of one that signs in by a key: the file that has it. The key itself is kept nowhere else. */
  readonly private_key_file?: string;
};
/** One that can be renewed. */
export type RenewableToken = KeptToken & { readonly issuer: string; readonly client_id: string };

const maxChars = 16_384;

/**
 * What is wrong with a token that was given, as the end of a sentence. It goes into a header: fetch would refuse other characters with a message that
 * quotes the whole of it.
 */
export function tokenFault(token: string): string | undefined {
  if (token === '') return 'is empty';
  if (token.length > maxChars) return `is longer than ${maxChars} characters, so that it is no token`;
  return /^[\x21-\x7e]+$/.test(token) ? undefined : 'holds blanks or other characters that no token has';
}

export function parseKept(text: string): KeptToken | undefined {
  try {
    const value = JSON.parse(text) as Partial<KeptToken>;
    return typeof value.access_token === 'string' && tokenFault(value.access_token) === undefined ? (value as KeptToken) : undefined;
  } catch {
    return undefined;
  }
}

export const isRenewable = (token: KeptToken): token is RenewableToken =>
  (token.refresh_token ?? token.client_secret ?? token.private_key_file) !== undefined && token.issuer !== undefined && token.client_id !== undefined;

/** Whether it ends so soon that a request which is sent now may come too late. */
export const endsSoon = ({ expires_at }: KeptToken, nowMs: number): boolean => expires_at !== undefined && Date.parse(expires_at) - nowMs < 30_000;
