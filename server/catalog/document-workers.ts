import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ApiSourceText, CompiledSource } from './compile/compile-source.ts';
import type { WorkerAnswer, WorkerTask } from './compile/compile-worker.ts';
import { DocumentError } from './compile/document-error.ts';
import { beginFrame, onFrame } from './compile/frames.ts';
import type { Frame } from './compile/frames.ts';
import type { BodyParts } from './compile/read-body.ts';
import { Slots } from './slots.ts';

/** A body that is no JSON; the message is the parser's. */
export class NotJson extends Error {}

const defaults = { maxWorkers: 2, maxWaiting: 16, maxTaskMs: 60_000, maxHeapMb: 1536, idleMs: 30_000 };

/** Bytes that are at hand, or so many of them that are still to come. */
export type BodySource = Uint8Array<ArrayBuffer> | { byteLength: number; stream: Readable };

/** `failure`: why it ended, when no document is to blame. */
type Worker = { child: ChildProcess; socket: Socket; ended: AbortController; failure?: Error };

/**
 * Processes in which documents are parsed and compiled, because heartbeats must not wait for them. Each has a bound of memory and each task a
 * bound of time; one that goes beyond ends, and the next task gets another. No threads: one that reaches its bound of memory takes the
 * whole process with it.
 */
export class DocumentWorkers {
  readonly #bounds: typeof defaults;
  readonly #idle = new Set<Worker>();
  readonly #slots: Slots;

  constructor(bounds: Partial<typeof defaults> = {}) {
    this.#bounds = { ...defaults, ...bounds };
    this.#slots = new Slots({ maxRunning: this.#bounds.maxWorkers, maxWaiting: this.#bounds.maxWaiting });
  }

  /**
   * Takes the body of a request apart. What is still to come goes on to the worker as it comes.
   * @throws NotJson, DocumentError, ApiError 503 when too many wait, and what the stream throws
   */
  async readBody(source: BodySource): Promise<BodyParts> {
    const { head, parts } = await this.#run({ kind: 'read' }, source);
    if ('body' in head) return { body: head.body, document: parts[0] };
    throw refusalOf(head);
  }

  /** Compiles an API. @throws DocumentError when none can be made of the document, ApiError 503 when too many wait. */
  async compile({ document, ...source }: ApiSourceText): Promise<CompiledSource> {
    const { head, parts } = await this.#run({ kind: 'compile', source }, document);
    const [stored, operations] = parts;
    if ('source' in head && stored && operations) return { ...head.source, document: stored, operations };
    throw refusalOf(head);
  }

  /** Ends the processes that wait for work, and waits until they are gone: none may outlive its program, not even for a moment. */
  async endIdle(): Promise<void> {
    const waiting = [...this.#idle];
    this.#idle.clear();
    await Promise.all(
      waiting.map(async ({ child, ended }) => {
        if (ended.signal.aborted) return;
        const gone = once(child, 'exit');
        child.ref();
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }

  async #run(task: WorkerTask, source: BodySource): Promise<{ head: WorkerAnswer; parts: Frame['parts'] }> {
    const giveBack = await this.#slots.take();
    try {
      const { head, parts } = await this.#perform(task, source);
      return { head: head as WorkerAnswer, parts };
    } finally {
      giveBack();
    }
  }

  async #perform(task: WorkerTask, source: BodySource): Promise<Frame> {
    const { maxTaskMs, maxHeapMb } = this.#bounds;
    const worker = this.#take();
    const late = new AbortController();
    const over = AbortSignal.any([late.signal, worker.ended.signal]);
    let timer: NodeJS.Timeout | undefined;
    try {
      await send(worker.socket, task, source, over);
      // How long a body takes to arrive is bounded by the server.
      timer = setTimeout(() => late.abort(), maxTaskMs);
      const [answer] = (await once(worker.socket, 'frame', { signal: over })) as [Frame];
      this.#release(worker);
      return answer;
    } catch (error) {
      worker.child.kill('SIGKILL');
      if (worker.failure !== undefined) throw worker.failure;
      if ((error as Error).name !== 'AbortError') throw error;
      const what = `The document takes more than ${maxTaskMs / 1000} s or ${maxHeapMb} MB to compile`;
      throw new DocumentError('document_too_complex', `${what}: leave out what no tool needs, or split it into several APIs.`);
    } finally {
      clearTimeout(timer);
    }
  }

  #take(): Worker {
    const [idle] = this.#idle;
    const worker = idle ?? this.#start();
    this.#idle.delete(worker);
    worker.child.ref();
    worker.socket.ref();
    return worker;
  }

  #start(): Worker {
    // Nothing of the environment but where Node.js keeps what it compiled: it holds secrets, and the worker reads documents of strangers.
    const { NODE_COMPILE_CACHE } = process.env;
    const child = spawn(process.execPath, [`--max-old-space-size=${this.#bounds.maxHeapMb}`, workerFile()], {
      env: { ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const worker: Worker = { child, socket: child.stdio[3] as Socket, ended: new AbortController() };
    const end = (failure?: Error): void => {
      this.#idle.delete(worker);
      if (failure !== undefined) worker.failure = failure;
      worker.ended.abort();
    };
    onFrame(worker.socket, (frame) => worker.socket.emit('frame', frame));
    child.once('error', end);
    // Out of memory it is ended by a signal.
    child.once('exit', (code) => end(code === null ? undefined : new Error(`The worker for documents ended with status ${code}.`)));
    // An 'error' event that nobody listens for would end this process. The 'exit' that follows says what happened.
    worker.socket.on('error', () => undefined);
    return worker;
  }

  /** Kept for a while, since a process takes longer to start than most documents to compile; it does not keep this one alive. */
  #release(worker: Worker): void {
    worker.child.unref();
    worker.socket.unref();
    this.#idle.add(worker);
    setTimeout(() => {
      if (this.#idle.delete(worker)) worker.child.kill('SIGKILL');
    }, this.#bounds.idleMs).unref();
  }
}

export const documentWorkers = new DocumentWorkers();

/** No more of a stream is held here than the socket takes at once. */
async function send(socket: Socket, task: WorkerTask, source: BodySource, signal: AbortSignal): Promise<void> {
  beginFrame(socket, task, [source.byteLength]);
  if (source instanceof Uint8Array) return void socket.write(source);
  // By default the loop would destroy the request when the worker fails, and its client would get no answer.
  for await (const chunk of source.stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
    if (!socket.write(chunk)) await once(socket, 'drain', { signal });
}

function refusalOf(answer: WorkerAnswer): Error {
  if ('notJson' in answer) return new NotJson(answer.notJson);
  if ('refusal' in answer) return new DocumentError(answer.refusal.code, answer.refusal.message, answer.refusal.member);
  return new Error('failure' in answer ? `A document could not be compiled: ${answer.failure}` : 'The worker answered another question.');
}

/** The build puts every program and this worker side by side. */
function workerFile(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './compile/compile-worker.ts' : './compile-worker.mjs', import.meta.url));
}
