import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLogger } from './log.ts';
import { serviceManager } from './service-manager.ts';
import type { Tell } from './service-manager.ts';

const log = createLogger({ program: 'test', level: 'silent' });
const told: string[] = [];
const tell: Tell = (words) => void told.push(...words);
const socket = { NOTIFY_SOCKET: '/run/systemd/notify' };

beforeEach(() => {
  told.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it('says nothing where no service manager asks', () => {
  const manager = serviceManager(log, { WATCHDOG_USEC: '1000000' }, tell);
  manager.ready();
  vi.advanceTimersByTime(10_000);
  manager.stopping();
  expect(told).toEqual([]);
});

it('feeds the watchdog twice in its time, from when the service is up until it stops', () => {
  const manager = serviceManager(log, { ...socket, WATCHDOG_USEC: '60000000', WATCHDOG_PID: String(process.pid) }, tell);
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
  manager.ready();
  vi.advanceTimersByTime(60_000);
  manager.stopping();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual(['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1']);
});

it.each([{}, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'soon' }, { WATCHDOG_USEC: '1000000', WATCHDOG_PID: '1' }])(
  'feeds no watchdog that is not there for it: %j',
  (env) => {
    const manager = serviceManager(log, { ...socket, ...env }, tell);
    manager.ready();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual(['READY=1']);
  },
);

it('warns once when systemd cannot be told, and the service goes on', () => {
  const warn = vi.spyOn(log, 'warn');
  const manager = serviceManager(log, { ...socket, WATCHDOG_USEC: '2000000' }, (_words, onError) =>
    onError(new Error('spawn systemd-notify ENOENT')),
  );
  manager.ready();
  vi.advanceTimersByTime(5_000);
  expect(warn).toHaveBeenCalledTimes(1);
});
