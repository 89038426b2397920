import { AdminError } from '../../../engine/admin-error.ts';
import { isRecord, shorten } from '../../../engine/compare.ts';
import type { Writer } from '../../../engine/model.ts';
import type { KongAdmin } from '../admin.ts';
import type { KongObserved } from '../fetch.ts';
import { endOf } from '../render-consumer.ts';
import { sendable } from './document.ts';
import type { Document } from './document.ts';

/** Sends the whole configuration, which Kong takes whole or not at all. Somebody else's since it was read is seen by Kong's own hash, and not written over. */
export function documentWriter(admin: KongAdmin, { hash }: KongObserved, nowMs: () => number): Writer<Document | undefined> {
  return {
    async write({ payload }) {
      if (payload === undefined) throw new Error('A Kong without a database is written a document.');
      if ((await admin.hash()) !== hash) throw new AdminError('stale', "Somebody changed Kong's configuration since it was read.");
      const { status, body } = await admin.declare(sendable(payload, nowMs() / 1000, endOf));
      if (status === 201 || status === 304) return;
      if (status === 400 && isRecord(body)) throw refusal(body);
      throw new AdminError(status >= 500 || status === 429 ? 'unavailable' : 'refused', `Kong answered ${status} to its configuration.`, { status });
    },
  };
}

/** Which objects a refusal is about, and what Kong says of each: of some faults it says neither. */
function refusal(body: Readonly<Record<string, unknown>>): AdminError {
  const told = Array.isArray(body['flattened_errors']) ? body['flattened_errors'].filter(isRecord) : [];
  const faults = told.map((fault) => ({ id: fault['entity_id'], type: String(fault['entity_type']), said: saidOf(fault['errors']) }));
  const culprits = new Map(faults.flatMap(({ id, said }) => (typeof id === 'string' ? [[id, said] as const] : [])));
  const [first] = faults;
  const why = first === undefined ? String(body['message'] ?? 'it names no reason') : `a ${first.type}: ${first.said}`;
  return new AdminError('refused', shorten(`Kong refused its configuration (${why}).`, 1000), { status: 400, culprits });
}

const saidOf = (errors: unknown): string =>
  (Array.isArray(errors) ? errors : [])
    .filter(isRecord)
    .map(({ field, message }) => (typeof field === 'string' ? `${field}: ${String(message)}` : String(message)))
    .join('; ')
    // Kong quotes the value that is taken, and that of a credential is a consumer's key.
    .replace(/\bkey set to '[^']*'/g, 'key set to [redacted]');
