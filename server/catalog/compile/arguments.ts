import type { ArgumentBinding } from '@stoa/generated/schemas.ts';
import { argumentName } from './names.ts';
import type { Schema } from './schema-types.ts';
import { bounded, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Fragment } from './tool-schemas.ts';

const maxDescriptionCharacters = 2048;

/** An argument of a tool before it has a name. */
export type Argument = { binding: Omit<ArgumentBinding, 'argument'>; fragment: Fragment; description: string | undefined };

/** What a part of an operation gives: arguments, or the reason why the whole operation cannot be expressed. */
export type Part = { arguments: Argument[]; impossible?: string };

/** Names the arguments and puts their schemas into one object schema. Its definitions are still to be added. */
export function argumentsSchema(list: readonly Argument[]): { schema: JsonObject; bindings: ArgumentBinding[]; references: Set<string> } {
  const taken = new Set<string>();
  // The body always is called `body`, whatever parameters are called.
  const names = new Map(list.filter((entry) => entry.binding.in === 'body').map((entry) => [entry, argumentName('body', 'body', taken)]));
  for (const entry of list) if (!names.has(entry)) names.set(entry, argumentName(entry.binding.name, entry.binding.in, taken));
  const named = list.map((entry) => ({ ...entry, argument: names.get(entry) ?? entry.binding.name }));
  const required = named.filter((entry) => entry.binding.required).map((entry) => entry.argument);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(named.map((entry) => [entry.argument, described(entry.fragment.schema, entry.description)])),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    },
    bindings: named.map((entry) => ({ argument: entry.argument, ...entry.binding })),
    references: new Set(named.flatMap((entry) => [...entry.fragment.references])),
  };
}

/** The parameter's own description says more about the argument than the one of its type. */
function described(schema: Schema, description: string | undefined): Schema {
  const base = schema === true ? {} : schema;
  if (description === undefined || !isObject(base)) return base;
  return { ...base, description: bounded(description, maxDescriptionCharacters) };
}
