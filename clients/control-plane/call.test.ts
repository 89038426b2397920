import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { call } from './call.ts';

const never = new AbortController().signal;

it('gives up what does not come in time', async () => {
  const send = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  expect(await call(send, 1, never)).toEqual({ ok: false, status: 'none', detail: 'no answer within 1 ms' });
});

it('reads an answer that came while the process stood still, late as it is then', async () => {
  const said = new Int32Array(new SharedArrayBuffer(4));
  const answering = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     parentPort.once('message', () => { parentPort.postMessage('answer'); Atomics.store(workerData, 0, 1); Atomics.notify(workerData, 0); });`,
    { eval: true, workerData: said },
  );
  await once(answering, 'online');
  const send = async (signal: AbortSignal) => {
    const answer = new Promise<string>((resolve, reject) => {
      answering.once('message', resolve);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    answering.postMessage('ask');
    // Nothing else runs here until the answer is on its way, and the time for it is over.
    Atomics.wait(said, 0, 0);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return { data: await answer, response: new Response() };
  };
  // In the last phase of a turn of the event loop: the next one begins with what timers are due, and reads what arrived after that.
  const result = await new Promise((resolve) => setImmediate(() => resolve(call(send, 1, never))));
  expect(result).toMatchObject({ ok: true, text: 'answer' });
  await answering.terminate();
});
