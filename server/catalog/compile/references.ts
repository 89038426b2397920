import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/** A chain of references longer than this is taken for a loop. */
const maxHops = 32;

export type Dereferenced = { found: true; value: JsonObject } | { found: false; reason: string };

/** The value a pointer such as `#/components/schemas/Order` names (RFC 6901 §6, in a URI fragment); undefined when there is none. */
export function resolvePointer(document: JsonObject, reference: string): unknown {
  if (reference === '#' || reference === '#/') return document;
  let value: unknown = document;
  for (const token of reference.slice(2).split('/')) {
    const key = decodeToken(token);
    if (Array.isArray(value)) value = /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined;
    else if (isObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}

/** Whether a reference points into the document itself; `#name` (an anchor) does not. */
export function isInternal(reference: string): boolean {
  return reference === '#' || reference.startsWith('#/');
}

/** Why a reference cannot be followed, as a sentence for the loss report. */
export function unreachable(reference: string): string {
  const short = reference.slice(0, 200);
  if (isInternal(reference)) return `The reference ${short} leads nowhere in the document.`;
  if (reference.startsWith('#')) return `The reference ${short} names an anchor, which is not followed.`;
  return `The reference ${short} leads outside the document and is not fetched; bundle the document first.`;
}

/** Follows the Reference Objects that stand in place of parameters, bodies, responses and path items. */
export function dereference(document: JsonObject, value: unknown): Dereferenced {
  let current = value;
  for (let hop = 0; hop < maxHops; hop += 1) {
    if (!isObject(current)) return { found: false, reason: 'It is not an object.' };
    const reference = current['$ref'];
    if (typeof reference !== 'string') return { found: true, value: current };
    const target = isInternal(reference) ? resolvePointer(document, reference) : undefined;
    if (target === undefined) return { found: false, reason: unreachable(reference) };
    current = target;
  }
  return { found: false, reason: 'Its references form a loop.' };
}

function decodeToken(token: string): string {
  let decoded = token;
  try {
    decoded = decodeURIComponent(token);
  } catch {
    // A stray per cent sign is taken literally, as written by tools that do not encode.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}
