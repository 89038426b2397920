/** A body that is JSON already, in pieces: what the database keeps of a large document is passed on without being read. */
export class JsonText {
  readonly pieces: readonly string[];

  constructor(pieces: readonly string[]) {
    this.pieces = pieces;
  }
}
