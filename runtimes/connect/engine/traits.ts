import type { AnyUpstreamCredential, ApiItem, ApiOperation, PublicPath, UpstreamCredential } from '@stoa/generated/schemas.ts';
import { faultOf, warningOf } from './capabilities.ts';
import type { Capabilities, ExposureTrait, OperationTrait, UpstreamTrait } from './capabilities.ts';

const operationTraits: Readonly<Record<OperationTrait, (operation: ApiOperation, path: string) => boolean>> = {
  path_parameter: (_operation, path) => /\/\{[^{}/]+\}(?=\/|$)/.test(path),
  parameter_in_segment: (_operation, path) => path.split('/').some((segment) => segment.includes('{') && !/^\{[^{}]+\}$/.test(segment)),
  percent_encoding: (_operation, path) => path.includes('%'),
  empty_or_dot_segment: (_operation, path) => /\/\/|\/\.{1,2}(\/|$)/.test(path),
  fixed_query: ({ query }) => query !== undefined,
  own_server: ({ server }) => server !== undefined,
  trace: ({ method }) => method === 'TRACE',
};

/** Why a gateway cannot expose an operation, as the end of a sentence; undefined when it can. */
export function operationFault({ operations }: Capabilities, api: ApiItem, operation: ApiOperation): string | undefined {
  const path = publicPrefixOf(api) + operation.path;
  for (const [trait, isThere] of Object.entries(operationTraits) as [OperationTrait, (operation: ApiOperation, path: string) => boolean][]) {
    const fault = isThere(operation, path) ? faultOf(operations[trait], { api, operation }) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const upstreamTraits: Readonly<Record<UpstreamTrait, (api: ApiItem, url: URL | null) => boolean>> = {
  other_scheme: (_api, url) => url === null || !/^https?:$/.test(url.protocol),
  made_credential: ({ upstream: { credentials = [] } }) => credentials.some((credential) => !isSentAsItIs(credential)),
  header_credential: ({ upstream: { auth, credentials = [] } }) =>
    auth !== undefined || credentials.some((credential) => isSentAsItIs(credential) && credential.in === 'header'),
  other_credential: ({ upstream: { credentials = [] } }) => credentials.some((credential) => isSentAsItIs(credential) && credential.in !== 'header'),
  password: (_api, url) => url !== null && (url.username !== '' || url.password !== ''),
  query: (_api, url) => url !== null && (url.search !== '' || url.hash !== ''),
  https: (_api, url) => url?.protocol === 'https:',
  base_path: (_api, url) => url !== null && url.pathname.length > 1,
};

type AsItIs = UpstreamCredential & { readonly value: string };
const isSentAsItIs = (credential: AnyUpstreamCredential): credential is AsItIs => !('kind' in credential) && typeof credential.value === 'string';

/** What the upstream wants to be shown that is sent as it is, without its value. */
export function credentialWanted({ upstream: { auth, credentials = [] } }: ApiItem): string {
  const first = credentials.find(isSentAsItIs);
  return auth !== undefined ? `the header ${auth.header}` : `the ${first?.in} ${first?.name}`;
}

const madeNames: Readonly<Record<Exclude<AnyUpstreamCredential, UpstreamCredential>['kind'], string>> = {
  basic: 'a user and a password',
  client_credentials: 'a token of a token endpoint',
  token_exchange: "a token in exchange for the caller's",
  client_certificate: 'a client certificate',
  assertion: 'an assertion of who calls',
};

/** What the upstream wants to be shown that Gateway and Link make, get or have in their own settings. */
export function madeCredentialWanted({ upstream: { credentials = [] } }: ApiItem): string {
  const first = credentials.find((credential) => !isSentAsItIs(credential));
  return first !== undefined && 'kind' in first ? madeNames[first.kind] : 'a secret that runtimes have in their own settings';
}

/** Why a gateway cannot lead to the upstream of an API, as a sentence, and what it does otherwise there. */
export function judgeUpstream({ upstreams }: Capabilities, api: ApiItem): { fault?: string; warnings: string[] } {
  const url = URL.parse(api.upstream.url);
  const there = (Object.keys(upstreamTraits) as UpstreamTrait[]).filter((trait) => upstreamTraits[trait](api, url));
  const fault = there.map((trait) => faultOf(upstreams[trait], api)).find((reason) => reason !== undefined);
  return { ...(fault !== undefined && { fault: `Its upstream ${fault}.` }), warnings: there.flatMap((trait) => warningOf(upstreams[trait]) ?? []) };
}

const exposureTraits: Readonly<Record<ExposureTrait, (address: PublicPath) => boolean>> = {
  prefix_stripped: ({ prefix, strip = true }) => prefix !== undefined && strip,
  prefix_kept: ({ prefix, strip = true }) => prefix !== undefined && !strip,
  public_host: ({ host }) => host !== undefined,
};

/** Why a gateway cannot expose an API where its deployment says, as a sentence. */
export function exposureFault({ exposures }: Capabilities, api: ApiItem): string | undefined {
  const { public_path: address } = api;
  if (address === undefined) return undefined;
  const there = (Object.keys(exposureTraits) as ExposureTrait[]).filter((trait) => exposureTraits[trait](address));
  const fault = there.map((trait) => faultOf(exposures[trait], api)).find((reason) => reason !== undefined);
  return fault === undefined ? undefined : `It cannot be exposed at its public path: ${fault}.`;
}

/** What stands before the paths of its operations on the gateway. */
export const publicPrefixOf = (api: ApiItem): string => api.public_path?.prefix ?? basePathOf(api);

/** The path that the upstream's URL puts before those of the operations, without a slash at its end. */
export const basePathOf = ({ upstream }: ApiItem): string => (URL.parse(upstream.url)?.pathname ?? '').replace(/\/+$/, '');
