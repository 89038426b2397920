import type { OperationId } from '@stoa/generated/operations.ts';
import type { Gateway } from '@stoa/generated/schemas.ts';
import { client } from '../api.ts';
import { answered } from '../ground/fault.ts';

/** Something that a person should see to, and where. */
export type NeedOfPerson = { tone: 'bad' | 'warn' | 'quiet'; kind: string; text: string; href: string; liveness?: string };
/** `few` of a kind are shown, and how many more there are; where they are too many to be looked through, that too. */
type Finder = { needs: OperationId; what: string; href: string; find: (signal: AbortSignal) => Promise<Found> };
type Found = { needs: NeedOfPerson[]; isPartly?: boolean };
type Page<T> = { items: T[]; next_cursor?: string | null };

const shownOfEach = 8;
const pageLimit = 500;
const pagesAtMost = 4;
const soonMs = 14 * 86_400_000;

/** Goes through a list that the server does not filter, as far as is quick. */
async function through<T>(
  read: (page: { limit: number; cursor?: string }) => Promise<Page<T>>,
  need: (item: T) => NeedOfPerson | undefined,
): Promise<Found> {
  const needs: NeedOfPerson[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesAtMost; page += 1) {
    const { items, next_cursor } = await read({ limit: pageLimit, ...(cursor !== undefined && { cursor }) });
    needs.push(...items.map(need).filter((found) => found !== undefined));
    if (typeof next_cursor !== 'string') return { needs };
    cursor = next_cursor;
  }
  return { needs, isPartly: true };
}

const finders: readonly Finder[] = [
  {
    needs: 'getGatewayModes',
    what: 'brakes',
    href: '/gateways/modes',
    find: async (signal) => {
      const { brakes = [] } = await answered(client.GET('/v1/gateways/modes', { signal, params: { query: { instances: false } } }));
      const needs = brakes.map(({ environment, held }): NeedOfPerson => {
        const text = `${held} instances of ${environment} fell silent at once`;
        return { tone: 'bad', kind: 'Brake', text, href: '/gateways/modes' };
      });
      return { needs };
    },
  },
  {
    needs: 'listGateways',
    what: 'gateways',
    href: '/gateways/modes',
    find: (signal) =>
      through(
        (page) => answered(client.GET('/v1/gateways', { signal, params: { query: { sort: 'worst', include_left: false, ...page } } })),
        ofGateway,
      ),
  },
  {
    needs: 'listDeployments',
    what: 'deployments',
    href: '/apis',
    find: (signal) =>
      through(
        (query) => answered(client.GET('/v1/deployments', { signal, params: { query } })),
        ({ state, name, api_id, api_name, gateway_states }) =>
          state === 'rejected'
            ? {
                tone: 'bad',
                kind: 'Rejected',
                text: `${name ?? api_name}: ${gateway_states?.rejected ?? 1} of its gateways ${(gateway_states?.rejected ?? 1) === 1 ? 'refuses' : 'refuse'} it`,
                href: `/apis/${api_id}/deployments`,
              }
            : undefined,
      ),
  },
  {
    needs: 'listApprovals',
    what: 'approvals',
    href: '/approvals',
    find: (signal) =>
      through(
        (page) => answered(client.GET('/v1/approvals', { signal, params: { query: { state: 'pending', ...page } } })),
        ({ approval_id, call, operation, requested_by }) => ({
          tone: 'warn',
          kind: 'Waits',
          text: `${call?.tool ?? operation}, asked for by ${requested_by}`,
          href: `/approvals#${approval_id}`,
        }),
      ),
  },
  {
    needs: 'listMcpServers',
    what: 'MCP servers',
    href: '/mcp-servers',
    find: (signal) =>
      through(
        (query) => answered(client.GET('/v1/mcp-servers', { signal, params: { query } })),
        ({ name, definitions }) =>
          (definitions?.pending ?? 0) > 0
            ? {
                tone: 'warn',
                kind: 'Waits',
                text: `${definitions?.pending} ${definitions?.pending === 1 ? 'definition' : 'definitions'} of the MCP server ${name}`,
                href: '/mcp-servers',
              }
            : undefined,
      ),
  },
  {
    needs: 'listGatewayKeys',
    what: 'gateway keys',
    href: '/gateways/keys',
    find: (signal) =>
      through(
        (query) => answered(client.GET('/v1/gateway-keys', { signal, params: { query } })),
        ({ name, state, expires_at }) =>
          state === 'valid' && expires_at !== undefined && Date.parse(expires_at) - Date.now() < soonMs
            ? { tone: 'warn', kind: 'Ends', text: `The gateway key ${name} on ${expires_at.slice(0, 10)}`, href: '/gateways/keys' }
            : undefined,
      ),
  },
  {
    needs: 'listConsumers',
    what: 'consumers',
    href: '/access/consumers',
    find: (signal) => {
      const keys_expire_before = new Date(Date.now() + soonMs).toISOString();
      return through(
        (page) => answered(client.GET('/v1/consumers', { signal, params: { query: { keys_expire_before, ...page } } })),
        ({ name, consumer_id, key_expires_at }) => ({
          tone: 'warn',
          kind: 'Ends',
          text: `A key of the consumer ${name}${key_expires_at === undefined ? '' : ` on ${key_expires_at.slice(0, 10)}`}`,
          href: `/access/consumers/${consumer_id}`,
        }),
      );
    },
  },
];

function ofGateway({ gateway_id, instance_name, environment, liveness, config, observed, target_health: health }: Gateway): NeedOfPerson | undefined {
  const drift = observed?.drift.length ?? 0;
  const reasons = [
    config.state === 'rejected' && 'refuses its configuration',
    config.state === 'partly_rejected' && `refuses ${config.rejected_items} of its items`,
    drift > 0 && `${drift} ${drift === 1 ? 'object differs' : 'objects differ'} from what was applied`,
    health?.certificates === 'ending' && 'a certificate of its gateway ends soon',
    health?.certificates === 'ended' && 'a certificate of its gateway has ended',
  ].filter((reason) => reason !== false);
  const isAway = liveness === 'offline' || liveness === 'conflict' || liveness === 'late';
  if (!isAway && reasons.length === 0) return undefined;
  const text = `${instance_name} in ${environment}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`;
  return { tone: 'warn', kind: 'Gateway', text, href: `/gateways/${gateway_id}`, liveness };
}

const rank = ({ tone, liveness }: NeedOfPerson): number => {
  if (tone === 'quiet') return 2;
  return tone === 'bad' || liveness === 'conflict' || liveness === 'offline' ? 0 : 1;
};

/** What this session may know of, the worst first; last what is left out. */
export async function findAll(may: (operation: OperationId) => boolean, signal: AbortSignal): Promise<NeedOfPerson[]> {
  const asked = finders.filter(({ needs }) => may(needs));
  const found = await Promise.all(asked.map(async ({ find, what, href }) => shortened(await find(signal), what, href)));
  return found.flat().toSorted((a, b) => rank(a) - rank(b));
}

function shortened({ needs, isPartly = false }: Found, what: string, href: string): NeedOfPerson[] {
  const worst = needs.toSorted((a, b) => rank(a) - rank(b));
  const more = worst.length - shownOfEach;
  const looked = `Of the ${what} only the first ${(pageLimit * pagesAtMost).toLocaleString('en')} were looked at`;
  return [
    ...worst.slice(0, shownOfEach),
    ...(more > 0 ? [{ tone: 'quiet' as const, kind: 'More', text: `${more} more of the ${what}`, href }] : []),
    ...(isPartly ? [{ tone: 'quiet' as const, kind: 'More', text: looked, href }] : []),
  ];
}
