import { createHash } from 'node:crypto';
import { isRecord } from '../../engine/compare.ts';
import type { ManagedObject } from '../../engine/model.ts';
import { ambiguousPath } from '../ambiguous-path.ts';
import { comment, literal, quoted, word } from './escape.ts';
import { guardLines } from './guards.ts';
import { askingLocation, denialLocations, linkUpstream } from './link.ts';
import type { LinkTerms } from './link.ts';
import { indexLength } from './model.ts';
import type { CallerFields, GuardFields, GuardOf, RouteFields } from './model.ts';

/** What every file of ours is made with. */
export type NginxFrame = {
  readonly gatewayId: string;
  readonly listen: string;
  readonly serverInclude: string | undefined;
  readonly caFile: string | undefined;
  /** Host and port of the Link that is asked. */
  readonly linkAt?: string | undefined;
  /** Where nginx says which generation answers: host and port of the target's URL. */
  readonly generationAt: string;
};

export type NginxPart = { readonly route: ManagedObject; readonly guards: readonly ManagedObject[] };
/** What names of ours in nginx begin with: it has one space of names for everybody. */
export const prefixOf = (gatewayId: string): string => `stoa_${short(gatewayId)}`;
const short = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 12);
export const nameOf = (gatewayId: string, apiId: string): string => `${prefixOf(gatewayId)}_${short(apiId)}`;
export const fileOf = (gatewayId: string): string => `stoa-${word(gatewayId)}.conf`;

const objectMark = 'stoa-object';
const routeOf = ({ fields }: ManagedObject): RouteFields => fields as unknown as RouteFields;
const guardOf = ({ fields }: ManagedObject): GuardFields => fields as unknown as GuardFields;
const callerOf = ({ fields }: ManagedObject): CallerFields => fields as unknown as CallerFields;

/** The file whole, from the objects that it is made of; undefined where there are none. The objects stand in it as comments, so that it can be read back. */
export function render(objects: readonly ManagedObject[], frame: NginxFrame): string | undefined {
  const inOrder = [...objects].sort((a, b) => (a.id < b.id ? -1 : 1));
  const parts = partsOf(inOrder);
  if (parts.length === 0) return undefined;
  const body = [
    '# Written by STOA Connect, which takes changes back. Where it is told to leave this nginx, remove the file.',
    ...lookUps(parts, frame),
    ...keyMaps(
      parts,
      inOrder.filter(({ kind }) => kind === 'caller'),
      frame,
    ),
    ...zones(parts, frame),
    ...parts.flatMap(({ route }) => upstream(route, frame)),
    ...(frame.linkAt !== undefined && parts.some(asksLink) ? [linkUpstream(prefixOf(frame.gatewayId), frame.linkAt)] : []),
    ...server(parts, frame),
    ...inOrder.map(({ kind, id, label, owner, alsoFor, fields }) => comment(objectMark, { kind, id, label, owner, alsoFor, fields })),
  ].join('\n');
  const digest = digestOf(body);
  return `${body}\n${generationServer(digest, frame)}\n`;
}

/** What a file is known by, and what the nginx that runs it answers. */
export const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex').slice(0, 32);

