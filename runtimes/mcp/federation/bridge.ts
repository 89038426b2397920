import { membersOf, textIn, withMembers } from '@stoa/lib/json-members.ts';
import type { McpEra } from '../model.ts';
import { envelopeOf } from './negotiate.ts';
import type { ClientSelf } from './negotiate.ts';

type Record_ = Readonly<Record<string, unknown>>;
const own = 'io.modelcontextprotocol/';
/** What 2026-07-28 says in each request that the revisions before say once. */
const envelopeKeys = [`${own}protocolVersion`, `${own}clientInfo`, `${own}clientCapabilities`, `${own}logLevel`];
/** Our own member of `_meta`: what of a result has no counterpart in the revision of the client. */
export const lostKey = 'stoa.dev/lost';

/** What the client of an older revision said of itself when it began, and of how much it wants to be told. */
export type ClientFacts = {
  readonly info?: ClientSelf | undefined;
  readonly capabilities?: object | undefined;
  readonly logLevel?: string | undefined;
};

/** The parameters of a client's request as the server's era has them. */
export function paramsFor(era: McpEra, client: McpEra, params: Record_, self: ClientSelf, facts: ClientFacts = {}): Record_ {
  if (era === client) return params;
  const meta = (params['_meta'] ?? {}) as Record_;
  if (era === 'modern') {
    const level = facts.logLevel === undefined ? {} : { [`${own}logLevel`]: facts.logLevel };
    return { ...params, _meta: { ...meta, ...envelopeOf(facts.info ?? self, facts.capabilities), ...level } };
  }
  const left = Object.fromEntries(Object.entries(meta).filter(([name]) => !envelopeKeys.includes(name)));
  const { _meta: _, inputResponses: __, requestState: ___, ...rest } = params;
  return Object.keys(left).length === 0 ? rest : { ...rest, _meta: left };
}

/** A result as the client's era has it; untouched where that is the server's. */
export function resultFor(client: McpEra, era: McpEra, method: string, text: string): string {
  if (client === era) return text;
  if (client === 'modern') {
    const members = membersOf(text);
    const cached = method === 'resources/read' && members?.has('ttlMs') !== true ? { ttlMs: '0', cacheScope: '"private"' } : {};
    return withMembers(text, { resultType: '"complete"', ...cached });
  }
  return method === 'tools/call' ? withoutOtherStructure(text) : withMembers(text, { resultType: undefined });
}

/** Before 2026-07-28 structured content is an object: another value stands as text, and it is said. */
function withoutOtherStructure(text: string): string {
  const members = membersOf(text);
  const structure = members?.get('structuredContent');
  if (structure === undefined || structure.startsWith('{')) return withMembers(text, { resultType: undefined });
  const content = members?.get('content') ?? '[]';
  const block = `{"type":"text","text":${JSON.stringify(structure)}}`;
  const meta = withMembers(members?.get('_meta') ?? '{}', { [lostKey]: '["structuredContent"]' });
  const isEmpty = content === '[]' || /^\[\s*\]$/.test(content);
  return withMembers(text, { resultType: undefined, structuredContent: undefined, content: isEmpty ? `[${block}]` : content, _meta: meta });
}

/** A tool as a client of an older revision can read it: an output schema of something else than an object costs it the whole list. */
export function listedForLegacy(text: string): string {
  const output = membersOf(text)?.get('outputSchema');
  if (output === undefined || textIn(membersOf(output), 'type') === 'object') return text;
  const meta = withMembers(membersOf(text)?.get('_meta') ?? '{}', { [lostKey]: '["outputSchema"]' });
  return withMembers(text, { outputSchema: undefined, _meta: meta });
}
