/** What nobody sees in a text and a model reads: marks without width, of direction and of deprecated tags, and control characters. */
const unseen =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]/gu;

/** A text with what nobody sees in it written out: who approves it sees all of it. */
export const visible = (text: string): string =>
  text.replaceAll(unseen, (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

/** Any JSON value so, over several lines. */
export const visibleJson = (value: unknown): string => (typeof value === 'string' ? visible(value) : visible(JSON.stringify(value, null, 2)));
