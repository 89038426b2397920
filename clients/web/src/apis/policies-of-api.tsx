import type { Api, Policy } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { StateWord } from '../ground/facts.tsx';
import { answered } from '../ground/fault.ts';
import { List } from '../ground/list/list.tsx';
import type { ListAnswer, ListSpec } from '../ground/list/spec.ts';
import { Empty } from '../ground/states.tsx';
import { To } from '../ground/to.tsx';

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
    columns: [
      { id: 'name', title: 'Name', text: ({ name }) => name, show: ({ name, policy_id }) => <To href={`/access/policies/${policy_id}`}>{name}</To> },
      { id: 'kind', title: 'Kind', text: ({ policy }) => policy.kind, show: ({ policy }) => policy.kind.replaceAll('_', ' ') },
      {
        id: 'config',
        title: 'Says',
        text: ({ policy }) => JSON.stringify(policy.config),
        show: ({ policy }) => <code>{JSON.stringify(policy.config)}</code>,
      },
      { id: 'state', title: 'State', text: ({ state }) => state ?? '', show: ({ state }) => <StateWord state={state} /> },
    ],
    empty: (
      <Empty title="No policy is attached">
        <p>Its calls are limited and guarded only by what is attached to their environment.</p>
      </Empty>
    ),
  };
  return <List spec={spec} />;
}
