import { createHash } from 'node:crypto';
import { createBreath } from '@stoa/lib/slices.ts';
import type { Verdict } from './companion-call.ts';
import { readHeld } from './read-held.ts';
import { assembleSlowly } from './verified-state.ts';
import type { VerifiedState } from './verified-state.ts';

/** With more than this missing, the disk is no help: all is asked for. */
const mostMissing = 64;

/**
 * The state with the items that were damaged on disk, each asked for by its hash. A misfit when they cannot be had so: there are too many, the
 * Control Plane has them no longer, or it sent something else. Otherwise the call that failed, to be tried again.
 */
export async function fetchMissing(
  state: VerifiedState,
  ask: (hash: string) => Promise<Verdict>,
): Promise<{ state: VerifiedState } | { misfit: string } | (Verdict & { ok: false })> {
  const missing = state.held.filter(({ isMissing }) => isMissing);
  if (missing.length === 0) return { state };
  if (missing.length > mostMissing) return { misfit: `${missing.length} items are damaged on disk` };
  const breath = createBreath();
  const found = new Map(state.held.map((item) => [item.id, item]));
  for (const item of missing) {
    const verdict = await ask(item.hash);
    if (!verdict.ok) return verdict.kind === 'unknown' ? { misfit: `the damaged item ${item.id} is no longer there` } : verdict;
    const { bytes } = verdict;
    const isRight = bytes.length === item.size && `sha256:${createHash('sha256').update(bytes).digest('hex')}` === item.hash;
    const read = isRight ? await readHeld(item, bytes, breath) : undefined;
    if (read === undefined) return { misfit: `the damaged item ${item.id} came with another content` };
    found.set(item.id, read);
  }
  return { state: await assembleSlowly({ ...state, held: [...found.values()] }, state, breath) };
}
