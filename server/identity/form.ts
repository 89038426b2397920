import type { Request } from 'express';

/** The fields of a form, as text: absent ones are empty. */
export function textsOf<const Name extends string>({ body }: Request, names: readonly Name[]): Record<Name, string> {
  const given = (body ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return Object.fromEntries(names.map((name) => [name, text(given[name])])) as Record<Name, string>;
}
