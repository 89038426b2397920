import { parentPort, workerData } from 'node:worker_threads';
import { compileSource } from './compile-source.ts';
import type { ApiSourceText, CompiledSource } from './compile-source.ts';
import { DocumentError } from './document-error.ts';
import type { DocumentMember } from './document-error.ts';

/** What the worker answers. An error's class does not survive the way between threads. */
export type WorkerAnswer = { source: CompiledSource } | { refusal: { code: string; message: string; member: DocumentMember } };

parentPort?.postMessage(await answer(workerData as ApiSourceText));

async function answer(text: ApiSourceText): Promise<WorkerAnswer> {
  try {
    return { source: await compileSource(text) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const { code, message, member } = error;
    return { refusal: { code, message, member } };
  }
}
