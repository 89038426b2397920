import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { isRecord } from './compare.ts';
import type { ManagedObject } from './model.ts';

/** What this Connect last wrote, and where. Holds consumers' keys, as the third-party gateway does: the file is 0600. */
export type AppliedState = { readonly gatewayId: string; readonly targetUrl: string; readonly objects: readonly ManagedObject[] };

export type AppliedStateFile = {
  /** The remembered objects; none when the file is missing, damaged, or about another gateway or another target. */
  load(gatewayId: string): Promise<readonly ManagedObject[]>;
  save(gatewayId: string, objects: readonly ManagedObject[]): Promise<void>;
};

const format = 1;

/**
 * Keeps the last applied state on disk. Losing it is safe: ownership is marked on the objects themselves, and only the report of drift
 * has nothing to compare with until the next pass. It is read once: afterwards the objects are the very ones that were saved.
 */
export function appliedStateFile(stateDir: string, targetUrl: string): AppliedStateFile {
  const path = join(stateDir, 'applied.json');
  const texts = new WeakMap<ManagedObject, string>();
  let current: { gatewayId: string; objects: readonly ManagedObject[] } | undefined;

  /** An object that is still the same was written out before. */
  function textOf(object: ManagedObject): string {
    const known = texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(object);
    texts.set(object, text);
    return text;
  }

  return {
    async load(gatewayId) {
      if (current?.gatewayId === gatewayId) return current.objects;
      const text = await readIfPresent(path);
      const state = text === undefined ? undefined : parse(text);
      return state?.gatewayId === gatewayId && state.targetUrl === targetUrl ? state.objects : [];
    },
    async save(gatewayId, objects) {
      // A pass that changed nothing writes nothing.
      if (current?.gatewayId === gatewayId && isSameList(current.objects, objects)) return;
      const head = JSON.stringify({ format, gatewayId, targetUrl }).slice(0, -1);
      await mkdir(stateDir, { recursive: true, mode: 0o700 });
      await writeDurably(path, `${head},"objects":[${objects.map(textOf).join(',')}]}`);
      current = { gatewayId, objects };
    },
  };
}

const isSameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((value, index) => value === b[index]);

function parse(text: string): AppliedState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || value['format'] !== format || !Array.isArray(value['objects'])) return undefined;
  const { gatewayId, targetUrl, objects } = value;
  if (typeof gatewayId !== 'string' || typeof targetUrl !== 'string' || !objects.every(isManagedObject)) return undefined;
  return { gatewayId, targetUrl, objects };
}

function isManagedObject(value: unknown): value is ManagedObject {
  if (!isRecord(value) || !isRecord(value['fields']) || !Array.isArray(value['alsoFor'])) return false;
  return ['kind', 'id', 'label', 'owner'].every((name) => typeof value[name] === 'string');
}
