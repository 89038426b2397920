/** What is otherwise of one argument: it has the same value in every call, is given in none, or is described in other words. */
export type ArgumentChange = { readonly value?: unknown; readonly hidden?: true; readonly description?: string };

/** What is otherwise of the arguments of a tool. */
export type SchemaChange = {
  readonly arguments?: Readonly<Record<string, ArgumentChange>>;
  /** Arguments of calls. */
  readonly examples?: readonly object[];
};

type Schema = Readonly<Record<string, unknown>>;

export type AdaptedSchema = {
  readonly schema: Record<string, unknown>;
  /** Why no call could be made so, in sentences without their end. */
  readonly faults: readonly string[];
  /** What has no effect. */
  readonly notes: readonly string[];
};

/** Whether callers cannot give an argument. */
export const isTaken = (change: ArgumentChange | undefined): boolean => change !== undefined && (change.hidden === true || 'value' in change);

/** A JSON Schema of arguments as it is told when some of them are fixed, hidden or described otherwise. Of what is fixed or hidden nothing is left in it. */
export function adaptedSchema(schema: Schema, { arguments: changes = {}, examples }: SchemaChange): AdaptedSchema {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, unknown>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const changeOf = (name: string): ArgumentChange | undefined => (Object.hasOwn(changes, name) ? changes[name] : undefined);
  const told = Object.entries(properties).flatMap(([name, property]) => {
    const change = changeOf(name);
    if (isTaken(change)) return [];
    return [[name, change?.description === undefined ? property : described(property, change.description)] as const];
  });
  const left = required.filter((name) => !isTaken(changeOf(name)));
  const { properties: _properties, required: _required, examples: own, ...rest } = schema;
  const shown = examples ?? (Array.isArray(own) ? own.map((example) => without(example, changes)) : undefined);
  const missing = Object.keys(changes).filter((name) => !Object.hasOwn(properties, name));
  return {
    schema: {
      ...rest,
      properties: Object.fromEntries(told),
      ...(left.length > 0 && { required: left }),
      ...(shown !== undefined && { examples: shown }),
    },
    faults: [
      ...missing.filter((name) => 'value' in (changes[name] ?? {})).map((name) => `it has no argument ${name} that could be fixed`),
      ...required.filter((name) => changeOf(name)?.hidden === true).map((name) => `it hides ${name}, which is required: fix a value for it`),
      ...(examples ?? []).flatMap((example) =>
        Object.keys(example)
          .filter((name) => isTaken(changeOf(name)))
          .map((name) => `an example gives ${name}, which callers cannot give`),
      ),
    ],
    notes: missing.filter((name) => !('value' in (changes[name] ?? {}))).map((name) => `it has no argument ${name}`),
  };
}

/** A schema may be `true`. */
const described = (property: unknown, description: string): object => ({
  ...(typeof property === 'object' && property !== null ? property : {}),
  description,
});

function without(example: unknown, changes: Readonly<Record<string, ArgumentChange>>): unknown {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) return example;
  return Object.fromEntries(Object.entries(example).filter(([name]) => !Object.hasOwn(changes, name) || !isTaken(changes[name])));
}
