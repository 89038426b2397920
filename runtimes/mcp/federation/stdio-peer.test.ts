import { createLogger } from '@stoa/lib/log.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { ask } from './peer.ts';
import { StdioPeer } from './stdio-peer.ts';

/** Answers each request, after a line of log that says what the request before was about. */
const script = `
let last = 'nothing';
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
  say({ method: 'notifications/message', params: { level: 'info', data: last } });
  say({ id, result: {} });
  last = method;
});`;

describe('a log line of a process that serves all callers', () => {
  let peer: StdioPeer;
  const begin = (): StdioPeer =>
    (peer = new StdioPeer({
      command: { command: process.execPath, args: ['-e', script], env: [] },
      era: 'legacy',
      log: createLogger({ program: 'test', level: 'silent' }),
      envelope: {},
      isOfOneClient: false,
    }));
  afterEach(() => peer.close());
  const call = async (method: string, person: string): Promise<string[]> => {
    const told: string[] = [];
    await ask(peer, { method, person, params: {}, timeoutMs: 30_000, onNotification: (_, params) => told.push(params ?? '') });
    return told;
  };

  it('is told to the only caller that there was', async () => {
    begin();
    await call('first', 'ada');
    expect(await call('second', 'ada')).toEqual(['{"level":"info","data":"first"}']);
  });

  it('is told to nobody once there were two: it may be about the call before', async () => {
    begin();
    await call('a secret of hers', 'ada');
    expect(await call('second', 'bob')).toEqual([]);
    expect(await call('third', 'ada')).toEqual([]);
  });
});
