import type { ServerResponse } from 'node:http';
import type { RawBody } from '../raw-body.ts';

/** Ends an answer, whose head says the type and length of this body, in one write however many pieces there are. */
export function endWith(response: ServerResponse, { pieces }: RawBody, byteLength: number): void {
  if (pieces.every((piece) => typeof piece === 'string')) {
    // One text goes into the same string as the head. In ASCII, as nearly every one is, both encodings are the same, and one is cheaper to write.
    const text = pieces.join('');
    return void response.end(text, byteLength === text.length ? 'latin1' : 'utf8');
  }
  // What is ended while it is corked loses all but its first piece.
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.uncork();
  response.end();
}
