import type { IncomingHttpHeaders } from 'node:http';
import type { RequestOrigin } from '@stoa/lib/client-address.ts';
import type { PresentedCertificate } from '@stoa/lib/client-certificate.ts';
import type { Snapshot } from '../../model.ts';
import { credentialIn, identify } from '../identify.ts';
import type { TokenJudge } from '../tokens/token-judge.ts';
import { bearing } from './possession.ts';
import type { Possession } from './possession.ts';
import type { ProofJudge } from './proof-judge.ts';

type Engine = {
  readonly tokens: TokenJudge;
  readonly proofs: ProofJudge;
  readonly now: () => number;
  networkOf(request: RequestOrigin): string;
};

/** What tells who asks, before it is known what of it counts. */
export type Presentation = {
  readonly snapshot: Snapshot;
  /** Names in lower case. */
  readonly headers: Readonly<Pick<IncomingHttpHeaders, 'authorization'> & Record<string, string | string[] | undefined>>;
  readonly origin: RequestOrigin;
  readonly method: string;
  /** Of whoever sent the request, where it is known. */
  readonly certificate: PresentedCertificate | undefined;
  /** The address asked for, as clients write it, by each name that they reach it under. */
  readonly urls: () => readonly string[];
};

/**
 * Has the token of a request judged, which may take a question to its issuer, and then what proves that who presents it holds its key. To be awaited before a decision on it, and once
 * for a request: a proof is good once.
 */
export function settleCaller(engine: Engine, presentation: Presentation): Possession | Promise<Possession> {
  const { snapshot, headers, origin, certificate } = presentation;
  const presented = credentialIn(headers.authorization);
  const held = certificate === undefined ? bearing : { ...bearing, certificate };
  if (presented === null) return held;
  const { scheme, credential } = presented;
  if (snapshot.issuers.size === 0) return { ...held, scheme };
  if (scheme === 'bearer' && identify(snapshot, credential, engine.now()) !== null) return held;
  const judging = engine.tokens.judge(snapshot, credential, () => engine.networkOf(origin));
  if (scheme === 'dpop') return proofOf(engine, presentation, credential, judging);
  return judging === undefined ? held : judging.then(() => held);
}

async function proofOf(engine: Engine, presentation: Presentation, token: string, judging: Promise<void> | undefined): Promise<Possession> {
  await judging;
  const { snapshot, headers, method, urls, certificate } = presentation;
  const binding = engine.tokens.bindingOf(snapshot, token);
  // A proof of a key that nothing is bound to proves nothing.
  if (binding?.jkt === undefined) return { scheme: 'dpop' };
  const { jkt, isNonceDemanded } = binding;
  return { ...(await engine.proofs.judge(headers['dpop'], { token, jkt, method, urls: urls(), isNonceDemanded })), certificate };
}
