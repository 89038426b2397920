import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiled } from '@stoa/lib/testing/compiled.ts';

export type Program = { readonly url: string; kill(signal: NodeJS.Signals): Promise<number | null> };

/** Starts a program on a free port and waits for the line of its log that says where it listens. */
export async function startProgram(main: string, settings: Record<string, string>): Promise<Program> {
  const env = {
    PATH: process.env['PATH'],
    ...compiled(),
    STOA_GATEWAY_KEY: 'stoa_gk_test',
    STOA_LISTEN: '127.0.0.1:0',
    STOA_INSTANCE_NAME: 'test-1',
    ...settings,
  };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const url = await Promise.race([listeningUrl(child), ended.then(() => Promise.reject(new Error('The program ended before it listened.')))]);
  return {
    url,
    async kill(signal) {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      const entry = line.startsWith('{') ? (JSON.parse(line) as { url?: string; instance?: string }) : {};
      if (entry.url !== undefined && entry.instance !== undefined) resolve(entry.url);
    });
  });
}
