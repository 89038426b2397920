import type { Incumbent } from '../../engine/model.ts';
import type { GraviteeObserved } from './observed.ts';
import { shapeOfSelector } from './paths.ts';
import { apiView, listOf, textsOf } from './views.ts';

/** Who of ours takes which requests now, by the claims of the transform. An API of somebody else has a path of its own, which the plan looks at. */
export function graviteeIncumbents({ apis }: GraviteeObserved): ReadonlyMap<string, Incumbent> {
  const holders = new Map<string, Incumbent>();
  for (const { entity, mark } of apis.values()) {
    const { paths, flows } = apiView(entity);
    const [context = '/'] = textsOf(paths);
    const holder: Incumbent = { itemId: mark.item, label: `the API ${String(entity['name'])}` };
    for (const { path, methods } of listOf(flows).flatMap((flow) => listOf(flow['selectors']))) {
      for (const method of textsOf(methods)) holders.set(`${method} ${shapeOfSelector(context, String(path))}`, holder);
    }
  }
  return holders;
}
