import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { closeGracefully, listen } from './listen.ts';
import { problem, sendProblem } from './problem.ts';

describe('problems', () => {
  it('take their title from the status and their type from the code', () => {
    expect(problem(404)).toEqual({ type: 'about:blank', title: 'Not Found', status: 404 });
    expect(problem(409, { code: 'stale_epoch', detail: 'A newer process holds the lease.' })).toEqual({
      type: 'urn:stoa:problem:stale_epoch',
      title: 'Conflict',
      status: 409,
      code: 'stale_epoch',
      detail: 'A newer process holds the lease.',
    });
  });

  it('tell the first faults of many and count the others, and cut what is long', () => {
    const fault = (name: string) => ({ pointer: `/body/${name}`, message: 'is not known here; remove it' });
    const many = problem(400, {
      detail: 'The request has 330000 faults.',
      errors: Array.from({ length: 330_000 }, (_, index) => fault(`k${index}`)),
    });
    expect(many).toMatchObject({ detail: 'The request has 330000 faults. These are the first 20, and 329980 more.' });
    expect(many.errors).toHaveLength(20);
    expect(problem(400, { detail: 'Two.', errors: [fault('a'), fault('b')] })).toMatchObject({ detail: 'Two.', errors: [fault('a'), fault('b')] });
    for (const letter of ['x', '☺', '𝄞']) {
      const long = problem(400, { detail: letter.repeat(100_000), errors: Array.from({ length: 25 }, () => fault(letter.repeat(100_000))) });
      expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThan(12_000);
      expect(long.detail).toMatch(/and \d+ more\.$/);
      expect(JSON.stringify(long)).not.toContain('\\ud8');
    }
  });

  it('are sent as application/problem+json with the headers given', async () => {
    const content = problem(429, { errors: [{ pointer: '/version', message: 'must be text — é' }] });
    const server = createServer((_request, response) => sendProblem(response, content, { 'retry-after': '3' }));
    const answer = await fetch(await listen(server, { host: '127.0.0.1', port: 0 }));
    expect(answer.status).toBe(429);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('retry-after')).toBe('3');
    const requestId = answer.headers.get('x-request-id');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await answer.json()).toEqual({ ...content, request_id: requestId });
    await closeGracefully(server, 0);
  });
});
