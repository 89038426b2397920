import type { Api, Policy } from '@stoa/generated/schemas.ts';
import { policyColumns } from '../access/policy-columns.tsx';
import { client } from '../api.ts';
import { answered } from '../ground/fault.ts';
import { List } from '../ground/list/list.tsx';
import type { ListAnswer, ListSpec } from '../ground/list/spec.ts';
import { Empty } from '../ground/states.tsx';

const pageLimit = 500;

/** Policies have no filter by API: all of them are read, page by page, and those that are attached are kept. */
async function attachedTo(api_id: string, signal: AbortSignal): Promise<ListAnswer<Policy>> {
  const items: Policy[] = [];
  let cursor: string | undefined;
  do {
    const page = await answered(
      client.GET('/v1/policies', { signal, params: { query: { limit: pageLimit, ...(cursor !== undefined && { cursor }) } } }),
    );
    items.push(...page.items.filter(({ attached_to }) => attached_to.some((place) => place.api_id === api_id)));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return { items };
}

/** What an API is guarded and limited by. */
export function PoliciesOfApi({ api }: { api: Api }) {
  const spec: ListSpec<Policy> = {
    name: `Policies of ${api.name}`,
    idOf: ({ policy_id }) => policy_id,
    read: (_ask, _limit, signal) => attachedTo(api.api_id, signal),
    // Where it is attached is known here, and who changed it stands on its own page.
    columns: policyColumns.filter(({ id }) => ['name', 'kind', 'config', 'state'].includes(id)),
    empty: (
      <Empty title="No policy is attached">
        <p>Its calls are limited and guarded only by what is attached to their environment.</p>
      </Empty>
    ),
  };
  return <List spec={spec} />;
}
