import { expect, it } from 'vitest';
import { RegistrationQueue } from './registration-queue.ts';

it('lets four run at once, two thousand wait in order, and tells the rest to come back', async () => {
  const queue = new RegistrationQueue();
  const release = Promise.withResolvers<void>();
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const one = (n: number) =>
    queue.run(async () => {
      started.push(n);
      most = Math.max(most, (running += 1));
      await release.promise;
      running -= 1;
      return n;
    });
  const accepted = Array.from({ length: 2004 }, (_, n) => one(n));
  await expect(one(2004)).rejects.toMatchObject({ status: 503, retryAfterS: 5 });
  expect(started).toEqual([0, 1, 2, 3]);
  release.resolve();
  expect(await Promise.all(accepted)).toEqual(Array.from({ length: 2004 }, (_, n) => n));
  expect(started).toEqual(Array.from({ length: 2004 }, (_, n) => n));
  expect(most).toBe(4);
});

it('gives the place of one that failed to the next', async () => {
  const queue = new RegistrationQueue();
  const failing = Array.from({ length: 8 }, () => queue.run(() => Promise.reject(new Error('no'))));
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(Array(8).fill('rejected'));
  expect(await queue.run(() => Promise.resolve('in'))).toBe('in');
});
