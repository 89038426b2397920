import { expect, it } from 'vitest';
import { visible, visibleJson } from './visible.ts';

it('writes out what nobody sees in a text, and leaves the rest', () => {
  expect(visible('Closes\u200b it\u{e0041}.\n')).toBe('Closes⟨U+200B⟩ it⟨U+E0041⟩.\n');
  expect(visibleJson({ a: '\u202e' })).toBe('{\n  "a": "⟨U+202E⟩"\n}');
});
