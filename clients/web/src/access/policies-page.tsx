import { useState } from 'react';
import type { Policy } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { answered } from '../ground/fault.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { Page } from '../ground/page.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { policyColumns } from './policy-columns.tsx';
import { PolicyForm } from './policy-form.tsx';

const policies: ListSpec<Policy> = {
  name: 'Policies',
  searches: 'Part of a name',
  idOf: ({ policy_id }) => policy_id,
  read: ({ search, cursor }, limit, signal) => answered(client.GET('/v1/policies', { signal, params: { query: given({ search, cursor, limit }) } })),
  columns: policyColumns,
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
