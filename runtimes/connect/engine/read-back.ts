import type { GatewayAdapter, ManagedObject } from './model.ts';

/** Beyond this a listing is cheaper than a request for each object. */
const maxSingleReads = 50;

export const isFew = (touched: readonly ManagedObject[]): boolean => new Set(touched.map(({ id }) => id)).size <= maxSingleReads;

type Source<Observed> = {
  readonly adapter: GatewayAdapter<Observed>;
  readonly gatewayId: string;
  /** What is to be there: whatever stands in its way belongs to what is observed. */
  readonly desired: readonly ManagedObject[];
  readonly signal: AbortSignal;
};

/** What the gateway holds, after these objects were written or are about to be: reads them alone, where there are few and the vendor can. */
export async function readBack<Observed>(source: Source<Observed>, known: Observed, touched: readonly ManagedObject[]): Promise<Observed> {
  const { adapter, gatewayId, signal } = source;
  const once = new Map(touched.map((object) => [object.id, object]));
  if (adapter.refresh === undefined || once.size > maxSingleReads) return scouted(source, await adapter.fetch(gatewayId, signal));
  return once.size === 0 ? known : scouted(source, await adapter.refresh(known, [...once.values()], signal));
}

export async function scouted<Observed>({ adapter, desired, signal }: Omit<Source<Observed>, 'gatewayId'>, observed: Observed): Promise<Observed> {
  return adapter.scout === undefined ? observed : adapter.scout(observed, desired, signal);
}
