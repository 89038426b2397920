import type { Gateway } from '@stoa/generated/schemas.ts';
import { oneMeantBy } from '../kinds.ts';
import type { Item } from '../kinds.ts';
import { toYaml } from '../output/yaml.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { deploymentsOf } from './describe-deployments.ts';
import { readOne } from './get.ts';

/** Of an API's page these fill screens, and `get -o yaml` has them. */
const leftOut = new Set(['document', 'operations']);

/** Everything of one thing that a person reads, its state and its warnings with it. */
export async function describeOne(terminal: Terminal, word: string, given: string | undefined, options: GlobalOptions): Promise<void> {
  const { kind, name } = oneMeantBy(word, given);
  const session = await openSession(terminal, options);
  const item = await readOne(kind, session, name);
  const { operations } = item as { operations?: { tool?: { name?: string } }[] };
  const told = Object.fromEntries(Object.entries(item).filter(([key]) => !leftOut.has(key)));
  const tools = operations?.flatMap(({ tool }) => (tool?.name === undefined ? [] : [tool.name]));
  const deployments = kind.name === 'Api' ? await deploymentsOf(session, String(item['api_id'])) : [];
  const text = toYaml({
    kind: kind.name,
    ...worstFirst(told),
    ...(deployments.length > 0 && { deployments }),
    ...(tools !== undefined && { tool_names: tools }),
  });
  terminal.out(text.split('\n').map(printable).join('\n'));
}

const worst = ['rejected', 'applied_with_warnings'];

/** Of hundreds of items that a gateway told of, those that are not in force stand first. */
function worstFirst({ config, ...told }: Item): Item {
  if (config === undefined) return told;
  const { items, ...sync } = config as Gateway['config'];
  const rank = ({ state }: { state: string }) => (worst.includes(state) ? worst.indexOf(state) : worst.length);
  return { ...told, config: { ...sync, ...(items !== undefined && { items: items.toSorted((a, b) => rank(a) - rank(b)) }) } };
}
