/** What the simulator holds: the drafts that the Management API edits, and what of them the gateway serves. */

export type Json = Record<string, unknown>;

export type Step = { name?: string; description?: string; enabled: boolean; policy: string; configuration?: Json; condition?: string };
export type Flow = {
  id?: string;
  name?: string;
  enabled: boolean;
  selectors: Json[];
  request: Step[];
  response: Step[];
  subscribe: unknown[];
  publish: unknown[];
  connect: unknown[];
  interact: unknown[];
  tags: string[];
};

export type Cors = {
  allowCredentials: boolean;
  allowHeaders: string[];
  allowMethods: string[];
  allowOrigin: string[];
  enabled: boolean;
  exposeHeaders: string[];
  maxAge: number;
  runPolicies: boolean;
};
export type Listener = {
  type: 'HTTP';
  paths: { host?: string; path: string; overrideAccess: boolean }[];
  pathMappings: string[];
  cors?: Cors;
  entrypoints: Json[];
  servers: string[];
};
export type Endpoint = {
  name: string;
  type: string;
  weight: number;
  inheritConfiguration: boolean;
  configuration: Json;
  services: Json;
  secondary: boolean;
  tenants: string[];
};
export type EndpointGroup = { name: string; type: string; loadBalancer?: Json; endpoints: Endpoint[]; services?: Json };

/** What a deployment puts live. `resources` and `responseTemplates` are not there before the first PUT. */
export type Definition = {
  listeners: Listener[];
  endpointGroups: EndpointGroup[];
  analytics: Json;
  flowExecution: { mode: string; matchRequired: boolean };
  flows: Flow[];
  tags: string[];
  properties: Json[];
  resources?: unknown[];
  responseTemplates?: Json;
};

export type PlanStatus = 'STAGING' | 'PUBLISHED' | 'DEPRECATED' | 'CLOSED';
export type Plan = {
  id: string;
  crossId?: string;
  name: string;
  description?: string;
  security: { type: string; configuration?: Json };
  flows: Flow[];
  characteristics: string[];
  order: number;
  status: PlanStatus;
  validation: string;
  createdAt: number;
  updatedAt: number;
  publishedAt?: number;
  closedAt?: number;
  /** When it last changed in a way that a deployment has to take over. */
  changedAt: number;
};

export type ApiKey = {
  id: string;
  key: string;
  revoked: boolean;
  expireAt?: number;
  createdAt: number;
  updatedAt: number;
  revokedAt?: number;
};
export type Subscription = {
  id: string;
  planId: string;
  applicationId: string;
  metadata: Record<string, string>;
  status: 'ACCEPTED' | 'CLOSED';
  keys: ApiKey[];
  startingAt?: number;
  endingAt?: string;
  processedAt: number;
  createdAt: number;
  updatedAt: number;
};

export type Snapshot = { definition: Definition; plans: Plan[] };
export type PublishEvent = { id: string; at: number; number: number; definition: string; api: Json };

export type Api = {
  id: string;
  crossId?: string;
  hrid?: string;
  name: string;
  description?: string;
  apiVersion: string;
  state: 'STOPPED' | 'STARTED';
  visibility: string;
  lifecycleState: string;
  labels: string[];
  groups: string[];
  categories: string[];
  disableMembershipNotifications: boolean;
  origin: 'MANAGEMENT' | 'KUBERNETES';
  createdAt: number;
  updatedAt: number;
  deployedAt?: number;
  draft: Definition;
  /** The flows as they were sent: listings show these, without the ids that were made for them. */
  sentFlows: Flow[];
  plans: Plan[];
  subscriptions: Subscription[];
  events: PublishEvent[];
  /** What was last published or started: what the gateway serves while the API is started. */
  live?: Snapshot;
};

export type Application = {
  id: string;
  name: string;
  description: string;
  settings: Json;
  status: 'ACTIVE' | 'ARCHIVED';
  createdAt: number;
  updatedAt: number;
};

export type State = {
  readonly apis: Map<string, Api>;
  readonly applications: Map<string, Application>;
  /** The setting `plan.security.customApiKey.enabled`: off, as it is when Gravitee is installed. */
  customApiKeys: boolean;
  readonly newId: () => string;
  readonly now: () => number;
};

export const admin = 'bbe55e63-e9a7-44bb-a55e-63e9a7d4bb37';
export const defaultApplication = 'd40e2b2b-2086-4563-8e2b-2b2086b56327';

export function emptyState({ newId, now, customApiKeys }: Pick<State, 'newId' | 'now' | 'customApiKeys'>): State {
  const state: State = { apis: new Map(), applications: new Map(), customApiKeys, newId, now };
  clearState(state);
  return state;
}

/** As it is after the installation: an application that nobody asked for is there. */
export function clearState({ apis, applications, now }: State): void {
  apis.clear();
  applications.clear();
  const made = { name: 'Default application', description: 'My default application', settings: { app: {} }, createdAt: now(), updatedAt: now() };
  applications.set(defaultApplication, { id: defaultApplication, status: 'ACTIVE', ...made });
}

/** A time as Java prints it: without zeros at the end of its fraction. */
export const instant = (ms: number): string => new Date(ms).toISOString().replace(/\.?0*Z$/, 'Z');
