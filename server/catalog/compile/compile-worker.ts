import { Socket } from 'node:net';
import { compileSource } from './compile-source.ts';
import type { ApiSourceText, CompiledSource } from './compile-source.ts';
import { DocumentError } from './document-error.ts';
import type { DocumentMember } from './document-error.ts';
import { onFrame, writeFrame } from './frames.ts';
import type { Frame } from './frames.ts';
import { readBody } from './read-body.ts';

/** Where a worker meets the server: a socket that ends with it. */
export const workerFd = 3;

/** What is asked; the bytes of the body or of the document are the frame's part. */
export type WorkerTask = { kind: 'read' } | { kind: 'compile'; source: Omit<ApiSourceText, 'document'> };
/** What is answered. Of a body its document is the frame's part, if it has one; of an API its document and its operations. */
export type WorkerAnswer =
  | { body: unknown }
  | { source: Omit<CompiledSource, 'document' | 'operations'> }
  | { refusal: { code: string; message: string; member: DocumentMember } }
  | { notJson: string }
  | { failure: string };

async function answer({ head, parts: [bytes = new Uint8Array()] }: Frame): Promise<Frame> {
  const task = head as WorkerTask;
  try {
    if (task.kind === 'read') {
      const { body, document } = readBody(bytes);
      return { head: { body }, parts: document === undefined ? [] : [document] };
    }
    const { document, operations, ...source } = await compileSource({ ...task.source, document: bytes });
    return { head: { source }, parts: [document, operations] };
  } catch (error) {
    return { head: refusalOf(error, task), parts: [] };
  }
}

function refusalOf(error: unknown, task: WorkerTask): WorkerAnswer {
  if (error instanceof DocumentError) return { refusal: { code: error.code, message: error.message, member: error.member } };
  if (error instanceof RangeError) {
    return { refusal: { code: 'document_too_deep', message: 'The document is nested too deeply.', member: 'document' } };
  }
  if (error instanceof SyntaxError && task.kind === 'read') return { notJson: error.message };
  return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

// A terminal's Ctrl-C reaches every program; the server decides when this one ends, and takes it along however it ends itself.
process.on('SIGINT', () => undefined).on('SIGTERM', () => undefined);
const server = new Socket({ fd: workerFd });
server.on('end', () => process.exit()).on('error', () => process.exit());
onFrame(server, (frame) => void answer(frame).then((answered) => writeFrame(server, answered)));
