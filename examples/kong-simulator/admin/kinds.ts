import { randomBytes } from 'node:crypto';
import { aclSchema, consumerSchema, keyAuthSchema, routeSchema, serviceSchema, targetSchema, upstreamSchema } from '../schemas/entities.ts';
import type { Input, RecordSchema } from '../schemas/field.ts';
import { pluginSchema } from '../schemas/plugins.ts';
import { nameProblem } from '../schemas/text-rules.ts';

/** What is particular to one kind of entity. Everything else is the same for all of them. */
export interface Kind {
  /** The name in error messages, and in `/tags`. */
  entity: EntityName;
  /** The field that a path may use instead of the id. */
  endpointKey: string | undefined;
  /** Set when the path segment must be able to be such a name. */
  endpointKeyProblem?: (value: string) => string | undefined;
  schema: (input: Input) => RecordSchema;
  /** Fields, alone or together, that no two entities may share. The order is that of the error message's `fields`. */
  uniques: readonly (readonly string[])[];
  /** Foreign fields and the kind each points at, with the field that may name it. */
  parents: Readonly<Record<string, EntityName>>;
  /** Children whose presence refuses a delete; every other child goes with its parent. */
  restrictedBy?: EntityName;
  hasUpdatedAt: boolean;
  /** Targets are dated in milliseconds. */
  datedInMs?: boolean;
  /** Turns what a caller may send into the stored fields. */
  expand?: (input: Input) => Input;
}

export type EntityName = 'services' | 'routes' | 'plugins' | 'consumers' | 'keyauth_credentials' | 'acls' | 'upstreams' | 'targets';

export const kinds: Readonly<Record<EntityName, Kind>> = {
  services: {
    entity: 'services',
    endpointKey: 'name',
    endpointKeyProblem: nameProblem,
    schema: () => serviceSchema,
    uniques: [['name']],
    parents: {},
    restrictedBy: 'routes',
    hasUpdatedAt: true,
    expand: expandUrl,
  },
  routes: {
    entity: 'routes',
    endpointKey: 'name',
    endpointKeyProblem: nameProblem,
    schema: () => routeSchema,
    uniques: [['name']],
    parents: { service: 'services' },
    hasUpdatedAt: true,
  },
  plugins: {
    entity: 'plugins',
    endpointKey: 'instance_name',
    endpointKeyProblem: nameProblem,
    schema: (input) => pluginSchema(input['name']),
    uniques: [['instance_name'], ['name', 'service', 'route', 'consumer']],
    parents: { service: 'services', route: 'routes', consumer: 'consumers' },
    hasUpdatedAt: true,
  },
  consumers: {
    entity: 'consumers',
    endpointKey: 'username',
    schema: () => consumerSchema,
    uniques: [['username'], ['custom_id']],
    parents: {},
    hasUpdatedAt: true,
  },
  keyauth_credentials: {
    entity: 'keyauth_credentials',
    endpointKey: 'key',
    schema: () => keyAuthSchema,
    uniques: [['key']],
    parents: { consumer: 'consumers' },
    hasUpdatedAt: false,
    expand: (input) => ({ ...input, key: input['key'] ?? randomBytes(16).toString('hex') }),
  },
  acls: {
    entity: 'acls',
    endpointKey: undefined,
    schema: () => aclSchema,
    uniques: [['consumer', 'group']],
    parents: { consumer: 'consumers' },
    hasUpdatedAt: false,
  },
  upstreams: {
    entity: 'upstreams',
    endpointKey: 'name',
    endpointKeyProblem: nameProblem,
    schema: () => upstreamSchema,
    uniques: [['name']],
    parents: {},
    hasUpdatedAt: true,
  },
  targets: {
    entity: 'targets',
    endpointKey: 'target',
    schema: () => targetSchema,
    uniques: [['upstream', 'target']],
    parents: { upstream: 'upstreams' },
    hasUpdatedAt: true,
    datedInMs: true,
    expand: (input) => {
      const target = input['target'];
      return typeof target === 'string' && target !== '' && !/:\d+$/.test(target) ? { ...input, target: `${target}:8000` } : input;
    },
  },
};

/** `url` stands for protocol, host, port and path; a query string in it is dropped without a word, as Kong does. */
function expandUrl({ url, ...input }: Input): Input {
  if (typeof url !== 'string') return url === undefined ? input : { ...input, url };
  const parts = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/i.exec(url);
  const [, protocol, rest = ''] = parts ?? [];
  if (protocol === undefined) return { ...input, path: rest.replace(/[?#].*$/, '') || null };
  const [, host, port, path] = /^([^/:?#]*|\[[^\]]*\])(?::(\d+))?([^?#]*)/.exec(rest) ?? [];
  const secure = ['https', 'grpcs', 'tls'].includes(protocol);
  return {
    ...input,
    protocol,
    host: host || undefined,
    port: port === undefined ? (secure ? 443 : 80) : Number(port),
    path: path || null,
  };
}
