import { endOfString } from '@stoa/lib/json-text.ts';

/** Whether a text is JSON whose objects and lists go no deeper; undefined where it is no JSON. */
export function depthOf(text: string): number | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

const number = /-?\d[\d.eE+-]*/y;

/**
 * Every text of a JSON document, names of members among them, and every number, as what they say: escapes hide nothing. What `replace` answers takes the place of one, a number's as a text;
 * everything else stays as it was written, so that no number is rounded and no member moved. The document is valid.
 */
export function replaceLeaves(text: string, replace: (leaf: string) => string): string {
  let result = '';
  let copied = 0;
  const put = (start: number, end: number, leaf: string): void => {
    const replaced = replace(leaf);
    if (replaced === leaf) return;
    result += text.slice(copied, start) + JSON.stringify(replaced);
    copied = end;
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      const end = endOfString(text, at) + 1;
      const written = text.slice(at + 1, end - 1);
      put(at, end, written.includes('\\') ? (JSON.parse(text.slice(at, end)) as string) : written);
      at = end - 1;
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      number.lastIndex = at;
      const end = at + (number.exec(text)?.[0].length ?? 1);
      put(at, end, text.slice(at, end));
      at = end - 1;
    }
  }
  return copied === 0 ? text : result + text.slice(copied);
}
