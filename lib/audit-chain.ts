import { commitment, coreOf, isSignedBy, noHash, recordHash } from './audit-record.ts';
import type { AuditRecordLine, Checkpoint } from './audit-record.ts';

export type ChainFault = { seq: number; fault: 'removed' | 'changed' | 'reordered' | 'unsigned'; message: string };
export type ChainReport = {
  intact: boolean;
  records: number;
  first_seq: number;
  last_seq: number;
  last_hash: string;
  /** The last record that a signed checkpoint vouches for; 0 for none. */
  checkpointed_to: number;
  /** Fields that name nobody any more. */
  erased: number;
  faults: ChainFault[];
  /** How many more there are than `faults` tells. */
  more: number;
};

const maxFaults = 100;
/** Of as many records that are not what they were it is looked whether they changed places. */
const maxSuspects = 100;
const maxGaps = 1000;
/** A sink may have been brought its last batch twice. */
const maxRepeated = 1000;
const maxSubjects = 1_000_000;

/**
 * Follows the chain of one tenant, record by record, and says where it is broken. Records and checkpoints come in the order of their numbers, a checkpoint after the
 * record that it is of. `keys` are the public keys that are trusted, by their names.
 */
export class ChainVerifier {
  readonly #keys: ReadonlyMap<string, string>;
  #last = { seq: 0, hash: noHash };
  #first = 0;
  #cut = 0;
  #records = 0;
  #checkpointedTo = 0;
  #erased = 0;
  #faults: ChainFault[] = [];
  #more = 0;
  /** The number that was last found at fault: the link to the next is broken for the same reason. */
  #faulty = 0;
  readonly #recent = new Map<number, string>();
  #suspects: AuditRecordLine[] = [];
  /** Numbers that did not come when it was their turn. */
  #gaps: { from: number; to: number; because: string }[] = [];
  /** Whose fields are pseudonyms, and where first. */
  readonly #pseudonyms = new Map<string, number>();
  readonly #erasures = new Set<string>();

  constructor(keys: ReadonlyMap<string, string>) {
    this.#keys = keys;
  }

