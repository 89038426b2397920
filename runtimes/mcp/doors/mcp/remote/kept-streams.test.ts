import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { KeptStreams } from './kept-streams.ts';

/** A response whose connection is broken, and one that takes what is written. */
function response(isBroken = false) {
  const written: string[] = [];
  const made = {
    destroyed: isBroken,
    writableLength: 0,
    writeHead: () => made,
    flushHeaders: () => undefined,
    write: (text: string) => written.push(text),
    end: () => undefined,
    destroy: () => (made.destroyed = true),
    on: () => made,
  };
  return { written, response: made as unknown as ServerResponse };
}
const nothing = (): void => undefined;
const frame = (size: number): string => `data: ${'x'.repeat(size)}\n\n`;

describe('what is kept of streams', () => {
  it('is one mebibyte of one caller: a longer stream cannot be come back to, and its call ends with its connection', () => {
    const all = new KeptStreams();
    let ends = 0;
    const stream = all.begin('ada', response(true).response, () => (ends += 1));
    expect(stream.tell(frame(1000))).toBe(true);
    expect(stream.outlives()).toBe(true);
    expect(stream.tell(frame(1024 * 1024))).toBe(false);
    expect(ends).toBe(1);
    expect(all.resume(`${stream.id}_0`, 'ada', response().response)).toBe(false);
  });

  it('is of 64 streams of one caller, the newest', () => {
    const all = new KeptStreams();
    const streams = Array.from({ length: 65 }, () => all.begin('ada', response(true).response, nothing));
    for (const stream of streams) stream.tell(frame(1));
    const back = streams.map(({ id }) => all.resume(`${id}_0`, 'ada', response().response));
    expect(back.filter((isBack) => !isBack)).toHaveLength(1);
    expect(back[0]).toBe(false);
  });

  it('is 16 MiB of all callers together', () => {
    const all = new KeptStreams();
    const streams = Array.from({ length: 40 }, (_, at) => ({ person: `p${at}`, stream: all.begin(`p${at}`, response(true).response, nothing) }));
    for (const { stream } of streams) stream.tell(frame(500_000));
    const back = streams.filter(({ person, stream }) => all.resume(`${stream.id}_0`, person, response().response));
    expect(back.length).toBeGreaterThan(30);
    expect(back.length).toBeLessThan(34);
  });
});
