import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ApiError } from '../errors.ts';
import { DocumentWorkers, NotJson } from './document-workers.ts';

const bytesOf = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const small = { openapi: '3.1.0', info: { title: 'Small', version: '1' }, servers: [{ url: 'https://api.example.com' }], paths: {} };
const sourceOf = (document: unknown) => ({
  document: bytesOf(document),
  name: undefined,
  upstreamUrl: undefined,
  credentials: [],
  filter: undefined,
});

describe('the processes for documents', () => {
  it('take a document out of a body and leave something small in its place', async () => {
    const workers = new DocumentWorkers();
    const read = (body: unknown) => workers.readBody(bytesOf(body));
    const { body, document } = await read({ name: 'a', document: small });
    expect([body, JSON.parse(new TextDecoder().decode(document))]).toEqual([{ name: 'a', document: {} }, small]);
    const text = await read({ document: 'openapi: 3.1.0' });
    expect([text.body, new TextDecoder().decode(text.document)]).toEqual([{ document: '-' }, 'openapi: 3.1.0']);
    await expect(read('{"a"')).rejects.toThrow(NotJson);
    await expect(read(`{"document":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`)).rejects.toMatchObject({ code: 'document_too_deep' });
  });

  it('get a body as it comes, and another one when it ends too early', async () => {
    const workers = new DocumentWorkers({ maxWorkers: 1 });
    const bytes = bytesOf({ name: 'a', document: { ...small, x: 'long '.repeat(200_000) } });
    const body = new PassThrough();
    const read = workers.readBody({ byteLength: bytes.byteLength, stream: body });
    // Each piece is waited for until it has gone on, which it does before the last one is there.
    const pieceBytes = 100_000;
    for (let from = 0; from < bytes.byteLength; from += pieceBytes)
      await new Promise((resolve) => body.write(bytes.subarray(from, from + pieceBytes), resolve));
    expect(body.readableLength).toBeLessThan(pieceBytes);
    body.end();
    expect((await read).document?.byteLength).toBe(bytes.byteLength - '{"name":"a","document":}'.length);

    const broken = new PassThrough();
    const unread = workers.readBody({ byteLength: bytes.byteLength, stream: broken });
    broken.write(bytes.subarray(0, 10));
    broken.destroy(new Error('gone'));
    await expect(unread).rejects.toThrow('gone');
    expect(await workers.compile(sourceOf(small))).toMatchObject({ name: 'small' });
  });

  it('end when they take too long or too much memory, and the next document is compiled all the same', async () => {
    const hasty = new DocumentWorkers({ maxTaskMs: 1 });
    await expect(hasty.compile(sourceOf(small))).rejects.toMatchObject({
      code: 'document_too_complex',
      message: expect.stringContaining('split it'),
    });
    const cramped = new DocumentWorkers({ maxHeapMb: 48 });
    const values = `openapi: 3.1.0\nx: [${'{},'.repeat(700_000)}]`;
    await expect(cramped.compile(sourceOf(values))).rejects.toMatchObject({ code: 'document_too_complex' });
    expect(await cramped.compile(sourceOf(small))).toMatchObject({ name: 'small', toolNames: [] });
  });

  it('are gone when their program has said that it ends, and another begins when there is work again', async () => {
    const ownWorkers = () =>
      execFileSync('ps', ['-A', '-o', 'ppid=,pid=,command='], { encoding: 'utf8' })
        .split('\n')
        .filter((line) => line.trim().startsWith(`${process.pid} `) && line.includes('compile-worker'));
    const workers = new DocumentWorkers();
    const others = ownWorkers();
    await workers.compile(sourceOf(small));
    const own = ownWorkers().filter((line) => !others.includes(line));
    expect(own).toHaveLength(1);
    await workers.endIdle();
    expect(ownWorkers()).not.toContain(own[0]);
    expect(await workers.compile(sourceOf(small))).toMatchObject({ name: 'small' });
    await workers.endIdle();
  });

  it.runIf(process.platform === 'linux')('see nothing of the environment, which holds secrets', async () => {
    process.env['STOA_TEST_SECRET'] = 'word';
    const workers = new DocumentWorkers();
    await workers.compile(sourceOf(small));
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const environments = children.map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    delete process.env['STOA_TEST_SECRET'];
    expect(environments.length).toBeGreaterThan(0);
    expect(environments.join('')).not.toContain('STOA_TEST_SECRET');
  });

  it('count values before they make any of them', async () => {
    const workers = new DocumentWorkers();
    const many = `{"document":{"openapi":"3.1.0","x":[${'{},'.repeat(4_000_000)}0]}}`;
    await expect(workers.readBody(bytesOf(many))).rejects.toMatchObject({
      code: 'document_too_large',
      message: expect.stringContaining('more than 4000000 '),
    });
  });

  it('let some wait, and turn away the rest', async () => {
    const workers = new DocumentWorkers({ maxWorkers: 1, maxWaiting: 2 });
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => workers.compile(sourceOf(small))));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect((answers[3] as PromiseRejectedResult).reason).toMatchObject({ status: 503, retryAfterS: 10 } satisfies Partial<ApiError>);
  });
});
