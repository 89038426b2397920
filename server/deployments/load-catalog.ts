import type { Labels, PolicySpec, TargetSelector } from '@stoa/generated/schemas.ts';
import type { trusted_issuer } from '@stoa/generated/prisma/client.ts';
import type { Pool, PoolClient } from 'pg';
import type { KeyMaterial } from '../access/master-key.ts';
import { openedCredentials } from '../catalog/upstream-credentials.ts';
import { inTransaction } from '../database/in-transaction.ts';
import type { CatalogKind } from './bump-tenant.ts';
import { Catalog, Touched } from './catalog.ts';
import type { CatalogIds, CatalogRows, PolicyPlace } from './catalog.ts';
import type { DeploymentTraits } from './deployed-item.ts';
import { openedIntrospection, rulesOf } from '../issuers/trusted-issuer-rows.ts';
import { catalogMcpServer, mcpServerColumns } from '../mcp-servers/catalog-rows.ts';
import { catalogToolSet, toolSetColumns } from '../tool-sets/catalog-rows.ts';
import type { ToolSetRow } from '../tool-sets/catalog-rows.ts';
import type { McpServerRow } from '../mcp-servers/catalog-rows.ts';
import { renderApi, renderIssuer } from './render.ts';
import type { ApiContent } from './render.ts';
import type { RenderedItem } from './rendered-item.ts';

/** `touched` is undefined where everything was read. */
export type Loaded = { catalog: Catalog; touched: Touched | undefined };

/**
 * Reads a tenant's catalog as of one instant: what changed since `known`, or everything where nothing is known or the log of changes does not reach
 * back that far. Undefined when there is no such tenant.
 */
export function loadCatalog(pool: Pool, keys: KeyMaterial, tenantId: string, known?: Catalog): Promise<Loaded | undefined> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await client.query<{ now: string; revision: string | null; kind: CatalogKind; ids: string[] }>(
      `SELECT t.revision AS now, c.revision, c.kind, c.ids FROM tenant t
       LEFT JOIN catalog_change c ON c.tenant_id = t.id AND c.revision > $2 AND c.revision <= t.revision WHERE t.id = $1`,
      [tenantId, (known?.revision ?? maxRevision).toString()],
    );
    const [first] = rows;
    if (!first) return undefined;
    const revision = BigInt(first.now);
    const changes = rows.filter((row) => row.revision !== null);
    // One row for each revision: where one is missing, nothing can be said of what it changed.
    if (!known || BigInt(changes.length) !== revision - known.revision) {
      const catalog = new Catalog(revision);
      catalog.put(revision, nothingNamed(), await readRows(new Reader(client, keys, tenantId), undefined));
      return { catalog, touched: undefined };
    }
    if (changes.length === 0) return { catalog: known, touched: new Touched() };
    const named = await namedBy(client, tenantId, changes, known);
    return { catalog: known, touched: known.put(revision, named, await readRows(new Reader(client, keys, tenantId), named)) };
  });
}

/** The catalog as it is, and as it would be with one more deployment, if one is given. Undefined when there is no such tenant. */
export function loadWith(
  pool: Pool,
  keys: KeyMaterial,
  tenantId: string,
  more?: CatalogRows['deployments'][number],
): Promise<{ before: Catalog; after: Catalog } | undefined> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows } = await client.query<{ revision: string }>('SELECT revision FROM tenant WHERE id = $1', [tenantId]);
    if (rows[0] === undefined) return undefined;
    const revision = BigInt(rows[0].revision);
    const read = await readRows(new Reader(client, keys, tenantId, more), undefined);
    const [before, after] = [new Catalog(revision), new Catalog(revision)];
    before.put(revision, nothingNamed(), read);
    after.put(revision, nothingNamed(), { ...read, deployments: [...read.deployments, ...(more === undefined ? [] : [more])] });
    return { before, after };
  });
}

const maxRevision = 2n ** 63n - 1n;

