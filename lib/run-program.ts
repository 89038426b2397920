import { check } from './check.ts';
import type { Peer } from './check.ts';
import { EarlyExit, ExpectedError } from './errors.ts';
import { runMain } from './run-main.ts';
import type { SettingsDefinition } from './settings.ts';
import type { Invocation } from './settings-usage.ts';
import { trustAuthorities } from './trust.ts';

/**
 * What a program does with its settings: `start` runs it, `peers` are the others that it cannot work without, `commands` are its own, each of which answers
 * what to print when it is done.
 */
export type ProgramParts<T> = {
  start(settings: T): Promise<void>;
  peers(settings: T): readonly Peer[];
  commands?: Readonly<Record<string, (settings: T, options: Invocation['options']) => Promise<string>>>;
};

/** The main function of every program: obeys its command line, and turns what goes wrong into lines of the log and an exit code. */
export function runProgram<T extends { readonly caFile: string | undefined }>(
  settings: SettingsDefinition<T>,
  { start, peers, commands = {} }: ProgramParts<NoInfer<T>>,
): Promise<void> {
  const { name } = settings.program;
  return runMain(
    async () => {
      requireNode();
      const { command, options } = settings.command();
      if (command === 'settings-schema') throw new EarlyExit(JSON.stringify(settings.schema(), null, 2));
      const own = commands[command];
      if (command === 'run' || own !== undefined) {
        const loaded = settings.load();
        trustAuthorities(loaded.caFile);
        if (own === undefined) return start(loaded);
        throw new EarlyExit(await own(loaded, options));
      }
      if (command !== 'check') throw new ExpectedError(`${command} has to stand first: ${name} ${command} …`);
      const judged = settings.judge();
      trustAuthorities(judged.settings?.caFile);
      const { report, isWell } = await check(judged, peers);
      throw new EarlyExit(report, isWell ? 0 : 1);
    },
    { program: name },
  );
}

/** The proxies and the trust of node:http and node:tls are no older than this. */
function requireNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)) return;
  throw new ExpectedError(`Node.js ${process.versions.node} is too old: run this with 24.5 or newer, or with 22.21 or newer of 22.`);
}
