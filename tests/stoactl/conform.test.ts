import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

let line: CommandLine;
beforeAll(() => {
  line = commandLine();
});
afterAll(() => line.remove());

describe('stoactl conform', () => {
  it('gives everything on to the kit that is on the PATH, and ends as it does', async () => {
    const program = join(line.dir, 'stoa-conform');
    writeFileSync(program, '#!/bin/sh\necho "$@"\necho "not conformant" >&2\nexit 3\n');
    chmodSync(program, 0o755);
    const env = { PATH: `${line.dir}:${process.env['PATH']}` };
    const args = ['control-plane', '--url', 'http://127.0.0.1:1', '--level', 'adr', '--help'];
    expect(await line.run(['conform', ...args], { env })).toEqual({ code: 3, out: `${args.join(' ')}\n`, err: 'not conformant\n' });
  });

  it('says how to come by the kit where there is none', async () => {
    const { code, err } = await line.run(['conform', 'connect'], { env: { PATH: '/nowhere' } });
    expect([code, err]).toEqual([1, expect.stringContaining('make conform-package')]);
  });
});
