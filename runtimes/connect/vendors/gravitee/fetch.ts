import { AdminError } from '../../engine/admin-error.ts';
import type { ManagedObject } from '../../engine/model.ts';
import type { Entity, GraviteeAdmin } from './admin.ts';
import { readDeployment } from './deployed.ts';
import { deploymentObject, markIn, subscriptionObject } from './names.ts';
import type { Mark } from './names.ts';
import type { Found, GraviteeObserved, ObservedPlan, ObservedSubscription, OurApi, OurApplication } from './observed.ts';
import { probeGravitee } from './probe.ts';
import { apiView, planView, recordOf, textsOf } from './views.ts';

/** Requests that are under way at once. */
const parallel = 8;

/** Reads an environment. `before`: an API that was ours when it was read last. */
export async function fetchGravitee(
  admin: GraviteeAdmin,
  gatewayId: string,
  before: string | undefined,
  signal: AbortSignal,
): Promise<GraviteeObserved> {
  const [node, list, applications] = await Promise.all([
    probeGravitee(admin, signal),
    admin.list('/apis', { expands: 'deploymentState' }, signal),
    admin.applications(signal),
  ]);
  await requireSight(admin, list, before, signal);
  const apart = applicationsOf(applications, gatewayId);
  const scope: Scope = { owners: ownersOf(apart.applications), signal };
  const { ours, others } = sortedOut(list, gatewayId);
  const apis = new Map<string, OurApi>();
  await inParallel(ours, async ({ entity, mark }) => void apis.set(mark.object, await readApi(admin, entity, mark, scope)));
  return observed({ gatewayId, node, others, apis, ...apart, takenKeys: new Set() });
}

function sortedOut(list: readonly Entity[], gatewayId: string): { ours: { entity: Entity; mark: Mark }[]; others: Entity[] } {
  const marked = list.map((entity) => ({ entity, mark: markOf(entity, gatewayId) }));
  return {
    ours: marked.flatMap(({ entity, mark }) => (mark === undefined ? [] : [{ entity, mark }])),
    others: marked.flatMap(({ entity, mark }) => (mark === undefined ? [entity] : [])),
  };
}

const ownersOf = (applications: GraviteeObserved['applications']): ReadonlyMap<string, string> =>
  new Map([...applications.values()].map(({ entity, mark }) => [entity.id, mark.object]));

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Somebody may have taken our labels away: the cross-id says whose it is as well. */
function markOf(entity: Entity, gatewayId: string): Mark | undefined {
  const mark = markIn(textsOf(entity['labels']), gatewayId);
  if (mark !== undefined) return mark;
  const crossId = entity['crossId'];
  const prefix = crossIdOf(gatewayId, '');
  return typeof crossId === 'string' && crossId.startsWith(prefix) ? { gatewayId, object: crossId.slice(prefix.length), item: '' } : undefined;
}

/** The second witness of whose an API is: nobody can take it away. */
export const crossIdOf = (gatewayId: string, object: string): string => `stoa:${gatewayId}:${object}`;

/** Who may not see APIs is shown an empty list, and not told so: one that was ours is asked for by its id. */
async function requireSight(admin: GraviteeAdmin, listed: readonly Entity[], before: string | undefined, signal: AbortSignal): Promise<void> {
  if (listed.length > 0 || before === undefined) return;
  const isGone = await admin.call('GET', `/apis/${before}`, { signal }).then(
    () => false,
    (error: unknown) => error instanceof AdminError && error.code === 'not_found',
  );
  if (isGone) return;
  throw new AdminError(
    'unauthorized',
    'Gravitee shows no APIs though there are some: give the account of STOA_TARGET_GATEWAY_TOKEN its rights in the environment back.',
  );
}

function markOfApplication(entity: Entity, gatewayId: string): Mark | undefined {
  return entity['status'] === 'ACTIVE' ? markIn(String(entity['description']).split(/\s+/), gatewayId) : undefined;
}

function applicationsOf(list: readonly Entity[], gatewayId: string): Pick<GraviteeObserved, 'applications' | 'doubles'> {
  const applications = new Map<string, OurApplication>();
  const doubles: OurApplication[] = [];
  for (const entity of [...list].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const mark = markOfApplication(entity, gatewayId);
    if (mark === undefined) continue;
    if (applications.has(mark.object)) doubles.push({ entity, mark });
    else applications.set(mark.object, { entity, mark });
  }
  return { applications, doubles };
}

