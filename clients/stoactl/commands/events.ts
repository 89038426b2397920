import type { GatewayChanges } from '@stoa/generated/schemas.ts';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions, OpenSession } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type EventsOptions = GlobalOptions & { output: 'table' | 'json'; for?: number };
type ServerEvent = { id: string | undefined; event: string; data: string };

/** Follows the fleet until Ctrl-C, or for some seconds. A stream that ends is taken up where it ended. */
export async function events(terminal: Terminal, options: EventsOptions): Promise<void> {
  const session = await openSession(terminal, options);
  const endsAt = performance.now() + (options.for ?? Infinity) * 1000;
  let last: string | undefined;
  while (!terminal.signal.aborted && performance.now() < endsAt) {
    const maxS = Math.min(3600, Math.max(1, Math.ceil((endsAt - performance.now()) / 1000)));
    for await (const { id, event, data } of stream(session, last, maxS)) {
      last = id ?? last;
      if (event === 'reload') terminal.err('Some events are lost: the log of the server does not reach back to the last one that was seen.\n');
      if (event === 'changes') terminal.out(linesOf(JSON.parse(data) as GatewayChanges, options.output));
    }
  }
}

async function* stream({ client }: OpenSession, last: string | undefined, maxS: number): AsyncGenerator<ServerEvent> {
  const body = await answered<Readable>(
    client.streamGatewayEvents({
      params: { query: { max_s: maxS }, ...(last !== undefined && { header: { 'Last-Event-ID': last } }) },
      headers: { accept: 'text/event-stream' },
      parseAs: 'stream',
    }) as Parameters<typeof answered<Readable>>[0],
  );
  let found = { id: undefined as string | undefined, event: 'message', data: '' };
  try {
    for await (const line of createInterface({ input: body })) {
      const [, name = '', value = ''] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
      if (line === '') {
        if (found.data !== '') yield found;
        found = { id: found.id, event: 'message', data: '' };
      } else if (name === 'id') found.id = value;
      else if (name === 'event') found.event = value;
      else if (name === 'data') found.data += value;
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return;
    throw new CommandError('unreachable', `The stream of events broke off: ${(error as Error).message}.`);
  }
}

function linesOf(changes: GatewayChanges, output: 'table' | 'json'): string {
  if (output === 'json') return `${JSON.stringify(changes)}\n`;
  const lines = changes.transitions.map(
    ({ at, environment, instance_name, gateway_mode, was = 'new', liveness = 'forgotten' }) =>
      `${at}  ${printable(`${environment}/${instance_name}`)}  ${gateway_mode}  ${was} → ${liveness}\n`,
  );
  const brakes = changes.brakes.map(({ environment, held }) => `${changes.as_of}  ${environment}  brake: ${held} fell silent at once\n`);
  return [...lines, ...(changes.more > 0 ? [`${changes.as_of}  and ${changes.more} more\n`] : []), ...brakes].join('');
}
