import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ChainVerifier } from './audit-chain.ts';
import { commitment, coreOf, keyIdOf, noHash, recordHash, signedText } from './audit-record.ts';
import type { AuditCheckpointLine, ChainLine, AuditRecordLine } from './audit-record.ts';

const tenant = '7b0c5d0e-1111-4222-8333-444455556666';
const at = '2026-11-22T18:24:00.000Z';
const pair = generateKeyPairSync('ed25519');
const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
const keys = new Map([[keyIdOf(publicKey), publicKey]]);

type Given = { subject?: string; action?: string; erased?: string[] };

function chainOf(given: readonly Given[]): AuditRecordLine[] {
  let previous = noHash;
  return given.map(({ subject = 'consumer:1', action = 'editConsumer', erased }, index) => {
    const [salt, value] = [`salt-${index}`, `name-${index}`];
    const core = {
      ...{ tenant, seq: index + 1, at, kind: 'change', action, outcome: 'done', actor: { kind: 'user', id: '1' }, previous },
      ...(erased && { detail: { erased } }),
      commitments: { 'object.name': { hash: commitment(salt, value), subject } },
    };
    previous = recordHash(core);
    return { type: 'record', ...core, hash: previous, personal: { 'object.name': { salt, value } } };
  });
}
const five = (): AuditRecordLine[] => chainOf([{}, {}, {}, {}, {}]);

function checkpointOf({ seq, hash }: { seq: number; hash: string }, cut = false): AuditCheckpointLine {
  const text = signedText({ tenant, seq, hash, at, cut });
  const signature = sign(null, Buffer.from(text), pair.privateKey).toString('base64url');
  return { type: 'checkpoint', tenant, seq, hash, at, cut, key_id: keyIdOf(publicKey), signature };
}

function verify(lines: readonly ChainLine[], head?: { seq: number; hash: string }) {
  const verifier = new ChainVerifier(keys);
  for (const line of lines) {
    if (line.type === 'record') verifier.record(line);
    else verifier.checkpoint(line);
  }
  return verifier.end(head);
}
const faultsOf = (lines: readonly ChainLine[], head?: { seq: number; hash: string }) =>
  verify(lines, head).faults.map(({ seq, fault }) => `${seq} ${fault}`);
/** What somebody leaves who can compute hashes, from this record on. */
function rechained(lines: readonly AuditRecordLine[]): AuditRecordLine[] {
  let previous = noHash;
  return lines.map((line, index) => {
    const core = { ...coreOf(line), seq: index + 1, previous };
    previous = recordHash(core);
    return { ...line, ...core, hash: previous };
  });
}

