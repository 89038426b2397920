import type { ClientCertificate } from '@stoa/lib/client-certificate.ts';
import type { Caller, ConsumerEntry, Snapshot } from '../../model.ts';

type Certified = Pick<Snapshot, 'consumersByCertificate'>;

/** Whose a certificate is, by its names; null for one that is nobody's, or of several. */
export function callerByCertificate({ consumersByCertificate }: Certified, { names }: Pick<ClientCertificate, 'names'>): Caller | null {
  const found = new Set(names.map((name) => holderOf(consumersByCertificate, name)).filter((holder) => holder !== undefined));
  const [consumer, other] = found;
  if (consumer === undefined || other !== undefined) return null;
  return { consumerId: consumer.id, consumerName: consumer.name, keyId: undefined, isByCertificate: true };
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

/** What stands for a certificate where others keep what a caller presented: no header holds a text that begins with a blank. */
export const certificateAsCredential = ({ names }: ClientCertificate): string => ` ${JSON.stringify(names)}`;

/** The certificate's names; undefined for what a caller wrote. */
export const certificateIn = (credential: string): Pick<ClientCertificate, 'names'> | undefined =>
  credential.startsWith(' ') ? { names: JSON.parse(credential.slice(1)) as string[] } : undefined;
