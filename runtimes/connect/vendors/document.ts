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

/** How a gateway expresses something, and what is to be said of it. `text` may have code between backticks. */
type MatrixCell = { readonly as: Support<never>['as']; readonly text: string };
/** What each gateway can express, as data: a table by `sections`, with a cell for each of `gateways` in their order. */
export type CapabilityMatrix = {
  readonly gateways: readonly { readonly type: string; readonly title: string; readonly proven: string; readonly notes: readonly string[] }[];
  readonly sections: readonly {
    readonly title: string;
    readonly rows: readonly { readonly title: string; readonly cells: readonly MatrixCell[] }[];
  }[];
};

const all = vendorNames.map((name) => vendors[name].capabilities);

/** What the adapters declare, for docs/adapters.md and the Console. */
export function capabilityMatrix(): CapabilityMatrix {
  return {
    gateways: vendorNames.map((type) => {
      const { title, proven, delay, notes } = vendors[type].capabilities;
      return { type, title, proven, notes: [`${delay.says}.`, ...notes] };
    }),
    sections: [
      section('Policies', policyRows, ({ policies }) => policies),
      section('Operations', operationRows, ({ operations }) => operations),
      section('Upstreams', upstreamRows, ({ upstreams }) => upstreams),
      section('Public paths', exposureRows, ({ exposures }) => exposures),
      section('Callers', callerRows, ({ callers }) => callers),
    ],
  };
}

function section<K extends string>(
  title: string,
  rows: Readonly<Record<K, string>>,
  of: (capabilities: Capabilities) => Readonly<Record<K, Support<never>>>,
): CapabilityMatrix['sections'][number] {
  const entries = Object.entries(rows) as [K, string][];
  return { title, rows: entries.map(([key, row]) => ({ title: row, cells: all.map((one) => cell(of(one)[key])) })) };
}

function cell(support: Support<never>): MatrixCell {
  switch (support.as) {
    case 'exactly':
      return { as: support.as, text: '' };
    case 'warned':
      return { as: support.as, text: support.warning };
    case 'partly':
      return { as: support.as, text: `${support.says}${support.warning === undefined ? '' : ` (${support.warning})`}` };
    case 'never':
      return { as: support.as, text: support.reason };
  }
}

/** docs/adapters.md: what each vendor can express, as its adapter says it. */
export function adaptersDocument(): string {
  const { gateways, sections } = capabilityMatrix();
  const tables = sections.map(({ title, rows }) => {
    const lines = rows.map((row) => `| ${row.title} | ${row.cells.map(told).join(' | ')} |`);
    return [`## ${title}`, '', `| | ${gateways.map((one) => one.title).join(' | ')} |`, `|---|${'---|'.repeat(gateways.length)}`, ...lines, ''].join(
      '\n',
    );
  });
  const notes = gateways.map((gateway) =>
    [
      `## ${gateway.title}`,
      '',
      `\`STOA_TARGET_GATEWAY_TYPE=${gateway.type}\`. Proven against: ${gateway.proven}.`,
      '',
      ...gateway.notes.map((note) => `- ${note}`),
      '',
    ].join('\n'),
  );
  return `${head}\n${[...tables, ...notes].join('\n')}`;
}

const words = { exactly: 'yes', warned: 'yes, but', partly: 'in part', never: 'no' } as const;
const told = ({ as, text }: MatrixCell): string => (text === '' ? words[as] : `${words[as]}: ${text}`);

const head = `# What each gateway can express

<!-- Made from runtimes/connect/vendors/*/capabilities.ts by \`npm run -s generate\`. Do not edit. -->

STOA Connect configures third-party gateways. What a gateway cannot express is \`rejected\` before anything is written, phase \`render\`, with the reason; an API is not
served without a policy that is attached to it. **yes**: exactly. **yes, but**: the acknowledgement says how it differs. **in part**: the rest is rejected. **no**: rejected.

Calls of one consumer in windows are what a limit counts here: \`algorithm\`, \`unit\` and \`limit_by\` that say otherwise are rejected, but for \`algorithm\` and \`limit_by\` where the adapter has its gateway ask a Link.
`;
