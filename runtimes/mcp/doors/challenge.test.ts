import { expect, it } from 'vitest';
import { createLogger } from '@stoa/lib/log.ts';
import { createEngine } from '../engine.ts';
import { createMeter } from '../metering/meter.ts';
import { collectingIn } from '../testing/collected-usage.ts';
import { denialOf } from './denial.ts';

it('a client whose token lacks scopes is told so by the scheme that it came by', async () => {
  const log = createLogger({ program: 'test', level: 'silent' });
  const engine = createEngine({ meter: createMeter({ spool: collectingIn([]), log }), log });
  const challenge = (isBound: boolean) => denialOf(engine, { kind: 'scopes_missing', scopes: ['orders:read'], isBound }).headers['www-authenticate'];
  expect(challenge(true)).toMatch(/^DPoP realm="stoa", error="insufficient_scope", algs="[^"]+", scope="orders:read"$/);
  expect(challenge(false)).toBe('Bearer realm="stoa", error="insufficient_scope", scope="orders:read"');
  await engine.close();
});
