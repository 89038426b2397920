import { boundsFault } from '@stoa/lib/json-bounds.ts';
import { elementsOf, membersOf } from '@stoa/lib/json-members.ts';
import type { Members } from './peer.ts';

/** Largest message of a server that is read: results of several megabytes are usual where tools answer with files. */
export const maxMessageBytes = 16 * 1024 * 1024;
/** Far more than any result needs, and less than what would overflow the stack of who walks through it. */
const bounds = { maxDepth: 256, maxKeys: 500_000, maxValues: 2_000_000 };

/** What a server sent is no message of JSON-RPC. */
export class BadMessage extends Error {}

/** The messages in a text: one, or a batch of the revision that has them. @throws BadMessage */
export function messagesIn(bytes: Buffer): Members[] {
  const fault = boundsFault(bytes, bounds);
  if (fault !== undefined) throw new BadMessage(`what it sent ${fault}`);
  const text = bytes.toString('utf8');
  try {
    JSON.parse(text);
  } catch {
    throw new BadMessage('what it sent is no JSON');
  }
  const messages = (elementsOf(text) ?? [text]).map(membersOf);
  if (messages.some((members) => members?.get('jsonrpc') !== '"2.0"')) throw new BadMessage('what it sent is no message of JSON-RPC 2.0');
  return messages as Members[];
}
