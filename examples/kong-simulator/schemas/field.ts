/** One entity as it is kept and sent: snake_case, every field present, `null` where nothing is set. */
export type Row = { readonly id: string } & { readonly [field: string]: unknown };
export type Input = Record<string, unknown>;

/** A field in the vocabulary of Kong's own `GET /schemas/...`, so that a recorded schema drives the same validator. */
export interface Field {
  type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'set' | 'map' | 'record' | 'foreign';
  required?: boolean;
  default?: unknown;
  one_of?: readonly unknown[];
  between?: readonly [number, number];
  gt?: number;
  len_min?: number;
  starts_with?: string;
  match_none?: readonly { pattern: string; err: string }[];
  elements?: Field;
  values?: Field;
  fields?: readonly NamedField[];
  shorthand_fields?: readonly NamedField[];
  deprecation?: { replaced_with: readonly { path: readonly string[] }[] };
  /** The entity a foreign field points at. */
  reference?: string;
  description?: string;
  /** Answers the text of what is wrong, or nothing: what Kong's `custom_validator` does. Never printed. */
  check?: (value: never) => string | undefined;
}
export type NamedField = { readonly [name: string]: Field };

/** A record with checks over several fields at once. */
export interface RecordSchema {
  fields: readonly NamedField[];
  shorthand_fields?: readonly NamedField[];
  entity_checks?: readonly EntityCheck[];
  /** Problems of the entity as a whole, for `fields["@entity"]`, where Kong's own check is code and not data. */
  checkEntity?: (value: Input) => string[];
}

/** The kinds of check that the recorded schemas hold. */
export type EntityCheck = {
  at_least_one_of?: readonly string[];
  conditional?: { if_field: string; if_match: { eq?: unknown }; then_field: string; then_match: { required?: boolean } };
};

/** The single `[name, field]` of each item, in order. */
export function namedFields(fields: readonly NamedField[] | undefined): [string, Field][] {
  return (fields ?? []).flatMap((item) => Object.entries(item));
}

/** A field that points at another entity by `{ id }`, or by its name in what a caller sends. */
export const foreign = (reference: string, required = false): Field => ({ type: 'foreign', reference, required });
