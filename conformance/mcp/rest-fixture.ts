import { createServer } from 'node:http';
import { closeGracefully, listen } from '@stoa/lib/listen.ts';
import { inputSchemas, plainTools, png } from './fixture/contents.ts';

type RestOperation = { readonly type: string; readonly body: string | Buffer; readonly status?: number };
const wav = (plainTools['test_audio_content']?.content[0] as { data: string }).data;
const textOf = (tool: string): string => (plainTools[tool]?.content[0] as { text: string }).text;

/** What of the suite's tools an API over HTTP can be: each answers what the tool of the same name does. Progress, logs and questions have no counterpart there. */
const operations: Readonly<Record<string, RestOperation>> = {
  simple_text: { type: 'text/plain', body: textOf('test_simple_text') },
  image_content: { type: 'image/png', body: Buffer.from(png, 'base64') },
  audio_content: { type: 'audio/wav', body: Buffer.from(wav, 'base64') },
  error_handling: { type: 'text/plain', body: textOf('test_error_handling'), status: 500 },
  tool_with_progress: { type: 'text/plain', body: 'It is done.' },
  tool_with_logging: { type: 'text/plain', body: 'It is done.' },
  logging_tool: { type: 'text/plain', body: 'It is done.' },
  embedded_resource: { type: 'text/plain', body: 'This is an embedded resource content.' },
  multiple_content_types: { type: 'image/png', body: Buffer.from(png, 'base64') },
};

const documentOf = (title: string, paths: object) => ({ openapi: '3.1.0', info: { title, version: '1.0.0' }, paths });

/** Two documents, by the names of their APIs: their operations become tools with the suite's names. */
export const restDocuments: Readonly<Record<string, object>> = {
  test: documentOf(
    'Test',
    Object.fromEntries(
      Object.entries(operations).map(([operationId, { type }]) => [
        `/${operationId}`,
        { get: { operationId, summary: `Tests ${operationId}.`, responses: { 200: { description: 'What it answers.', content: { [type]: {} } } } } },
      ]),
    ),
  ),
  json: documentOf('JSON', {
    '/schema': {
      post: {
        operationId: 'schema_2020_12_tool',
        summary: 'Takes what a schema of many words describes.',
        requestBody: { required: true, content: { 'application/json': { schema: inputSchemas['json_schema_2020_12_tool'] } } },
        responses: { 204: { description: 'It was taken.' } },
      },
    },
  }),
};

/** The API behind both. */
export async function startRest(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const http = createServer((request, response) => {
    const operation = operations[request.url?.slice(1) ?? ''];
    request.resume();
    if (operation === undefined) return void response.writeHead(204).end();
    response.writeHead(operation.status ?? 200, { 'content-type': operation.type }).end(operation.body);
  });
  const url = await listen(http, { host: '127.0.0.1', port: 0 });
  return {
    url,
    async stop() {
      http.closeAllConnections();
      await closeGracefully(http, 0);
    },
  };
}
