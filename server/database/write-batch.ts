import { databaseFault } from './faults.ts';

const deadlock = '40P01';

/**
 * Writes a batch by one call of `write`, a second time after a deadlock. Where it fails for the sake of one, which holds a value that cannot be stored, its
 * halves are written each by itself, so that the others do not fail with it. `failed` is told of those that were not written, all of them where it is the
 * database that failed. Never rejects, as long as neither `failed` throws.
 */
export async function writeBatch<Item>(
  batch: readonly Item[],
  write: (items: readonly Item[]) => Promise<void>,
  failed: (items: readonly Item[], error: unknown) => void,
): Promise<void> {
  try {
    await write(batch).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== deadlock) throw error;
      return write(batch);
    });
  } catch (error) {
    if (batch.length === 1 || databaseFault(error) !== undefined) return failed(batch, error);
    const half = Math.ceil(batch.length / 2);
    await writeBatch(batch.slice(0, half), write, failed);
    await writeBatch(batch.slice(half), write, failed);
  }
}
