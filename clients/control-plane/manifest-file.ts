import type { ConfigEntry, ConfigSignature } from '@stoa/generated/schemas.ts';
import { validateConfigEntry, validateConfigSignature } from '@stoa/generated/validators.js';
import type { Secret } from '@stoa/lib/secret.ts';
import type { Breath } from '@stoa/lib/slices.ts';
import type { Held } from './held-item.ts';
import type { Owner } from './kept-form.ts';
import { fieldsOf } from './read-items.ts';
import { isSeal, sealOf } from './seal.ts';
import type { StateName } from './types.ts';
import type { VerifiedState } from './verified-state.ts';

/** `api_ids` tells what an item guards, for when its content cannot be read. */
export type KeptEntry = ConfigEntry & { readonly api_ids?: readonly string[] };

export type Manifest = StateName & {
  readonly owner: Partial<Owner>;
  readonly signature: ConfigSignature;
  readonly entries: readonly KeptEntry[];
  /** Whether it was written under this gateway key. What the entries say beyond their hashes can be believed only then: the signature is over the hashes. */
  readonly isSealed: boolean;
};

type Header = StateName & { format: number; owner: Partial<Owner>; signature: ConfigSignature };

const format = 1;
const purpose = 'stoa:kept-manifest';
/** Lines that are written or read between two breaths. */
const linesAStep = 500;

/** One line for the state, one for each item, and one for the seal over them. */
export async function writeManifest(state: VerifiedState, owner: Owner, gatewayKey: Secret, breath: Breath): Promise<string> {
  const { gateway_id, generation, hash, signature, held } = state;
  const header: Header = { format, owner, gateway_id, generation, hash, signature };
  const blocks = [`${JSON.stringify(header)}\n`];
  for (let from = 0; from < held.length; from += linesAStep) {
    blocks.push(
      held
        .slice(from, from + linesAStep)
        .map((item) => `${JSON.stringify(entryOf(item))}\n`)
        .join(''),
    );
    if (breath.isDue()) await breath.take();
  }
  const text = blocks.join('');
  return `${text}${JSON.stringify({ seal: sealOf(gatewayKey, purpose, text) })}\n`;
}

function entryOf({ id, kind, hash, size, value }: Held): KeptEntry {
  const { api_ids: apis, mcp_server_ids: servers = [] } = fieldsOf(value);
  const guards = kind !== 'api' && isTexts(apis) && isTexts(servers);
  return { id, kind, hash, size, ...(guards && { api_ids: [...apis, ...servers] }) };
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((text) => typeof text === 'string');

/** Undefined when the text is not what `writeManifest` wrote. */
export async function readManifest(text: string, gatewayKey: Secret, breath: Breath): Promise<Manifest | undefined> {
  const sealAt = text.lastIndexOf('\n', text.length - 2) + 1;
  try {
    const [first = '', ...lines] = text.slice(0, sealAt).split('\n').slice(0, -1);
    const { format: found, owner, gateway_id, generation, hash, signature } = JSON.parse(first) as Header;
    if (found !== format || !text.endsWith('\n') || !Number.isSafeInteger(generation) || !validateConfigSignature(signature)) return undefined;
    const entries: KeptEntry[] = [];
    for (const line of lines) {
      const entry: unknown = JSON.parse(line);
      const { api_ids: ids, ...plain } = entry as KeptEntry;
      if (!validateConfigEntry(plain) || !(ids === undefined || isTexts(ids))) return undefined;
      entries.push(entry as KeptEntry);
      if (breath.isDue()) await breath.take();
    }
    const { seal } = JSON.parse(text.slice(sealAt)) as { seal?: unknown };
    const isSealed = typeof seal === 'string' && isSeal(seal, sealOf(gatewayKey, purpose, text.slice(0, sealAt)));
    return { owner, gateway_id, generation, hash, signature, entries, isSealed };
  } catch {
    return undefined;
  }
}
