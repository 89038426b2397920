import { expect, it } from 'vitest';
import { settings } from './config.ts';
import { startLink } from './start.ts';

const env = { STOA_CONTROL_PLANE_URL: 'http://127.0.0.1:9', STOA_GATEWAY_KEY: 'stoa_gk_test', STOA_LISTEN: '127.0.0.1:0' };

it('lesson 32: an address of a gateway whose kind nobody named stops the start', () => {
  const loaded = settings.load({ argv: [], env: { ...env, STOA_TARGET_GATEWAY_URL: 'http://kong:8001' } });
  expect(() => startLink(loaded)).toThrow('STOA_TARGET_GATEWAY_TYPE');
});
