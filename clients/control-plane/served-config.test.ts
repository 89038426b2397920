import { setImmediate as turn } from 'node:timers/promises';
import { createLogger } from '@stoa/lib/log.ts';
import { expect, it } from 'vitest';
import { ServedConfig } from './served-config.ts';
import type { ServedConfigOptions } from './served-config.ts';
import type { VerifiedState } from './verified-state.ts';

it('is kept on disk in a turn of the event loop after the one that applied it, so that who waits is answered in between', async () => {
  const order: string[] = [];
  const served = new ServedConfig({
    restore: () => Promise.resolve(),
    store: { save: () => Promise.resolve(order.push('kept')) } as unknown as ServedConfigOptions['store'],
    log: createLogger({ program: 'test', level: 'silent' }),
  });
  const waiting = turn().then(() => order.push('answered'));
  await served.accept({ gateway_id: 'g', generation: 1, hash: 'h', held: [] } as unknown as VerifiedState, 'applied');
  await waiting;
  expect(order).toEqual(['answered', 'kept']);
});
