import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';

const shown = '[secret]';
const maxBytes = 64 * 1024;

/**
 * A value that must never be printed: `String()`, `JSON.stringify`, `console.log` and the logger all show `[secret]`.
 * Only `reveal()` gives it out, so every use can be found by searching for that word.
 */
export class Secret {
  #value: string;
  readonly #path: string | undefined;

  private constructor(value: string, path: string | undefined) {
    this.#value = value;
    this.#path = path;
  }

  /** A secret given in place. */
  static of(value: string): Secret {
    return new Secret(value, undefined);
  }

  /** A secret kept in a file, trimmed. Throws when the file cannot be read, is empty, or exceeds 64 KiB. */
  static fromFile(path: string): Secret {
    return new Secret(checkedContent(readFileSync(path, 'utf8')), path);
  }

  reveal(): string {
    return this.#value;
  }

  /**
   * Reads the file again, for a key that was rotated while the program ran. Never throws: a file that is missing or
   * half-written leaves the last good value in place, and the caller asks again later.
   */
  async reread(): Promise<'changed' | 'unchanged' | 'unreadable'> {
    if (this.#path === undefined) return 'unchanged';
    try {
      const value = checkedContent(await readFile(this.#path, 'utf8'));
      if (value === this.#value) return 'unchanged';
      this.#value = value;
      return 'changed';
    } catch {
      return 'unreadable';
    }
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

function checkedContent(text: string): string {
  const value = text.trim();
  if (value === '') throw new Error('the file is empty');
  if (Buffer.byteLength(value) > maxBytes) throw new Error(`the file is larger than ${maxBytes} bytes`);
  return value;
}
