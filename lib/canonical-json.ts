import { hash } from 'node:crypto';

/**
 * The JSON Canonicalization Scheme (RFC 8785): members sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. Members that are `undefined` are left out, as `JSON.stringify` does. Throws a `TypeError` for what JSON
 * cannot hold. One difference from the RFC: a lone surrogate is escaped rather than refused, because one bad character in one
 * API's description must not take the configuration of a whole gateway away.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? arrayText(value) : objectText(value as Record<string, unknown>);
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}.`);
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`JSON has no ${typeof value}.`);
  return text;
}

// Loops that add to one text: lists of pairs, filtered, mapped and joined, took twice the time, and whole configurations and audits are written so.
function arrayText(elements: readonly unknown[]): string {
  let text = '';
  for (const element of elements) text += `${text === '' ? '' : ','}${canonicalJson(element ?? null)}`;
  return `[${text}]`;
}

function objectText(value: Record<string, unknown>): string {
  let text = '';
  // Code units, not the locale's order: the default order of `sort`.
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** The hash of a value as the contract writes it: `sha256:` and the SHA-256 of its canonical JSON in lower-case hexadecimal. */
export function canonicalHash(value: unknown): string {
  return `sha256:${hash('sha256', canonicalJson(value), 'hex')}`;
}
