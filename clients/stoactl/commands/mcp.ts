import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { McpDefinitionEntry, McpDefinitionRef, McpDefinitionState } from '@stoa/generated/schemas.ts';
import { answered } from '../answered.ts';
import { CommandError } from '../exit-codes.ts';
import { findOne } from '../find.ts';
import { kindOf } from '../kinds.ts';
import { cellOf } from '../output/table.ts';
import { toYaml } from '../output/yaml.ts';
import { openSession } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type PendingOptions = GlobalOptions & { state: McpDefinitionState; output: string };
export type McpDecideOptions = GlobalOptions & { all?: string };

const pageSize = 100;
/** A server that gave out cursors without an end would be read for ever. */
const maxPages = 1000;
/** As much of a hash as is printed, and as is taken: nobody makes a second definition that begins so. */
const hashDigits = 16;

/** Shows what an MCP server offers that nobody decided on yet, each with what it would change and the words that name it. */
export async function listPending(terminal: Terminal, name: string, options: PendingOptions): Promise<void> {
  const { client } = await openSession(terminal, options);
  const { items, pending_sha256 } = await definitionsOf(client, await idOfServer(client, name), options.state);
  if (options.output === 'json') return terminal.out(`${JSON.stringify({ items, pending_sha256 }, null, 2)}\n`);
  for (const entry of items) terminal.out(described(entry));
  if (items.length === 0) return terminal.out(`Nothing of ${printable(name)} is ${options.state}.\n`);
  if (options.state === 'pending') terminal.err(`All of it: stoactl mcp approve ${printable(name)} --all ${pending_sha256}\n`);
}

const signs = { added: '+', removed: '-', changed: '~' } as const;

function described(entry: McpDefinitionEntry): string {
  const { differences = [], warnings, definition, change } = entry;
  const head = `${change === 'changed' ? '~' : change === 'added' ? '+' : ' '} ${wordsOf(entry)}`;
  const description = typeof definition['description'] === 'string' && change !== 'changed' ? [definition['description']] : [];
  const changes = differences.map(
    ({ pointer, change: what, before, after }) =>
      `${signs[what]} ${pointer}: ${[before, after]
        .filter((each) => each !== undefined)
        .map(cellOf)
        .join(' → ')}`,
  );
  const lines = [...description, ...changes, ...warnings.map((warning) => `! ${warning}`)].map((line) => line.replaceAll(/\s+/g, ' '));
  return `${[printable(head), ...[...lines, ...(change === 'changed' ? [] : restOf(definition))].map((line) => `    ${printable(line)}`)].join('\n')}\n`;
}

/** What else a definition says: what a tool takes and answers, and what it claims of itself. Of a change the differences say it. */
function restOf({ name: _name, description: _description, ...rest }: McpDefinitionEntry['definition']): string[] {
  return Object.keys(rest).length === 0 ? [] : toYaml(rest).trimEnd().split('\n');
}

/** What names a definition as it was seen. */
const wordsOf = ({ kind, name, sha256 }: McpDefinitionRef): string => `${kind}/${name}@${sha256.slice(0, hashDigits)}`;

/** Approves or rejects definitions as they were seen. */
export async function decideOnMcp(
  terminal: Terminal,
  verdict: 'approve' | 'reject',
  name: string,
  words: readonly string[],
  options: McpDecideOptions,
): Promise<void> {
  if ((options.all === undefined) === (words.length === 0))
    throw new CommandError('usage', `Name what to ${verdict}, as stoactl mcp pending ${printable(name)} prints it, or all of it with --all HASH.`);
  const { client } = await openSession(terminal, options);
  const mcp_server_id = await idOfServer(client, name);
  const body = options.all === undefined ? { definitions: await refsOf(client, mcp_server_id, words) } : { all: options.all };
  const params = { path: { mcp_server_id } };
  const call = verdict === 'approve' ? client.approveMcpDefinitions({ params, body }) : client.rejectMcpDefinitions({ params, body });
  const { decided, definitions } = await answered(call);
  const left = definitions.pending === 0 ? 'nothing is pending' : `${definitions.pending} pending`;
  terminal.out(`mcp-server/${printable(name)}: ${decided} ${verdict === 'approve' ? 'approved' : 'rejected'}, ${left}\n`);
}

async function idOfServer(client: ControlPlaneClient, name: string): Promise<string> {
  return String((await findOne(kindOf('McpServer'), client, name))['mcp_server_id']);
}

async function definitionsOf(client: ControlPlaneClient, mcp_server_id: string, state: McpDefinitionState) {
  const items: McpDefinitionEntry[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const query = { state, limit: pageSize, ...(cursor !== undefined && { cursor }) };
    const answer = await answered(client.listMcpDefinitions({ params: { path: { mcp_server_id }, query } }));
    items.push(...answer.items);
    if (answer.next_cursor === null) return { items, pending_sha256: answer.pending_sha256 };
    cursor = answer.next_cursor;
  }
  throw new CommandError('failed', `There are more than ${maxPages * pageSize} definitions.`);
}

/** The whole hashes of what is named by the beginnings of theirs. */
async function refsOf(client: ControlPlaneClient, mcpServerId: string, words: readonly string[]): Promise<McpDefinitionRef[]> {
  const states = ['pending', 'approved', 'rejected'] as const;
  const lists = await Promise.all(states.map((state) => definitionsOf(client, mcpServerId, state)));
  const known = lists.flatMap(({ items }) => items);
  return words.map((word) => {
    const { kind, name, hash } = partsOf(word);
    const found = known.find((each) => each.kind === kind && each.name === name && each.sha256.startsWith(hash));
    if (found === undefined)
      throw new CommandError('conflict', `${printable(word)} is not offered, or is otherwise by now: look at it again with stoactl mcp pending.`);
    return { kind: found.kind, name: found.name, sha256: found.sha256 };
  });
}

/** Names may hold both a slash and an at sign. */
function partsOf(word: string): { kind: string; name: string; hash: string } {
  const [slash, at] = [word.indexOf('/'), word.lastIndexOf('@')];
  const hash = word.slice(at + 1);
  if (slash < 1 || at <= slash || !/^[0-9a-f]{16,64}$/.test(hash))
    throw new CommandError(
      'usage',
      `${printable(word)} names no definition: it is KIND/NAME@HASH, with the hash that was seen, such as tool/close@9f86d081884c7d65.`,
    );
  return { kind: word.slice(0, slash), name: word.slice(slash + 1, at), hash };
}
