import { enabledPlugins, pluginSchemaAnswer } from '../schemas/plugins.ts';
import type { Input, Row } from '../schemas/field.ts';
import { recordedAnswer } from '../recorded.ts';
import { create, merge, missing, type Node, replace, select, validateOnly } from './entity-actions.ts';
import { type EntityName, kinds } from './kinds.ts';
import { KongError, notFound } from './kong-error.ts';
import { declare, declared, shown } from './declarative.ts';
import { page, taggedPage, tagsFilter } from './listing.ts';
import { nodeInformation } from './node-information.ts';
import { parentId } from './store.ts';

export interface AdminCall {
  node: Node;
  path: string;
  query: URLSearchParams;
  body: Input;
  ports: { adminPort: number; proxyPort: number };
}
export interface AdminAnswer {
  status: number;
  body?: unknown;
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Endpoint = Partial<Record<Method, (call: AdminCall) => AdminAnswer>>;

const ok = (body: unknown): AdminAnswer => ({ status: 200, body });

/** Path segments that name a collection of entities, at the top or below a parent. */
const collections: Readonly<Record<string, EntityName>> = {
  services: 'services',
  routes: 'routes',
  plugins: 'plugins',
  consumers: 'consumers',
  upstreams: 'upstreams',
  'key-auths': 'keyauth_credentials',
  acls: 'acls',
};
const nested: Readonly<Record<string, Readonly<Record<string, EntityName>>>> = {
  services: { routes: 'routes', plugins: 'plugins' },
  routes: { plugins: 'plugins' },
  consumers: { plugins: 'plugins', 'key-auth': 'keyauth_credentials', acls: 'acls' },
  upstreams: { targets: 'targets' },
};

/** The endpoint a path names, or nothing. A path the real Kong has and the simulator has not is told apart by the caller. */
export function findEndpoint(path: string): Endpoint | undefined {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
  const [first, second, third, fourth, ...rest] = segments;
  const fixed = fixedEndpoints[`/${segments.join('/')}`];
  if (fixed) return fixed;
  if (first === undefined || rest.length > 0) return undefined;
  if (first === 'tags' && second !== undefined && third === undefined) return tagsEndpoint(second);
  if (first === 'schemas') return schemasEndpoint(second, third, fourth);
  const entity = Object.hasOwn(collections, first) ? collections[first] : undefined;
  if (!entity) return undefined;
  if (second === undefined) return collectionEndpoint(entity);
  if (third === undefined) return entityEndpoint(entity, second);
  if (first === 'upstreams' && third === 'health' && fourth === undefined) return upstreamHealth(second);
  const owner = kinds[entity].parents[third];
  if (owner !== undefined && fourth === undefined) return ownerEndpoint(entity, second, third, owner);
  const child = nested[first]?.[third];
  if (!child) return undefined;
  const parent: Parent = { entity, segment: second, field: foreignField(child, entity) };
  if (fourth === undefined) return collectionEndpoint(child, parent);
  return child === 'acls' && !/^[0-9a-f-]{36}$/i.test(fourth) ? membershipEndpoint(fourth, parent) : entityEndpoint(child, fourth, parent);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

interface Parent {
  entity: EntityName;
  segment: string;
  /** The field of the child that points at the parent. */
  field: string;
}

const foreignField = (child: EntityName, parent: EntityName): string => Object.entries(kinds[child].parents).find(([, name]) => name === parent)![0];

function parentOf(call: AdminCall, parent: Parent): Row {
  const row = select(call.node, parent.entity, parent.segment);
  if (!row) throw notFound();
  return row;
}

/** A nested path sets the parent itself, whatever the body says about it. */
function withParent(call: AdminCall, parent: Parent | undefined): Input {
  return parent ? { ...call.body, [parent.field]: { id: parentOf(call, parent).id } } : call.body;
}

function collectionEndpoint(entity: EntityName, parent?: Parent): Endpoint {
  return {
    GET: (call) => {
      const owner = parent && parentOf(call, parent).id;
      const tagged = tagsFilter(call.query.get('tags'));
      const all = call.node.store.list(entity);
      const listed = call.node.declarative ? all.flatMap((row) => shown(row, call.node.now) ?? []) : all;
      const rows = listed.filter((row) => (!parent || parentId(row, parent.field) === owner) && tagged(row));
      return ok(page(call.path, call.query, rows, (row) => [row.id]));
    },
    POST: (call) => {
      const input = withParent(call, parent);
      refuseWithoutDatabase(call.node, `create '${entity}' entities`);
      return { status: 201, body: create(call.node, entity, input) };
    },
  };
}

function entityEndpoint(entity: EntityName, segment: string, parent?: Parent): Endpoint {
  const key = kinds[entity].endpointKey;
  const by = key === undefined || /^[0-9a-f-]{36}$/i.test(segment) ? '' : ` by '${key}'`;
  const belongs = (call: AdminCall, row: Row): boolean => !parent || parentId(row, parent.field) === parentOf(call, parent).id;
  return {
    GET: (call) => {
      const row = select(call.node, entity, segment);
      const seen = row && call.node.declarative ? shown(row, call.node.now) : row;
      if (!seen || !belongs(call, seen)) throw notFound();
      return ok(seen);
    },
    PUT: (call) => {
      const input = withParent(call, parent);
      refuseWithoutDatabase(call.node, `create or update '${entity}' entities${by}`);
      return ok(replace(call.node, entity, segment, input));
    },
    PATCH: (call) => {
      const row = select(call.node, entity, segment);
      if (!row) throw missing(kinds[entity], segment);
      if (!belongs(call, row)) throw notFound();
      refuseWithoutDatabase(call.node, `update '${entity}' entities${by}`);
      return ok(merge(call.node, entity, segment, call.body));
    },
    DELETE: (call) => {
      const row = select(call.node, entity, segment);
      if (row) refuseWithoutDatabase(call.node, `remove '${entity}' entities${by}`);
      if (row && belongs(call, row)) call.node.store.delete(entity, row.id);
      return { status: 204 };
    },
  };
}

/** What an entity belongs to, such as the consumer of a key. */
function ownerEndpoint(entity: EntityName, segment: string, field: string, owner: EntityName): Endpoint {
  return {
    GET: ({ node }) => {
      const row = select(node, entity, segment);
      const found = row && node.store.get(owner, parentId(row, field) ?? '');
      if (!found) throw notFound();
      return ok(found);
    },
  };
}

/** A membership is known by its group below its consumer. */
function membershipEndpoint(group: string, parent: Parent): Endpoint {
  const find = (call: AdminCall): Row | undefined => {
    const owner = parentOf(call, parent).id;
    return call.node.store.list('acls').find((row) => row['group'] === group && parentId(row, parent.field) === owner);
  };
  return {
    GET: (call) => {
      const row = find(call);
      if (!row) throw notFound();
      return ok(row);
    },
    PUT: (call) => {
      refuseWithoutDatabase(call.node, "create or update 'acls' entities");
      const input = { ...withParent(call, parent), group };
      const there = find(call);
      return ok(there ? replace(call.node, 'acls', there.id, { ...input, created_at: there['created_at'] }) : create(call.node, 'acls', input));
    },
    DELETE: (call) => {
      const row = find(call);
      if (!row) throw notFound();
      refuseWithoutDatabase(call.node, "remove 'acls' entities");
      call.node.store.delete('acls', row.id);
      return { status: 204 };
    },
  };
}

function upstreamHealth(segment: string): Endpoint {
  return {
    GET: (call) => {
      const upstream = select(call.node, 'upstreams', segment);
      if (!upstream) throw notFound();
      const targets = call.node.store.list('targets').filter((row) => parentId(row, 'upstream') === upstream.id);
      return ok({ next: null, node_id: recordedAnswer('/')['node_id'], data: targets });
    },
  };
}

function tagsEndpoint(only?: string): Endpoint {
  return { GET: ({ path, query, node }) => ok(taggedPage(path, query, node.store, only)) };
}

function schemasEndpoint(kind?: string, name?: string, action?: string): Endpoint | undefined {
  if (kind !== undefined && name === 'validate' && action === undefined && Object.hasOwn(collections, kind)) {
    return {
      POST: ({ node, body }) => {
        validateOnly(node, collections[kind]!, body);
        return ok({ message: 'schema validation successful' });
      },
    };
  }
  if (kind !== 'plugins' || name === undefined || action !== undefined) return undefined;
  const schema = pluginSchemaAnswer(name);
  return { GET: () => (schema ? ok(schema) : { status: 404, body: { message: `No plugin named '${name}'` } }) };
}

/** @throws KongError 405 code 12 on a node that has no database */
function refuseWithoutDatabase({ declarative }: Node, what: string): void {
  if (declarative === undefined) return;
  throw new KongError(405, { message: `cannot ${what} when not using a database`, name: 'operation unsupported', code: 12 });
}

function configured({ declarative }: Node): NonNullable<Node['declarative']> {
  if (declarative !== undefined) return declarative;
  throw new KongError(400, { message: 'this endpoint is only available when Kong is configured to not use a database' });
}

/** Only what comes as text is compared with what came before: a JSON document is always taken anew. */
function takeConfig({ node, body, query }: AdminCall): AdminAnswer {
  const known = configured(node);
  const text = typeof body['config'] === 'string' ? body['config'] : undefined;
  if (query.get('check_hash') === '1' && text !== undefined && known.text === text) return { status: 304 };
  const { hash, rows } = declare(node, body, query.get('flatten_errors') === '1');
  Object.assign(known, { hash, text });
  return { status: 201, body: rows };
}

const fixedEndpoints: Readonly<Record<string, Endpoint>> = {
  '/': { GET: ({ node, ports }) => ok(nodeInformation(node, ports)) },
  '/status': {
    GET: ({ node }) => ok({ ...recordedAnswer('/status'), ...(node.declarative && { configuration_hash: node.declarative.hash }) }),
  },
  '/endpoints': { GET: () => ok(recordedAnswer('/endpoints')) },
  '/tags': tagsEndpoint(),
  '/plugins/enabled': { GET: () => ok({ enabled_plugins: enabledPlugins }) },
  '/debug/node/log-level': { GET: () => ok(recordedAnswer('/debug/node/log-level')) },
  '/config': {
    GET: ({ node }) => {
      configured(node);
      return ok({ config: declared(node) });
    },
    POST: takeConfig,
  },
};
