import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { overloaded } from '../errors.ts';
import type { ApiSourceText, CompiledSource } from './compile/compile-source.ts';
import type { WorkerAnswer, WorkerTask } from './compile/compile-worker.ts';
import { DocumentError } from './compile/document-error.ts';
import { onFrame, writeFrame } from './compile/frames.ts';
import type { Frame } from './compile/frames.ts';
import type { BodyParts } from './compile/read-body.ts';

/** A body that is no JSON; the message is the parser's. */
export class NotJson extends Error {}

const defaults = { maxWorkers: 2, maxWaiting: 16, maxTaskMs: 60_000, maxHeapMb: 1536, idleMs: 30_000 };
const retryAfterS = 10;

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
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(bounds: Partial<typeof defaults> = {}) {
    this.#bounds = { ...defaults, ...bounds };
  }

  /** Takes the body of a request apart. @throws NotJson, DocumentError, ApiError 503 when too many wait. */
  async readBody(bytes: Uint8Array<ArrayBuffer>): Promise<BodyParts> {
    const { head, parts } = await this.#run({ kind: 'read' }, bytes);
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

  async #run(task: WorkerTask, bytes: Uint8Array<ArrayBuffer>): Promise<{ head: WorkerAnswer; parts: Frame['parts'] }> {
    const { maxWorkers, maxWaiting } = this.#bounds;
    if (this.#running >= maxWorkers) {
      if (this.#waiting.length >= maxWaiting) throw overloaded(retryAfterS);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      const { head, parts } = await this.#perform({ head: task, parts: [bytes] });
      return { head: head as WorkerAnswer, parts };
    } finally {
      // The place goes to the next who waits, if any.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #perform(frame: Frame): Promise<Frame> {
    const { maxTaskMs, maxHeapMb } = this.#bounds;
    const worker = this.#take();
    const answered = once(worker.socket, 'frame', { signal: AbortSignal.any([AbortSignal.timeout(maxTaskMs), worker.ended.signal]) });
    writeFrame(worker.socket, frame);
    try {
      const [answer] = (await answered) as [Frame];
      this.#release(worker);
      return answer;
    } catch (error) {
      worker.child.kill('SIGKILL');
      if (worker.failure !== undefined) throw worker.failure;
      if ((error as Error).name !== 'AbortError') throw error;
      const what = `The document takes more than ${maxTaskMs / 1000} s or ${maxHeapMb} MB to compile`;
      throw new DocumentError('document_too_complex', `${what}: leave out what no tool needs, or split it into several APIs.`);
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
    // Nothing of the environment: it holds secrets, and the worker reads documents of strangers.
    const child = spawn(process.execPath, [`--max-old-space-size=${this.#bounds.maxHeapMb}`, workerFile()], {
      env: {},
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
    // Unheard, it would end this process. What it means is told by the exit that follows.
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

function refusalOf(answer: WorkerAnswer): Error {
  if ('notJson' in answer) return new NotJson(answer.notJson);
  if ('refusal' in answer) return new DocumentError(answer.refusal.code, answer.refusal.message, answer.refusal.member);
  return new Error('failure' in answer ? `A document could not be compiled: ${answer.failure}` : 'The worker answered another question.');
}

/** The build puts every program and this worker side by side. */
function workerFile(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './compile/compile-worker.ts' : './compile-worker.mjs', import.meta.url));
}
