import type { McpServerItem } from '@stoa/generated/schemas.ts';
import type { McpCatalog, McpOffer } from '../../model.ts';

/** The contract's bound on what is approved of one server. */
const maxApproved = 5000;

/**
 * What of a server's offers is served, and which of its own words are: what somebody approved goes on as it was approved, and nothing that the server has no more. With `additive` what is new is served as
 * long as there is room to approve it: beyond that it waits, for a change of it would not.
 */
export function servedOffers({ pinning, approved = [] }: McpServerItem, { offers }: Pick<McpCatalog, 'offers'>): readonly McpOffer[] {
  if (pinning === 'auto') return offers;
  const pinned = new Map(approved.map((definition) => [keyOf(definition), definition]));
  let room = pinning === 'additive' ? maxApproved - pinned.size : 0;
  return offers.flatMap((offer) => {
    const known = pinned.get(keyOf(offer));
    if (known === undefined) return (room -= 1) >= 0 ? offer : [];
    // The server's own text where it says the same: it keeps digits that a configuration may have lost.
    if (known.sha256 === offer.sha256) return offer;
    return { kind: offer.kind, name: offer.name, sha256: known.sha256, text: JSON.stringify(known.definition) };
  });
}

const keyOf = ({ kind, name }: Pick<McpOffer, 'kind' | 'name'>): string => `${kind} ${name}`;
