import type { Capabilities, Support } from '../engine/capabilities.ts';
import { vendorNames, vendors } from './table.ts';

/** The rows of each table, by what is looked up in the capabilities. Closed: a trait without a row does not compile. */
const operationRows: Readonly<Record<keyof Capabilities['operations'], string>> = {
  path_parameter: 'A parameter as a segment of the path: `/orders/{id}`',
  parameter_in_segment: 'A parameter within a segment: `/files/{name}.json`',
  percent_encoding: 'Escapes in the path: `/caf%C3%A9`',
  empty_or_dot_segment: 'An empty or a dot segment: `/a//b`',
  fixed_query: 'An operation that only its query tells from others',
  own_server: 'An operation at a server of its own',
  trace: 'The method TRACE',
};
const upstreamRows: Readonly<Record<keyof Capabilities['upstreams'], string>> = {
  https: 'https://',
  base_path: 'A base path',
  header_credential: 'A credential in a header',
  other_credential: 'A credential in the query or a cookie',
  made_credential: 'A credential that Gateway and Link get, make, or have in their own settings',
  password: 'User name and password in the URL',
  query: 'A query or fragment in the URL',
  other_scheme: 'A scheme other than http and https',
};
const exposureRows: Readonly<Record<keyof Capabilities['exposures'], string>> = {
  prefix_stripped: 'Below a path of its own, which the upstream does not see',
  prefix_kept: 'Below a path of its own, which the upstream is sent (`strip: false`)',
  public_host: 'At one host alone',
};
const callerRows: Readonly<Record<keyof Capabilities['callers'], string>> = {
  open_to_all_consumers: 'APIs that are open to every consumer with a key',
  subscriptions: 'APIs for their subscribers',
  key_expiry: 'Keys that end by themselves',
  plans: 'Subscriptions by a plan',
  plan_limits: 'Limits for each subscriber of a plan',
};
const policyRows: Readonly<Record<keyof Capabilities['policies'], string>> = {
  api_key_auth: '`api_key_auth`',
  rate_limit: '`rate_limit`',
  quota: '`quota`',
  cors: '`cors`',
  ip_restriction: '`ip_restriction`',
  jwt_auth: '`jwt_auth`',
  request_size_limit: '`request_size_limit`',
  headers: '`headers`',
  tool_access: '`tool_access`',
  time_window: '`time_window`',
  guardrails: '`guardrails`',
  circuit_breaker: '`circuit_breaker`',
  concurrency_limit: '`concurrency_limit`',
  retry: '`retry`',
  approval: '`approval`',
};

const all = vendorNames.map((name) => vendors[name].capabilities);

/** docs/adapters.md: what each vendor can express, as its adapter says it. */
export function adaptersDocument(): string {
  const sections = [
    table('Policies', policyRows, ({ policies }) => policies),
    table('Operations', operationRows, ({ operations }) => operations),
    table('Upstreams', upstreamRows, ({ upstreams }) => upstreams),
    table('Public paths', exposureRows, ({ exposures }) => exposures),
    table('Callers', callerRows, ({ callers }) => callers),
    ...vendorNames.map((name) => notesOf(name, vendors[name].capabilities)),
  ];
  return `${head}\n${sections.join('\n')}`;
}

const head = `# What each gateway can express

<!-- Made from runtimes/connect/vendors/*/capabilities.ts by \`npm run -s generate\`. Do not edit. -->

STOA Connect configures third-party gateways. What a gateway cannot express is \`rejected\` before anything is written, phase \`render\`, with the reason; an API is not
served without a policy that is attached to it. **yes**: exactly. **yes, but**: the acknowledgement says how it differs. **in part**: the rest is rejected. **no**: rejected.

Calls of one consumer in windows are what a limit counts here: \`algorithm\`, \`unit\` and \`limit_by\` that say otherwise are rejected, but for \`algorithm\` and \`limit_by\` where the adapter has its gateway ask a Link.
`;

function table<K extends string>(
  title: string,
  rows: Readonly<Record<K, string>>,
  of: (capabilities: Capabilities) => Readonly<Record<K, Support<never>>>,
): string {
  const lines = (Object.entries(rows) as [K, string][]).map(([key, row]) => `| ${row} | ${all.map((one) => cell(of(one)[key])).join(' | ')} |`);
  return [`## ${title}`, '', `| | ${all.map((one) => one.title).join(' | ')} |`, `|---|${'---|'.repeat(all.length)}`, ...lines, ''].join('\n');
}

function cell(support: Support<never>): string {
  switch (support.as) {
    case 'exactly':
      return 'yes';
    case 'warned':
      return `yes, but: ${support.warning}`;
    case 'partly':
      return `in part: ${support.says}${support.warning === undefined ? '' : ` (${support.warning})`}`;
    case 'never':
      return `no: ${support.reason}`;
  }
}

function notesOf(name: string, { title, proven, delay, notes }: Capabilities): string {
  return [
    `## ${title}`,
    '',
    `\`STOA_TARGET_GATEWAY_TYPE=${name}\`. Proven against: ${proven}.`,
    '',
    ...[`${delay.says}.`, ...notes].map((note) => `- ${note}`),
    '',
  ].join('\n');
}
