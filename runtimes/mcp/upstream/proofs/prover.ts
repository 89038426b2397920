import { hash, randomUUID } from 'node:crypto';
import type { BoundedFetch } from '@stoa/lib/bounded-fetch.ts';
import type { Logger } from '@stoa/lib/log.ts';
import type { Caller, GrantProof, IssuerEntry, OperationEntry } from '../../model.ts';
import type { AssertionSigner } from './assertion-signer.ts';
import { ProofFailure } from './proof-failure.ts';
import { requestToken } from './token-endpoint.ts';
import { UpstreamTokens } from './upstream-tokens.ts';

/** A token that was judged good for a call, and whose it is (`iss`). */
export type SubjectToken = { readonly text: string; readonly issuer: string };

/** Who makes a call. */
export type ProofOf = {
  readonly caller: Caller;
  /** Undefined for who calls by a key alone. */
  readonly token: SubjectToken | undefined;
  readonly requestId: string;
};

export type ProverOptions = {
  readonly fetch: BoundedFetch;
  readonly now: () => number;
  readonly log: Logger;
  readonly signer: AssertionSigner;
  /** What this runtime calls itself. */
  readonly issuer: () => string | undefined;
  /** Whose tokens are trusted now, by `iss`. */
  readonly trusted: () => ReadonlyMap<string, IssuerEntry>;
};

/** Headers for one request, names and values alternating, and the tokens among them. */
export type ShownToUpstream = { readonly headers: readonly string[]; readonly tokens: readonly (readonly [name: string, token: string])[] };

const assertionLifetimeS = 60;

/** Makes what proves the gateway, and who calls, in one request: the same for whatever door it came through. */
export class Prover {
  readonly #options: ProverOptions;
  readonly #tokens: UpstreamTokens;

  constructor(options: ProverOptions) {
    this.#options = options;
    this.#tokens = new UpstreamTokens(options.now);
  }

  /** @throws ProofFailure where it cannot be had */
  async prove(operation: OperationEntry, call: ProofOf): Promise<ShownToUpstream> {
    const headers: string[] = [];
    const tokens: (readonly [string, string])[] = [];
    for (const proof of operation.proofs) {
      if (proof.kind === 'assertion') {
        headers.push(proof.header, await this.#assert(operation, call));
        continue;
      }
      const subject = proof.kind === 'token_exchange' ? this.#subjectOf(proof, call.token) : undefined;
      const name = nameOf(proof, subject);
      const token = await this.#tokens.get(name, () => this.#ask(proof, subject));
      tokens.push([name, token]);
      headers.push(proof.header, `Bearer ${token}`);
    }
    return { headers, tokens };
  }

  /** Whether an upstream that answered 401 may be asked once more: what it was shown is not used again. */
  wasRefused({ tokens }: ShownToUpstream): boolean {
    return tokens.map(([name, token]) => this.#tokens.forget(name, token)).includes(true);
  }

  /** The caller's token, which goes where its trusted issuer lets it and nowhere else: whoever defines APIs says the endpoint, and could have named his own. */
  #subjectOf({ endpoint }: GrantProof, token: SubjectToken | undefined): string {
    if (token === undefined)
      throw new ProofFailure("The upstream wants a token in exchange for the caller's, and this caller showed a consumer key: call with a token.");
    if (this.#options.trusted().get(token.issuer)?.rules.exchange_endpoints?.includes(endpoint) === true) return token.text;
    throw new ProofFailure(
      'The token of this caller is not exchanged for the upstream, nor sent anywhere: its trusted issuer does not name the token_endpoint among its exchange_endpoints.',
    );
  }

  async #ask(proof: GrantProof, subject: string | undefined): ReturnType<typeof requestToken> {
    const { fetch, log } = this.#options;
    try {
      return await requestToken(fetch, proof, subject);
    } catch (error) {
      if (!(error instanceof ProofFailure)) throw error;
      log.warn(
        { reason: error.message, cause: (error.cause as Error | undefined)?.message, token_endpoint: proof.endpoint },
        'A token for an upstream could not be got.',
      );
      throw error;
    }
  }

  #assert({ api, operationId, origin }: OperationEntry, { caller, requestId }: ProofOf): Promise<string> {
    const { signer, issuer, now } = this.#options;
    const iat = Math.floor(now() / 1000);
    const common = { sub: caller.consumerName, aud: origin, iat, exp: iat + assertionLifetimeS, jti: randomUUID() };
    const iss = issuer();
    return signer.sign({ ...(iss !== undefined && { iss }), ...common, api: api.name, operation: operationId, request_id: requestId });
  }
}

/** Tokens of callers are told apart by their hashes: here they are not kept. */
const nameOf = ({ name }: GrantProof, subject: string | undefined): string =>
  subject === undefined ? name : `${name} ${hash('sha256', subject, 'base64')}`;
