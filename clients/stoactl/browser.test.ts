import { expect, it } from 'vitest';
import { browserCommand } from './browser.ts';

it.each([
  ['darwin', {}, 'open'],
  ['win32', {}, 'rundll32'],
  ['linux', { DISPLAY: ':0' }, 'xdg-open'],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
  ['linux', {}, undefined],
  ['darwin', { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, undefined],
] as const)('on %s with %j a browser is opened by %s', (platform, env, program) => {
  expect(browserCommand(platform, env)?.[0]).toBe(program);
});
