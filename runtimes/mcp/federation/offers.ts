import { hash } from 'node:crypto';
import { canonicalJson } from '@stoa/lib/canonical-json.ts';
import { elementsOf, membersOf, textIn } from '@stoa/lib/json-members.ts';
import type { McpOffer } from '../model.ts';
import { ask } from './peer.ts';
import type { Members, McpPeer } from './peer.ts';
import type { Hello } from './negotiate.ts';

type Kind = McpOffer['kind'];
type List = { readonly method: string; readonly member: string; readonly kind: Kind; readonly named: string; readonly capability: string };

const lists: readonly List[] = [
  { method: 'tools/list', member: 'tools', kind: 'tool', named: 'name', capability: 'tools' },
  { method: 'prompts/list', member: 'prompts', kind: 'prompt', named: 'name', capability: 'prompts' },
  { method: 'resources/list', member: 'resources', kind: 'resource', named: 'uri', capability: 'resources' },
  { method: 'resources/templates/list', member: 'resourceTemplates', kind: 'resource_template', named: 'uriTemplate', capability: 'resources' },
];

const maxOffers = 5000;
const maxPages = 500;
const maxTotalChars = 8 * 1024 * 1024;
const maxNameChars = 2048;
const listTimeoutMs = 30_000;

export type Offered = {
  readonly offers: readonly McpOffer[];
  /** What of it is not served, in sentences. */
  readonly faults: readonly string[];
};

/** Reads everything that a server offers, each list page by page. @throws Error with a sentence where a list cannot be read */
export async function readOffers({ peer, capabilities }: Pick<Hello, 'peer' | 'capabilities'>, meta: object): Promise<Offered> {
  const offers = new Map<string, McpOffer>();
  const faults: string[] = [];
  let chars = 0;
  for (const list of lists) {
    if (!capabilities.has(list.capability)) continue;
    for await (const element of elementsOfAll(peer, list, meta)) {
      const fault = faultOf(list, membersOf(element));
      const name = textIn(membersOf(element), list.named);
      chars += element.length;
      if (offers.size >= maxOffers || chars > maxTotalChars) {
        faults.push(`It offers more than ${maxOffers} things, or more than ${maxTotalChars} characters of them: the rest is not served.`);
        return { offers: [...offers.values()], faults };
      }
      if (fault !== undefined || name === undefined) {
        if (faults.length < 20) faults.push(`${list.kind} ${JSON.stringify(name ?? '?').slice(0, 100)} is not served: ${fault ?? 'it has no name'}.`);
        continue;
      }
      const key = `${list.kind} ${name}`;
      if (!offers.has(key))
        offers.set(key, { kind: list.kind, name, text: element, sha256: hash('sha256', canonicalJson(JSON.parse(element)), 'hex') });
    }
  }
  return { offers: [...offers.values()], faults };
}

async function* elementsOfAll(peer: McpPeer, { method, member }: List, meta: object): AsyncGenerator<string> {
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const params = { ...(cursor !== undefined && { cursor }), ...(peer.era === 'modern' && { _meta: meta }) };
    const answer = await ask(peer, { method, params, timeoutMs: listTimeoutMs });
    // Capabilities tell of resources, and not whether there are templates of them.
    if (answer.kind === 'error' && membersOf(answer.text)?.get('code') === '-32601') return;
    if (answer.kind !== 'result') throw new Error(`${method} was answered with ${'reason' in answer ? answer.reason : answer.kind}`);
    const members = membersOf(answer.text);
    yield* elementsOf(members?.get(member) ?? '[]') ?? [];
    const next = textIn(members, 'nextCursor');
    if (next === undefined || next === cursor) return;
    cursor = next;
  }
}

/** What clients would refuse a whole list for (lesson 34). */
function faultOf({ kind, named }: List, members: Members | undefined): string | undefined {
  if (members === undefined) return 'it is no object';
  const name = textIn(members, named);
  if (name === undefined || name === '' || name.length > maxNameChars) return `it has no ${named} of 1 to ${maxNameChars} characters`;
  for (const member of ['title', 'description']) if (members.has(member) && textIn(members, member) === undefined) return `its ${member} is no text`;
  if (kind !== 'tool') return undefined;
  if (textIn(membersOf(members.get('inputSchema') ?? ''), 'type') !== 'object') return 'its input schema is none of an object';
  const output = members.get('outputSchema');
  if (output !== undefined && membersOf(output) === undefined) return 'its output schema is no object';
  return undefined;
}
