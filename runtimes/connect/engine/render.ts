import type { ApiItem } from '@stoa/generated/schemas.ts';
import { claimsOfApi } from './claims.ts';
import type { ApiClaims } from './claims.ts';
import { sameJson } from './compare.ts';
import { intend } from './intent.ts';
import type { ApiIntent, DesiredConfig, Finding, GatewayAdapter, Incumbent, ManagedObject, Rejection, Rendered, Transform } from './model.ts';

/** `applied`: what a process before this one left, which is taken as the same where it is. */
export type Renderer = (
  config: DesiredConfig,
  nowMs: number,
  incumbents: ReadonlyMap<string, Incumbent>,
  applied?: readonly ManagedObject[],
) => Rendered;
type RenderedApi = ReturnType<Transform['api']>;

/**
 * Renders configurations for one gateway. What did not change is not rendered again, and its objects are the very same: who compares two states can go by
 * identity. So the cost of a change follows the change, and not how much there is.
 */
export function createRenderer({ capabilities, transform, adopt }: Pick<GatewayAdapter, 'capabilities' | 'transform' | 'adopt'>): Renderer {
  const claims = new WeakMap<ApiItem, ApiClaims>();
  let rendered = new Map<string, { readonly intent: ApiIntent; readonly result: RenderedApi }>();
  let callersBefore = new Map<string, ManagedObject>();
  /** Those of a process before this one, until they were looked at once. */
  let adopted: Map<string, ManagedObject> | undefined;

  function claimsOf(api: ApiItem): ApiClaims {
    const known = claims.get(api);
    if (known !== undefined) return known;
    const made = claimsOfApi(api, capabilities, transform.claim);
    claims.set(api, made);
    return made;
  }

  function renderApi(gatewayId: string, intent: ApiIntent): RenderedApi {
    const last = rendered.get(intent.api.id);
    if (last !== undefined && isSameIntent(last.intent, intent)) return last.result;
    if (intent.api.adopted !== undefined && adopt === undefined)
      return { objects: [], warnings: [], fault: 'It was taken over from a gateway of another type.' };
    const made = transform.api(gatewayId, intent);
    // Of an API that changed, most objects did not.
    const before = last === undefined ? adopted : byId(last.result.objects);
    return { ...made, objects: made.objects.map((object) => sameAs(before?.get(object.id), object)) };
  }

  return (config, nowMs, incumbents, applied = []) => {
    if (rendered.size === 0) adopted = byId(applied);
    const { intent, ...judged } = intend(config, { capabilities, claimsOf, incumbents });
    const objects: ManagedObject[] = [];
    const rejections: Rejection[] = [...judged.rejections];
    const warnings: Finding[] = [...judged.warnings];
    const now: typeof rendered = new Map();
    for (const one of intent.apis) {
      const { id } = one.api;
      const result = renderApi(config.gateway_id, one);
      now.set(id, { intent: one, result });
      objects.push(...result.objects);
      warnings.push(...result.warnings.map((reason): Finding => ({ itemId: id, phase: 'render', reason })));
      if (result.fault !== undefined) rejections.push({ itemId: id, phase: 'render', reason: result.fault, effect: 'hold' });
    }
    rendered = now;
    const callers = transform.callers(intent, nowMs);
    const ofCallers = callers.objects.map((object) => sameAs(callersBefore.get(object.id) ?? adopted?.get(object.id), object));
    callersBefore = byId(ofCallers);
    adopted = undefined;
    objects.push(...ofCallers);
    return { objects, rejections, warnings: [...warnings, ...callers.warnings] };
  };
}

const byId = (objects: readonly ManagedObject[]): Map<string, ManagedObject> => new Map(objects.map((object) => [object.id, object]));

function isSameIntent(a: ApiIntent, b: ApiIntent): boolean {
  return a.api === b.api && a.access === b.access && isSameList(a.policies, b.policies) && isSameList(a.operations, b.operations);
}

const isSameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((value, index) => value === b[index]);

/** The object that there was, where the new one says the same. */
export function sameAs(known: ManagedObject | undefined, object: ManagedObject): ManagedObject {
  return known !== undefined && isSameObject(known, object) ? known : object;
}

export const isSameObject = (known: ManagedObject | undefined, object: ManagedObject): boolean => known !== undefined && sameJson(known, object);
