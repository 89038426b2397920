import { check } from './check.ts';
import type { Peer } from './check.ts';
import { EarlyExit } from './errors.ts';
import { runMain } from './run-main.ts';
import type { SettingsDefinition } from './settings.ts';

/** What a program does with its settings: `start` runs it, `peers` are the others that it cannot work without. */
export type ProgramParts<T> = {
  start(settings: T): Promise<void>;
  peers(settings: T): readonly Peer[];
};

/** The main function of every program: obeys its command line, and turns what goes wrong into lines of the log and an exit code. */
export function runProgram<T>(settings: SettingsDefinition<T>, { start, peers }: ProgramParts<NoInfer<T>>): Promise<void> {
  const { name } = settings.program;
  return runMain(
    async () => {
      const command = settings.command();
      if (command === 'settings-schema') throw new EarlyExit(JSON.stringify(settings.schema(), null, 2));
      if (command === 'run') return start(settings.load());
      const { report, isWell } = await check(settings.judge(), peers);
      throw new EarlyExit(report, isWell ? 0 : 1);
    },
    { program: name },
  );
}
