import { VersionedMap } from '@stoa/lib/versioned-map.ts';
import type { IssuerEntry } from '../../model.ts';
import { Claims } from './claims.ts';

/** Whose tokens are trusted, by `iss`. Of two items of one issuer the first counts. */
export class IssuerTable {
  readonly issuers = new VersionedMap<string, IssuerEntry>();
  readonly #claims = new Claims<IssuerEntry>((item) => item.id);

  replace(before: IssuerEntry | undefined, after: IssuerEntry | undefined): void {
    if (before !== undefined) this.#claims.delete(before.rules.issuer, before);
    if (after !== undefined) this.#claims.add(after.rules.issuer, after);
    for (const issuer of new Set([before, after].flatMap((item) => item?.rules.issuer ?? []))) {
      const [first] = this.#claims.all(issuer);
      if (first === undefined) this.issuers.delete(issuer);
      else if (this.issuers.get(issuer) !== first) this.issuers.set(issuer, first);
    }
  }

  isShadowed = (item: IssuerEntry): boolean => this.#claims.all(item.rules.issuer)[0] !== item;
}
