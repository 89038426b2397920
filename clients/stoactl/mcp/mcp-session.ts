import type { CallToolResult, Client, Tool } from '@modelcontextprotocol/client';
import { version } from '@stoa/lib/version.ts';
import { CommandError } from '../exit-codes.ts';
import { createHttp } from '../http.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export type McpOptions = { gateway: string; caFile?: string };
export type { CallToolResult, Tool };

const newestRevision = '2026-07-28';
/** A server that gave out cursors without an end would be read for ever. */
const maxPages = 1000;

/** An MCP server as one consumer meets it. */
export type McpSession = {
  readonly url: string;
  listTools(): Promise<Tool[]>;
  callTool(name: string, args: Record<string, unknown>): Promise<CallToolResult>;
};

/** Runs `work` with a session at the MCP endpoint of a Gateway or Link. What goes wrong on the way is a `CommandError` with the exit code of it. */
export async function withMcp<T>(
  terminal: Terminal,
  options: McpOptions,
  key: string | undefined,
  work: (session: McpSession) => Promise<T>,
): Promise<T> {
  const url = endpointOf(options.gateway);
  await createHttp(terminal, options.caFile);
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const seen: Seen = { url: url.href, hasKey: key !== undefined };
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: watched(seen),
    requestInit: { signal: terminal.signal, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } },
  });
  const client = new Client(
    { name: 'stoactl', version },
    // What a tool answers is shown as it is. Its schemas are from outside, and their patterns are for no engine here.
    {
      versionNegotiation: { mode: { pin: newestRevision } },
      jsonSchemaValidator: { getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }) },
    },
  );
  try {
    await told(seen, () => client.connect(transport));
    return await work(sessionOf(client, seen));
  } finally {
    await client.close().catch(() => undefined);
  }
}

const sessionOf = (client: Client, seen: Seen): McpSession => ({
  url: seen.url,
  listTools: () =>
    told(seen, async () => {
      const tools: Tool[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const { tools: some, nextCursor } = await client.listTools(cursor === undefined ? {} : { cursor });
        tools.push(...some);
        if (nextCursor === undefined) break;
        cursor = nextCursor;
      }
      return tools;
    }),
  callTool: (name, args) => told(seen, () => client.callTool({ name, arguments: args })),
});

/** What the last exchange gave, however the library words it. */
type Seen = { readonly url: string; readonly hasKey: boolean; status?: number; trouble?: Error };

const watched =
  (seen: Seen): typeof fetch =>
  async (input, init) => {
    delete seen.status;
    delete seen.trouble;
    try {
      const response = await fetch(input, init);
      seen.status = response.status;
      return response;
    } catch (error) {
      seen.trouble = error as Error;
      throw error;
    }
  };

const invalidParams = -32_602;

async function told<T>(seen: Seen, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw commandErrorOf(seen, error as Error & { code?: unknown });
  }
}

function commandErrorOf({ url, hasKey, status, trouble }: Seen, error: Error & { code?: unknown }): CommandError {
  const because = { cause: error };
  if (trouble !== undefined) {
    const { message } = (trouble.cause as Error | undefined) ?? trouble;
    return new CommandError(
      'unreachable',
      `${url} cannot be reached: ${printable(message || trouble.message)}. Is a Gateway or a Link running there?`,
      because,
    );
  }
  if (status === 401)
    return new CommandError(
      'signedOut',
      hasKey ? `${url} does not accept the key: it is unknown there, revoked or expired.` : `${url} wants a key: --key-file FILE.`,
      because,
    );
  if (status === 403) return new CommandError('forbidden', `${url} refuses: ${printable(error.message)}`, because);
  if (status !== undefined && status >= 500)
    return new CommandError('unreachable', `${url} answers with status ${status}: ${printable(error.message)}`, because);
  if (error.code === invalidParams) return new CommandError('notFound', printable(error.message), because);
  if (status !== undefined && status >= 300)
    return new CommandError('failed', `${url} answers with status ${status}: is it the MCP endpoint of a Gateway or Link?`, because);
  return new CommandError('failed', `${url}: ${printable(error.message)}`, because);
}

/** The endpoint that is meant: of a Gateway without a path, `/mcp`. */
export function endpointOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CommandError('usage', `--gateway takes the address of a Gateway or Link, such as http://127.0.0.1:8081: "${printable(text)}" is none.`);
  if (url.username !== '' || url.password !== '')
    throw new CommandError('usage', '--gateway takes an address without a user or password: the key comes by --key-file.');
  if (url.pathname === '/') url.pathname = '/mcp';
  return url;
}
