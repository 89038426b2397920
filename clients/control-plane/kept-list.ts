import { join } from 'node:path';
import { writeDurably } from '@stoa/lib/durable-file.ts';
import type { Secret } from '@stoa/lib/secret.ts';
import { createBreath } from '@stoa/lib/slices.ts';
import type { Breath } from '@stoa/lib/slices.ts';
import type { Held } from './held-item.ts';
import { eachOf } from './kept-items.ts';
import type { KeptItems } from './kept-items.ts';
import { strangerOf } from './kept-form.ts';
import type { KeptForm, Owner } from './kept-form.ts';
import { listHash } from './list-hash.ts';
import { readManifest, writeManifest } from './manifest-file.ts';
import type { KeptEntry, Manifest } from './manifest-file.ts';
import { readHeld } from './read-held.ts';
import { assembleSlowly } from './verified-state.ts';
import type { VerifiedState } from './verified-state.ts';
import { signatureFault } from './verify-config.ts';

type Options = { stateDir: string; owner: Owner; gatewayKey: Secret; items: KeptItems };

/** A desired state that came as items: a manifest that names them, beside them. The manifest is replaced once all that it names is on disk. */
export function keptList({ stateDir, owner, gatewayKey, items }: Options): KeptForm & { save(state: VerifiedState): Promise<void> } {
  const path = join(stateDir, 'manifest');
  return {
    path,
    async save(state) {
      await items.write(state.held);
      await writeDurably(path, await writeManifest(state, owner, gatewayKey, createBreath()));
    },
    async read(text, keys) {
      const breath = createBreath();
      const manifest = await readManifest(text, gatewayKey, breath);
      if (manifest === undefined) return { fault: 'the file is not what this program wrote' };
      const hash = await listHash(manifest.entries, breath);
      const fault =
        strangerOf(manifest.owner, owner) ??
        (hash === manifest.hash ? undefined : 'its items do not have the hash that it states') ??
        signatureFault(manifest, keys.trusted(manifest.gateway_id));
      if (fault !== undefined) return { fault };
      const held = await readAll(manifest, items, breath);
      if (held === undefined) return { fault: 'it names items otherwise than they name themselves' };
      const { gateway_id, generation, signature } = manifest;
      return { state: await assembleSlowly({ gateway_id, generation, hash, signature, held }, undefined, breath) };
    },
  };
}

async function readAll({ entries, isSealed }: Manifest, items: KeptItems, breath: Breath): Promise<Held[] | undefined> {
  const held: (Held | undefined)[] = [];
  await eachOf([...entries.entries()], async ([index, entry]) => {
    const bytes = await items.read(entry);
    const item = bytes === undefined ? missing(entry, isSealed) : await readHeld(entry, bytes, breath);
    if (item !== undefined) item.unsaved = undefined;
    held[index] = item;
  });
  return held.includes(undefined) ? undefined : (held as Held[]);
}

/** An item that is known by its entry alone. Whose entry may have been changed might guard anything, and is read as nothing at all. */
function missing({ api_ids: ids, ...entry }: KeptEntry, isSealed: boolean): Held {
  const fault = 'It was damaged on disk, and has to be fetched again.';
  return { ...entry, value: isSealed ? { ...(ids && { api_ids: ids }) } : undefined, fault, isMissing: true };
}
