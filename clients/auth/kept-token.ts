/** What is kept of one sign-in. */
export type KeptToken = {
  readonly access_token: string;
};

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
