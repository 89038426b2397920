import { Client as NewerClient, StreamableHTTPClientTransport as NewerTransport } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** One tool call by a client library of its own: the names of the tools that it was shown, and whether the call succeeded. */
export type ToolCall = (url: string, key: string, tool: string) => Promise<{ tools: string[]; ok: boolean }>;

const info = { name: 'contract-tests', version: '1.0.0' };
const initOf = (key: string) => ({ requestInit: { headers: { authorization: `Bearer ${key}` } } });

/** The SDK's 1.x line, which speaks the revisions up to 2025-11-25. */
export const callByOlderSdk: ToolCall = async (url, key, tool) => {
  const client = new OlderClient(info);
  await client.connect(new OlderTransport(new URL(url), initOf(key)));
  // Both libraries answer the calls made here alike; their declared types differ in what we do not use.
  return callAndClose(client as unknown as AnyClient, tool);
};

/** The SDK's 2.x line, held to revision 2026-07-28. */
export const callByNewerSdk: ToolCall = async (url, key, tool) => {
  const client = new NewerClient(info, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new NewerTransport(new URL(url), initOf(key)));
  return callAndClose(client, tool);
};

type AnyClient = {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<{ isError?: unknown }>;
  close(): Promise<void>;
};

async function callAndClose(client: AnyClient, name: string): Promise<{ tools: string[]; ok: boolean }> {
  try {
    const { tools } = await client.listTools();
    const { isError } = await client.callTool({ name, arguments: {} });
    return { tools: tools.map((tool) => tool.name), ok: isError !== true };
  } finally {
    await client.close();
  }
}
