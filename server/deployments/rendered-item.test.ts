import { expect, it } from 'vitest';
import { StateDifference } from './differences.ts';
import { renderSubscription } from './render.ts';

it('an item and what is compressed of it hold no memory but their own bytes, for they are kept as long as they are served', async () => {
  const item = renderSubscription({ id: 'a', api_id: 'b', plan_id: null, consumer_id: 'c' });
  const compressed = await new StateDifference(undefined, [], [item]).compressed;
  for (const bytes of [item.bytes, compressed]) expect(bytes.buffer.byteLength).toBe(bytes.length);
});
