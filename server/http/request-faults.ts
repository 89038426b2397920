import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { linearRegExp } from '@stoa/lib/enforced-schema.ts';
import { formats } from '@stoa/lib/formats.ts';
import controlPlaneDocument from '@stoa/generated/control-plane.openapi.json' with { type: 'json' };
import type { ProblemFault } from '@stoa/lib/problem.ts';
import { wordsFor } from './fault-words.ts';
import type { FaultySchema } from './fault-words.ts';

/** What the validator of requests says: where, and which keyword found it. */
export type LibraryFault = { path?: string; message?: string; errorCode?: string };
type Parameter = { $ref?: string; in?: string; name?: string; schema?: FaultySchema };
type Operation = { parameters?: Parameter[]; requestBody?: { content: Record<string, { schema: FaultySchema }> } };
type Refused = { readonly operation: { method: string; path: string } | undefined; readonly body: unknown; readonly isUpload: boolean };

const contract = 'contract';
const document = withWholeReferences(controlPlaneDocument) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, FaultySchema>; parameters: Record<string, Parameter> };
};

/**
 * The faults of a refused request in plain words. The validator of requests keeps neither the values of its keywords nor which form of several
 * was meant, so a body is judged a second time, by the same schema; only refused ones are, and what cannot be found is told by the keyword alone.
 */
export function requestFaults(errors: readonly LibraryFault[], { operation, body, isUpload }: Refused): ProblemFault[] {
  const entry = operation && document.paths[operation.path]?.[operation.method];
  const content = entry?.requestBody?.content ?? {};
  const schema = (isUpload ? content['multipart/form-data'] : content['application/json'])?.schema;
  const isOfBody = ({ path = '' }: LibraryFault): boolean => path.startsWith('/body');
  const ofBody = schema === undefined || !errors.some(isOfBody) ? [] : bodyFaults(schema, body, '/body');
  const others = ofBody.length === 0 ? errors : errors.filter((error) => !isOfBody(error));
  return [...ofBody, ...others.map((error) => parameterFault(error, entry))];
}

function parameterFault({ path = '', message, errorCode = '' }: LibraryFault, entry: Operation | undefined): ProblemFault {
  // The validator says `/params/` where the contract says path.
  const pointer = path.replace(/^\/params\//, '/path/').replace(/^\/?(.*)$/, '/$1');
  const [keyword = ''] = errorCode.split('.', 1);
  if (keyword === '') return { pointer, message: message ?? 'is invalid' };
  const [, place, name, ...rest] = pointer.split('/');
  const parameter = (entry?.parameters ?? [])
    .map(resolveParameter)
    .find((other) => other.in === placeOf(place) && other.name?.toLowerCase() === name?.toLowerCase());
  const whole = resolve(parameter?.schema ?? {});
  const schema = rest.length === 0 ? whole : resolve((whole['items'] as FaultySchema | undefined) ?? {});
  return { pointer, message: wordsFor(keyword, { value: schema[keyword], schema }) };
}

const placeOf = (place: string | undefined): string | undefined => (place === 'headers' ? 'header' : place);
const resolveParameter = (parameter: Parameter): Parameter =>
  parameter.$ref === undefined ? parameter : (document.components.parameters[parameter.$ref.slice(parameter.$ref.lastIndexOf('/') + 1)] ?? parameter);

/** What is wrong with a value by a schema of the contract; pointers begin with `at`. */
export const componentFaults = (name: keyof typeof controlPlaneDocument.components.schemas, value: unknown, at: string): ProblemFault[] =>
  bodyFaults(document.components.schemas[name] ?? {}, value, at);

function bodyFaults(schema: FaultySchema, value: unknown, at: string): ProblemFault[] {
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

function bodyFault({ instancePath, keyword, params, schema: value, parentSchema: schema = {} }: ErrorObject, at: string): ProblemFault {
  const { missingProperty, additionalProperty, propertyName } = params as Record<string, string | undefined>;
  const member = missingProperty ?? additionalProperty ?? propertyName;
  return {
    pointer: `${at}${instancePath}${member === undefined ? '' : `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`}`,
    message: wordsFor(keyword, { value, schema, member }),
  };
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
    return bodyFaults(meant, data, pointer);
  }
  const fitting = forms.filter((form) => [form['type']].flat().includes(typeOf(data)) && form['enum'] === undefined);
  const [meant] = fitting.toSorted((a, b) => likeness(b, data) - likeness(a, data));
  const faults = meant === undefined ? [] : bodyFaults(meant, data, pointer);
  return faults.length > 0 ? faults : [{ pointer, message: wordsFor('oneOf', { value: forms, schema: {} }) }];
}

/** The forms that a schema lets a value have, those of forms that have forms themselves included. */
function formsOf(schema: FaultySchema): FaultySchema[] {
  const own = resolve(schema);
  const forms = own['oneOf'] ?? own['anyOf'];
  return Array.isArray(forms) ? (forms as FaultySchema[]).flatMap(formsOf) : [own];
}

/** The member by whose value the forms tell themselves apart, if there is one. */
function kindsOf(forms: readonly FaultySchema[]): { member: string; values: unknown[] } | undefined {
  const member = Object.keys(propertiesOf(forms[0])).find((name) => forms.every((form) => constOf(form, name) !== undefined));
  return member === undefined ? undefined : { member, values: forms.map((form) => constOf(form, member)) };
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

function resolve(schema: FaultySchema): FaultySchema {
  const target = schema['$ref'];
  return typeof target === 'string' ? (document.components.schemas[target.slice(target.lastIndexOf('/') + 1)] ?? {}) : schema;
}

const compiled = new WeakMap<FaultySchema, ValidateFunction>();
let ajv: Ajv2020 | undefined;

/** Compiled when the first request is refused by it: a schema of the contract, of which there is a bounded number. */
function validatorOf(schema: FaultySchema): ValidateFunction {
  ajv ??= new Ajv2020({ strict: false, allErrors: true, verbose: true, formats, code: { regExp: linearRegExp } }).addSchema({
    $id: contract,
    components: { schemas: document.components.schemas },
  });
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const validate = ajv.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/** The document with references that lead out of any part of it, so that each part can be compiled by itself. */
function withWholeReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withWholeReferences);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => key !== 'example' && !(key === 'discriminator' && typeof inner === 'object'));
  return Object.fromEntries(entries.map(([key, inner]) => [key, key === '$ref' ? `${contract}${String(inner)}` : withWholeReferences(inner)]));
}
