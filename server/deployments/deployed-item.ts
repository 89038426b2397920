import type { ApiItem } from '@stoa/generated/schemas.ts';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { renderItem } from './rendered-item.ts';
import type { RenderedItem } from './rendered-item.ts';

/** What a deployment adds to the API that it exposes. Without any, the item is that of the API itself. */
export type DeploymentTraits = Pick<ApiItem, 'drift' | 'adopted' | 'public_path'>;

const known = new WeakMap<RenderedItem, Map<string, RenderedItem>>();

/** The API as a deployment has it: made once for each, and shared by all gateways that it chooses. */
export function deployedItem(api: RenderedItem, traits: DeploymentTraits): RenderedItem {
  const key = canonicalJson(traits);
  if (key === '{}') return api;
  const variants = known.get(api) ?? new Map<string, RenderedItem>();
  known.set(api, variants);
  const made = variants.get(key) ?? renderItem({ ...(JSON.parse(api.bytes.toString()) as ApiItem), ...traits });
  variants.set(key, made);
  return made;
}
