import type { Adoption, Gateway, ObservedApi } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { linesOf, printable, progress } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type AdoptOptions = GlobalOptions & { as?: string; dryRun?: true; yes?: true; output: string };

/** Lists what is not managed on a gateway, or takes one of it over, shown before. */
export async function adopt(terminal: Terminal, word: string, service: string | undefined, options: AdoptOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { gateway_id, instance_name } = (await findOne(kindOf('gateway'), client, word)) as Gateway;
  const path = { gateway_id };
  if (service === undefined) return list(terminal, await answered(client.getGateway({ params: { path } })), options);
  const body = { object_id: service, ...(options.as !== undefined && { name: options.as }) };
  const preview = await answered(client.adoptService({ params: { path, query: { dry_run: true } }, body }));
  if (options.output !== 'json') terminal.out(`${told(preview).map(printable).join('\n')}\n`);
  if (options.dryRun === true) return options.output === 'json' ? terminal.out(`${JSON.stringify(preview, null, 2)}\n`) : undefined;
  if (options.yes !== true) await confirm(terminal, preview, instance_name);
  const done = await answered(client.adoptService({ params: { path, query: {} }, body }));
  if (options.output === 'json') return terminal.out(`${JSON.stringify(done, null, 2)}\n`);
  terminal.out(`api/${printable(done.api.name)} adopted\n`);
}

function list(terminal: Terminal, { observed, instance_name }: Gateway, { output }: AdoptOptions): void {
  const foreign = observed?.apis.filter(({ managed }) => !managed) ?? [];
  if (output === 'json') return terminal.out(`${JSON.stringify(foreign, null, 2)}\n`);
  if (foreign.length === 0)
    return progress(
      terminal,
      `${printable(instance_name)} ${observed === undefined ? 'has not reported yet what is on it' : 'reported nothing that is unmanaged'}. It reports when that changes, and at each look at everything: look again then.`,
    );
  terminal.out(table(['SERVICE', 'UPSTREAM', 'ROUTES', 'ID'], foreign.map(rowOf)));
}

const rowOf = ({ name, upstream_url, routes, object_id }: ObservedApi): string[] => [name, upstream_url ?? '', String(routes ?? ''), object_id ?? ''];

const told = ({ api, writes, stays }: Adoption): string[] => [
  `Api/${api.name} for ${api.upstream_url}, open to all consumers as far as STOA is asked`,
  ...writes.map(({ object, detail = '' }) => `  ~ ${object}: ${detail}`),
  ...stays.map((object) => `    ${object}: stays as it is, and is not managed`),
];

async function confirm(terminal: Terminal, { api }: Adoption, gateway: string): Promise<void> {
  if (!terminal.isPerson.in)
    throw new CommandError('usage', 'From then on STOA writes what was written by hand: confirm it with --yes, or look at it with --dry-run.');
  terminal.err(`Take ${printable(api.name)} on ${printable(gateway)} over? [y/N] `);
  if (!/^y(es)?$/i.test((await linesOf(terminal)()).trim())) throw new CommandError('failed', 'Nothing was taken over.');
}
