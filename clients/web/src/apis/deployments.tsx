import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Api, Deployment } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Destroy } from '../ground/destroy.tsx';
import { StateWord } from '../ground/facts.tsx';
import { answered, done, within } from '../ground/fault.ts';
import { given } from '../ground/given.ts';
import { List } from '../ground/list/list.tsx';
import type { ListSpec } from '../ground/list/spec.ts';
import { RecentUsage } from '../ground/recent-usage.tsx';
import { useMay } from '../ground/session.ts';
import { Empty } from '../ground/states.tsx';
import { Deploy } from './deploy.tsx';
import { OnGateways } from './on-gateways.tsx';
import { targetsText } from './targets.ts';

type Open = { what: 'deploy' } | { what: 'withdraw' | 'gateways'; deployment: Deployment };

/** Where an API is served, and what became of it there. */
export function Deployments({ api }: { api: Api }) {
  const [open, setOpen] = useState<Open>();
  const cache = useQueryClient();
  const may = useMay();
  const close = () => setOpen(undefined);
  const spec = listOf(api, setOpen, may('deleteDeployment'));
  const refresh = () => cache.invalidateQueries({ predicate: ({ queryKey }) => [spec.name, 'api'].includes(String(queryKey[0])) });
  return (
    <>
      {may('createDeployment') && (
        <p className="part-actions">
          <button type="button" className="button" data-key="n" onClick={() => setOpen({ what: 'deploy' })}>
            Deploy
          </button>
        </p>
      )}
      <List spec={spec} />
      {open?.what === 'deploy' && <Deploy api={api} onClose={close} onDeployed={refresh} />}
      {open?.what === 'gateways' && <OnGateways deployment_id={open.deployment.deployment_id} onClose={close} />}
      {open?.what === 'withdraw' && (
        <Destroy
          title={`Withdraw ${open.deployment.name ?? api.name}`}
          verb="Withdraw the deployment"
          name={open.deployment.name ?? api.name}
          onClose={close}
          destroy={async () => {
            const path = { deployment_id: open.deployment.deployment_id };
            await done(client.DELETE('/v1/deployments/{deployment_id}', { signal: within(), params: { path } }));
            await refresh();
          }}
        >
          <p>
            {api.name} is not served any more on the gateways that <strong>{targetsText(open.deployment.targets)}</strong> chooses, unless another
            deployment does.
          </p>
          <RecentUsage api_id={api.api_id} />
        </Destroy>
      )}
    </>
  );
}

const listOf = (api: Api, choose: (open: Open) => void, mayWithdraw: boolean): ListSpec<Deployment> => ({
  name: `Deployments of ${api.name}`,
  everySeconds: 10,
  idOf: ({ deployment_id }) => deployment_id,
  read: ({ cursor }, limit, signal) =>
    answered(client.GET('/v1/deployments', { signal, params: { query: given({ api_id: api.api_id, cursor, limit }) } })),
  columns: [
    { id: 'name', title: 'Name', text: ({ name }) => name ?? '' },
    { id: 'targets', title: 'Where', text: ({ targets }) => targetsText(targets) },
    { id: 'revision', title: 'Revision', text: ({ revision }) => String(revision) },
    { id: 'state', title: 'State', text: ({ state }) => state ?? '', show: ({ state }) => <StateWord state={state} /> },
    { id: 'gateways', title: 'Gateways', text: countsText },
    { id: 'path', title: 'Public path', text: ({ public_path }) => public_path?.prefix ?? '', isExtra: true },
    {
      id: 'actions',
      title: 'Actions',
      text: () => '',
      show: (deployment) => (
        <span className="list-actions">
          <button type="button" className="button button-small" onClick={() => choose({ what: 'gateways', deployment })}>
            By gateway<span className="visually-hidden"> of {deployment.name}</span>
          </button>
          {mayWithdraw && (
            <button type="button" className="button button-small button-bad" onClick={() => choose({ what: 'withdraw', deployment })}>
              Withdraw<span className="visually-hidden"> {deployment.name}</span>
            </button>
          )}
        </span>
      ),
    },
  ],
  empty: (
    <Empty title="Deployed nowhere yet">
      <p>A deployment says on which gateways it is served, now and later: by environment, mode, name or label.</p>
    </Empty>
  ),
});

function countsText({ gateway_states = {} }: Deployment): string {
  const counts = Object.entries(gateway_states).map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`);
  return counts.length === 0 ? 'none fits' : counts.join(', ');
}
