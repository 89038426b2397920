import { join, resolve } from 'node:path';
import { EnrollmentError, prepareEnrollment } from '@stoa/connect/enrollment.ts';
import type { EnrollmentOptions } from '@stoa/connect/enrollment.ts';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { chosenContext, openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { progress } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type EnrollOptions = GlobalOptions & EnrollmentOptions & { dir: string };

/** Makes this machine ready to run a Connect, with a key that whoever is signed in mints: as `stoa-connect enroll` does, which signs somebody in for it. */
export async function enroll(terminal: Terminal, options: EnrollOptions): Promise<void> {
  const { client, server } = await openSession(terminal, options);
  const caFile = options.caFile === undefined ? (await chosenContext(terminal, options)).context.ca_file : resolve(options.caFile);
  const dir = resolve(options.dir);
  const place = { config: join(dir, 'connect.yaml'), stateDir: join(dir, 'state') };
  const { env, signal } = terminal;
  try {
    const given = { ...options, ...(caFile !== undefined && { caFile }) };
    const prepared = await prepareEnrollment(server, given, place, { env, signal, say: (sentence) => progress(terminal, sentence) });
    const told = await prepared.finish('stoactl enroll', {
      mint: (body) => answered(client.createGatewayKey({ body })),
      revoke: (key_id) => answered(client.revokeGatewayKey({ params: { path: { key_id } } })),
    });
    terminal.out(`${told}\n`);
  } catch (error) {
    throw error instanceof EnrollmentError ? new CommandError(error.kind, error.message, { cause: error }) : error;
  }
}
