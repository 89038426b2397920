import type { ArgumentBinding } from '@stoa/generated/schemas.ts';
import { argumentName } from './names.ts';
import { bounded, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Fragment } from './tool-schemas.ts';

const maxDescriptionCharacters = 2048;

/** An argument of a tool before it has a name. */
export type Argument = { binding: Omit<ArgumentBinding, 'argument'>; fragment: Fragment; description: string | undefined } & Told;

/** What the document says of an argument beside its schema. `called`: its name, where that is not the one that is sent. */
type Told = { called?: string; examples?: readonly unknown[]; deprecated?: boolean; mcpHeader?: unknown };

/** What a part of an operation gives: arguments, or the reason why the whole operation cannot be expressed. */
export type Part = { arguments: Argument[]; impossible?: string };

/** Names the arguments and puts their schemas into one object schema. Its definitions are still to be added. */
export function argumentsSchema(list: readonly Argument[]): { schema: JsonObject; bindings: ArgumentBinding[]; references: Set<string> } {
  const taken = new Set<string>();
  // The body always is called `body`, whatever parameters are called.
  const names = new Map(list.filter((entry) => entry.binding.in === 'body').map((entry) => [entry, argumentName('body', 'body', taken)]));
  for (const entry of list) if (!names.has(entry)) names.set(entry, argumentName(entry.called ?? entry.binding.name, entry.binding.in, taken));
  const named = list.map((entry) => ({ ...entry, argument: names.get(entry) ?? entry.binding.name }));
  const required = named.filter((entry) => entry.binding.required).map((entry) => entry.argument);
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(named.map((entry) => [entry.argument, described(entry)])),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    },
    bindings: named.map((entry) => ({ argument: entry.argument, ...entry.binding })),
    references: new Set(named.flatMap((entry) => [...entry.fragment.references])),
  };
}

/** The parameter's own words say more about the argument than those of its type. A model that knows the API finds a renamed one by its real name. */
function described({ argument, binding, fragment, description, examples = [], deprecated, mcpHeader }: Argument & { argument: string }): JsonObject {
  const base = isObject(fragment.schema) ? fragment.schema : {};
  const own = description ?? (typeof base['description'] === 'string' ? base['description'] : undefined);
  const place = binding.in === 'query' ? 'query parameter' : binding.in === 'path' ? 'path parameter' : binding.in;
  const isRenamed = binding.in !== 'body' && argument !== binding.name;
  const text = [own === undefined ? undefined : bounded(own, maxDescriptionCharacters), isRenamed ? `(${place} ${binding.name})` : undefined];
  const told = text.filter((each) => each !== undefined).join(' ');
  return {
    ...base,
    ...(told === '' ? {} : { description: told }),
    ...(deprecated === true ? { deprecated: true } : {}),
    ...(examples.length === 0 ? {} : { examples: [...examples] }),
    ...(mcpHeader === undefined ? {} : { 'x-mcp-header': mcpHeader }),
  };
}
