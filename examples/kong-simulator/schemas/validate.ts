import type { FieldErrors, FieldProblem } from '../admin/kong-error.ts';
import { type EntityCheck, type Field, type Input, namedFields, type RecordSchema } from './field.ts';

/**
 * Fills in defaults and finds every problem, as Kong does before it stores an entity.
 * @returns the whole record with `null` for what is not set, and its problems by field (empty when it may be stored).
 */
export function validateRecord(schema: RecordSchema, input: Input): { value: Input; errors: FieldErrors } {
  const errors: FieldErrors = {};
  const value = recordValue(schema, input, errors);
  const entityProblems = (schema.entity_checks ?? []).flatMap((check) => checkProblems(check, value, errors));
  entityProblems.push(...(schema.checkEntity?.(value) ?? []));
  if (entityProblems.length > 0) errors['@entity'] = entityProblems;
  return { value, errors };
}

function recordValue(schema: RecordSchema, raw: Input, errors: FieldErrors): Input {
  for (const [name, field] of namedFields(schema.shorthand_fields)) {
    const [, problem] = fieldValue(field, raw[name] ?? undefined);
    if (problem !== undefined) errors[name] = problem;
  }
  const input = withoutShorthands(schema, raw);
  const fields = namedFields(schema.fields);
  const known = new Set(fields.map(([name]) => name));
  for (const name of Object.keys(input)) if (!known.has(name)) errors[name] = 'unknown field';
  const value: Input = {};
  for (const [name, field] of fields) {
    const [result, problem] = fieldValue(field, input[name]);
    value[name] = result;
    if (problem !== undefined) errors[name] = problem;
  }
  for (const [name, field] of namedFields(schema.shorthand_fields)) {
    const path = field.deprecation?.replaced_with[0]?.path;
    if (path) value[name] = path.reduce<unknown>((at, key) => (at as Input | null)?.[key] ?? null, value);
  }
  return value;
}

/** Moves deprecated twins (`redis_host`) to the field that replaced them (`redis.host`); a value of the new field wins. */
export function withoutShorthands(schema: Pick<RecordSchema, 'shorthand_fields'>, raw: Input): Input {
  const input = { ...raw };
  for (const [name, field] of namedFields(schema.shorthand_fields)) {
    const given = input[name];
    delete input[name];
    const [parent, key] = field.deprecation?.replaced_with[0]?.path ?? [];
    if (given === undefined || parent === undefined || key === undefined) continue;
    const record = (input[parent] ?? {}) as Input;
    input[parent] = { ...record, [key]: record[key] ?? given };
  }
  return input;
}

function fieldValue(field: Field, given: unknown): [unknown, FieldProblem | undefined] {
  if (given === undefined) {
    if (field.default !== undefined) return [structuredClone(field.default), undefined];
    if (field.type === 'record' && field.required) return fieldValue(field, {});
    return [null, field.required ? 'required field missing' : undefined];
  }
  if (given === null) return [null, field.required ? 'required field missing' : undefined];
  switch (field.type) {
    case 'array':
    case 'set':
      return listValue(field, given);
    case 'record': {
      if (typeof given !== 'object' || Array.isArray(given)) return [given, 'expected a record'];
      const errors: FieldErrors = {};
      const value = recordValue({ fields: [], ...field }, given as Input, errors);
      const problem = Object.keys(errors).length > 0 ? errors : field.check?.(value as never);
      return [value, problem];
    }
    case 'map':
      return mapValue(field, given);
    case 'foreign':
      return [given, typeof given === 'object' && !Array.isArray(given) ? field.check?.(given as never) : 'expected a record'];
    default:
      return [given, scalarProblem(field, given)];
  }
}

function listValue(field: Field, given: unknown): [unknown, FieldProblem | undefined] {
  // An empty Lua table reads as an empty list, so `{}` is accepted where a list is expected.
  const list = isEmptyObject(given) ? [] : given;
  if (!Array.isArray(list)) return [given, field.type === 'set' ? 'expected a set' : 'expected an array'];
  const unique = field.type === 'set' ? [...new Set(list)] : list;
  if (field.len_min !== undefined && unique.length < field.len_min) return [list, `length must be at least ${field.len_min}`];
  const problems: (string | null)[] = [];
  const values = unique.map((item: unknown, index) => {
    const [value, problem] = field.elements ? fieldValue(field.elements, item) : [item, undefined];
    if (problem !== undefined) {
      while (problems.length < index) problems.push(null);
      problems.push(typeof problem === 'string' ? problem : JSON.stringify(problem));
    }
    return value;
  });
  return [values, problems.length > 0 ? problems : undefined];
}

function mapValue(field: Field, given: unknown): [unknown, FieldProblem | undefined] {
  if (typeof given !== 'object' || given === null || (Array.isArray(given) && given.length > 0)) return [given, 'expected a map'];
  const errors: FieldErrors = {};
  for (const [key, item] of Object.entries(given)) {
    const [, problem] = field.values ? fieldValue(field.values, item) : [item, undefined];
    if (problem !== undefined) errors[key] = problem;
  }
  return [given, Object.keys(errors).length > 0 ? errors : undefined];
}

function scalarProblem(field: Field, given: unknown): string | undefined {
  switch (field.type) {
    case 'string':
      if (typeof given !== 'string') return 'expected a string';
      break;
    case 'boolean':
      if (typeof given !== 'boolean') return 'expected a boolean';
      break;
    case 'integer':
      if (!Number.isInteger(given)) return 'expected an integer';
      break;
    default:
      if (typeof given !== 'number') return 'expected a number';
  }
  return rangeProblem(field, given as string | number | boolean) ?? field.check?.(given as never);
}

function rangeProblem(field: Field, given: string | number | boolean): string | undefined {
  if (field.one_of && !field.one_of.includes(given)) return `expected one of: ${field.one_of.join(', ')}`;
  if (typeof given === 'number') {
    if (field.between && (given < field.between[0] || given > field.between[1])) {
      return `value should be between ${field.between[0]} and ${field.between[1]}`;
    }
    if (field.gt !== undefined && given <= field.gt) return `value must be greater than ${field.gt}`;
  }
  if (typeof given === 'string') {
    const lengthMin = field.len_min ?? 1;
    if (given.length < lengthMin) return `length must be at least ${lengthMin}`;
    if (field.starts_with !== undefined && !given.startsWith(field.starts_with)) return `should start with: ${field.starts_with}`;
    return field.match_none?.find(({ pattern }) => given.includes(pattern))?.err;
  }
  return undefined;
}

function checkProblems(check: EntityCheck, value: Input, errors: FieldErrors): string[] {
  const at = (path: string): unknown => path.split('.').reduce<unknown>((from, key) => (from as Input | null)?.[key], value);
  if (check.at_least_one_of) {
    if (check.at_least_one_of.some((path) => !isEmpty(at(path)) || path.split('.')[0]! in errors)) return [];
    return [`at least one of these fields must be non-empty: ${check.at_least_one_of.map((path) => `'${path}'`).join(', ')}`];
  }
  const conditional = check.conditional;
  if (conditional?.then_match.required && at(conditional.if_field) === conditional.if_match.eq && isEmpty(at(conditional.then_field))) {
    return [`failed conditional validation given value of field '${conditional.if_field}'`];
  }
  return [];
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0) || isEmptyObject(value);
