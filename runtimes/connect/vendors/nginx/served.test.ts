import { describe, expect, it } from 'vitest';
import { isServed } from './served.ts';

/** An nginx whose new connections are answered by these, one after the other, and then by the last. */
const answering = (...answers: (string | undefined)[]) => ({
  generation: async () => (answers.length > 1 ? answers.shift() : answers[0]),
});

describe('which generation answers', () => {
  it('is the wanted one only when as many answers in a row say so as were asked for', async () => {
    const tools = answering('new', 'old', 'new', 'new', 'new', 'old');
    expect(await isServed(tools, 'new', { patienceMs: 500, inARow: 3 })).toBe(true);
    expect(await tools.generation()).toBe('old');
  });

  it('is not the wanted one when another still answers at the end of the patience', async () => {
    expect(await isServed(answering('new', 'old'), 'new', { patienceMs: 100, inARow: 2 })).toBe(false);
  });

  it('is none where none is wanted and old workers have gone', async () => {
    expect(await isServed(answering('old', undefined), undefined, { patienceMs: 500, inARow: 1 })).toBe(true);
  });
});
