/** A schema of the contract. */
export type ContractSchema = Readonly<Record<string, unknown>>;
/** A member as one form of what holds it has it. `when` says of which form. */
export type Field = { readonly name: string; readonly schema: ContractSchema; readonly isRequired: boolean; readonly when: string | undefined };
/** A member by its name, in every form that has it. */
export type SchemaMember = { readonly name: string; readonly fields: readonly Field[] };

/** No member of the contract lies deeper; a schema that held itself would have no end. */
export const maxDepth = 12;

/** The members of things, as the named schemas of one document have them. */
export class SchemaTree {
  readonly #named: Readonly<Record<string, ContractSchema>>;

  constructor(named: Readonly<Record<string, ContractSchema>>) {
    this.#named = named;
  }

  /** A thing by the name of its schema; undefined where the document has none. */
  root(name: string): SchemaMember | undefined {
    const schema = this.#named[name];
    return schema === undefined ? undefined : { name, fields: [{ name, schema: this.resolve(schema), isRequired: false, when: undefined }] };
  }

  /** The schema that a reference leads to; what stands beside the reference takes precedence. */
  resolve(schema: ContractSchema): ContractSchema {
    const { $ref, ...beside } = schema;
    if (typeof $ref !== 'string') return schema;
    return { ...this.resolve(this.#named[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}), ...beside };
  }

  /** What a member holds. A list is passed through: what its entries hold is asked for. */
  membersOf({ fields }: SchemaMember): SchemaMember[] {
    const all = fields.flatMap(({ schema, when }) => this.formsOf(schema).flatMap((form) => this.#fieldsOf(form.schema, form.when ?? when)));
    return [...Map.groupBy(all, ({ name }) => name)].map(([name, same]) => ({ name, fields: same }));
  }

  /** The member of a name; a mapping has one of any name. */
  memberOf(member: SchemaMember, name: string): SchemaMember | undefined {
    const members = this.membersOf(member);
    return members.find((each) => each.name === name) ?? members.find((each) => each.name === anyName);
  }

  /** A member and all that it holds, each with its path. */
  *everyMember(member: SchemaMember, path: readonly string[] = []): Generator<{ path: readonly string[]; member: SchemaMember }> {
    if (path.length >= maxDepth) return;
    for (const inner of this.membersOf(member)) {
      const innerPath = [...path, inner.name];
      yield { path: innerPath, member: inner };
      yield* this.everyMember(inner, innerPath);
    }
  }

  /** The forms that a value may have, those of its entries where it is a list. A form is told by the constants that only it has. */
  formsOf(schema: ContractSchema): { schema: ContractSchema; when: string | undefined }[] {
    const { items, oneOf, anyOf } = schema;
    if (isSchema(items)) return this.formsOf(this.resolve(items));
    const choices = (oneOf ?? anyOf) as readonly ContractSchema[] | undefined;
    if (choices === undefined) return [{ schema, when: undefined }];
    return choices.flatMap((choice) => {
      const resolved = this.resolve(choice);
      const when = this.#constantsOf(resolved);
      return this.formsOf(resolved).map((form) => ({ ...form, when: form.when ?? when }));
    });
  }

  #constantsOf({ properties = {} }: ContractSchema): string | undefined {
    const constants = Object.entries(properties as Record<string, ContractSchema>).flatMap(([name, inner]) => {
      const { const: value } = this.resolve(inner);
      return value === undefined ? [] : [`${name}: ${String(value)}`];
    });
    return constants.length === 0 ? undefined : constants.join(', ');
  }

  #fieldsOf({ properties = {}, required = [], additionalProperties }: ContractSchema, when: string | undefined): Field[] {
    const named = Object.entries(properties as Record<string, ContractSchema>).map(([name, inner]) => ({
      name,
      schema: this.resolve(inner),
      isRequired: (required as readonly string[]).includes(name),
      when,
    }));
    if (!isSchema(additionalProperties)) return named;
    return [...named, { name: anyName, schema: this.resolve(additionalProperties), isRequired: false, when }];
  }
}

/** Stands for whatever name somebody gives. */
const anyName = '<name>';

export const isSchema = (value: unknown): value is ContractSchema => typeof value === 'object' && value !== null && !Array.isArray(value);
