import { ContextToken } from '@stoa/client-auth/access-token.ts';
import { IssuerError } from '@stoa/client-auth/issuer-error.ts';
import { TokenStore } from '@stoa/client-auth/token-store.ts';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { createHttp } from '../http.ts';
import { chosenContext, openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

/** Moves the sign-in of the context to another tenant that the person belongs to. */
export async function switchTenant(terminal: Terminal, options: GlobalOptions, tenant: string): Promise<void> {
  const { path, name, context } = await chosenContext(terminal, options);
  const { ask } = await createHttp(terminal, context.ca_file);
  const isMoved = await new ContextToken(new TokenStore(path, terminal.env), name, ask).moveTo(tenant).catch((error: unknown) => {
    if (!(error instanceof IssuerError) || error.kind !== 'refused') throw error;
    throw new CommandError(
      'forbidden',
      `${error.message} The context ${name} stays in its tenant, or sign in anew: stoactl login --tenant ${tenant}.`,
      {
        cause: error,
      },
    );
  });
  if (!isMoved)
    throw new CommandError(
      'signedOut',
      `No person is signed in to the context ${name}: a token is of its tenant for good. stoactl login --tenant ${tenant} signs in.`,
    );
  const { client } = await openSession(terminal, options);
  const who = await answered(client.getSession());
  terminal.out(`The context ${name} works in the tenant ${printable(who.tenant?.name ?? tenant)} now.\n`);
}
