import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { overloaded } from '../errors.ts';
import { compileSource } from './compile/compile-source.ts';
import type { ApiSourceText, CompiledSource } from './compile/compile-source.ts';
import type { WorkerAnswer } from './compile/compile-worker.ts';
import { DocumentError } from './compile/document-error.ts';

/** Smaller documents compile faster than a thread starts. */
const maxInlineCharacters = 128 * 1024;
const maxCompileMs = 60_000;
const maxHeapMb = 1024;
const maxWorkers = 2;
const retryAfterS = 10;

let workers = 0;

/**
 * Compiles an API; a large document in a thread of its own, because heartbeats must not wait for it.
 * @throws DocumentError when no API can be made of the document; ApiError 503 when others are being compiled already
 */
export async function compileAside(source: ApiSourceText): Promise<CompiledSource> {
  const document = typeof source.document === 'string' ? source.document : textOf(source.document);
  if (document.length <= maxInlineCharacters) return compileSource(source);
  if (workers >= maxWorkers) throw overloaded(retryAfterS);
  workers += 1;
  try {
    return await compileInWorker({ ...source, document });
  } finally {
    workers -= 1;
  }
}

async function compileInWorker(source: ApiSourceText): Promise<CompiledSource> {
  const worker = new Worker(workerUrl(), { workerData: source, resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });
  try {
    // An `error` of the worker rejects.
    const [answer] = (await once(worker, 'message', { signal: AbortSignal.timeout(maxCompileMs) })) as [WorkerAnswer];
    if ('source' in answer) return answer.source;
    throw new DocumentError(answer.refusal.code, answer.refusal.message, answer.refusal.member);
  } catch (error) {
    const { name, code } = error as { name?: unknown; code?: unknown };
    if (name !== 'AbortError' && code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    throw new DocumentError('document_too_complex', `The document takes more than ${maxCompileMs / 1000} s or ${maxHeapMb} MB to compile; split it.`);
  } finally {
    await worker.terminate();
  }
}

/** The build puts every program and this worker side by side. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './compile/compile-worker.ts' : './compile-worker.mjs', import.meta.url);
}

function textOf(document: unknown): string {
  try {
    return JSON.stringify(document);
  } catch {
    throw new DocumentError('document_too_deep', 'The document is nested too deeply.');
  }
}
