import type { GatewayAdapter, ManagedObject } from './model.ts';

/** Beyond this a listing is cheaper than a request for each object. */
const maxSingleReads = 50;

type Source<Observed> = { readonly adapter: GatewayAdapter<Observed>; readonly gatewayId: string; readonly signal: AbortSignal };

/** What the gateway holds, after these objects were written or are about to be: reads them alone, where there are few and the vendor can. */
export async function readBack<Observed>(
  { adapter, gatewayId, signal }: Source<Observed>,
  known: Observed,
  touched: readonly ManagedObject[],
): Promise<Observed> {
  const once = new Map(touched.map((object) => [object.id, object]));
  if (adapter.refresh === undefined || once.size > maxSingleReads) return adapter.fetch(gatewayId, signal);
  return once.size === 0 ? known : adapter.refresh(known, [...once.values()], signal);
}
