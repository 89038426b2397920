import type { KnownArguments, OperationEntry } from '../model.ts';

/**
 * What a request that a gateway tells of says of a tool's arguments. Its path stands below that of the upstream; which of its headers it tells, the gateway's operator chose, so that
 * nothing is known of those.
 */
export function argumentsIn(pathAndQuery: string): (operation: OperationEntry) => KnownArguments {
  return ({ pathTemplate, api, index, forwarding }) => {
    const below = segmentsOf(pathTemplate) - segmentsOf(api.item.operations[index]?.path ?? '');
    const [path = '', ...query] = pathAndQuery.split('?');
    const rest = `/${path
      .split('/')
      .slice(1 + below)
      .join('/')}`;
    return forwarding.knownArguments({ pathAndQuery: [rest, ...query].join('?') });
  };
}

const segmentsOf = (path: string): number => path.split('/').length - 1;
