// Run from bench/.peers, whose fastmcp it takes: its own conversion of the OpenAPI document, over Streamable HTTP.
import { readFile } from 'node:fs/promises';
import { fromOpenAPI } from 'fastmcp/openapi';

const server = await fromOpenAPI({ spec: JSON.parse(await readFile(process.env.SPEC, 'utf8')) });
await server.start({ transportType: 'httpStream', httpStream: { port: Number(process.env.PORT), host: '127.0.0.1', endpoint: '/mcp' } });
process.on('SIGTERM', () => process.exit(0));
