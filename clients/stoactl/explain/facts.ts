import { wordsFor } from '@stoa/lib/fault-words.ts';
import { isSchema } from './schema-tree.ts';
import type { Field, ContractSchema, SchemaTree } from './schema-tree.ts';

/** What there is to say of a member in one form. */
export type Facts = {
  readonly when?: string;
  readonly type: string;
  readonly required: boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly allowed?: readonly unknown[];
  /** What else a value must be, in the words in which a wrong one is refused. */
  readonly must?: readonly string[];
};

/** Keywords that say something beyond the type and the values. */
const demanding = [
  'minimum',
  'maximum',
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'propertyNames',
]; // prettier-ignore

export function factsOf(tree: SchemaTree, { schema, isRequired, when }: Field): Facts {
  const { description, default: byDefault } = schema;
  const allowed = [...new Set(scalarForms(tree, schema).flatMap(valuesOf))];
  const must = [...new Set([schema, ...scalarForms(tree, schema)].flatMap(demandsOf))];
  return {
    ...(when !== undefined && { when }),
    type: typeOf(tree, schema),
    required: isRequired,
    ...(typeof description === 'string' && { description: description.replaceAll(/\s+/g, ' ') }),
    ...(byDefault !== undefined && { default: byDefault }),
    ...(allowed.length > 0 && { allowed }),
    ...(must.length > 0 && { must }),
  };
}

/** Of what has members of its own, these say what they must be. */
const scalarForms = (tree: SchemaTree, schema: ContractSchema): ContractSchema[] =>
  tree.formsOf(schema).flatMap((form) => (form.schema['properties'] === undefined ? [form.schema] : []));

const valuesOf = ({ enum: values, const: value }: ContractSchema): unknown[] =>
  (values as unknown[] | undefined) ?? (value === undefined ? [] : [value]);

const demandsOf = (schema: ContractSchema): string[] =>
  demanding.flatMap((keyword) => (schema[keyword] === undefined ? [] : [wordsFor(keyword, { value: schema[keyword], schema })]));

/** `string`, `list of string`, `map of string`, `string or integer`. */
function typeOf(tree: SchemaTree, schema: ContractSchema): string {
  const { type, items, oneOf, anyOf, additionalProperties, properties, enum: values, const: value } = schema;
  const choices = (oneOf ?? anyOf) as readonly ContractSchema[] | undefined;
  if (choices !== undefined) return [...new Set(choices.map((choice) => typeOf(tree, tree.resolve(choice))))].join(' or ');
  if (isSchema(items)) return `list of ${typeOf(tree, tree.resolve(items))}`;
  if (type === 'object' && properties === undefined && isSchema(additionalProperties))
    return `map of ${typeOf(tree, tree.resolve(additionalProperties))}`;
  if (type === undefined) return values === undefined && value === undefined ? 'any' : typeof ((values as unknown[] | undefined)?.[0] ?? value);
  return [type].flat().join(' or ');
}
