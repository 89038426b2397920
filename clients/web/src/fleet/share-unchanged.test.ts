import { expect, it } from 'vitest';
import type { GatewayModes } from '@stoa/generated/schemas.ts';
import { shareUnchanged } from './share-unchanged.ts';

it('keeps the objects of instances that did not change, and takes everything else from the newer answer', () => {
  const answer = (as_of: string, version: string) =>
    ({
      as_of,
      modes: [
        {
          instances: [
            { gateway_id: 'a', version: '1' },
            { gateway_id: 'b', version },
          ],
        },
      ],
    }) as unknown as GatewayModes;
  const before = answer('2026-11-22T18:24:00.000Z', '1');
  const after = answer('2026-11-22T18:24:02.000Z', '2');
  const shared = shareUnchanged(before, after);
  expect(shared).toEqual(after);
  expect(shared.modes[0]!.instances[0]).toBe(before.modes[0]!.instances[0]);
});
