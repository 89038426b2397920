import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { client } from '../api.ts';
import { usePart } from '../ground/address.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Facts, Part, StateWord, When } from '../ground/facts.tsx';
import { done, tagged, within } from '../ground/fault.ts';
import { Page } from '../ground/page.tsx';
import { useMay } from '../ground/session.ts';
import { Failure, Loading } from '../ground/states.tsx';
import { To, useGo } from '../ground/to.tsx';
import { visible } from '../mcp/visible.ts';
import { PolicyForm } from './policy-form.tsx';

const above = { href: '/access/policies', title: 'Policies' };

/** `/access/policies/ID`: one policy, and where it holds. */
export function PolicyPage() {
  const policy_id = usePart('policy_id');
  const params = { path: { policy_id } };
  const read = useQuery({
    queryKey: ['policy', policy_id],
    queryFn: ({ signal }) => tagged(client.GET('/v1/policies/{policy_id}', { signal: within(signal), params })),
  });
  const may = useMay();
  const go = useGo();
  const cache = useQueryClient();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const close = () => setOpen(undefined);
  if (read.data === undefined)
    return (
      <Page title="Policy" above={above}>
        {read.error ? <Failure error={read.error} onRetry={() => void read.refetch()} /> : <Loading words="Loading the policy" />}
      </Page>
    );
  const { value: policy, etag } = read.data;
  return (
    <Page
      title={policy.name}
      above={above}
      lead={policy.policy.kind.replaceAll('_', ' ')}
      aside={
        <>
          {may('updatePolicy') && (
            <button type="button" className="button" onClick={() => setOpen('edit')}>
              Edit
            </button>
          )}
          {may('deletePolicy') && (
            <button type="button" className="button button-bad" onClick={() => setOpen('delete')}>
              Delete
            </button>
          )}
        </>
      }
    >
      <Facts
        facts={[
          ['State', <StateWord key="state" state={policy.state} />],
          ['Changed', [<When key="when" at={policy.updated_at} />, policy.updated_by && ` by ${policy.updated_by.name}`]],
          ['Id', <code key="id">{policy.policy_id}</code>],
        ]}
      />
      {policy.warnings?.map((warning) => (
        <p key={warning} className="note note-warn">
          {visible(warning)}
        </p>
      ))}
      <Part title="What it says">
        <pre tabIndex={0} aria-label="Policy">
          <code>{visible(JSON.stringify(policy.policy, null, 2))}</code>
        </pre>
      </Part>
      <Part title="Where it holds">
        {policy.attached_to.length === 0 && <p className="sub">It is attached to nothing.</p>}
        <ul className="rows">
          {policy.attached_to.map(({ api_id, mcp_server_id, environment }) => (
            <li key={`${api_id} ${mcp_server_id} ${environment}`}>
              <span>{api_id ? 'API' : mcp_server_id ? 'MCP server' : 'Environment'}</span>
              <span>
                {api_id && <To href={`/apis/${api_id}`}>{api_id}</To>}
                {mcp_server_id && <code>{mcp_server_id}</code>} {environment && `in ${environment}`}
              </span>
            </li>
          ))}
        </ul>
      </Part>
      {open === 'edit' && <PolicyForm policy={policy} etag={etag} onClose={close} />}
      {open === 'delete' && (
        <Destroy
          title={`Delete ${policy.name}`}
          verb="Delete the policy"
          name={policy.name}
          onClose={close}
          destroy={async () => {
            await done(client.DELETE('/v1/policies/{policy_id}', { signal: within(), params }));
            await cache.invalidateQueries({ queryKey: ['Policies'] });
            go(above.href);
          }}
        >
          <p>
            What it limits or guards is not limited or guarded by it any more, on {policy.attached_to.length}{' '}
            {policy.attached_to.length === 1 ? 'place' : 'places'}.
          </p>
        </Destroy>
      )}
    </Page>
  );
}
