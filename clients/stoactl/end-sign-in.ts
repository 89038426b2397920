import { ContextToken } from '@stoa/client-auth/access-token.ts';
import { revoke } from '@stoa/client-auth/issuer.ts';
import { isRenewable } from '@stoa/client-auth/kept-token.ts';
import { TokenStore } from '@stoa/client-auth/token-store.ts';
import type { ClientContext } from '@stoa/client-config/client-config.ts';
import { createHttp } from './http.ts';
import type { Terminal } from './terminal.ts';

/** What became of a sign-in: the issuer that revoked it; none for a token that was made elsewhere, which stays valid there; or why it is not revoked. */
export type EndedSignIn = { issuer?: string; fault?: Error };

/** Revokes what an issuer gave for a context, and removes it from where it is kept in any case. `forget` then takes the word for it out of the contexts. */
export async function endSignIn(
  terminal: Terminal,
  { path, name, context }: { path: string; name: string; context: ClientContext },
  forget: () => Promise<unknown>,
): Promise<EndedSignIn> {
  const { ask } = await createHttp(terminal, context.ca_file);
  const store = new TokenStore(path, terminal.env);
  return new ContextToken(store, name, ask).exclusively(async (read) => {
    const ended: EndedSignIn = {};
    try {
      const kept = await read();
      if (kept !== undefined && isRenewable(kept)) {
        await revoke(kept, ask);
        ended.issuer = kept.issuer;
      }
    } catch (error) {
      ended.fault = error as Error;
    }
    if (context.token !== undefined) await store.remove(name, context.token);
    await forget();
    return ended;
  });
}

/** What is left to do by hand. */
export function tellUnrevoked(terminal: Terminal, { fault }: EndedSignIn): void {
  if (fault !== undefined) terminal.err(`${fault.message}\nIt is not revoked at the issuer: end it on the page /account of the server.\n`);
}
