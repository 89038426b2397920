import { answered } from '../answered.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { kindOf, spokenName } from '../kinds.ts';
import { manifestKinds, idOf } from './manifest.ts';
import type { ApiManifest, McpServerManifest, PlatformManifest, ManifestKind, Sourced, TrustedIssuerManifest } from './manifest.ts';
import { labelsOf } from './platform.ts';
import { planApi } from './plan-api.ts';
import { planDeployment } from './plan-deployment.ts';
import { planConsumer, planGatewayKey, planPlan, planPolicy, planSubscription, planTeam } from './plan-kinds.ts';
import type { PlanContext } from './plan-kinds.ts';
import { placedFaults, placedStep } from './placed.ts';
import { planMcpServer } from './plan-mcp-server.ts';
import { planToolSet } from './plan-tool-set.ts';
import { planTrustedIssuer } from './plan-trusted-issuer.ts';
import type { Step } from './step.ts';

/** What has to be done, in order; nothing is changed yet. Throws a `CommandError` with every fault of every manifest, each with its place. */
export async function plan(context: PlanContext, sourced: readonly Sourced[]): Promise<Step[]> {
  const faults = sourced.flatMap((each) => missingReferences(context, each, sourced));
  const steps: Step[] = [];
  const ordered = manifestKinds.flatMap((kind) => sourced.filter(({ manifest }) => manifest.kind === kind));
  for (const each of ordered) {
    try {
      const step = await planOne(context, each);
      if (step.action !== 'unchanged') context.changing.add(step.id);
      steps.push(placedStep(each, step));
    } catch (error) {
      if (error instanceof CommandError && error.exitCode !== exitCodes.failed && error.exitCode !== exitCodes.conflict) throw error;
      faults.push(...placedFaults(each, error));
    }
  }
  if (faults.length > 0) throw new CommandError('failed', `${faults.join('\n')}\nNothing was applied.`);
  return steps;
}

function planOne(context: PlanContext, sourced: Sourced): Promise<Step> {
  const { manifest } = sourced;
  switch (manifest.kind) {
    case 'Api':
      return planApi(context, sourced as Sourced & { manifest: ApiManifest });
    case 'McpServer':
      return planMcpServer(context, sourced as Sourced & { manifest: McpServerManifest });
    case 'ToolSet':
      return planToolSet(context, manifest);
    case 'Policy':
      return planPolicy(context, manifest);
    case 'Team':
      return planTeam(context, manifest);
    case 'Consumer':
      return planConsumer(context, manifest);
    case 'Plan':
      return planPlan(context, manifest);
    case 'TrustedIssuer':
      return planTrustedIssuer(context, sourced as Sourced & { manifest: TrustedIssuerManifest });
    case 'Subscription':
      return planSubscription(context, manifest);
    case 'Deployment':
      return planDeployment(context, manifest);
    case 'GatewayKey':
      return planGatewayKey(context, manifest);
  }
}

/** What a manifest refers to by name, with the place of the name. */
function referencesOf(manifest: PlatformManifest): { kind: ManifestKind; name: string; path: (string | number)[] }[] {
  if (manifest.kind === 'Policy')
    return (manifest.spec.attached_to ?? []).flatMap(({ api, mcp_server: server }, index) => [
      ...(api === undefined ? [] : [{ kind: 'Api' as const, name: api, path: ['spec', 'attached_to', index, 'api'] }]),
      ...(server === undefined ? [] : [{ kind: 'McpServer' as const, name: server, path: ['spec', 'attached_to', index, 'mcp_server'] }]),
    ]);
  if (manifest.kind === 'ToolSet')
    return manifest.spec.tools.flatMap(({ api, mcp_server: server }, index) => [
      ...(api === undefined ? [] : [{ kind: 'Api' as const, name: api, path: ['spec', 'tools', index, 'api'] }]),
      ...(server === undefined ? [] : [{ kind: 'McpServer' as const, name: server, path: ['spec', 'tools', index, 'mcp_server'] }]),
    ]);
  if (manifest.kind === 'Deployment') return [{ kind: 'Api', name: manifest.spec.api, path: ['spec', 'api'] }];
  if (manifest.kind === 'Plan') {
    const { apis = [], policies = [] } = manifest.spec;
    return [
      ...apis.map((name, index) => ({ kind: 'Api' as const, name, path: ['spec', 'apis', index] })),
      ...policies.map((name, index) => ({ kind: 'Policy' as const, name, path: ['spec', 'policies', index] })),
    ];
  }
  if (manifest.kind === 'TrustedIssuer')
    return manifest.spec.rules.consumers.flatMap(({ consumer }, index) =>
      consumer === undefined ? [] : [{ kind: 'Consumer' as const, name: consumer, path: ['spec', 'rules', 'consumers', index, 'consumer'] }],
    );
  if (manifest.kind !== 'Subscription') return [];
  const { consumer, api, plan: offer, mcp_server: server, tool_set: set } = manifest.spec;
  return [
    ...(api === undefined ? [] : [{ kind: 'Api' as const, name: api, path: ['spec', 'api'] }]),
    ...(offer === undefined ? [] : [{ kind: 'Plan' as const, name: offer, path: ['spec', 'plan'] }]),
    ...(server === undefined ? [] : [{ kind: 'McpServer' as const, name: server, path: ['spec', 'mcp_server'] }]),
    ...(set === undefined ? [] : [{ kind: 'ToolSet' as const, name: set, path: ['spec', 'tool_set'] }]),
    { kind: 'Consumer', name: consumer, path: ['spec', 'consumer'] },
  ];
}

function missingReferences({ platform }: PlanContext, { manifest, at }: Sourced, all: readonly Sourced[]): string[] {
  return referencesOf(manifest)
    .filter(({ kind, name }) => platform.idOf(kind, name) === undefined && !all.some(({ manifest: other }) => idOf(other) === `${kind}/${name}`))
    .map(({ kind, name, path }) => `${at(path)}: ${idOf(manifest)} refers to ${kind}/${name}, which is neither here nor on the server.`);
}

/** Keys, teams and issuers have no labels to be chosen by, and stay. */
export const prunedKinds = manifestKinds.filter((kind) => kind !== 'GatewayKey' && kind !== 'Team' && kind !== 'TrustedIssuer');

/** What has these labels, and is in no manifest any more. What may not be seen stays. */
export function planPrune(
  { client, platform }: PlanContext,
  sourced: readonly Sourced[],
  labels: readonly (readonly [key: string, value: string])[],
): Step[] {
  const kept = new Set(sourced.map(({ manifest }) => idOf(manifest)));
  return prunedKinds.toReversed().flatMap((kind) =>
    [...(platform.items.get(kind) ?? [])].flatMap(([name, item]): Step[] => {
      const own = labelsOf(kind, item, platform);
      if (kept.has(`${kind}/${name}`) || !labels.every(([key, value]) => own[key] === value)) return [];
      const { remove, id } = kindOf(kind);
      if (remove === undefined) throw new Error(`A ${spokenName({ name: kind })} cannot be deleted.`);
      return [{ action: 'delete', id: `${kind}/${name}`, changes: [], perform: () => removed(answered(remove(client, String(item[id])))) }];
    }),
  );
}

/** What went with something else, as a deployment does with its API, is gone as well. */
async function removed(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== exitCodes.notFound) throw error;
  }
}
