import type { TrustedIssuerRequest } from '@stoa/generated/schemas.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { unprocessable } from '../errors.ts';

/** What its schema cannot say of a trusted issuer. @throws ApiError 422 with every fault */
export async function requireSoundIssuer(guard: UpstreamGuard, body: TrustedIssuerRequest): Promise<void> {
  const faults = [...(await urlFaults(guard, body)), ...ruleFaults(body)];
  if (faults.length > 0) throw unprocessable(`The trusted issuer has ${faults.length} fault${faults.length === 1 ? '' : 's'}.`, faults);
}

/** Whoever could write on the way would say whose keys sign. What runtimes may not connect to is no issuer either. */
async function urlFaults(guard: UpstreamGuard, { rules, introspection }: TrustedIssuerRequest): Promise<ProblemFault[]> {
  const urls: Record<string, string | undefined> = {
    '/rules/issuer': rules.issuer,
    '/rules/discovery_url': rules.discovery_url,
    '/rules/jwks_uri': rules.jwks_uri,
    ...Object.fromEntries((rules.exchange_endpoints ?? []).map((url, index) => [`/rules/exchange_endpoints/${index}`, url])),
    '/introspection/endpoint': introspection?.endpoint,
  };
  const judged = Object.entries(urls).map(async ([member, text]): Promise<ProblemFault[]> => {
    if (text === undefined) return [];
    const message = plainFault(text, member) ?? (await hostFault(guard, text));
    return message === undefined ? [] : [{ pointer: `/body${member}`, message }];
  });
  return (await Promise.all(judged)).flat();
}

function plainFault(text: string, member: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'must be a URL of https';
  if (isReadableOnTheWay(text)) return 'must be of https: http is for loopback alone';
  if (url.username !== '' || url.password !== '' || url.hash !== '') return 'must hold neither credentials nor a fragment';
  // OpenID Connect Discovery §3, RFC 8414 §2.
  return member === '/rules/issuer' && url.search !== '' ? 'must hold no query' : undefined;
}

async function hostFault(guard: UpstreamGuard, text: string): Promise<string | undefined> {
  const { hostname } = new URL(text);
  const reason = await guard.resolvedRefusal(hostname.replace(/^\[|\]$/g, ''));
  return reason === undefined ? undefined : `cannot be reached by gateways: ${hostname} ${reason}`;
}

function ruleFaults({ rules }: TrustedIssuerRequest): ProblemFault[] {
  const consumers = rules.consumers.flatMap(({ value, consumer }, index) =>
    (value === undefined) === (consumer === undefined)
      ? []
      : [
          {
            pointer: `/body/rules/consumers/${index}`,
            message: 'must have both value and consumer, or neither: then the claim is the name of a consumer',
          },
        ],
  );
  const twice = (rules.optional_scopes ?? []).flatMap((scope, index) =>
    rules.scopes?.includes(scope) === true ? [{ pointer: `/body/rules/optional_scopes/${index}`, message: 'is among scopes already' }] : [],
  );
  return [...consumers, ...twice];
}
