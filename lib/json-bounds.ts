export type JsonBounds = {
  /** Levels of objects and lists. Deeper, and whoever walks through the value runs out of stack. */
  readonly maxDepth: number;
  /** Members of all objects together, as they are written: a name that is repeated counts each time. */
  readonly maxKeys: number;
  /** Members and elements together, but for the first of each object or list. */
  readonly maxValues: number;
  /** Objects and lists. Each takes memory, and a list of nothing but lists is two characters for each. */
  readonly maxContainers?: number;
  /** Members of the outermost object alone. */
  readonly maxOuterKeys?: number;
};

/**
 * Counts what a JSON text holds without parsing it, in one pass that ends at the first bound: a body of 4 MB can hold so many members that
 * the parser and the validator after it would keep everybody else waiting. Undefined when the text is within its bounds, else the end of a
 * sentence that begins with what the text is. Says nothing of whether the text is JSON.
 */
export function boundsFault(text: Uint8Array, bounds: JsonBounds): string | undefined {
  // A short text cannot exceed any of them: most bodies are not looked through.
  if (text.length <= Math.min(bounds.maxDepth, bounds.maxKeys, bounds.maxValues, bounds.maxOuterKeys ?? Infinity)) return undefined;
  return boundsCounter(bounds)(text);
}

/** `boundsFault` for a text that comes in pieces. Each is given in its turn, until there is a fault. */
export function boundsCounter({
  maxDepth,
  maxKeys,
  maxValues,
  maxContainers = Infinity,
  maxOuterKeys = Infinity,
}: JsonBounds): (piece: Uint8Array) => string | undefined {
  let depth = 0;
  let keys = 0;
  let outerKeys = 0;
  let commas = 0;
  let containers = 0;
  let isInString = false;
  /** Whether the piece ended with the backslash of a string. */
  let isEscaped = false;

  return (piece) => {
    let index = 0;
    if (isInString) index = endOfString(piece, isEscaped ? 1 : 0) + 1;
    for (; index < piece.length; index += 1) {
      switch (piece[index]) {
        case 0x22: // "
          index = endOfString(piece, index + 1);
          break;
        case 0x7b: // {
        case 0x5b: // [
          depth += 1;
          if (depth > maxDepth) return `nests deeper than ${maxDepth} levels`;
          containers += 1;
          if (containers > maxContainers) return `has more than ${maxContainers} objects and lists`;
          break;
        case 0x7d: // }
        case 0x5d: // ]
          depth -= 1;
          break;
        case 0x3a: // :
          keys += 1;
          if (keys > maxKeys) return `has more than ${maxKeys} members`;
          if (depth === 1 && (outerKeys += 1) > maxOuterKeys) return `has more than ${maxOuterKeys} members beside one another`;
          break;
        case 0x2c: // ,
          commas += 1;
          if (commas > maxValues) return `has more than ${maxValues} values`;
      }
    }
    return undefined;
  };

  /** Where the string ends that goes on at `start`; the end of the piece when it goes on in the next. UTF-8 has no quote within other characters. */
  function endOfString(piece: Uint8Array, start: number): number {
    let index = start;
    while (index < piece.length && piece[index] !== 0x22) index += piece[index] === 0x5c ? 2 : 1;
    isInString = index >= piece.length;
    isEscaped = index > piece.length;
    return index;
  }
}
