import type { OperationId } from '@stoa/generated/operations.ts';
import { accessOf } from '@stoa/generated/permissions.ts';
import { areaOf, isOwned, teamsFor } from '../access/team-rights.ts';
import type { RequestContext } from '../context.ts';
import { ApiError, notFound, unprocessable } from '../errors.ts';
import { inTenant } from './in-tenant.ts';

type Input = { path?: unknown; query?: unknown; body?: unknown };
type Named = Readonly<Record<string, unknown>>;
type Owner = { what: string; sql: string };

const ofMcpServer = { what: 'MCP server', sql: 'SELECT team FROM mcp_server WHERE id = $1::uuid AND tenant_id = $2::uuid' };
const ofApi = { what: 'API', sql: 'SELECT team FROM api WHERE id = $1::uuid AND tenant_id = $2::uuid' };
/** What a path names, and how its team is found; of two that it names the first counts. A deployment and a subscription are of the team of their API or MCP server. */
const byPath: Readonly<Record<string, Owner>> = {
  api_id: ofApi,
  consumer_id: { what: 'consumer', sql: 'SELECT team FROM consumer WHERE id = $1::uuid AND tenant_id = $2::uuid' },
  gateway_id: { what: 'gateway', sql: 'SELECT team FROM gateway WHERE id = $1::uuid AND tenant_id = $2::uuid' },
  key_id: { what: 'gateway key', sql: 'SELECT team FROM gateway_key WHERE id = $1::uuid AND tenant_id = $2::uuid' },
  deployment_id: {
    what: 'deployment',
    sql: 'SELECT a.team FROM deployment d JOIN api a ON a.id = d.api_id WHERE d.id = $1::uuid AND d.tenant_id = $2::uuid',
  },
  subscription_id: {
    what: 'subscription',
    sql: 'SELECT coalesce(a.team, m.team) AS team FROM subscription s LEFT JOIN api a ON a.id = s.api_id LEFT JOIN mcp_server m ON m.id = s.mcp_server_id WHERE s.id = $1::uuid AND s.tenant_id = $2::uuid',
  },
  mcp_server_id: ofMcpServer,
};
/** What a body names, where something is made for an API or an MCP server. */
const byBody: Readonly<Record<string, Owner>> = { api_id: ofApi, mcp_server_id: ofMcpServer };
const madeForApis: readonly OperationId[] = ['createDeployment', 'createSubscription'];
/** Where `team` says of which what is made or listed is. */
const saysTeam: Partial<Record<OperationId, 'body' | 'query'>> = {
  createApi: 'body',
  createMcpServer: 'body',
  createConsumer: 'body',
  createGatewayKey: 'body',
  listApis: 'query',
  listMcpServers: 'query',
  listConsumers: 'query',
  listGateways: 'query',
  listGatewayKeys: 'query',
};

/**
 * Holds who has a right in some teams alone to what those own. Whoever has it in the whole tenant is asked nothing more.
 * @throws ApiError 403; 404 for what he may not read: he is not told that it is there
 */
export async function requireOwned(id: OperationId, input: Input, context: RequestContext): Promise<void> {
  const { principal } = context;
  const access: string = accessOf(id);
  const rights: ReadonlySet<string> | undefined = principal?.kind === 'operator' ? principal.rights : undefined;
  if (principal?.kind !== 'operator' || rights === undefined || !isOwned(access) || rights.has(access)) return;
  const own = teamsFor(principal, id);
  const [path, query, body] = [input.path, input.query, input.body].map((part) => (part ?? {}) as Named) as [Named, Named, Named];
  const owner = find(byPath, path, true) ?? (madeForApis.includes(id) ? find(byBody, body, false) : undefined);
  if (owner) {
    const [found] = await inTenant(context, (tx) => tx.$queryRawUnsafe<{ team: string | null }[]>(owner.sql, owner.name, principal.tenantId));
    const mayRead = rights.has(`${areaOf(access)}.read`);
    const isOwn = own.includes(found?.team ?? '');
    if (!found || (!isOwn && !mayRead)) throw owner.isOfPath ? notFound(owner.what) : isNothing(owner);
    if (!isOwn) throw notOfTeam(`this ${owner.what} is of ${found.team === null ? 'no team' : `the team ${found.team}`}`, access, own);
  }
  const named = (saysTeam[id] === 'query' ? query : body)['team'];
  const isNamed = typeof named === 'string';
  if (isNamed && !own.includes(named)) throw notOfTeam(`${named} is none of them`, access, own);
  // What is made, or taken out of a team, or listed.
  if (named === null || (!owner && !(isNamed && saysTeam[id] !== undefined)))
    throw notOfTeam('the request names none: say which with `team`', access, own);
}

type Found = Owner & { member: string; name: string; isOfPath: boolean };
function find(owners: Readonly<Record<string, Owner>>, named: Named, isOfPath: boolean): Found | undefined {
  const member = Object.keys(owners).find((each) => typeof named[each] === 'string');
  return member === undefined ? undefined : { ...(owners[member] as Owner), member, name: named[member] as string, isOfPath };
}

/** As the operation says it of what a body names and there is not. */
const isNothing = ({ what, member }: Found) =>
  unprocessable(`There is no such ${what}.`, [{ pointer: `/body/${member}`, message: `there is no such ${what}` }]);

const words = new Intl.ListFormat('en-GB', { type: 'conjunction' });
const notOfTeam = (why: string, access: string, own: readonly string[]) =>
  new ApiError(403, `You have the permission ${access} for what is of the team ${words.format(own)}, and ${why}.`, { code: 'missing_permission' });
