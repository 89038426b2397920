import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ChainVerifier } from '@stoa/lib/audit-chain.ts';
import type { ChainReport } from '@stoa/lib/audit-chain.ts';
import { keyIdOf } from '@stoa/lib/audit-record.ts';
import type { ChainLine } from '@stoa/lib/audit-record.ts';
import { readText } from '@stoa/lib/read-text.ts';
import { answered } from '../answered.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { openSession } from '../session.ts';
import { printable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { AuditVerifyOptions } from './audit-options.ts';

/** Lets the server verify its audit, or verifies a file without it. Ends with 1 when a record was removed, changed or moved. */
export async function verifyAudit(terminal: Terminal, options: AuditVerifyOptions): Promise<number> {
  const reports = options.file === undefined ? await byServer(terminal, options) : await byFile(options.file, await keysOf(terminal, options));
  if (options.output === 'json') terminal.out(`${JSON.stringify({ items: reports }, null, 2)}\n`);
  else for (const report of reports) terminal.out(wordsOf(report));
  return reports.every(({ intact }) => intact) ? 0 : exitCodes.failed;
}

type Report = ChainReport & { tenant?: string };

async function byServer(terminal: Terminal, options: AuditVerifyOptions): Promise<Report[]> {
  if (options.key !== undefined) throw new CommandError('usage', '--key is for --file: the server has its own keys.');
  const { client } = await openSession(terminal, options);
  return [await answered(client.verifyAudit())];
}

/** The keys that are trusted: of `--key`, each a key or a file of it, else those that the server tells now. */
async function keysOf(terminal: Terminal, options: AuditVerifyOptions): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const given of options.key ?? []) {
    const key = (given.startsWith('@') ? await keyIn(given.slice(1)) : given).trim();
    if (!/^MCowBQYDK2VwAyEA[A-Za-z0-9_-]{43}$/.test(key))
      throw new CommandError('usage', 'A --key is a public key as stoactl audit keys tells it, or @FILE with it: this is none.');
    keys.set(keyIdOf(key), key);
  }
  if (keys.size > 0) return keys;
  const { client } = await openSession(terminal, options);
  return new Map((await answered(client.getAuditKeys())).items.map(({ key_id, public_key }) => [key_id, public_key]));
}

const maxKeyBytes = 4096;
const keyIn = (path: string): Promise<string> =>
  readText(path, maxKeyBytes).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError('failed', `${path} cannot be read (${error.code ?? error.message}).`);
  });

const maxTenants = 10_000;

/** Reads an export, or what a sink was brought, line by line: in that the tenants of an installation are mixed. */
async function byFile(path: string, keys: ReadonlyMap<string, string>): Promise<Report[]> {
  const verifiers = new Map<string, ChainVerifier>();
  let number = 0;
  const input = createReadStream(path);
  const failed = new Promise<never>((_resolve, reject) =>
    input.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandError('failed', `${path} cannot be read (${error.code ?? error.message}).`)),
    ),
  );
  failed.catch(() => {});
  const read = async () => {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      number += 1;
      if (text === '') continue;
      const line = parsed(text, `${path}, line ${number}`);
      const verifier = verifiers.get(line.tenant) ?? new ChainVerifier(keys);
      if (verifiers.size < maxTenants) verifiers.set(line.tenant, verifier);
      if (line.type === 'record') verifier.record(line);
      else verifier.checkpoint(line);
    }
  };
  await Promise.race([read(), failed]);
  if (verifiers.size === 0) throw new CommandError('failed', `${path} holds no record of an audit.`);
  return [...verifiers].map(([tenant, verifier]) => ({ tenant, ...verifier.end() }));
}

function parsed(text: string, place: string): ChainLine {
  try {
    const line = JSON.parse(text) as ChainLine;
    const isRecord = line.type === 'record' && typeof line.personal === 'object' && typeof line.commitments === 'object';
    if (
      (isRecord || line.type === 'checkpoint') &&
      Number.isSafeInteger(line.seq) &&
      typeof line.hash === 'string' &&
      typeof line.tenant === 'string'
    )
      return line;
  } catch {
    // Told below, as anything else that is no line of an audit.
  }
  throw new CommandError('failed', `${place} is no line of an audit. A kill may have left a part of one: remove it, if a whole one follows.`);
}

function wordsOf({ tenant, intact, records, first_seq, last_seq, last_hash, checkpointed_to, erased, faults, more }: Report): string {
  const of = tenant === undefined ? '' : ` of tenant ${tenant}`;
  const told = faults.map(({ message }) => `  ${printable(message)}\n`).join('') + (more > 0 ? `  And ${more} more.\n` : '');
  if (!intact) return `The audit${of} is not what was written:\n${told}`;
  if (records === 0) return `The audit${of} has no records.\n`;
  const vouched = checkpointed_to === 0 ? 'no checkpoint vouches for it yet' : `a signed checkpoint vouches for it up to ${checkpointed_to}`;
  const erasures = erased === 0 ? '' : ` ${erased} fields were erased.`;
  return `The audit${of} is intact: records ${first_seq} to ${last_seq}; ${vouched}.${erasures} Its last hash is ${printable(last_hash)}.\n`;
}