describe('the verifier of a chain', () => {
  it('finds nothing in what was written', () => {
    const lines = five();
    const last = lines.at(-1) as AuditRecordLine;
    expect(verify([...lines, checkpointOf(last)], last)).toEqual({
      ...{ intact: true, records: 5, first_seq: 1, last_seq: 5, last_hash: last.hash, checkpointed_to: 5, erased: 0, faults: [], more: 0 },
    });
    expect(verify([])).toMatchObject({ intact: true, records: 0, last_hash: noHash });
  });

  it.each<[what: string, change: Partial<AuditRecordLine>]>([
    ['who', { actor: { kind: 'user', id: '2' } }],
    ['what', { action: 'deleteConsumer' }],
    ['when', { at: '2026-11-22T18:25:00.000Z' }],
    ['what came of it', { outcome: 'refused' }],
    ['a state', { after: { name: 'other' } }],
    ['the hash', { hash: `sha256:${'1'.repeat(64)}` }],
    ['the hash before', { previous: `sha256:${'1'.repeat(64)}` }],
    ['the value of a name', { personal: { 'object.name': { salt: 'salt-2', value: 'somebody else' } } }],
    ['a name that is gone', { personal: {} }],
    ['a name that came later', { personal: { 'object.name': { salt: 'salt-2', value: 'name-2' }, 'actor.name': { salt: '', value: 'Eve' } } }],
    ['a pseudonym that no erasure gave', { personal: { 'object.name': { value: 'erased-1' } } }],
  ])('says where %s was changed', (_what, change) => {
    expect(faultsOf(five().map((line) => (line.seq === 3 ? { ...line, ...change } : line)))).toEqual(['3 changed']);
  });

  it('says where a record was changed whose own hash was made to fit', () => {
    const lines = five().map((line) => {
      const changed = { ...coreOf(line), outcome: 'refused' };
      return line.seq === 3 ? { ...line, ...changed, hash: recordHash(changed) } : line;
    });
    expect(faultsOf(lines)).toEqual(['3 changed']);
  });

  it('says which records were removed: in the middle, at the start, and at the end', () => {
    const lines = five();
    const head = lines.at(-1) as AuditRecordLine;
    expect(
      verify(
        lines.filter(({ seq }) => seq !== 3 && seq !== 4),
        head,
      ).faults,
    ).toEqual([{ seq: 3, fault: 'removed', message: 'Records 3 to 4 were removed.' }]);
    expect(faultsOf(lines.slice(1), head)).toEqual(['1 removed']);
    expect(verify(lines.slice(0, -1), head).faults).toEqual([{ seq: 5, fault: 'removed', message: 'Record 5 was removed from the end.' }]);
    expect(faultsOf([...lines.slice(0, -1), checkpointOf(head)])).toEqual(['5 removed']);
  });

  it('says which records changed places: with their hashes, without, and in a file', () => {
    const [one, two, three, four, five_] = five() as [AuditRecordLine, AuditRecordLine, AuditRecordLine, AuditRecordLine, AuditRecordLine];
    const moved = [one, { ...four, seq: 2 }, three, { ...two, seq: 4 }, five_];
    expect(faultsOf(moved)).toEqual(['2 reordered', '4 reordered']);
    const exchanged = [
      one,
      { ...four, seq: two.seq, previous: two.previous, hash: two.hash },
      three,
      { ...two, seq: four.seq, previous: four.previous, hash: four.hash },
      five_,
    ];
    expect(faultsOf(exchanged)).toEqual(['2 reordered', '4 reordered']);
    expect(faultsOf([one, three, two, four, five_])).toEqual(['2 reordered']);
  });

  it('finds out by a checkpoint who wrote everything anew', () => {
    const lines = five();
    const checkpoint = checkpointOf(lines[3] as AuditRecordLine);
    const anew = rechained(lines.map((line) => (line.seq === 2 ? { ...line, outcome: 'refused' } : line)));
    expect(verify([...anew.slice(0, 4), checkpoint, ...anew.slice(4)], anew.at(-1)).faults).toEqual([
      { seq: 4, fault: 'changed', message: 'Records 1 to 4 are not what the checkpoint at 4 was made of.' },
    ]);
    expect(faultsOf(rechained(lines.filter(({ seq }) => seq !== 2)))).toEqual([]);
    expect(faultsOf([...rechained(lines.filter(({ seq }) => seq !== 2)), checkpointOf(lines[4] as AuditRecordLine)])).toEqual(['5 removed']);
  });

  it('takes no checkpoint that was not signed with a known key', () => {
    const [one] = five() as [AuditRecordLine];
    const signed = checkpointOf(one);
    expect(faultsOf([one, { ...signed, hash: noHash }])).toEqual(['1 unsigned']);
    expect(faultsOf([one, { ...signed, key_id: 'another' }])).toEqual(['1 unsigned']);
    expect(faultsOf(five().slice(2), undefined)).toEqual(['1 removed']);
  });

  it('begins at a cut, and at no other checkpoint', () => {
    const lines = five();
    const kept = lines.slice(3);
    expect(verify([checkpointOf(lines[2] as AuditRecordLine, true), ...kept], lines.at(-1))).toMatchObject({
      intact: true,
      records: 2,
      first_seq: 4,
    });
    // Not all of what was cut off is deleted yet.
    expect(verify([checkpointOf(lines[2] as AuditRecordLine, true), ...lines.slice(1)], lines.at(-1))).toMatchObject({ intact: true, records: 2 });
    expect(faultsOf([checkpointOf(lines[2] as AuditRecordLine), ...kept])).toEqual(['1 removed']);
    expect(faultsOf([checkpointOf(lines[2] as AuditRecordLine, true), ...kept.slice(1)])).toEqual(['4 removed']);
  });

  it('takes pseudonyms for those whose erasure a record tells', () => {
    const lines = chainOf([{}, { subject: 'consumer:2' }, { action: 'eraseConsumer', subject: 'user:1', erased: ['consumer:1'] }]);
    const erase = (seq: number) => lines.map((line) => (line.seq === seq ? { ...line, personal: { 'object.name': { value: 'erased-1' } } } : line));
    expect(verify(erase(1))).toMatchObject({ intact: true, erased: 1 });
    expect(faultsOf(erase(2))).toEqual(['2 changed']);
  });

  it('takes what a sink was brought twice for once', () => {
    const lines = five();
    expect(verify([...lines, ...lines.slice(2)], lines.at(-1))).toMatchObject({ intact: true, records: 5 });
  });

  it('tells a hundred faults and counts the others', () => {
    const lines = chainOf(Array.from({ length: 150 }, () => ({}))).map((line) => ({ ...line, outcome: 'refused' }));
    const { faults, more } = verify(lines);
    expect([faults.length, more]).toEqual([100, 50]);
  });
});
