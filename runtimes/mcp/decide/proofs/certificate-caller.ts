import type { PresentedCertificate } from '@stoa/lib/client-certificate.ts';
import type { Caller, ConsumerEntry, Snapshot } from '../../model.ts';

type Certified = Pick<Snapshot, 'consumersByCertificate'>;

/** Whose a certificate is, by its names; null for one that is nobody's, or of several. */
export function callerByCertificate({ consumersByCertificate }: Certified, { names }: Pick<PresentedCertificate, 'names'>): Caller | null {
  const found = new Set(names.map((name) => holderOf(consumersByCertificate, name)).filter((holder) => holder !== undefined));
  const [consumer, other] = found;
  if (consumer === undefined || other !== undefined) return null;
  return { consumerId: consumer.id, consumerName: consumer.name, keyId: undefined, presentsNothing: true };
}

/** By the name itself, else by the nearest path that it is below: `URI:spiffe://bank.example/ns/agents/*`. */
function holderOf(consumers: Certified['consumersByCertificate'], name: string): ConsumerEntry | undefined {
  const exact = consumers.get(name);
  if (exact !== undefined || !name.startsWith('URI:')) return exact;
  // Two slashes end the scheme, and what follows them is no path.
  const pathAt = name.indexOf('/', name.indexOf('://') + 3);
  for (let at = name.lastIndexOf('/'); pathAt > 0 && at >= pathAt; at = name.lastIndexOf('/', at - 1)) {
    const above = consumers.get(`${name.slice(0, at)}/*`);
    if (above !== undefined) return above;
  }
  return undefined;
}

type StandIn = { readonly certificate: readonly string[] } | { readonly anonymous: string };

/** What stands for a caller without a credential where others keep what he presented: no header holds a text that begins with a blank. */
export const standInFor = (standIn: StandIn): string => ` ${JSON.stringify(standIn)}`;

/** Who that is now; undefined for what a caller wrote. */
export function callerOfStandIn(snapshot: Certified & Pick<Snapshot, 'consumersByName'>, credential: string): Caller | null | undefined {
  if (!credential.startsWith(' ')) return undefined;
  const standIn = JSON.parse(credential.slice(1)) as StandIn;
  if ('certificate' in standIn) return callerByCertificate(snapshot, { names: standIn.certificate });
  const consumer = snapshot.consumersByName.get(standIn.anonymous);
  return consumer === undefined ? null : { consumerId: consumer.id, consumerName: consumer.name, keyId: undefined, presentsNothing: true };
}
