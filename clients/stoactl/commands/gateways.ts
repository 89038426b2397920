import type { DriftRecord, Gateway } from '@stoa/generated/schemas.ts';
import { answered, answeredOn } from '../answered.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { table } from '../output/table.ts';
import { printable, progress } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { listQuery, show } from './get.ts';
import type { GetOptions } from './get-options.ts';

export type GatewayListOptions = GetOptions & { environment?: string; mode?: Gateway['gateway_mode']; liveness?: Gateway['liveness'] };

export async function listGateways(terminal: Terminal, options: GatewayListOptions): Promise<void> {
  const { environment, mode: gateway_mode, liveness } = options;
  const only = { ...(environment !== undefined && { environment }), ...(gateway_mode && { gateway_mode }), ...(liveness && { liveness }) };
  const every = kindOf('gateway');
  const kind = { ...every, list: ((client, query) => client.listGateways({ params: { query: { ...query, ...only } } })) satisfies typeof every.list };
  listQuery(kind, options);
  await show(terminal, await openSession(terminal, options), { kind, name: undefined }, options);
}

export async function gatewayDrift(terminal: Terminal, word: string, options: GlobalOptions & { output: string }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { gateway_id, instance_name } = (await findOne(kindOf('gateway'), client, word)) as Gateway;
  const { items } = await answered(client.getGatewayDrift({ params: { path: { gateway_id } } }));
  if (options.output === 'json') return terminal.out(`${JSON.stringify(items, null, 2)}\n`);
  if (items.length === 0) return progress(terminal, `Nothing was found different on ${printable(instance_name)}.`);
  terminal.out(table(['FOUND', 'STATE', 'SINCE', 'WINS', 'OBJECT', 'KIND', 'DETAIL'], items.map(rowOf)));
}

const rowOf = ({ found_at, state, repaired_at, gone_at, wins, object, kind, detail }: DriftRecord): string[] => [
  found_at,
  state,
  repaired_at ?? gone_at ?? '',
  wins,
  object,
  kind,
  detail ?? '',
];

export async function decommission(terminal: Terminal, word: string, options: GlobalOptions & { forget?: boolean }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { gateway_id, instance_name } = (await findOne(kindOf('gateway'), client, word)) as Gateway;
  const forget = options.forget === true;
  await answered(client.decommissionGateway({ params: { path: { gateway_id }, query: { forget } } }));
  terminal.out(`gateway/${printable(instance_name)} ${forget ? 'decommissioned and forgotten' : 'decommissioned'}\n`);
}

export async function releaseBrake(terminal: Terminal, environment: string, options: GlobalOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  await answeredOn(`brake in ${environment}`, client.releaseBrake({ params: { path: { environment } } }));
  terminal.out(`brake/${printable(environment)} released\n`);
}
