import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiOutcome } from './api.ts';
import { startPolling } from './poll.ts';
import type { Poll } from './poll.ts';

const failed = (retryAfterMs?: number): ApiOutcome<number> => ({ kind: 'failed', message: 'The Control Plane does not answer.', retryAfterMs });

describe('polling', () => {
  let poll: Poll;
  let visible: boolean;
  let reads: number;
  let answer: () => Promise<ApiOutcome<number>>;
  let pauses: number[];

  beforeEach(() => {
    vi.useFakeTimers();
    visible = true;
    reads = 0;
    pauses = [];
    answer = async () => ({ kind: 'ok', value: reads });
  });
  afterEach(() => {
    poll.stop();
    vi.useRealTimers();
  });
  const start = () => {
    poll = startPolling<number>({
      intervalMs: 2000,
      random: () => 1,
      isVisible: () => visible,
      load: () => (reads++, answer()),
      deliver: (_outcome, pauseMs) => pauses.push(pauseMs),
    });
  };

  it('reads at once, then every interval', async () => {
    start();
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(4000);
    expect(reads).toBe(3);
  });

  it('never has two reads in flight, and reads once more when asked meanwhile', async () => {
    let finish = () => {};
    answer = () =>
      new Promise((resolve) => {
        finish = () => resolve({ kind: 'ok', value: 1 });
      });
    start();
    await vi.advanceTimersByTimeAsync(60_000);
    poll.refresh();
    poll.refresh();
    expect(reads).toBe(1);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(reads).toBe(2);
  });

  it('doubles the pause with each failure up to half a minute, and starts afresh after a success', async () => {
    answer = async () => failed();
    start();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(pauses.slice(0, 6)).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
    answer = async () => ({ kind: 'ok', value: 1 });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(pauses.at(-1)).toBe(2000);
  });

  it('waits as long as the server asks, and a little more', async () => {
    answer = async () => failed(60_000);
    start();
    await vi.advanceTimersByTimeAsync(71_000);
    expect(reads).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(reads).toBe(2);
  });

  it('rests while the page is hidden, until it is refreshed', async () => {
    start();
    visible = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads).toBe(1);
    visible = true;
    poll.refresh();
    await vi.advanceTimersByTimeAsync(2000);
    expect(reads).toBe(3);
  });

  it('ends when signed out, until it is refreshed', async () => {
    answer = async () => ({ kind: 'unauthorized' });
    start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads).toBe(1);
    poll.refresh();
    expect(reads).toBe(2);
  });

  it('tells nothing after it was stopped', async () => {
    start();
    poll.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(pauses).toEqual([]);
  });
});
