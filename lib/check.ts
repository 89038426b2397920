import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SettingsDefinition } from './settings.ts';

/** Something outside that a program needs. */
export type Peer = {
  /** What it is, and where, such as "Control Plane" and its URL. */
  readonly name: string;
  readonly where: string;
  /** Reaches it and changes nothing there. Answers what was found; rejects with a sentence that says why not and what to do. */
  reach(signal: AbortSignal): Promise<string>;
};

const withinMs = 10_000;

/** What `check` prints: a line for each setting, then one for each peer. Peers are asked only when all settings can be obeyed. */
export async function check<T>(
  { verdicts, settings }: ReturnType<SettingsDefinition<T>['judge']>,
  peersOf: (settings: T) => readonly Peer[],
): Promise<{ report: string; isWell: boolean }> {
  const judged = verdicts.map((verdict) => ('fault' in verdict ? `  fault  ${verdict.fault}` : `  ok     ${verdict.name}: ${verdict.value}`));
  const heading = ['Settings:', ...judged];
  if (settings === undefined) return { report: [...heading, 'Peers were not asked: mend the settings first.'].join('\n'), isWell: false };
  const reached = await Promise.all(peersOf(settings).map(reach));
  const lines = reached.map(({ isWell, line }) => `  ${isWell ? 'ok   ' : 'fault'}  ${line}`);
  return { report: [...heading, 'Peers:', ...lines].join('\n'), isWell: reached.every(({ isWell }) => isWell) };
}

async function reach(peer: Peer): Promise<{ isWell: boolean; line: string }> {
  const signal = AbortSignal.timeout(withinMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`did not answer within ${withinMs / 1000} s`)), { once: true });
  });
  const about = `${peer.name} (${peer.where})`;
  try {
    return { isWell: true, line: `${about}: ${await Promise.race([peer.reach(signal), late])}` };
  } catch (error) {
    return { isWell: false, line: `${about}: ${(error as Error).message}` };
  }
}

/** A directory that the program keeps its state in: it, or what it would be made in, must be writable. */
export function directoryPeer(name: string, path: string): Peer {
  return { name, where: path, reach: () => writable(path, 'writable') };
}

async function writable(path: string, found: string): Promise<string> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return found;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(path) !== path) return writable(dirname(path), 'not there yet, and can be made');
    throw new Error(`cannot be read and written (${code}): correct its owner, its mode or the setting`, { cause: error });
  }
}
