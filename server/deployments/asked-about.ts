import type { ConfigItem } from '@stoa/generated/schemas.ts';
import type { ServerContext } from '../context.ts';
import { ClassState } from './class-state.ts';
import type { ConfiguredGateway } from './desired-states.ts';
import type { Question } from './dry-runs.ts';
import { loadWith } from './load-catalog.ts';

/** The state of a gateway that a question is about; undefined when its tenant is gone. */
export async function itemsAskedAbout(
  { db, keys }: Pick<ServerContext, 'db' | 'keys'>,
  gateway: ConfiguredGateway,
  question: Question,
): Promise<ConfigItem[] | undefined> {
  const catalogs = await loadWith(db.pool, keys, gateway.tenant_id, 'deployment' in question ? question.deployment : undefined);
  if (catalogs === undefined) return undefined;
  const { after } = catalogs;
  return new ClassState(after.selectors.classOf(gateway), after).wholeItems(after).map(({ bytes }) => JSON.parse(bytes.toString()) as ConfigItem);
}
