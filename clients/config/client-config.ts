import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readIfPresent, writeDurably } from '@stoa/lib/durable-file.ts';
import { ConfigurationError } from '@stoa/lib/errors.ts';
import { parse, stringify } from 'yaml';
import { configFaults } from './config-faults.ts';
import { withLock } from './with-lock.ts';

/** Where the access token of a context is kept. */
export const tokenPlaces = ['keyring', 'sealed', 'file'] as const;
export type TokenPlace = (typeof tokenPlaces)[number];

/** One Control Plane, by the name that somebody gave it. The token is never here, only the word for where it is. */
export type ClientContext = {
  server: string;
  /** PEM file of certificate authorities to trust besides the usual ones. */
  ca_file?: string;
  token?: TokenPlace;
};

export type ClientConfig = { current_context?: string; contexts: Record<string, ClientContext> };

const maxChars = 1_000_000;

/** The contexts that a file holds; none when it is empty or not there. Throws a `ConfigurationError` with every fault of the file. */
export async function readConfig(path: string): Promise<ClientConfig> {
  const text = (await readIfPresent(path)) ?? '';
  if (text.length > maxChars) throw new ConfigurationError([`${path} is larger than ${maxChars} characters: it is no configuration of contexts.`]);
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new ConfigurationError([`${path} is not YAML: ${(error as Error).message.split('\n')[0]}`]);
  }
  if (value === null || value === undefined) return { contexts: {} };
  const faults = configFaults(value);
  if (faults.length > 0) throw new ConfigurationError(faults.map((fault) => `${path}: ${fault}`));
  const { current_context, contexts = {} } = value as Partial<ClientConfig>;
  return { ...(current_context !== undefined && { current_context }), contexts };
}

/** Changes the file as a whole, readable by its owner alone. Of two processes that do so at once, the later sees what the earlier wrote. */
export async function changeConfig(path: string, change: (config: ClientConfig) => ClientConfig | Promise<ClientConfig>): Promise<ClientConfig> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return withLock(path, async () => {
    const changed = await change(await readConfig(path));
    await writeDurably(path, stringify(changed));
    return changed;
  });
}
