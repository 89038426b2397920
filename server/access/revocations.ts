import type { RequestContext } from '../context.ts';

/** Every replica forgets what it knows of credentials when it hears this. */
export const accessChannel = 'stoa_access';

/** To be called once a revocation is committed: it then holds everywhere at once, and within seconds where the notification is lost. */
export async function announceRevocation(context: RequestContext): Promise<void> {
  context.authenticator.forget();
  void context.events.recheck();
  await context.db.pool.query('SELECT pg_notify($1, $2)', [accessChannel, 'revoked']);
}
