import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { linearRegExp } from './enforced-schema.ts';
import { wordsFor } from './fault-words.ts';
import type { FaultySchema } from './fault-words.ts';
import { formats } from './formats.ts';
import type { ProblemFault } from './problem.ts';

const contract = 'contract';

/** What judges values by the schemas of one document, in plain words. */
export type SchemaFaults<Document> = {
  /** The document with references that lead out of any part of it. */
  readonly document: Document;
  /** What is wrong with a value by a schema of the document; pointers begin with `at`. */
  faultsOf(schema: FaultySchema, value: unknown, at: string): ProblemFault[];
  /** The schema that a reference leads to, or the schema itself. */
  resolve(schema: FaultySchema): FaultySchema;
};

/** `place` is where the document has its named schemas: `components/schemas`, or `$defs`. */
export function createSchemaFaults<Document extends object>(source: object, place: 'components/schemas' | '$defs'): SchemaFaults<Document> {
  const document = withWholeReferences(source) as Document;
  const named = place.split('/').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], document) as Record<string, FaultySchema>;
  const compiled = new WeakMap<FaultySchema, ValidateFunction>();
  let ajv: Ajv2020 | undefined;
  return { document, faultsOf, resolve };

  function faultsOf(schema: FaultySchema, value: unknown, at: string): ProblemFault[] {
    const validate = validatorOf(schema);
    if (validate(value)) return [];
    const errors = validate.errors ?? [];
    const choices = errors.filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf');
    const isWithin = ({ instancePath }: ErrorObject, outer: ErrorObject): boolean =>
      instancePath === outer.instancePath || instancePath.startsWith(`${outer.instancePath}/`);
    // What is said of the forms, which hold forms themselves, is said anew of the form that was meant.
    const outermost = choices.filter((choice) => !choices.some((other) => other !== choice && isOutside(other, choice)));
    const own = errors.filter((error) => !outermost.some((choice) => isWithin(error, choice)));
    // Of a name the schema of names finds the fault, and then `propertyNames` does.
    const told = own.filter(({ propertyName, keyword }) => propertyName === undefined || keyword === 'propertyNames');
    return [...told.map((error) => bodyFault(error, at)), ...outermost.flatMap((choice) => choiceFaults(choice, at))];

    function isOutside(other: ErrorObject, choice: ErrorObject): boolean {
      return other.instancePath === choice.instancePath ? errors.indexOf(other) > errors.indexOf(choice) : isWithin(choice, other);
    }
  }

  /** Of a value that may have one of several forms: what is wrong with it in the form that was meant, or which forms there are. */
  function choiceFaults({ instancePath, data, parentSchema }: ErrorObject, at: string): ProblemFault[] {
    const forms = formsOf(parentSchema as FaultySchema);
    const pointer = `${at}${instancePath}`;
    const kinds = kindsOf(forms);
    if (kinds !== undefined) {
      const kind = (data as Record<string, unknown> | null | undefined)?.[kinds.member];
      const meant = forms.find((form) => constOf(form, kinds.member) === kind);
      if (meant === undefined)
        return [{ pointer: `${pointer}/${kinds.member}`, message: wordsFor('enum', { value: kinds.values, schema: { enum: kinds.values } }) }];
      return faultsOf(meant, data, pointer);
    }
    const told = toldKind(forms, data);
    if (told !== undefined) {
      if (told.meant !== undefined) return faultsOf(told.meant, data, pointer);
      const words = wordsFor('enum', { value: told.values, schema: { enum: told.values } });
      return [{ pointer: `${pointer}/${told.member}`, message: `${words}, or left out` }];
    }
    const fitting = forms.filter((form) => [form['type']].flat().includes(typeOf(data)) && form['enum'] === undefined);
    const [meant] = fitting.toSorted((a, b) => likeness(b, data) - likeness(a, data));
    const faults = meant === undefined ? [] : faultsOf(meant, data, pointer);
    return faults.length > 0 ? faults : [{ pointer, message: wordsFor('oneOf', { value: forms, schema: {} }) }];
  }

  /** The forms that a schema lets a value have, those of forms that have forms themselves included. */
  function formsOf(schema: FaultySchema): FaultySchema[] {
    const own = resolve(schema);
    const forms = own['oneOf'] ?? own['anyOf'];
    return Array.isArray(forms) ? (forms as FaultySchema[]).flatMap(formsOf) : [own];
  }

  function resolve(schema: FaultySchema): FaultySchema {
    const target = schema['$ref'];
    return typeof target === 'string' ? (named[target.slice(target.lastIndexOf('/') + 1)] ?? {}) : schema;
  }

  /** Compiled when the first value is refused by it: a schema of the document, of which there is a bounded number. */
  function validatorOf(schema: FaultySchema): ValidateFunction {
    ajv ??= new Ajv2020({ strict: false, allErrors: true, verbose: true, formats, code: { regExp: linearRegExp } }).addSchema({
      $id: contract,
      ...(place === '$defs' ? { $defs: named } : { components: { schemas: named } }),
    });
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const validate = ajv.compile(schema);
    compiled.set(schema, validate);
    return validate;
  }
}

function bodyFault({ instancePath, keyword, params, schema: value, parentSchema: schema = {} }: ErrorObject, at: string): ProblemFault {
  const { missingProperty, additionalProperty, propertyName } = params as Record<string, string | undefined>;
  const member = missingProperty ?? additionalProperty ?? propertyName;
  return {
    pointer: `${at}${instancePath}${member === undefined ? '' : `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`}`,
    message: wordsFor(keyword, { value, schema, member }),
  };
}

/** The member by whose value the forms tell themselves apart, if there is one. */
function kindsOf(forms: readonly FaultySchema[]): { member: string; values: unknown[] } | undefined {
  const member = Object.keys(propertiesOf(forms[0])).find((name) => forms.every((form) => constOf(form, name) !== undefined));
  return member === undefined ? undefined : { member, values: forms.map((form) => constOf(form, member)) };
}

/** What a value says of its kind, where only some of the forms have one and the others know no such member. */
function toldKind(forms: readonly FaultySchema[], data: unknown): { member: string; values: unknown[]; meant: FaultySchema | undefined } | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const has = (form: FaultySchema, name: string): boolean => Object.hasOwn(propertiesOf(form), name);
  const member = Object.keys(data).find(
    (name) => forms.some((form) => constOf(form, name) !== undefined) && forms.every((form) => !has(form, name) || constOf(form, name) !== undefined),
  );
  if (member === undefined) return undefined;
  const kind = (data as Record<string, unknown>)[member];
  const having = forms.filter((form) => constOf(form, member) !== undefined);
  return { member, values: having.map((form) => constOf(form, member)), meant: having.find((form) => constOf(form, member) === kind) };
}

const propertiesOf = (form: FaultySchema | undefined): Record<string, FaultySchema> =>
  (form?.['properties'] as Record<string, FaultySchema> | undefined) ?? {};
const constOf = (form: FaultySchema, name: string): unknown => propertiesOf(form)[name]?.['const'];

function likeness(form: FaultySchema, value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const known = propertiesOf(form);
  return Object.keys(value).reduce((sum, name) => sum + (Object.hasOwn(known, name) ? 1 : -1), 0);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** The document with references that lead out of any part of it, so that each part can be compiled by itself. */
function withWholeReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeReferences);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => key !== 'example' && !(key === 'discriminator' && typeof inner === 'object'));
  return Object.fromEntries(entries.map(([key, inner]) => [key, key === '$ref' ? `${contract}${String(inner)}` : withWholeReferences(inner)]));
}