  checkpoint(checkpoint: Checkpoint): void {
    const { seq, hash, cut, key_id } = checkpoint;
    const key = this.#keys.get(key_id);
    if (key === undefined || !isSignedBy(key, checkpoint)) {
      const why = key === undefined ? `by the key ${key_id}, which is not among those given` : 'by nobody who has the key that it names';
      return this.#fault(seq, 'unsigned', `The checkpoint at ${seq} is signed ${why}.`);
    }
    if (cut && seq > this.#last.seq && this.#records === 0) {
      this.#last = { seq, hash };
      this.#cut = seq;
    } else if (seq > this.#last.seq) {
      this.#miss(this.#last.seq + 1, seq, `: a checkpoint was made of ${seq}`);
      this.#last = { seq, hash };
    } else if (seq === this.#last.seq && hash !== this.#last.hash) {
      const from = Math.max(this.#checkpointedTo, this.#cut) + 1;
      this.#fault(seq, 'changed', `${range(from, seq, 'are', 'is')} not what the checkpoint at ${seq} was made of.`);
    }
    if (seq === this.#last.seq && hash === this.#last.hash) this.#checkpointedTo = seq;
  }

  record(record: AuditRecordLine): void {
    const { seq, previous, hash } = record;
    // Their time is over, and they are about to be deleted.
    if (this.#cut > 0 && seq <= this.#cut) return;
    if (seq <= this.#last.seq && this.#recent.get(seq) === hash && recordHash(coreOf(record)) === hash) return;
    this.#remember(seq, hash);
    this.#records += 1;
    if (this.#first === 0) this.#first = seq;
    const expected = this.#last.seq + 1;
    if (seq > expected) this.#miss(expected, seq - 1);
    if (seq < expected) this.#comeLate(seq);
    if (recordHash(coreOf(record)) !== hash) this.#suspect(record);
    else {
      if (seq === expected && previous !== this.#last.hash && this.#faulty !== this.#last.seq)
        this.#fault(this.#last.seq, 'changed', `Record ${this.#last.seq} is not the one that ${seq} was chained to.`);
      this.#followPersonal(record);
    }
    if (seq >= expected) this.#last = { seq, hash };
  }

  /** What came out. `head` is what the Control Plane remembers as the last record. */
  end(head?: { seq: number; hash: string }): ChainReport {
    this.#judgeSuspects();
    const { seq: lastSeq, hash: lastHash } = this.#last;
    if (head && head.seq > lastSeq) this.#miss(lastSeq + 1, head.seq, ' from the end');
    else if (head && this.#faulty !== lastSeq && (head.seq !== lastSeq || head.hash !== lastHash) && this.#cut !== lastSeq)
      this.#fault(lastSeq, 'changed', `Record ${lastSeq} is not the one that was written last.`);
    for (const { from, to, because } of this.#gaps) this.#fault(from, 'removed', `${range(from, to)} removed${because}.`);
    for (const [subject, seq] of this.#pseudonyms)
      if (!this.#erasures.has(subject))
        this.#fault(seq, 'changed', `Record ${seq} has a pseudonym for ${subject}, and no record tells of its erasure.`);
    this.#faults.sort((a, b) => a.seq - b.seq);
    return {
      intact: this.#faults.length === 0,
      records: this.#records,
      first_seq: this.#first,
      last_seq: lastSeq,
      last_hash: lastHash,
      checkpointed_to: this.#checkpointedTo,
      erased: this.#erased,
      faults: this.#faults,
      more: this.#more,
    };
  }

  #fault(seq: number, fault: ChainFault['fault'], message: string): void {
    this.#faulty = Math.max(this.#faulty, seq);
    if (this.#faults.length >= maxFaults) this.#more += 1;
    else this.#faults.push({ seq, fault, message });
  }

  #remember(seq: number, hash: string): void {
    this.#recent.set(seq, hash);
    if (this.#recent.size > maxRepeated) this.#recent.delete(this.#recent.keys().next().value as number);
  }

  #miss(from: number, to: number, because = ''): void {
    if (this.#gaps.length < maxGaps) this.#gaps.push({ from, to, because });
    else this.#more += 1;
  }

  /** One that stands after those that it was written before, or is there twice, is not missing. */
  #comeLate(seq: number): void {
    this.#fault(seq, 'reordered', `Record ${seq} stands after ${this.#last.seq}.`);
    this.#gaps = this.#gaps.flatMap((gap) =>
      seq < gap.from || seq > gap.to
        ? [gap]
        : [
            { ...gap, to: seq - 1 },
            { ...gap, from: seq + 1 },
          ].filter(({ from, to }) => from <= to),
    );
  }

  #suspect(record: AuditRecordLine): void {
    this.#faulty = record.seq;
    if (this.#suspects.length < maxSuspects) this.#suspects.push(record);
    else this.#changed(record.seq);
  }

  #changed(seq: number): void {
    this.#fault(seq, 'changed', `Record ${seq} is not what was written.`);
  }

  /** A record that is whole at the place of another has changed its place: with its hash, or without. */
  #judgeSuspects(): void {
    const isWholeAt = (record: AuditRecordLine, { seq, previous, hash }: AuditRecordLine): boolean =>
      recordHash({ ...coreOf(record), seq }) === record.hash || recordHash({ ...coreOf(record), seq, previous }) === hash;
    for (const record of this.#suspects) {
      const place = this.#suspects.find((other) => other !== record && isWholeAt(record, other));
      if (place === undefined) this.#changed(record.seq);
      else this.#fault(record.seq, 'reordered', `Record ${record.seq} was written as ${place.seq}.`);
    }
  }

  #followPersonal({ seq, commitments, personal, detail }: AuditRecordLine): void {
    for (const [field, { hash, subject = '' }] of Object.entries(commitments)) {
      const found = personal[field];
      if (found === undefined) this.#fault(seq, 'changed', `Record ${seq} has lost its field ${field}.`);
      else if (found.salt === undefined) {
        this.#erased += 1;
        if (!this.#pseudonyms.has(subject) && this.#pseudonyms.size < maxSubjects) this.#pseudonyms.set(subject, seq);
      } else if (commitment(found.salt, found.value) !== hash)
        this.#fault(seq, 'changed', `The field ${field} of record ${seq} is not what was written.`);
    }
    for (const field of Object.keys(personal))
      if (commitments[field] === undefined) this.#fault(seq, 'changed', `Record ${seq} was given the field ${field} later.`);
    const { erased } = detail ?? {};
    if (Array.isArray(erased)) for (const subject of erased) this.#erasures.add(String(subject));
  }
}

const range = (from: number, to: number, many = 'were', one = 'was'): string =>
  from === to ? `Record ${from} ${one}` : `Records ${from} to ${to} ${many}`;
