import { randomBytes, randomUUID } from 'node:crypto';

export type Json = Record<string, unknown>;
export type Action = { id: string; names: Json[]; templateKey: string; parameters: Json[]; active: boolean };
export type Policy = {
  id: string;
  names: Json[];
  policyScope: string;
  global: boolean;
  active: boolean;
  policyEnforcements: { stageKey: string; enforcements: { enforcementObjectId: string; order: string }[] }[];
};
export type Api = {
  id: string;
  apiName: string;
  apiVersion: string;
  type: string;
  isActive: boolean;
  maturityState: string;
  policies: string[];
  apiDefinition: Json;
  creationDate: string;
  lastModified: string;
};
export type Alias = Json & { id: string; name: string };
export type Application = { id: string; name: string; description?: string; consumingAPIs: string[]; isSuspended: boolean; accessTokens: Json };

export type State = {
  readonly apis: Map<string, Api>;
  readonly policies: Map<string, Policy>;
  readonly actions: Map<string, Action>;
  readonly aliases: Map<string, Alias>;
  readonly applications: Map<string, Application>;
};

export function clearState({ apis, policies, actions, aliases, applications }: State): void {
  for (const table of [apis, policies, actions, aliases, applications]) table.clear();
}

export const emptyState = (): State => ({ apis: new Map(), policies: new Map(), actions: new Map(), aliases: new Map(), applications: new Map() });
export const newId = (): string => randomUUID();
/** The gateway makes keys itself. */
export const newKey = (): string => randomBytes(32).toString('hex');
/** Times have no fraction. */
export const stamp = (now: number): string => `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')} GMT`;

/** The service policy that every API has from the start: it listens on http, and leads to where the API was read from. */
export function newPolicy(state: State, apiName: string): Policy {
  const action = (templateKey: string, parameters: Json[]): Action => {
    const made: Action = { id: newId(), names: [{ value: templateKey, locale: 'en' }], templateKey, parameters, active: false };
    state.actions.set(made.id, made);
    return made;
  };
  const transport = action('entryProtocolPolicy', [{ templateKey: 'protocol', values: ['http'] }]);
  const route = action('straightThroughRouting', [
    { templateKey: 'endpointUri', values: ['http://localhost/${sys:resource_path}'] },
    { templateKey: 'method', values: ['CUSTOM'] },
  ]);
  const stage = (stageKey: string, { id }: Action) => ({ stageKey, enforcements: [{ enforcementObjectId: id, order: '0' }] });
  const policy: Policy = {
    id: newId(),
    names: [{ value: `Default Policy for API ${apiName}`, locale: 'en' }],
    policyScope: 'SERVICE',
    global: false,
    active: false,
    policyEnforcements: [stage('transport', transport), stage('routing', route)],
  };
  state.policies.set(policy.id, policy);
  return policy;
}

export const actionsOf = ({ actions }: State, policy: Policy | undefined): Action[] =>
  (policy?.policyEnforcements ?? []).flatMap(({ enforcements }) => enforcements.flatMap(({ enforcementObjectId: id }) => actions.get(id) ?? []));
