import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { Secret } from './secret.ts';
import { version } from './version.ts';

function capture() {
  const lines: string[] = [];
  const logger = createLogger({ program: 'stoa-test', level: 'info', destination: { write: (line) => void lines.push(line) } });
  return { logger, lines };
}

describe('the logger', () => {
  it('writes one JSON object a line with program, version and level, and obeys the level', () => {
    const { logger, lines } = capture();
    logger.debug('unseen');
    logger.info({ port: 1 }, 'listening');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', program: 'stoa-test', version, msg: 'listening', port: 1 });
  });

  it('shows no credential, however deep it lies', () => {
    const { logger, lines } = capture();
    const error = Object.assign(new Error('failed'), { request: { headers: { authorization: 'hunter2', 'set-cookie': 'hunter2' } } });
    logger.info({
      token: 'hunter2',
      headers: { authorization: 'hunter2', cookie: 'hunter2', 'x-api-key': 'hunter2' },
      req: { headers: { authorization: 'hunter2' } },
      config: { gateway_key: 'hunter2', clientSecret: 'hunter2' },
      given: Secret.of('hunter2'),
      err: error,
    });
    expect(lines[0]).not.toContain('hunter2');
    expect(lines[0]).toContain('[redacted]');
  });

  // The device that is always full is Linux's.
  it.skipIf(process.platform !== 'linux')('ends no program because nothing can be written', () => {
    const full = openSync('/dev/full', 'w');
    const script = `
      import { createLogger } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
      const log = createLogger({ program: 'stoa-test', level: 'info' });
      for (let line = 0; line < 3000; line += 1) log.info({ line }, 'x'.repeat(100));
      console.log('still here');`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', full],
      encoding: 'utf8',
    });
    closeSync(full);
    expect({ stdout, status }).toEqual({ stdout: 'still here\n', status: 0 });
  });
});
