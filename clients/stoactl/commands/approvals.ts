import type { Approval } from '@stoa/generated/schemas.ts';
import { answeredOf } from '../answered.ts';
import { cellOf, table } from '../output/table.ts';
import { toYaml } from '../output/yaml.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type ListOptions = GlobalOptions & { state?: Approval['state']; environment?: string; output: string };
export type DecideOptions = GlobalOptions & { reason?: string };

const pageSize = 500;
/** A server that gave out cursors without an end would be read for ever. */
const maxPages = 1000;

/** Lists changes that wait, or what became of others. */
export async function listApprovals(terminal: Terminal, options: ListOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const found: Approval[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const { state, environment } = options;
    const query = {
      limit: pageSize,
      ...(state && { state }),
      ...(environment !== undefined && { environment }),
      ...(cursor !== undefined && { cursor }),
    };
    const { items, next_cursor: next } = await answeredOf(client.listApprovals({ params: { query } }));
    found.push(...items);
    if (next === null) break;
    cursor = next;
  }
  if (options.output === 'json') return terminal.out(`${JSON.stringify({ items: found }, null, 2)}\n`);
  const more = options.output === 'wide' ? wide : [];
  const titles = ['ID', 'STATE', 'ENVIRONMENTS', 'OPERATION', 'BY', 'EXPIRES', ...more.map(([title]) => title), 'WHAT'];
  terminal.out(
    table(
      titles,
      found.map((each) => rowOf(each, more)),
    ),
  );
}

/** Shows one: all that was asked for, and what became of it. */
export async function getApproval(terminal: Terminal, id: string, options: GlobalOptions & { output: string }): Promise<void> {
  const { client } = await openSession(terminal, options);
  const approval = await answeredOf(client.getApproval({ params: { path: { approval_id: id } } }));
  const text = options.output === 'json' ? `${JSON.stringify(approval, null, 2)}\n` : toYaml(approval);
  terminal.out(options.output === 'json' ? text : text.split('\n').map(printable).join('\n'));
}

const wide: readonly (readonly [title: string, value: (approval: Approval) => string])[] = [
  ['REQUESTED', ({ requested_at: at }) => at],
  ['POLICY', ({ call }) => call?.policy ?? ''],
  ['GATEWAY', ({ call }) => call?.gateway ?? ''],
  ['DECIDED BY', ({ decided_by: by = '' }) => by],
  ['DECIDED', ({ decided_at: at = '' }) => at],
  ['REASON', ({ reason, failure }) => cellOf(reason ?? failure)],
];

const rowOf = (approval: Approval, more: typeof wide): string[] => [
  approval.approval_id,
  approval.state,
  approval.environments.join(','),
  approval.operation,
  approval.requested_by,
  approval.expires_at,
  ...more.map(([, value]) => value(approval)),
  approval.call === undefined ? whatOf(approval.request) : callText(approval.call),
];

const callText = ({ tool, method, path, api = 'an API that is gone', arguments: given }: NonNullable<Approval['call']>): string =>
  cellOf(`${tool}: ${method} ${path} of ${api}${given === undefined ? '' : ` with ${JSON.stringify(given)}`}`);

/** What is asked for: last, for it may be long. */
function whatOf(request: Approval['request']): string {
  const { path = {}, body = {} } = request as { path?: object; body?: object };
  return cellOf({ ...path, ...body });
}

/** Approves or denies what another one asked for. */
export async function decide(terminal: Terminal, decision: 'approve' | 'deny', id: string, options: DecideOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const given = { params: { path: { approval_id: id } }, body: options.reason === undefined ? {} : { reason: options.reason } };
  const {
    state,
    requested_by: by,
    warnings = [],
  } = await answeredOf(decision === 'approve' ? client.approveApproval(given) : client.denyApproval(given));
  const said = state === 'approved' ? `approved: ${by} may do it once, now` : state;
  terminal.out(`approval/${id} ${printable(said)}\n`);
  for (const warning of warnings) terminal.err(`${printable(warning)}\n`);
}
