import { useState } from 'react';
import type { Policy } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { StateWord, When } from '../ground/facts.tsx';
import { answered } from '../ground/fault.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { Page } from '../ground/page.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { To } from '../ground/to.tsx';
import { PolicyForm } from './policy-form.tsx';

const policies: ListSpec<Policy> = {
  name: 'Policies',
  searches: 'Part of a name',
  idOf: ({ policy_id }) => policy_id,
  read: ({ search, cursor }, limit, signal) => answered(client.GET('/v1/policies', { signal, params: { query: given({ search, cursor, limit }) } })),
  columns: [
    { id: 'name', title: 'Name', text: ({ name }) => name, show: ({ name, policy_id }) => <To href={`/access/policies/${policy_id}`}>{name}</To> },
    { id: 'kind', title: 'Kind', text: ({ policy }) => policy.kind, show: ({ policy }) => policy.kind.replaceAll('_', ' ') },
    {
      id: 'config',
      title: 'Says',
      text: ({ policy }) => JSON.stringify(policy.config),
      show: ({ policy }) => <code className="clipped">{JSON.stringify(policy.config)}</code>,
    },
    { id: 'attached', title: 'Attached to', text: ({ attached_to }) => String(attached_to.length), isNumber: true },
    { id: 'state', title: 'State', text: ({ state }) => state ?? '', show: ({ state }) => <StateWord state={state} /> },
    { id: 'updated', title: 'Changed', text: ({ updated_at }) => updated_at, show: ({ updated_at }) => <When at={updated_at} /> },
    { id: 'by', title: 'Changed by', text: ({ updated_by }) => updated_by?.name ?? '', isExtra: true },
  ],
  empty: (
    <Empty title="No policy yet">
      <p>A policy limits, guards or changes calls of the APIs, MCP servers and environments that it is attached to.</p>
    </Empty>
  ),
};

/** `/access/policies`: what limits and guards calls. */
export function PoliciesPage() {
  const [isAdding, setAdding] = useState(false);
  const may = useMay();
  return (
    <Page
      title="Policies"
      lead="What limits, guards and changes calls, and where."
      aside={
        may('createPolicy') && (
          <button type="button" className="button button-main" data-key="n" onClick={() => setAdding(true)}>
            New policy
          </button>
        )
      }
    >
      <List spec={policies} />
      {isAdding && <PolicyForm onClose={() => setAdding(false)} />}
    </Page>
  );
}
