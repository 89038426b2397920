import { endOfString } from './json-text.ts';

/** Reading the parts of JSON as they were written, so that what only passes through keeps every digit and every member. The text has to be valid JSON. */

/** The members of an object as their texts, by name. Of a name that is repeated the last counts, as with `JSON.parse`. Undefined where the text is no object. */
export function membersOf(text: string): Map<string, string> | undefined {
  const parts = partsOf(text, '{');
  if (parts === undefined) return undefined;
  const members = new Map<string, string>();
  for (const part of parts) {
    const end = endOfString(part, 0) + 1;
    const value = part.slice(part.indexOf(':', end) + 1).trim();
    members.set(JSON.parse(part.slice(0, end)) as string, value);
  }
  return members;
}

/** The elements of an array as their texts. Undefined where the text is none. */
export const elementsOf = (text: string): string[] | undefined => partsOf(text, '[');

/** The text of an object with these members. */
export function objectText(members: Iterable<readonly [name: string, text: string]>): string {
  return `{${Array.from(members, ([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

/** An object as it was written, but for some of its members: those that are undefined go, those that it does not have come last. */
export function withMembers(text: string, changes: Readonly<Record<string, string | undefined>>): string {
  const members = membersOf(text);
  if (members === undefined) return text;
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) members.delete(name);
    else members.set(name, value);
  }
  return objectText(members);
}

/** The value of a member that is text; undefined where it is none. */
export function textIn(members: ReadonlyMap<string, string> | undefined, name: string): string | undefined {
  const text = members?.get(name);
  return text?.startsWith('"') === true ? (JSON.parse(text) as string) : undefined;
}

/** What stands between the commas of the outermost object or array. */
function partsOf(given: string, opening: '{' | '['): string[] | undefined {
  const text = given.trim();
  if (!text.startsWith(opening)) return undefined;
  const parts: string[] = [];
  let depth = 0;
  let from = 1;
  for (let at = 1; at < text.length - 1; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfString(text, at);
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) depth -= 1;
    else if (code === 0x2c && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  const last = text.slice(from, -1).trim();
  if (last !== '' || parts.length > 0) parts.push(last);
  return parts;
}
