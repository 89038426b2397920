import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Api, ApiRevision } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Dialog } from '../ground/dialog.tsx';
import { When } from '../ground/facts.tsx';
import { answered, within } from '../ground/fault.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { useMay } from '../ground/session.ts';
import { Failure, Loading } from '../ground/states.tsx';
import { To } from '../ground/to.tsx';
import { RevisionChanges } from './changes.tsx';

/** What an API was, what changed since, and the way back. */
export function Revisions({ api }: { api: Api }) {
  const [compared, setCompared] = useState<number>();
  const may = useMay();
  return (
    <>
      <List spec={listOf(api, setCompared, may('updateApi'))} />
      {compared !== undefined && <Compare api={api} revision={compared} onClose={() => setCompared(undefined)} />}
    </>
  );
}

const listOf = ({ api_id, name }: Api, compare: (revision: number) => void, mayRollBack: boolean): ListSpec<ApiRevision> => ({
  name: `Revisions of ${name}`,
  idOf: ({ revision }) => String(revision),
  read: ({ cursor }, limit, signal) =>
    answered(client.GET('/v1/apis/{api_id}/revisions', { signal, params: { path: { api_id }, query: given({ cursor, limit }) } })),
  columns: [
    {
      id: 'revision',
      title: 'Revision',
      text: ({ revision }) => String(revision),
      show: ({ revision, newest }) => (
        <>
          {revision} {newest && <span className="tone-good">newest</span>}
        </>
      ),
    },
    { id: 'version', title: 'Version', text: ({ version }) => version },
    { id: 'tools', title: 'Tools', text: ({ tools }) => String(tools), isNumber: true },
    { id: 'upstream', title: 'Upstream', text: ({ upstream_url }) => upstream_url },
    { id: 'at', title: 'Made', text: ({ revised_at }) => revised_at, show: ({ revised_at }) => <When at={revised_at} /> },
    {
      id: 'actions',
      title: 'Actions',
      text: () => '',
      show: ({ revision, newest }) =>
        !newest && (
          <span className="list-actions">
            <button type="button" className="button button-small" onClick={() => compare(revision)}>
              Compare<span className="visually-hidden"> revision {revision} with the newest</span>
            </button>
            {mayRollBack && (
              <To className="button button-small" href={`/apis/import?api=${api_id}&revision=${revision}`}>
                Roll back<span className="visually-hidden"> to revision {revision}</span>
              </To>
            )}
          </span>
        ),
    },
  ],
  empty: null,
});

function Compare({ api, revision, onClose }: { api: Api; revision: number; onClose: () => void }) {
  const path = { api_id: api.api_id, revision };
  const before = useQuery({
    queryKey: ['api', api.api_id, 'revision', revision],
    queryFn: ({ signal }) => answered(client.GET('/v1/apis/{api_id}/revisions/{revision}', { signal: within(signal), params: { path } })),
  });
  return (
    <Dialog title={`From revision ${revision} to ${api.revision}`} onClose={onClose} isWide>
      {before.error && <Failure error={before.error} onRetry={() => void before.refetch()} />}
      {before.isPending && <Loading words="Loading the revision" />}
      {before.data && <RevisionChanges before={before.data} after={api} />}
    </Dialog>
  );
}
