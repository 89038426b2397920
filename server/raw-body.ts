/** A body that is there already, in pieces: what the database keeps of a large document, and items of a configuration, are passed on as they are. */
export class RawBody {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly type: string;

  constructor(pieces: readonly (string | Uint8Array)[], type = 'application/json') {
    this.pieces = pieces;
    this.type = type;
  }

  get byteLength(): number {
    return this.pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength), 0);
  }
}
