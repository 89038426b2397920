import type {
  Approval,
  McpDefinitionEntry,
  McpDefinitionList,
  McpDefinitionsDecided,
  McpDefinitionsDecision,
  McpServer,
  McpServerList,
} from '@stoa/generated/schemas.ts';
import { attempt, client, refused, requestTimeoutMs } from '../api.ts';
import type { ApiOutcome } from '../api.ts';

const within = (signal?: AbortSignal) => ({
  signal: signal === undefined ? AbortSignal.timeout(requestTimeoutMs) : AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
});
/** More of one kind are told of by their number: the command line shows them all. */
const shownAtMost = 200;

/** What the page shows of one MCP server: itself, and what waits. */
export type McpDetail = { server: McpServer; pending: readonly McpDefinitionEntry[]; pendingSha256: string };

export function readMcpServers(signal: AbortSignal): Promise<ApiOutcome<McpServer[]>> {
  return attempt(async () => {
    const answer = await client.GET('/v1/mcp-servers', { ...within(signal), params: { query: { limit: shownAtMost } } });
    return answer.data === undefined ? refused(answer) : { kind: 'ok', value: (answer.data satisfies McpServerList).items };
  });
}

export function readMcpDetail(mcp_server_id: string, signal: AbortSignal): Promise<ApiOutcome<McpDetail>> {
  const path = { mcp_server_id };
  return attempt(async () => {
    const page = await client.GET('/v1/mcp-servers/{mcp_server_id}', { ...within(signal), params: { path } });
    if (page.data === undefined) return refused(page);
    const list = await client.GET('/v1/mcp-servers/{mcp_server_id}/definitions', {
      ...within(signal),
      params: { path, query: { state: 'pending', limit: shownAtMost } },
    });
    if (list.data === undefined) return refused(list);
    const { items, pending_sha256 } = list.data satisfies McpDefinitionList;
    return { kind: 'ok', value: { server: page.data, pending: items, pendingSha256: pending_sha256 } };
  });
}

/** What became of a decision, in a sentence. */
export function decideOnMcp(mcp_server_id: string, verdict: 'approve' | 'reject', body: McpDefinitionsDecision): Promise<ApiOutcome<string>> {
  const init = { ...within(), params: { path: { mcp_server_id } }, body };
  return attempt(async () => {
    const answer =
      verdict === 'approve'
        ? await client.POST('/v1/mcp-servers/{mcp_server_id}/approve', init)
        : await client.POST('/v1/mcp-servers/{mcp_server_id}/reject', init);
    if (answer.data === undefined) return refused(answer);
    const data: McpDefinitionsDecided | Approval = answer.data;
    if ('approval_id' in data) return { kind: 'ok', value: `It waits for a second person, in ${data.environments.join(', ')}.` };
    return { kind: 'ok', value: `${data.decided} ${verdict === 'approve' ? 'approved' : 'rejected'}, ${data.definitions.pending} pending.` };
  });
}
