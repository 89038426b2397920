import type { Deployment, DryRunOnGateway } from '@stoa/generated/schemas.ts';
import { answered, deploymentOf, tagged } from '../answered.ts';
import type { DeploymentManifest } from './manifest.ts';
import { planChange, refuseChangeOf, rehearsal, unlessComing } from './plan-kinds.ts';
import type { Header, PlanContext, Query } from './plan-kinds.ts';
import type { Step } from './step.ts';

/** In a dry run the gateways that would be given the API are asked what they would do. */
export async function planDeployment(context: PlanContext, manifest: DeploymentManifest): Promise<Step> {
  const { client, platform, isDry, changing } = context;
  const { name } = manifest.metadata;
  const { api, targets, revision = 'newest', drift = 'repair', public_path } = manifest.spec;
  const path = { deployment_id: platform.idOf('Deployment', name) ?? '' };
  type Revision = typeof revision;
  const create = (query: Query, of: Revision) =>
    answered(
      client.createDeployment({
        params: { query },
        body: { name, api_id: platform.idOf('Api', api) ?? '', targets, revision: of, drift, ...(public_path && { public_path }) },
      }),
    );
  const update = (query: Query, header: Header, of: Revision): Promise<Deployment> =>
    answered(client.updateDeployment({ params: { path, query, header }, body: { targets, revision: of, drift, public_path: public_path ?? null } }));
  const tried = async (isNew: boolean, of: Revision): Promise<readonly string[]> => {
    if (!isNew) return (await update(rehearsal, {}, of)).warnings ?? [];
    const answer = await create(rehearsal, of);
    return 'gateways' in answer && 'deployment' in answer ? (answer.gateways ?? []).flatMap(refusalOn) : [];
  };
  const step = await planChange(context, 'Deployment', manifest, {
    read: () => tagged(client.getDeployment({ params: { path } })),
    async create(query) {
      const { deployment_id: id, warnings = [] } = deploymentOf(await create(query, revision));
      return { id, warnings };
    },
    update: (query, header) => update(query, header, revision),
    rehearse: (isNew) =>
      !isDry || platform.idOf('Api', api) === undefined
        ? Promise.resolve([])
        : unlessComing(
            changing.has(`Api/${api}`),
            () => tried(isNew, revision),
            () => tried(isNew, 'newest'),
          ),
  });
  return refuseChangeOf(step, ['spec.api'], 'is of another API: give the deployment of this one another name');
}

function refusalOn({ instance_name: name, environment, state, reason }: DryRunOnGateway): string[] {
  if (state === 'rejected') return [`${name} (${environment}) would reject it: ${reason ?? 'it does not say why'}`];
  return state === 'unknown' ? [`what ${name} (${environment}) would do is not known: ${reason ?? 'it did not answer'}`] : [];
}