type Parts = Pick<OurApi, 'plans' | 'subscriptions' | 'strangers' | 'isDeployed' | 'foreignDraft'>;
type Scope = { readonly owners: ReadonlyMap<string, string>; readonly signal: AbortSignal };

async function readApi(admin: GraviteeAdmin, entity: Entity, mark: Mark, scope: Scope): Promise<OurApi> {
  const [plans, subscriptions, deployment] = await Promise.all([
    readPlans(admin, entity, mark, scope),
    readSubscriptions(admin, entity, mark, scope),
    readDeployment(admin, entity, scope.signal),
  ]);
  return { entity, mark, ...plans, ...subscriptions, ...deployment };
}

async function readPlans(admin: GraviteeAdmin, { id }: Entity, { gatewayId }: Mark, { signal }: Scope): Promise<Pick<Parts, 'plans'>> {
  const plans = await admin.list(`/apis/${id}/plans`, { statuses: 'STAGING,PUBLISHED,DEPRECATED' }, signal);
  return { plans: plans.map((entity): ObservedPlan => ({ entity, mark: markOfPlan(entity, gatewayId) })) };
}

async function readSubscriptions(
  admin: GraviteeAdmin,
  { id }: Entity,
  { gatewayId, object }: Mark,
  { owners, signal }: Scope,
): Promise<Pick<Parts, 'subscriptions' | 'strangers'>> {
  const all = await admin.list(`/apis/${id}/subscriptions`, { statuses: 'ACCEPTED,PAUSED,PENDING' }, signal);
  const ownerOf = (entity: Entity): string | undefined => owners.get(String(recordOf(entity['application'])['id']));
  const subscriptions: ObservedSubscription[] = [];
  for (const entity of all) {
    const application = ownerOf(entity);
    if (application === undefined) continue;
    const keys = await admin.list(`/apis/${id}/subscriptions/${entity.id}/api-keys`, {}, signal);
    subscriptions.push({
      entity,
      application,
      planId: String(recordOf(entity['plan'])['id']),
      object: subscriptionObject(gatewayId, application, object),
      keys: keys.filter(isGood).map((key) => String(key['key'])),
    });
  }
  return { subscriptions, strangers: all.filter((entity) => ownerOf(entity) === undefined) };
}

/** Reads anew what hangs on the APIs of these objects, as far as it is touched; the rest is taken as it was. */
export async function refreshGravitee(
  admin: GraviteeAdmin,
  known: GraviteeObserved,
  objects: readonly ManagedObject[],
  signal: AbortSignal,
): Promise<GraviteeObserved> {
  const touched = new Map<string, Set<string>>();
  for (const object of objects) {
    const api = object.kind === 'api' ? object.id : (object.fields['api'] ?? known.find(object.kind, object.id)?.api?.mark.object);
    const kinds = touched.get(String(api)) ?? new Set();
    touched.set(String(api), kinds.add(object.kind));
  }
  const isApplication = ({ kind }: ManagedObject): boolean => kind === 'application' || kind === 'double';
  const [list, applications] = await Promise.all([
    objects.every(isApplication) ? undefined : admin.list('/apis', { expands: 'deploymentState' }, signal),
    objects.some(isApplication) ? admin.applications(signal) : undefined,
  ]);
  const apart = applications === undefined ? known : applicationsOf(applications, known.gatewayId);
  if (list === undefined) return observed({ ...known, ...apart });
  const scope: Scope = { owners: ownersOf(apart.applications), signal };
  const { ours, others } = sortedOut(list, known.gatewayId);
  const apis = new Map<string, OurApi>();
  await inParallel(ours, async ({ entity, mark }) => {
    const before = known.apis.get(mark.object);
    const kinds = touched.get(mark.object);
    if (before === undefined || before.entity.id !== entity.id) apis.set(mark.object, await readApi(admin, entity, mark, scope));
    else if (kinds === undefined) apis.set(mark.object, { ...before, entity, mark });
    else apis.set(mark.object, { ...before, entity, mark, ...(await readParts(admin, { entity, mark, kinds }, scope)) });
  });
  return observed({ ...known, ...apart, others, apis });
}

