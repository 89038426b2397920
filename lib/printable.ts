// Control characters of C0 and C1, and those that reorder text. The tab and the line feed too: a cell is one line.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from outside on one line, its control characters spelt: a name must not move the cursor or colour what follows. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
