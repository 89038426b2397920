import type { Deployment } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { stateOf } from '../kinds.ts';
import type { OpenSession } from '../session.ts';

/** Of so many deployments the gateways are asked for. */
const shownAtMost = 20;

/** How an API is deployed: what holds on every gateway by its name and state, anything else with each gateway where it is not so, and why. */
export async function deploymentsOf({ client }: OpenSession, api_id: string): Promise<object[]> {
  const items = await visible(() => answered(client.listDeployments({ params: { query: { api_id, limit: 500 } } })));
  const troubled = new Set(items.filter(({ state }) => state === 'rejected' || state === 'applied_with_warnings').slice(0, shownAtMost));
  return Promise.all(
    items.map(async (deployment) => {
      const { name, deployment_id, targets } = deployment;
      const shown = { name: name ?? deployment_id, state: stateOf(deployment), targets };
      if (!troubled.has(deployment)) return shown;
      const { gateways = [] } = await answered(client.getDeployment({ params: { path: { deployment_id } } }));
      return { ...shown, gateways: gateways.filter(({ state }) => state !== 'applied').map(placed) };
    }),
  );
}

const placed = ({ instance_name, environment, state, reason }: NonNullable<Deployment['gateways']>[number]): object => ({
  instance_name,
  environment,
  state,
  ...(reason !== undefined && { reason }),
});

/** Who may read an API need not be one who may read what is deployed. */
async function visible(list: () => Promise<{ items: Deployment[] }>): Promise<Deployment[]> {
  try {
    return (await list()).items;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === exitCodes.forbidden) return [];
    throw error;
  }
}
