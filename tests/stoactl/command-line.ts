import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runStoactl } from '@stoa/stoactl/run.ts';

export type Ended = { code: number; out: string; err: string };
type Given = {
  stdin?: string;
  env?: Record<string, string>;
  signal?: AbortSignal;
  onOut?: (text: string) => void;
  onErr?: (text: string) => void;
  person?: boolean;
};

export type CommandLine = {
  /** The folder of its configuration. */
  readonly dir: string;
  run(args: readonly string[], given?: Given): Promise<Ended>;
  remove(): void;
};

/** stoactl as a script meets it, without a start of a process for each command: it has a configuration of its own, and no keyring. */
export function commandLine(env: Record<string, string> = {}): CommandLine {
  const dir = mkdtempSync(join(tmpdir(), 'stoactl-'));
  return {
    dir,
    remove: () => rmSync(dir, { recursive: true, force: true }),
    async run(args, { stdin = '', env: more = {}, signal = new AbortController().signal, onOut, onErr, person = false } = {}) {
      let [out, err] = ['', ''];
      const code = await runStoactl(args, {
        env: { STOA_CONFIG: join(dir, 'config.yaml'), STOA_KEYRING: 'off', ...env, ...more },
        stdin: Readable.from([stdin]),
        isPerson: { in: person, out: false, err: false },
        signal,
        out: (text) => {
          out += text;
          onOut?.(text);
        },
        err: (text) => {
          err += text;
          onErr?.(text);
        },
      });
      return { code, out, err };
    },
  };
}
