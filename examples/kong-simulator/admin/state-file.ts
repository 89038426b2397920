import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Row } from '../schemas/field.ts';
import type { EntityName } from './kinds.ts';
import { entityNames, type Tables } from './store.ts';

/** Keeps the entities in one JSON file, so that a simulator started again finds what was configured. */
export interface StateFile {
  /** Asks for a save soon. Changes made while one save runs share the next one. */
  save(): void;
  /** Resolves when everything asked for so far is on disk. */
  flush(): Promise<void>;
}

/** @returns the saved rows; nothing when the file does not exist yet. @throws when the file is not one of ours. */
export function readState(path: string): Partial<Record<EntityName, readonly Row[]>> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<EntityName, readonly Row[]>>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`The state file ${path} cannot be read: delete it to start with an empty Kong simulator.`, { cause: error });
  }
}

/** Changes within this time share one save: the whole state is written each time. */
const gatherMs = 50;

/** Writes beside the file and renames, so that a reader never sees half a state. A failed save is told on stderr. */
export function openStateFile(path: string, snapshot: () => Tables): StateFile {
  let wanted = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (wanted) {
      await delay(gatherMs);
      wanted = false;
      const tables = snapshot();
      const rows = Object.fromEntries(entityNames.map((name) => [name, [...tables[name].values()]]));
      await writeFile(`${path}.new`, JSON.stringify(rows), { mode: 0o600 });
      await rename(`${path}.new`, path);
    }
  }

  return {
    save() {
      wanted = true;
      running ??= run()
        .catch((error: unknown) => console.error(`kong simulator: the state file ${path} cannot be written:`, error))
        .finally(() => (running = undefined));
    },
    async flush() {
      await running;
    },
  };
}
