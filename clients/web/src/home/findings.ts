import type { OperationId } from '@stoa/generated/operations.ts';
import { client } from '../api.ts';
import { answered } from '../ground/fault.ts';

/** Something that a person should see to, and where. */
export type NeedOfPerson = { tone: 'bad' | 'warn' | 'quiet'; kind: string; text: string; href: string; liveness?: string };
type Finder = { needs: OperationId; find: (signal: AbortSignal) => Promise<NeedOfPerson[]> };

const shownOfEach = 8;
const soonMs = 14 * 86_400_000;

const finders: readonly Finder[] = [
  {
    needs: 'getGatewayModes',
    find: async (signal) => {
      const { brakes = [] } = await answered(client.GET('/v1/gateways/modes', { signal, params: { query: { instances: false } } }));
      return brakes.map(({ environment, held }) => ({
        tone: 'bad',
        kind: 'Brake',
        text: `${held} instances of ${environment} fell silent at once`,
        href: '/gateways/modes',
      }));
    },
  },
  {
    needs: 'listGateways',
    find: async (signal) => {
      // The worst come first: what is behind the first healthy one is healthy.
      const { items } = await answered(client.GET('/v1/gateways', { signal, params: { query: { sort: 'worst', limit: 100 } } }));
      const troubled = items.filter(({ liveness, config, observed, target_health: health }) => {
        const isAway = liveness === 'offline' || liveness === 'conflict' || liveness === 'late';
        const isRefusing = config.state === 'rejected' || config.state === 'partly_rejected';
        return isAway || isRefusing || (observed?.drift.length ?? 0) > 0 || (health?.certificates ?? 'valid') !== 'valid';
      });
      return troubled
        .slice(0, shownOfEach)
        .map(({ gateway_id, instance_name, environment, liveness, config, observed, target_health: health }): NeedOfPerson => {
          const drift = observed?.drift.length ?? 0;
          const reasons = [
            config.state === 'rejected' && 'refuses its configuration',
            config.state === 'partly_rejected' && `refuses ${config.rejected_items} of its items`,
            drift > 0 && `${drift} ${drift === 1 ? 'object differs' : 'objects differ'} from what was applied`,
            health?.certificates === 'ending' && 'a certificate of its gateway ends soon',
            health?.certificates === 'ended' && 'a certificate of its gateway has ended',
          ].filter((reason) => reason !== false);
          return {
            tone: 'warn',
            kind: 'Gateway',
            text: `${instance_name} in ${environment}${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}`,
            href: `/gateways/${gateway_id}`,
            liveness,
          };
        });
    },
  },
  {
    needs: 'listDeployments',
    find: async (signal) => {
      const { items } = await answered(client.GET('/v1/deployments', { signal, params: { query: { limit: 100 } } }));
      return items
        .filter(({ state }) => state === 'rejected')
        .slice(0, shownOfEach)
        .map(({ name, api_id, api_name, gateway_states }) => ({
          tone: 'bad',
          kind: 'Rejected',
          text: `${name ?? api_name}: ${gateway_states?.rejected ?? 1} of its gateways ${(gateway_states?.rejected ?? 1) === 1 ? 'refuses' : 'refuse'} it`,
          href: `/apis/${api_id}/deployments`,
        }));
    },
  },
  {
    needs: 'listApprovals',
    find: async (signal) => {
      const { items } = await answered(client.GET('/v1/approvals', { signal, params: { query: { state: 'pending', limit: 100 } } }));
      return items.slice(0, shownOfEach).map(({ approval_id, call, operation, requested_by }) => ({
        tone: 'warn',
        kind: 'Waits',
        text: `${call?.tool ?? operation}, asked for by ${requested_by}`,
        href: `/approvals#${approval_id}`,
      }));
    },
  },
  {
    needs: 'listMcpServers',
    find: async (signal) => {
      const { items } = await answered(client.GET('/v1/mcp-servers', { signal, params: { query: { limit: 100 } } }));
      return items
        .filter(({ definitions }) => (definitions?.pending ?? 0) > 0)
        .slice(0, shownOfEach)
        .map(({ name, definitions }) => ({
          tone: 'warn',
          kind: 'Waits',
          text: `${definitions?.pending} ${definitions?.pending === 1 ? 'definition' : 'definitions'} of the MCP server ${name}`,
          href: '/mcp-servers',
        }));
    },
  },
  {
    needs: 'listGatewayKeys',
    find: async (signal) => {
      const { items } = await answered(client.GET('/v1/gateway-keys', { signal, params: { query: { limit: 100 } } }));
      return items
        .filter(({ state, expires_at }) => state === 'valid' && expires_at !== undefined && Date.parse(expires_at) - Date.now() < soonMs)
        .slice(0, shownOfEach)
        .map(({ name, expires_at }) => ({
          tone: 'warn',
          kind: 'Ends',
          text: `The gateway key ${name} on ${expires_at?.slice(0, 10)}`,
          href: '/gateways/keys',
        }));
    },
  },
  {
    needs: 'listConsumers',
    find: async (signal) => {
      const query = { keys_expire_before: new Date(Date.now() + soonMs).toISOString(), limit: shownOfEach };
      const { items } = await answered(client.GET('/v1/consumers', { signal, params: { query } }));
      return items.map(({ consumer_id, name, key_expires_at }) => ({
        tone: 'warn',
        kind: 'Ends',
        text: `A key of the consumer ${name}${key_expires_at === undefined ? '' : ` on ${key_expires_at.slice(0, 10)}`}`,
        href: `/access/consumers/${consumer_id}`,
      }));
    },
  },
];

/** What this session may know of, the worst first. */
export async function findAll(may: (operation: OperationId) => boolean, signal: AbortSignal): Promise<NeedOfPerson[]> {
  const found = await Promise.all(finders.filter(({ needs }) => may(needs)).map(({ find }) => find(signal)));
  const rank = (finding: NeedOfPerson) => (finding.tone === 'bad' || finding.liveness === 'conflict' || finding.liveness === 'offline' ? 0 : 1);
  return found.flat().toSorted((a, b) => rank(a) - rank(b));
}
