import { attempt, client, refused, requestTimeoutMs } from '../api.ts';
import type { ApiOutcome } from '../api.ts';

/** Exchanges the code of a sign-in link for the session cookie, which the server sets and no script can read. */
export function signIn(code: string): Promise<ApiOutcome<undefined>> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  return attempt(async () => {
    const answer = await client.POST('/v1/session', { body: { code }, signal });
    return answer.data === undefined ? refused(answer) : { kind: 'ok', value: undefined };
  });
}
