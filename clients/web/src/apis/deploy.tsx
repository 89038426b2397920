import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Api, DeploymentDryRun, DeploymentRequest, DryRunOnGateway, GatewayMode } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { Dialog } from '../ground/dialog.tsx';
import { answered } from '../ground/fault.ts';
import { Checks, Field, Form, wordsOf } from '../ground/form/form.tsx';
import { useForm } from '../ground/form/use-form.ts';
import type { FormValues } from '../ground/form/use-form.ts';
import { visible } from '../mcp/visible.ts';

/** The gateways are asked, and have ten seconds to answer. */
const patienceMs = 20_000;
const modes = [
  ['edge_mcp', 'Gateway'],
  ['sidecar', 'Link'],
  ['connect', 'Connect'],
] as const;

/** Chooses where an API is served; shows first what each gateway would do. */
export function Deploy({ api, onClose, onDeployed }: { api: Api; onClose: () => void; onDeployed: () => Promise<void> }) {
  const [plan, setPlan] = useState<DeploymentDryRun>();
  const environments = useQuery({ queryKey: ['environments', 'known'], queryFn: readEnvironments }).data ?? [];
  const form = useForm({
    draft: `deploy-${api.api_id}`,
    start: { environments: '', modes: '', instance_names: '', revision: 'newest' },
    pointers: ['/body/targets/environments', '/body/targets/instance_names', '/body/targets/modes', '/body/revision', '/body/targets'],
    save: async (values) => {
      const init = { signal: AbortSignal.timeout(patienceMs), body: requestOf(api, values) };
      const answer = await answered(client.POST('/v1/deployments', { ...init, params: { query: { dry_run: plan === undefined } } }));
      if ('deployment' in answer) setPlan(answer);
      else {
        await onDeployed();
        onClose();
      }
    },
  });
  return (
    <Dialog title={`Deploy ${api.name}`} onClose={onClose} isWide>
      {plan === undefined ? (
        <Form form={form} submit="Show what each gateway would do" onCancel={onClose}>
          {environments.length === 0 ? (
            <Field
              form={form}
              name="environments"
              pointer="/body/targets/environments"
              label="Environments"
              hint="By spaces. No gateway has registered yet."
              isFirst
            />
          ) : (
            <Checks
              form={form}
              name="environments"
              pointer="/body/targets/environments"
              legend="Environments"
              options={environments.map((name) => [name, name] as const)}
              hint="None chosen: wherever the rest fits."
            />
          )}
          <Checks form={form} name="modes" pointer="/body/targets/modes" legend="Modes" options={modes} hint="None chosen: all of them." />
          <Field
            form={form}
            name="instance_names"
            pointer="/body/targets/instance_names"
            label="Instances"
            hint="Names, by spaces. Empty: all of them."
          />
          <Field
            form={form}
            name="revision"
            label="Revision"
            options={[
              ['newest', 'the newest, now and later'],
              ...Array.from(
                { length: Math.min(api.revision, 50) },
                (_, back) => [`${api.revision - back}`, `${api.revision - back}, held on to`] as const,
              ),
            ]}
          />
          {form.faultsOf('/body/targets').map((text) => (
            <p key={text} className="field-fault" role="alert">
              Targets: {text}
            </p>
          ))}
        </Form>
      ) : (
        <Form form={form} submit="Deploy" onCancel={() => setPlan(undefined)} cancel="Back">
          {plan.gateways.length === 0 && <p className="note note-warn">No gateway fits. It is served as soon as one that does registers.</p>}
          <ul className="mcp-gateways">
            {plan.gateways.map((gateway) => (
              <Planned key={gateway.gateway_id} gateway={gateway} />
            ))}
          </ul>
        </Form>
      )}
    </Dialog>
  );
}

const words: Readonly<Record<DryRunOnGateway['state'], readonly [tone: string, words: string]>> = {
  planned: ['good', 'would serve it'],
  unchanged: ['quiet', 'has nothing to change'],
  rejected: ['bad', 'would refuse it'],
  unknown: ['warn', 'cannot tell'],
};

function Planned({ gateway: { instance_name, environment, state, writes, more_writes = 0, reason, items } }: { gateway: DryRunOnGateway }) {
  const [tone, says] = words[state];
  const reasons = [reason, ...items.map((item) => item.reason)].filter((text) => text !== undefined);
  return (
    <li>
      <span className="mcp-gateway">
        <strong>{instance_name}</strong> <span className="sub">{environment}</span>
      </span>
      <span className={`tone-${tone}`}>{says}</span>
      {[...new Set(reasons)].map((text) => (
        <span key={text} className="mcp-why">
          {visible(text)}
        </span>
      ))}
      {writes.length > 0 && (
        <ul className="mcp-why planned">
          {writes.map(({ action, object, detail }) => (
            <li key={`${action} ${object}`}>
              <code>{action}</code> {visible(object)} {detail && <span className="sub">{visible(detail)}</span>}
            </li>
          ))}
          {more_writes > 0 && <li>and {more_writes} more</li>}
        </ul>
      )}
    </li>
  );
}

function requestOf({ api_id }: Api, values: FormValues): DeploymentRequest {
  const [environments, chosen, instance_names] = ['environments', 'modes', 'instance_names'].map((name) => wordsOf(values[name]));
  const { revision } = values;
  return {
    api_id,
    targets: {
      ...(environments?.length && { environments }),
      ...(chosen?.length && { modes: chosen as GatewayMode[] }),
      ...(instance_names?.length && { instance_names }),
    },
    ...(revision !== undefined && revision !== 'newest' && { revision: Number(revision) }),
  };
}

/** Where gateways are. */
async function readEnvironments({ signal }: { signal: AbortSignal }): Promise<string[]> {
  const { modes: all } = await answered(client.GET('/v1/gateways/modes', { signal, params: { query: { instances: false } } }));
  return [...new Set(all.flatMap(({ environments = [] }) => environments.map(({ environment }) => environment)))].toSorted();
}
