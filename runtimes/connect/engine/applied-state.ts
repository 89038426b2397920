import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appendDurably, readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { isRecord } from './compare.ts';
import type { ManagedObject } from './model.ts';

export type AppliedStateFile = {
  /** The remembered objects; none when the file is missing, damaged, or about another gateway or another target. */
  load(gatewayId: string): Promise<readonly ManagedObject[]>;
  save(gatewayId: string, objects: readonly ManagedObject[]): Promise<void>;
};

/** One object a line, or the id of one that is gone, behind a line that says whose they are. Of before it, format 1 was one document. */
const format = 2;
/** Lines that may be in it for each object that is left, before it is written anew. */
const slack = 2;

type Kept = {
  readonly gatewayId: string;
  readonly objects: readonly ManagedObject[];
  /** Lines that the file has; 0 where it has to be written anew. */
  readonly lines: number;
};

/**
 * Keeps the last applied state on disk: what this Connect last wrote, and where. It holds consumers' keys, as the third-party gateway does, and is 0600. Losing it is safe: ownership is
 * marked on the objects themselves, and only the report of drift has nothing to compare with until the next pass. It is read once: afterwards the objects are the very ones that
 * were saved. A change is a few lines behind the others, and not thousands of objects anew.
 */
export function appliedStateFile(stateDir: string, targetUrl: string): AppliedStateFile {
  const path = join(stateDir, 'applied.json');
  let current: Kept | undefined;

  async function anew(gatewayId: string, objects: readonly ManagedObject[]): Promise<Kept> {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    await writeDurably(path, linesOf([{ format, gatewayId, targetUrl }, ...objects]));
    return { gatewayId, objects, lines: 1 + objects.length };
  }

  async function behind(kept: Kept, objects: readonly ManagedObject[], changes: readonly object[]): Promise<Kept> {
    // Until it is known to be whole, nothing more is put behind it.
    current = { ...kept, lines: 0 };
    await appendDurably(path, linesOf(changes));
    return { ...kept, objects, lines: kept.lines + changes.length };
  }

  return {
    async load(gatewayId) {
      current ??= parse(await readIfPresent(path), targetUrl);
      return current?.gatewayId === gatewayId ? current.objects : [];
    },
    async save(gatewayId, objects) {
      if (current?.gatewayId !== gatewayId || current.lines === 0) {
        current = await anew(gatewayId, objects);
        return;
      }
      const changes = differenceOf(current.objects, objects);
      // A pass that changed nothing writes nothing.
      if (changes.length === 0) return;
      const isMany = current.lines + changes.length > slack * objects.length;
      current = isMany ? await anew(gatewayId, objects) : await behind(current, objects, changes);
    },
  };
}

const linesOf = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** What makes the one of the other, line by line. */
function differenceOf(before: readonly ManagedObject[], after: readonly ManagedObject[]): object[] {
  const known = new Set(before);
  const changed = after.filter((object) => !known.has(object));
  if (changed.length === 0 && before.length === after.length) return [];
  const kept = new Set(after.map(({ id }) => id));
  return [...before.filter(({ id }) => !kept.has(id)).map(({ id }) => ({ gone: id })), ...changed];
}

function parse(text: string | undefined, targetUrl: string): Kept | undefined {
  const [head, ...lines] = (text ?? '').split('\n').map(parseLine);
  if (!isRecord(head) || head['targetUrl'] !== targetUrl || typeof head['gatewayId'] !== 'string') return undefined;
  const { gatewayId } = head;
  if (head['format'] === 1) {
    const objects = head['objects'];
    return Array.isArray(objects) && objects.every(isManagedObject) ? { gatewayId, objects, lines: 0 } : undefined;
  }
  return head['format'] === format ? replay(gatewayId, lines) : undefined;
}

/** A line that a process did not live to write whole ends it: what is before it was applied. */
function replay(gatewayId: string, lines: readonly unknown[]): Kept {
  const objects = new Map<string, ManagedObject>();
  const end = lines.findIndex((line) => {
    if (isManagedObject(line)) objects.set(line.id, line);
    else if (isRecord(line) && typeof line['gone'] === 'string') objects.delete(line['gone']);
    else return true;
    return false;
  });
  // Behind the last newline there is nothing.
  const isWhole = end === lines.length - 1;
  return { gatewayId, objects: [...objects.values()], lines: isWhole ? 1 + end : 0 };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isManagedObject(value: unknown): value is ManagedObject {
  if (!isRecord(value) || !isRecord(value['fields']) || !Array.isArray(value['alsoFor'])) return false;
  return ['kind', 'id', 'label', 'owner'].every((name) => typeof value[name] === 'string');
}
