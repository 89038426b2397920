import type { ApiEntry, Caller, Snapshot } from '../../model.ts';
import { versionOf } from '../../snapshot/tables/apis.ts';
import type { AnswerHeaders } from './cors.ts';
import { apisPath } from './target.ts';

const nothing: AnswerHeaders = {};

/**
 * Headers that say when an API is given up: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and where to read about it or what takes its place, as far as the caller may use that
 * (`Link`, RFC 8288).
 */
export function lifecycleHeaders(snapshot: Snapshot, caller: Caller | null, api: ApiEntry | undefined): AnswerHeaders {
  const lifecycle = api?.item.lifecycle;
  if (caller === null || lifecycle === undefined) return nothing;
  const { deprecated_at: deprecated, sunset_at: sunset, information_url: url, successor } = lifecycle;
  if (deprecated === undefined && sunset === undefined) return nothing;
  const next = successor === undefined ? undefined : snapshot.apisByName.get(successor);
  const isUsable = next?.operations.some((operation) => snapshot.permits(caller.consumerId, operation)) === true;
  const relations = [...(deprecated === undefined ? [] : ['deprecation']), ...(sunset === undefined ? [] : ['sunset'])].join(' ');
  const links = [
    ...(url === undefined ? [] : [`<${url}>; rel="${relations}"; type="text/html"`]),
    ...(next !== undefined && isUsable ? [`<${apisPath}/${versionOf(next) ?? next.name}>; rel="successor-version"`] : []),
  ];
  return {
    ...(deprecated !== undefined && { deprecation: `@${Math.floor(Date.parse(deprecated) / 1000)}` }),
    ...(sunset !== undefined && { sunset: new Date(sunset).toUTCString() }),
    ...(links.length > 0 && { link: links.join(', ') }),
  };
}

/** What ours stands in the place of; a `Link` of the upstream goes on beside it. */
export const isOfLifecycle = (lower: string): boolean => lower === 'deprecation' || lower === 'sunset';