const setOf: Record<CatalogKind, keyof CatalogRows> = {
  api: 'apis',
  policy: 'policies',
  consumer: 'consumers',
  consumer_key: 'keys',
  plan: 'plans',
  trusted_issuer: 'issuers',
  mcp_server: 'mcpServers',
  tool_set: 'toolSets',
  subscription: 'subscriptions',
  deployment: 'deployments',
};
type Named = Record<keyof CatalogIds, Set<string>>;
const nothingNamed = (): Named => ({
  apis: new Set(),
  goneApis: new Set(),
  policies: new Set(),
  consumers: new Set(),
  keys: new Set(),
  plans: new Set(),
  issuers: new Set(),
  mcpServers: new Set(),
  toolSets: new Set(),
  subscriptions: new Set(),
  deployments: new Set(),
});

async function namedBy(client: PoolClient, tenantId: string, changes: { kind: CatalogKind; ids: string[] }[], known: Catalog): Promise<Named> {
  const named = nothingNamed();
  for (const { kind, ids } of changes) for (const id of ids) named[setOf[kind]].add(id);
  if (named.apis.size > 0) {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM api WHERE tenant_id = $1 AND id = ANY($2)', [tenantId, [...named.apis]]);
    named.goneApis = named.apis.difference(new Set(rows.map(({ id }) => id)));
  }
  if (named.deployments.size > 0) for (const id of await notHeld(client, [...named.deployments], known)) named.apis.add(id);
  return named;
}

/** APIs that are deployed anew, and those of which another revision is. */
async function notHeld(client: PoolClient, deployments: string[], known: Catalog): Promise<string[]> {
  const { rows } = await client.query<{ api_id: string; revision: number | null }>('SELECT api_id, revision FROM deployment WHERE id = ANY($1)', [
    deployments,
  ]);
  return rows.flatMap(({ api_id, revision }) => {
    const held = known.apis.get(api_id);
    const isHeld = held !== undefined && (revision === null || revision === held.revision || held.pinned.has(revision));
    return isHeld ? [] : [api_id];
  });
}

/** Those that are named, or all. */
async function readRows(read: Reader, named: Named | undefined): Promise<CatalogRows> {
  const some = (set: keyof CatalogRows) => (named === undefined ? undefined : [...named[set]]);
  return {
    deployments: await read.deployments(some('deployments')),
    apis: await read.apis(some('apis')),
    policies: await read.policies(some('policies')),
    consumers: await read.consumers(some('consumers')),
    keys: await read.keys(some('keys')),
    plans: await read.plans(some('plans')),
    issuers: await read.issuers(some('issuers')),
    mcpServers: await read.mcpServers(some('mcpServers')),
    toolSets: await read.toolSets(some('toolSets')),
    subscriptions: await read.subscriptions(some('subscriptions')),
  };
}

type DeploymentRow = {
  id: string;
  api_id: string;
  targets: unknown;
  revision: number | null;
  drift: string;
  adopted: unknown;
  public_path: unknown;
  created_at: Date;
};

/** Deployments as they are stored, only after the contract's schema was checked. */
export const toCatalogDeployment = ({
  id,
  api_id,
  targets,
  revision,
  drift,
  adopted,
  public_path: publicPath,
  created_at,
}: DeploymentRow): CatalogRows['deployments'][number] => ({
  id,
  api_id,
  targets: targets as TargetSelector,
  revision: revision ?? undefined,
  traits: {
    ...(drift === 'report' && { drift }),
    ...(publicPath !== null && { public_path: publicPath as NonNullable<DeploymentTraits['public_path']> }),
    // As it was taken over; another revision is exposed as any API is.
    ...(adopted !== null && revision === 1 && { adopted: adopted as NonNullable<DeploymentTraits['adopted']> }),
  },
  order: `${created_at.toISOString()} ${id}`,
});

/** The operations of many APIs are never in memory at once. */
const apisAtOnce = 20;

class Reader {
  readonly #client: PoolClient;
  readonly #keys: KeyMaterial;
  readonly #tenantId: string;
  /** A deployment that is not there yet, whose API is read as if it were. */
  readonly #more: { readonly api_id: string; readonly revision: number | undefined } | undefined;

