import type { Policy } from '@stoa/generated/schemas.ts';
import { StateWord, When } from '../ground/facts.tsx';
import type { ListColumn } from '../ground/list/spec.ts';
import { To } from '../ground/to.tsx';

/** What lists say of a policy. */
export const policyColumns: readonly ListColumn<Policy>[] = [
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
];
