import { createHash, createPublicKey, verify } from 'node:crypto';
import { canonicalHash, canonicalJson } from './canonical-json.ts';

/** What the hash of a record covers. Of what names a person it holds a commitment in place of the value. */
export type AuditCore = {
  tenant: string;
  seq: number;
  at: string;
  kind: string;
  action: string;
  outcome: string;
  actor: { kind: string; id?: string; token_id?: string };
  object?: { kind: string; id?: string; name?: string };
  before?: unknown;
  after?: unknown;
  detail?: Record<string, unknown>;
  request_id?: string;
  /** By the place of the field in the record, such as `actor.name`. `subject` is whom it names. */
  commitments: Record<string, { hash: string; subject?: string }>;
  /** The hash of the record before; of the first, `noHash`. */
  previous: string;
};

/** A field that names a person: as it was, or, once the person was erased, a pseudonym without the salt that its commitment was made with. */
export type PersonalField = { value: unknown; salt?: string };
export type AuditRecordLine = AuditCore & { type: 'record'; hash: string; personal: Record<string, PersonalField> };

/** The Control Plane's word that record `seq` of a tenant had this hash. `cut`: those up to it were deleted since their time was over. */
export type Checkpoint = { tenant: string; seq: number; hash: string; at: string; cut: boolean; key_id: string; signature: string };
export type AuditCheckpointLine = Checkpoint & { type: 'checkpoint' };
export type ChainLine = AuditRecordLine | AuditCheckpointLine;

export const noHash = `sha256:${'0'.repeat(64)}`;

export function coreOf({ type: _type, hash: _hash, personal: _personal, ...core }: AuditRecordLine): AuditCore {
  return core;
}

/** SHA-256 of the canonical JSON (RFC 8785) of the core. */
export const recordHash = (core: AuditCore): string => canonicalHash(core);

/** What stands for a value in the chain. Without the salt, 128 random bits, nobody finds out by trying what it stands for. */
export const commitment = (salt: string, value: unknown): string => canonicalHash([salt, value]);

/** The text that a checkpoint's signature is of. */
export const signedText = ({ tenant, seq, hash, at, cut }: Omit<Checkpoint, 'key_id' | 'signature'>): string =>
  canonicalJson({ audit_checkpoint: { tenant, seq, hash, at, cut } });

/** The name of a public key, in the form of RFC 8410 and base64url. */
export const keyIdOf = (publicKey: string): string => createHash('sha256').update(publicKey).digest('hex').slice(0, 16);

/** Whether the key with this public half (Ed25519) signed a checkpoint. */
export function isSignedBy(publicKey: string, checkpoint: Checkpoint): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(signedText(checkpoint)), key, Buffer.from(checkpoint.signature, 'base64url'));
}