  constructor(client: PoolClient, keys: KeyMaterial, tenantId: string, more?: { api_id: string; revision: number | undefined }) {
    this.#more = more;
    this.#client = client;
    this.#keys = keys;
    this.#tenantId = tenantId;
  }

  deployments = (ids: string[] | undefined) =>
    this.#rows<DeploymentRow, CatalogRows['deployments'][number]>(
      'SELECT id, api_id, targets, revision, drift, adopted, public_path, created_at FROM deployment WHERE tenant_id = $1',
      'id',
      ids,
      toCatalogDeployment,
    );

  policies = (ids: string[] | undefined) =>
    this.#rows<{ id: string; name: string; kind: string; config: unknown; attachments: PolicyPlace[] }, CatalogRows['policies'][number]>(
      `SELECT p.id, p.name, p.kind, p.config, COALESCE(
         (SELECT jsonb_agg(jsonb_build_object('api_id', a.api_id, 'mcp_server_id', a.mcp_server_id, 'environment', a.environment)) FROM policy_attachment a WHERE a.policy_id = p.id), '[]') AS attachments
       FROM policy p WHERE p.tenant_id = $1`,
      'p.id',
      ids,
      // Stored only after the contract's schema was checked.
      ({ kind, config, ...row }) => ({ ...row, spec: { kind, config } as PolicySpec }),
    );

  consumers = (ids: string[] | undefined) =>
    this.#rows<
      { id: string; name: string; labels: Labels; certificates: string[]; toolExposure: 'full' | 'search' },
      CatalogRows['consumers'][number]
    >('SELECT id, name, labels, certificates, tool_exposure AS "toolExposure" FROM consumer WHERE tenant_id = $1', 'id', ids, (row) => row);

  /** Whether a key has expired is not asked here, for then the clock would change a state: the sweeper retires it. */
  async keys(ids: string[] | undefined): Promise<CatalogRows['keys']> {
    type Row = { id: string; consumer_id: string; sha256: Buffer; sealed: Buffer; expires_at: Date | null; created_at: Date };
    const rows = await this.#rows<Row, Row>(
      `SELECT k.id, k.consumer_id, k.sha256, k.sealed, k.expires_at, k.created_at FROM consumer_key k JOIN consumer c ON c.id = k.consumer_id
       WHERE c.tenant_id = $1 AND k.revoked_at IS NULL AND k.retired_at IS NULL`,
      'k.id',
      ids,
      (row) => row,
    );
    const open = await this.#keys.opener(
      this.#tenantId,
      rows.map(({ sealed }) => sealed),
    );
    return rows.map(({ id, consumer_id, sha256, sealed, expires_at, created_at }) => ({
      id,
      consumer_id,
      sha256: sha256.toString('hex'),
      expires_at: expires_at?.toISOString(),
      order: `${created_at.toISOString()} ${id}`,
      secret: () => open(sealed, `consumer_key:${id}`),
    }));
  }

  plans = (ids: string[] | undefined) =>
    this.#rows<CatalogRows['plans'][number], CatalogRows['plans'][number]>(
      `SELECT p.id, p.name, ARRAY(SELECT a.api_id FROM plan_api a WHERE a.plan_id = p.id) AS api_ids,
         ARRAY(SELECT r.policy_id FROM plan_policy r WHERE r.plan_id = p.id ORDER BY r.policy_id) AS policy_ids
       FROM plan p WHERE p.tenant_id = $1`,
      'p.id',
      ids,
      (row) => row,
    );

  async issuers(ids: string[] | undefined): Promise<CatalogRows['issuers']> {
    type Row = Pick<trusted_issuer, 'id' | 'tenant_id' | 'name' | 'is_embedded' | 'config' | 'secret'>;
    const rows = await this.#rows<Row, Row>(
      'SELECT id, tenant_id, name, is_embedded, config, secret FROM trusted_issuer WHERE tenant_id = $1',
      'id',
      ids,
      (row) => row,
    );
    return Promise.all(rows.map(async (row) => ({ id: row.id, item: renderIssuer(row, rulesOf(row), await openedIntrospection(this.#keys, row)) })));
  }

  async mcpServers(ids: string[] | undefined): Promise<CatalogRows['mcpServers']> {
    const rows = await this.#rows<McpServerRow, McpServerRow>(mcpServerColumns, 'id', ids, (row) => row);
    const servers: CatalogRows['mcpServers'] = [];
    // What was approved of one may have megabytes.
    for (const row of rows) servers.push(await catalogMcpServer(this.#client, this.#keys, row));
    return servers;
  }

  toolSets = (ids: string[] | undefined) => this.#rows<ToolSetRow, CatalogRows['toolSets'][number]>(toolSetColumns, 'id', ids, catalogToolSet);

  subscriptions = (ids: string[] | undefined) =>
    this.#rows<CatalogRows['subscriptions'][number], CatalogRows['subscriptions'][number]>(
      'SELECT id, api_id, plan_id, mcp_server_id, tool_set_id, consumer_id FROM subscription WHERE tenant_id = $1',
      'id',
      ids,
      (row) => row,
    );

  /** Those that are deployed somewhere. */
  async apis(ids: string[] | undefined): Promise<CatalogRows['apis']> {
    const deployed = await this.#rows<{ id: string }, string>(
      'SELECT DISTINCT api_id AS id FROM deployment WHERE tenant_id = $1',
      'api_id',
      ids,
      ({ id }) => id,
    );
    const apis: CatalogRows['apis'] = [];
    const wanted = [...new Set([...deployed, ...(this.#more === undefined ? [] : [this.#more.api_id])])];
    for (let from = 0; from < wanted.length; from += apisAtOnce) apis.push(...(await this.#apis(wanted.slice(from, from + apisAtOnce))));
    return apis;
  }

  async #apis(ids: string[]): Promise<CatalogRows['apis']> {
    const { rows } = await this.#client.query<ApiContent & { upstream_auth: Buffer | null; is_pinned: boolean }>(
      `SELECT id, name, title, version, description, revision, upstream_url, upstream_auth, operations, open_to_all_consumers, lifecycle, false AS is_pinned
       FROM api WHERE id = ANY($1) AND tenant_id = $2
       UNION ALL
       SELECT r.api_id, r.name, r.title, r.version, r.description, r.revision, r.upstream_url, r.upstream_auth, r.operations, a.open_to_all_consumers, a.lifecycle, true
       FROM api_revision r JOIN api a ON a.id = r.api_id
       WHERE r.api_id = ANY($1) AND a.tenant_id = $2
         AND (EXISTS (SELECT FROM deployment d WHERE d.api_id = r.api_id AND d.revision = r.revision) OR (r.api_id = $3 AND r.revision = $4))`,
      [ids, this.#tenantId, this.#more?.api_id ?? null, this.#more?.revision ?? null],
    );
    const openAll = rows.map(async (row) => ({
      ...row,
      item: renderApi(row, await openedCredentials(this.#keys, { id: row.id, tenant_id: this.#tenantId }, row.upstream_auth)),
    }));
    const rendered = await Promise.all(openAll);
    return rendered
      .filter(({ is_pinned }) => !is_pinned)
      .map(({ id, revision, open_to_all_consumers, item }) => ({
        id,
        isOpen: open_to_all_consumers,
        revision,
        newest: item,
        pinned: new Map(rendered.filter((row) => row.is_pinned && row.id === id).map((row): [number, RenderedItem] => [row.revision, row.item])),
      }));
  }

  async #rows<Row extends object, T>(select: string, idColumn: string, ids: string[] | undefined, read: (row: Row) => T): Promise<T[]> {
    if (ids?.length === 0) return [];
    const { rows } = await this.#client.query<Row>(
      ids === undefined ? select : `${select} AND ${idColumn} = ANY($2)`,
      ids === undefined ? [this.#tenantId] : [this.#tenantId, ids],
    );
    return rows.map(read);
  }
}