async function readParts(
  admin: GraviteeAdmin,
  { entity, mark, kinds }: { entity: Entity; mark: Mark; kinds: ReadonlySet<string> },
  scope: Scope,
): Promise<Partial<Parts>> {
  const parts = await Promise.all([
    kinds.has('plan') ? readPlans(admin, entity, mark, scope) : {},
    // A plan that is closed takes its subscriptions with it.
    kinds.has('plan') || kinds.has('subscription') ? readSubscriptions(admin, entity, mark, scope) : {},
    // What was written and not deployed yet is not deployed.
    kinds.has('deployment') ? readDeployment(admin, entity, scope.signal) : kinds.has('plan') || kinds.has('api') ? { isDeployed: false } : {},
  ]);
  return Object.assign({}, ...parts);
}

const isGood = (key: Entity): boolean => key['revoked'] !== true && key['expired'] !== true && key['paused'] !== true;

/** The cross-id of a plan stays where a PUT leaves it out, and characteristics do not. */
function markOfPlan(plan: Entity, gatewayId: string): Mark | undefined {
  const mark = markIn(textsOf(plan['characteristics']), gatewayId);
  const crossId = plan['crossId'];
  const prefix = crossIdOf(gatewayId, '');
  if (typeof crossId !== 'string' || !crossId.startsWith(prefix)) return mark;
  return { gatewayId, item: mark?.item ?? '', object: crossId.slice(prefix.length) };
}

/** Asks of each subscription that is to be made whether its key is somebody else's already: the plan then says so, and nothing is written. */
export async function scoutGravitee(
  admin: GraviteeAdmin,
  known: GraviteeObserved,
  desired: readonly ManagedObject[],
  signal: AbortSignal,
): Promise<GraviteeObserved> {
  const taken = new Set<string>();
  const missing = desired.filter(({ kind, id }) => kind === 'subscription' && known.find(kind, id) === undefined);
  await inParallel(missing, async ({ id, fields }) => {
    const [api, application] = [known.apis.get(String(fields['api'])), known.applications.get(String(fields['application']))];
    if (api === undefined || application === undefined) return;
    const body = { applicationId: application.entity.id, apiKey: fields['key'] };
    const { ok } = await admin.call('POST', `/apis/${api.entity.id}/subscriptions/_verify`, { body, signal });
    if (ok === false) taken.add(id);
  });
  return taken.size === 0 && known.takenKeys.size === 0 ? known : observed({ ...known, takenKeys: taken });
}

/** Makes what is ours findable by kind and object. */
function observed(parts: Omit<GraviteeObserved, 'find'>): GraviteeObserved {
  const index = new Map<string, Found>();
  for (const [object, application] of parts.applications) {
    const { entity, mark } = application;
    index.set(`application ${object}`, { entity, api: undefined, view: { name: entity['name'], item: mark.item } });
  }
  for (const [object, api] of parts.apis) {
    index.set(`api ${object}`, { entity: api.entity, api, view: apiView(api.entity) });
    const state = { api: object, state: api.entity['state'], deployed: api.isDeployed };
    index.set(`deployment ${deploymentObject(parts.gatewayId, object)}`, { entity: api.entity, api, view: state });
    for (const { entity, mark } of api.plans)
      if (mark !== undefined) index.set(`plan ${mark.object}`, { entity, api, view: { ...planView(entity), api: object } });
    for (const one of api.subscriptions) index.set(`subscription ${one.object}`, { entity: one.entity, api, view: subscriptionView(one, api) });
  }
  return { ...parts, find: (kind, id) => index.get(`${kind} ${id}`) };
}

/** Of its keys the one counts that we wrote; others are told of elsewhere. */
function subscriptionView({ entity, application, planId, keys }: ObservedSubscription, api: OurApi) {
  const { stoaItem, stoaExpires } = recordOf(entity['metadata']);
  const plan = api.plans.find((one) => one.entity.id === planId)?.mark?.object ?? planId;
  return { api: api.mark.object, application, plan, item: stoaItem ?? null, expires: stoaExpires ?? null, status: entity['status'], keys };
}