/** The objects that a file says it is made of. Whether it is, `render` tells. */
export function objectsIn(text: string): ManagedObject[] {
  return text.split('\n').flatMap((line) => {
    const json = line.startsWith(`# ${objectMark} `) ? line.slice(objectMark.length + 3) : undefined;
    const value = json === undefined ? undefined : parsed(json);
    return isRecord(value) && isRecord(value['fields']) && typeof value['id'] === 'string' ? [value as unknown as ManagedObject] : [];
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The generation that a file is; undefined for one that is none of ours. */
export const generationIn = (text: string): string | undefined => / return 200 ([0-9a-f]{32});/.exec(text)?.[1];

function generationServer(digest: string, { generationAt }: NginxFrame): string {
  return `server { listen ${word(generationAt)}; access_log off; default_type text/plain; location = /generation { return 200 ${word(digest)}; } location / { return 404; } }`;
}

function partsOf(objects: readonly ManagedObject[]): NginxPart[] {
  const guards = Map.groupBy(
    objects.filter(({ kind }) => kind === 'guard'),
    ({ owner }) => owner,
  );
  return objects.filter(({ kind }) => kind === 'route').map((route) => ({ route, guards: guards.get(route.owner) ?? [] }));
}

export const guardIn = <K extends GuardFields['kind']>({ guards }: NginxPart, kind: K): GuardOf<K> | undefined =>
  guards.map(guardOf).find((guard): guard is GuardOf<K> => guard.kind === kind);

/** Whose a request is, by method and path: the most literal path first. What a browser asks before is looked up by the method that it asks for. */
function lookUps(parts: readonly NginxPart[], { gatewayId }: NginxFrame): string[] {
  const prefix = prefixOf(gatewayId);
  const takes = parts
    .flatMap((part) => routeOf(part.route).takes.map((take) => ({ ...take, part, name: nameOf(gatewayId, routeOf(part.route).apiId) })))
    .sort((a, b) => weight(b.shape) - weight(a.shape) || (`${a.shape} ${a.method} ${a.name}` < `${b.shape} ${b.method} ${b.name}` ? -1 : 1));
  const row = ({ method, pattern, name, part }: (typeof takes)[number]): string => {
    const { host } = routeOf(part.route);
    return `  "~^${word(method)} ${host === undefined ? '' : literal(host)}${pattern}\\z" ${word(name)};`;
  };
  const hasHost = ({ part }: (typeof takes)[number]): boolean => routeOf(part.route).host !== undefined;
  // What is there at one host alone comes before what is there at every one. No host has a slash in it, so that none passes for a path.
  const choose = (asked: string, variable: string, rows: typeof takes): string[] => [
    `map "${asked} $uri" ${variable}_anywhere {\n  default "";`,
    ...rows.filter((take) => !hasHost(take)).map(row),
    '}',
    `map "${asked} $host$uri" ${variable} {\n  default ${variable}_anywhere;`,
    ...rows.filter(hasHost).map(row),
    '}',
  ];
  return [
    `map "$request_method:$http_access_control_request_method:$http_origin" $${prefix}_asked { default ""; "~^OPTIONS:(?<${prefix}_m>[A-Z]+):." $${prefix}_m; }`,
    ...choose(
      `$${prefix}_asked`,
      `$${prefix}_before`,
      takes.filter(({ part }) => guardIn(part, 'cors') !== undefined),
    ),
    ...choose('$request_method', `$${prefix}_plain`, takes),
    ...parts.flatMap((part) => targetsOf(part, prefix)),
    `map $${prefix}_before $${prefix}_api { default $${prefix}_before; "" $${prefix}_plain; }`,
  ];
}

/** What is taken off a path is so as it was written: a caller who spells it by escapes is told that there is nothing. */
function targetsOf(part: NginxPart, prefix: string): string[] {
  const { apiId, rewrite } = routeOf(part.route);
  if (rewrite === undefined) return [];
  const rest = `${prefix}_r`;
  return [
    `map $request_uri $${prefix}_target_${short(apiId)} { default ""; "~^${literal(rewrite.prefix)}(?<${rest}>/.*)$" ${quotedBefore(rewrite.before, rest)}; }`,
  ];
}

const asksLink = (part: NginxPart): boolean => guardIn(part, 'link') !== undefined;

/** A Link is asked about the path that the upstream has, without the prefix, whether that is sent on or not. */
function linkTerms(part: NginxPart, { gatewayId }: NginxFrame): LinkTerms {
  const { apiId, rewrite } = routeOf(part.route);
  const prefix = prefixOf(gatewayId);
  return {
    prefix,
    location: `/_${prefix}/${nameOf(gatewayId, apiId)}_link`,
    asked: rewrite === undefined ? '$request_uri' : `$${prefix}_target_${short(apiId)}`,
  };
}

/** A text before a variable, which is known not to hold another. */
const quotedBefore = (before: string, variable: string): string => `${quoted(before).slice(0, -1)}$${word(variable)}"`;

const weight = (shape: string): number => shape.replaceAll('{}', '').length;

/** The variable of a key that came in a header: its first characters. */
const headerVariable = (header: string): string => `$http_${word(header.toLowerCase().replaceAll('-', '_'))}`;
const indexVariable = (header: string, { gatewayId }: NginxFrame): string =>
  `$${prefixOf(gatewayId)}_i_${word(header.toLowerCase().replaceAll('-', '_'))}`;
const whoVariable = (header: string, { gatewayId }: NginxFrame): string =>
  `$${prefixOf(gatewayId)}_w_${word(header.toLowerCase().replaceAll('-', '_'))}`;
const keysVariable = (name: string): string => `$${word(name)}_k`;

function keyMaps(parts: readonly NginxPart[], callers: readonly ManagedObject[], frame: NginxFrame): string[] {
  const keyed = parts.flatMap((part) => {
    const guard = guardIn(part, 'api_key_auth');
    return guard === undefined ? [] : [{ guard, name: nameOf(frame.gatewayId, guard.apiId) }];
  });
  const headers = [...new Set(keyed.map(({ guard }) => guard.header.toLowerCase()))].sort();
  const rows = (wanted: (caller: CallerFields) => boolean, value: (key: CallerFields['keys'][number], caller: CallerFields) => string): string[] =>
    callers
      .map(callerOf)
      .filter(wanted)
      .flatMap((caller) => caller.keys.map((key) => `  ${quoted(key.index)} ${quoted(value(key, caller))};`));
  return [
    ...headers.flatMap((header) => [
      `map ${headerVariable(header)} ${indexVariable(header, frame)} { default ""; "~^(?<${prefixOf(frame.gatewayId)}_k>.{${indexLength}})" $${prefixOf(frame.gatewayId)}_k; }`,
      `map ${indexVariable(header, frame)} ${whoVariable(header, frame)} {\n  default "";`,
      ...rows(
        () => true,
        (_key, { consumer }) => consumer,
      ),
      '}',
    ]),
    ...keyed.flatMap(({ guard, name }) => [
      `map ${indexVariable(guard.header, frame)} ${keysVariable(name)} {\n  default "";`,
      ...rows(
        ({ open, apis }) => (guard.closed ? apis.includes(guard.apiId) : open),
        ({ hash, expires }) => (expires === undefined ? hash : `${hash},${expires}`),
      ),
      '}',
    ]),
  ];
}

/** Whom a limit counts: a consumer where the API asks for keys, an address elsewhere. A zone whose key changed would be refused under its old name. */
function zones(parts: readonly NginxPart[], frame: NginxFrame): string[] {
  return parts.flatMap((part) =>
    zonesOf(part, frame).map(({ zone, counted, rate }) => `limit_req_zone ${counted} zone=${word(zone)}:1m rate=${word(rate)};`),
  );
}

export function zonesOf(part: NginxPart, frame: NginxFrame): { zone: string; counted: string; rate: string; burst: number }[] {
  const { apiId } = routeOf(part.route);
  const header = guardIn(part, 'api_key_auth')?.header;
  const counted = header === undefined ? '$binary_remote_addr' : whoVariable(header, frame);
  return (guardIn(part, 'rate_limit')?.limits ?? []).map(({ rate, burst }, index) => ({
    zone: `${nameOf(frame.gatewayId, apiId)}_${digestOf(`${index} ${counted} ${rate}`).slice(0, 8)}`,
    counted,
    rate,
    burst,
  }));
}

function upstream(route: ManagedObject, { gatewayId }: NginxFrame): string[] {
  const { apiId, upstream: to } = routeOf(route);
  return [sectionOf(route), `upstream ${nameOf(gatewayId, apiId)} { server ${word(`${to.host}:${to.port}`)}; keepalive 16; }`];
}

/** A path that nginx reads as another than is written, whose operation it decides on, while the upstream is sent what is written: it may read that otherwise. */
const indirect = `^[^?]*${ambiguousPath(String.raw`\z`)}`;

function server(parts: readonly NginxPart[], frame: NginxFrame): string[] {
  const prefix = prefixOf(frame.gatewayId);
  return [
    'server {',
    `  listen ${frame.listen.split(' ').map(word).join(' ')};`,
    ...(frame.serverInclude === undefined ? [] : [`  include ${quoted(frame.serverInclude)};`]),
    // The limit of an API is that of its location, which nginx comes to later.
    '  client_max_body_size 0;',
    `  if ($request_uri ~* "${indirect}") { return 404; }`,
    // The question to the Link comes by here as well, and would be sent to the API itself. Whoever asks for such a path from outside finds it internal.
    ...(parts.some(asksLink) ? [`  if ($uri ~ "^/_${prefix}/") { break; }`] : []),
    `  if ($${prefix}_api = "") { return 404; }`,
    `  rewrite ^ /_${prefix}/$${prefix}_api last;`,
    '  location / { return 404; }',
    ...parts.flatMap((part) => location(part, frame)),
    ...(parts.some(asksLink) ? denialLocations(prefix) : []),
    '}',
  ];
}

/** What a line of the file is about, for a refusal that names the line. */
const sectionOf = ({ id }: ManagedObject): string => comment('stoa-section', id);

function location(part: NginxPart, frame: NginxFrame): string[] {
  const { apiId, upstream: to, rewrite } = routeOf(part.route);
  const name = nameOf(frame.gatewayId, apiId);
  const target = `${prefixOf(frame.gatewayId)}_target_${short(apiId)}`;
  const isStripped = rewrite?.strip === true;
  const scheme = to.secure ? 'https' : 'http';
  const header = guardIn(part, 'api_key_auth')?.header;
  const guardsOfApi = part.guards.flatMap((object) => [
    sectionOf(object),
    ...guardLines(guardOf(object), {
      before: `$${prefixOf(frame.gatewayId)}_before`,
      keys: keysVariable(name),
      header: header === undefined ? '' : headerVariable(header),
      link: linkTerms(part, frame),
      zones: zonesOf(part, frame),
    }).map((line) => `    ${line}`),
  ]);
  return [
    sectionOf(part.route),
    `  location = /_${prefixOf(frame.gatewayId)}/${name} {`,
    '    internal;',
    ...guardsOfApi,
    '    proxy_http_version 1.1;',
    `    proxy_set_header Connection "";`,
    `    proxy_set_header Host ${word(hostOf(to))};`,
    '    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    '    proxy_set_header X-Forwarded-Proto $scheme;',
    '    proxy_redirect off;',
    ...(to.secure
      ? [
          '    proxy_ssl_server_name on;',
          `    proxy_ssl_name ${word(to.host)};`,
          '    proxy_ssl_verify on;',
          `    proxy_ssl_trusted_certificate ${quoted(frame.caFile ?? '')};`,
        ]
      : []),
    ...(isStripped ? [`    if ($${target} = "") { return 404; }`] : []),
    `    proxy_pass ${isStripped ? quotedBefore(`${scheme}://${name}`, target) : quotedBefore(`${scheme}://${name}${rewrite?.before ?? ''}`, 'request_uri')};`,
    '  }',
    ...(asksLink(part) ? askingLocation(linkTerms(part, frame)) : []),
  ];
}

const hostOf = ({ secure, host, port }: RouteFields['upstream']): string => (port === (secure ? 443 : 80) ? host : `${host}:${port}`);

/** Which object a line of a file is about, for what nginx refuses by its line. */
export function objectAtLine(text: string, line: number): string | undefined {
  const mark = text
    .split('\n')
    .slice(0, line)
    .findLast((one) => one.startsWith('# stoa-section '));
  const id = mark === undefined ? undefined : parsed(mark.slice('# stoa-section '.length));
  return typeof id === 'string' ? id : undefined;
}
