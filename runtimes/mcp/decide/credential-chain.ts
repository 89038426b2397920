import type { PresentedCertificate } from '@stoa/lib/client-certificate.ts';
import type { Caller, IssuerEntry, Snapshot } from '../model.ts';
import { callerByCertificate } from './proofs/certificate-caller.ts';

/** One credential that an alternative demands; `issuer` is the name of the trusted issuer whose tokens alone are meant. */
type Link = { readonly kind: 'key' | 'token' | 'certificate'; readonly issuer: string | undefined };

/** What a request presents, each as far as it was found good. */
export type Candidates = {
  /** Whose key or token is in `Authorization`. */
  readonly authorized: Caller | null;
  /** Whose key is in `X-API-Key`. */
  readonly keyBeside: () => Caller | null;
  readonly certificate: PresentedCertificate | undefined;
};

const entryPattern = /^(?:(?:key|certificate|token(?:=[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?)(?:\+(?!$)|$))+$/;
const anonymousPattern = /^anonymous=([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;

/** What is taken where nothing else is said. */
export const usualChain = ['key', 'token', 'certificate'] as const;

/** Why these are no chain; undefined when they are. The words follow the name of a setting. */
export function chainFault(entries: readonly string[]): string | undefined {
  const wrong = entries.find((entry, index) => !(entryPattern.test(entry) || (anonymousPattern.test(entry) && index === entries.length - 1)));
  if (wrong !== undefined)
    return `must hold entries such as key, token, token=company, certificate, token+certificate, and anonymous=consumer as the last, which ${wrong} is not`;
  const twice = entries.find((entry) => new Set(entry.split('+').map((link) => link.split('=')[0])).size < entry.split('+').length);
  return twice === undefined ? undefined : `must hold entries that name each kind of credential once, which ${twice} does not`;
}

/**
 * Which credentials let in to an address of its own, such as `/mcp`: the first alternative that all is presented for, by one consumer. What else is presented beside it plays no part. Without any,
 * nobody is let in but by the word `anonymous`, which names the consumer that callers without a credential are.
 */
export class CredentialChain {
  readonly #alternatives: readonly (readonly Link[])[];
  /** The name of the consumer. */
  readonly anonymous: string | undefined;
  /** Each credential alone does, whosever it is. */
  readonly isUsual: boolean;

  constructor(entries: readonly string[] = usualChain) {
    this.isUsual = entries.join() === usualChain.join();
    this.anonymous = anonymousPattern.exec(entries.at(-1) ?? '')?.[1];
    this.#alternatives = entries.filter((entry) => !anonymousPattern.test(entry)).map((entry) => entry.split('+').map(linkOf));
  }

  /** Who calls; null where no alternative is satisfied. Whoever has presented nothing may be anonymous. */
  callerOf(snapshot: Snapshot, candidates: Candidates): Caller | null {
    const certified = candidates.certificate === undefined ? null : callerByCertificate(snapshot, candidates.certificate);
    if (this.isUsual) return candidates.authorized ?? certified;
    for (const links of this.#alternatives) {
      const callers = links.map((link) => callerBy(link, snapshot, candidates, certified));
      const [first] = callers;
      if (first === undefined || first === null || callers.some((caller) => caller?.consumerId !== first.consumerId)) continue;
      return callers.find((caller) => caller?.token !== undefined) ?? callers.find((caller) => caller?.keyId !== undefined) ?? first;
    }
    return candidates.authorized === null && candidates.keyBeside() === null ? this.#nobody(snapshot) : null;
  }

  #nobody({ consumersByName }: Snapshot): Caller | null {
    const consumer = this.anonymous === undefined ? undefined : consumersByName.get(this.anonymous);
    return consumer === undefined
      ? null
      : { consumerId: consumer.id, consumerName: consumer.name, keyId: undefined, presentsNothing: true, isAnonymous: true };
  }

  /** What it names and there is not, by which therefore nobody is let in: `token=company`, `anonymous=guest`. */
  unknownIn({ issuers, consumersByName }: Pick<Snapshot, 'issuers' | 'consumersByName'>): string[] {
    const trusted = new Set([...issuers.values()].map(({ name }) => name));
    const named = new Set(this.#alternatives.flat().flatMap(({ issuer }) => issuer ?? []));
    const unknown = [...named].filter((name) => !trusted.has(name)).map((name) => `token=${name}`);
    return this.anonymous === undefined || consumersByName.has(this.anonymous) ? unknown : [...unknown, `anonymous=${this.anonymous}`];
  }

  /** Whose tokens are part of it. */
  issuersIn({ issuers }: Pick<Snapshot, 'issuers'>): readonly IssuerEntry[] {
    const tokens = this.#alternatives.flat().filter(({ kind }) => kind === 'token');
    return [...issuers.values()].filter(({ name }) => tokens.some(({ issuer }) => issuer === undefined || issuer === name));
  }
}

function linkOf(text: string): Link {
  const [kind, issuer] = text.split('=') as [Link['kind'], string | undefined];
  return { kind, issuer };
}

function callerBy({ kind, issuer }: Link, { issuers }: Snapshot, { authorized, keyBeside }: Candidates, certified: Caller | null): Caller | null {
  switch (kind) {
    case 'certificate':
      return certified;
    case 'key':
      return authorized?.keyId === undefined ? keyBeside() : authorized;
    case 'token': {
      if (authorized?.token === undefined) return null;
      return issuer === undefined || issuers.get(authorized.token.issuer)?.name === issuer ? authorized : null;
    }
  }
}
