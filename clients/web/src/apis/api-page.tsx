import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { OperationId } from '@stoa/generated/operations.ts';
import type { Api } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { usePart } from '../ground/address.ts';
import { Destroy } from '../ground/destroy.tsx';
import { Facts, StateWord, When } from '../ground/facts.tsx';
import { done, tagged, within } from '../ground/fault.ts';
import { LabelList } from '../ground/labels.tsx';
import { Page } from '../ground/page.tsx';
import { RecentUsage } from '../ground/recent-usage.tsx';
import { useMay } from '../ground/session.ts';
import { Empty, Failure, Loading } from '../ground/states.tsx';
import { To, useGo } from '../ground/to.tsx';
import { Deployments } from './deployments.tsx';
import { LifecycleForm } from './lifecycle-form.tsx';
import { LifecycleWord } from './lifecycle.tsx';
import { Operations } from './operations.tsx';
import { PoliciesOfApi } from './policies-of-api.tsx';
import { Revisions } from './revisions.tsx';

const above = { href: '/apis', title: 'APIs' };
type Tab = { part: string; title: string; needs?: OperationId; show: (api: Api) => ReactNode };

const tabs: readonly Tab[] = [
  { part: '', title: 'Operations', show: (api) => <Operations api={api} /> },
  { part: 'deployments', title: 'Deployments', needs: 'listDeployments', show: (api) => <Deployments api={api} /> },
  { part: 'policies', title: 'Policies', needs: 'listPolicies', show: (api) => <PoliciesOfApi api={api} /> },
  { part: 'revisions', title: 'Revisions', show: (api) => <Revisions api={api} /> },
];

/** `/apis/ID/PART`: one API. */
export function ApiPage() {
  const api_id = usePart('api_id');
  const part = usePart('part');
  const params = { path: { api_id } };
  const read = useQuery({
    queryKey: ['api', api_id],
    queryFn: ({ signal }) => tagged(client.GET('/v1/apis/{api_id}', { signal: within(signal), params })),
  });
  const may = useMay();
  const go = useGo();
  const cache = useQueryClient();
  const [open, setOpen] = useState<'delete' | 'lifecycle'>();
  const close = () => setOpen(undefined);
  if (read.data === undefined)
    return (
      <Page title="API" above={above}>
        {read.error ? <Failure error={read.error} onRetry={() => void read.refetch()} /> : <Loading words="Loading the API" />}
      </Page>
    );
  const { value: api, etag } = read.data;
  const { name, title } = api;
  const shown = tabs.filter(({ needs }) => needs === undefined || may(needs));
  return (
    <Page
      title={name}
      above={above}
      lead={title}
      aside={
        <>
          {may('updateApi') && (
            <To className="button" href={`/apis/import?api=${api_id}`}>
              New revision
            </To>
          )}
          {may('editApi') && (
            <button type="button" className="button button-quiet" onClick={() => setOpen('lifecycle')}>
              Lifecycle
            </button>
          )}
          {may('deleteApi') && (
            <button type="button" className="button button-bad" onClick={() => setOpen('delete')}>
              Delete
            </button>
          )}
        </>
      }
    >
      <ApiFacts api={api} />
      <nav className="tabs" aria-label={`Parts of ${name}`}>
        {shown.map((tab) => (
          <To
            key={tab.part}
            href={tab.part === '' ? `/apis/${api_id}` : `/apis/${api_id}/${tab.part}`}
            aria-current={tab.part === part ? 'page' : undefined}
          >
            {tab.title}
          </To>
        ))}
      </nav>
      {shown.find((tab) => tab.part === part)?.show(api)}
      {tabs.every((tab) => tab.part !== part) && <Empty title="There is no page at this address" />}
      {open === 'lifecycle' && <LifecycleForm api={api} etag={etag} onClose={close} />}
      {open === 'delete' && (
        <Destroy
          title={`Delete ${name}`}
          verb="Delete the API"
          name={name}
          onClose={close}
          destroy={async () => {
            await done(client.DELETE('/v1/apis/{api_id}', { signal: within(), params }));
            await cache.invalidateQueries({ queryKey: ['APIs'] });
            go('/apis');
          }}
        >
          <p>Its deployments, its subscriptions and its revisions end with it. Gateways stop serving it at once.</p>
          <RecentUsage api_id={api_id} />
        </Destroy>
      )}
    </Page>
  );
}

function ApiFacts({ api }: { api: Api }) {
  return (
    <Facts
      facts={[
        ['State', <StateWord key="state" state={api.state} />],
        ['Version', [api.version, ' ', <LifecycleWord key="lifecycle" lifecycle={api.lifecycle} />]],
        ['Revision', `${api.revision}`],
        ['Upstream', <code key="upstream">{api.upstream_url}</code>],
        ['Credential for the upstream', api.has_upstream_auth ? 'kept' : 'none'],
        ['May be called by', api.open_to_all_consumers ? 'every consumer' : 'who is subscribed'],
        ['Version of', api.lifecycle?.version_of && `${api.lifecycle.version_of} ${api.lifecycle.version ?? ''}`],
        ['Successor', api.lifecycle?.successor],
        ['Team', api.team],
        ['Labels', Object.keys(api.labels).length > 0 && <LabelList key="labels" labels={api.labels} />],
        ['Changed', [<When key="when" at={api.updated_at} />, api.updated_by && ` by ${api.updated_by.name}`]],
      ]}
    />
  );
}
