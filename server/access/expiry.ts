import { invalid } from '../errors.ts';

/** The `expires_at` of a request for a credential: null for none. One that is past would make a credential that is good for nothing. */
export function expiryOf({ expires_at }: { expires_at?: string | undefined }): Date | null {
  if (expires_at === undefined) return null;
  const expiry = new Date(expires_at);
  if (!(expiry.getTime() > Date.now())) throw invalid([{ pointer: '/body/expires_at', message: 'must be in the future' }]);
  return expiry;
}
