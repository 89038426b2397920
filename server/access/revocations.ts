import { accessChannel } from './access-channel.ts';
import type { ServerContext } from '../context.ts';

/** To be called once a revocation is committed: it then holds everywhere at once, and within seconds where the notification is lost. */
export async function announceRevocation(context: Pick<ServerContext, 'authenticator' | 'events' | 'db'>): Promise<void> {
  context.authenticator.forget();
  void context.events.recheck();
  await context.db.pool.query('SELECT pg_notify($1, $2)', [accessChannel, 'revoked']);
}
