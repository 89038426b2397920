import { luaPretty } from './lua-pretty.ts';

/** What is wrong with the fields of one entity: a text, a list by position, or a nested object (Kong Admin API, `fields`). */
export type FieldErrors = { [field: string]: FieldProblem };
export type FieldProblem = string | (string | null)[] | FieldErrors;

/** An answer other than success. The body is exactly what Kong 3.9.3 sends. */
export class KongError extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body['message']));
    this.status = status;
    this.body = body;
  }
}

/** 404 of a GET, and of a nested path whose parent does not exist: not the usual error shape. */
export const notFound = (): KongError => new KongError(404, { message: 'Not found' });

/** 405 for a method the endpoint does not have. */
export const methodNotAllowed = (): KongError => new KongError(405, { message: 'Method not allowed' });

/** 400 code 2, with one line for each field, entity-level problems first. */
export function schemaViolation(fields: FieldErrors): KongError {
  const lines = violationLines(fields);
  const count = lines.length === 1 ? 'schema violation' : `${lines.length} schema violations`;
  return new KongError(400, { name: 'schema violation', message: `${count} (${lines.join('; ')})`, fields, code: 2 });
}

function violationLines(fields: FieldErrors): string[] {
  const lines: string[] = [];
  const entityProblems = fields['@entity'];
  if (Array.isArray(entityProblems)) lines.push(...entityProblems.filter((text) => text !== null));
  for (const [field, problem] of Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (field === '@entity') continue;
    if (typeof problem === 'string') lines.push(`${field}: ${problem}`);
    else if (Array.isArray(problem)) {
      problem.forEach((text, index) => {
        if (text !== null) lines.push(`${field}.${index + 1}: ${text}`);
      });
    } else {
      for (const [key, text] of Object.entries(problem).sort(([a], [b]) => (a < b ? -1 : 1))) {
        lines.push(`${field}.${key}: ${typeof text === 'string' ? text : luaPretty(text, '  ')}`);
      }
    }
  }
  return lines;
}

/** 400 code 4: an id that points at nothing. */
export function foreignKeyViolation(field: string, id: string, parent: string): KongError {
  const message = `the foreign key '${luaPretty({ id }, '')}' does not reference an existing '${parent}' entity.`;
  return new KongError(400, { name: 'foreign key violation', message, fields: { [field]: { id } }, code: 4 });
}

/** 400 code 4: a delete refused because children still point here. */
export function stillReferenced(entity: string, child: string): KongError {
  return new KongError(400, {
    name: 'foreign key violation',
    message: `an existing '${child}' entity references this '${entity}' entity`,
    fields: { '@referenced_by': child },
    code: 4,
  });
}

/** 400 code 13: a parent named by its name that does not exist. */
export function foreignKeyUnresolved(field: string, key: string, value: string, parent: string): KongError {
  const text = `the foreign key cannot be resolved with '${luaPretty({ [key]: value }, '')}' for an existing '${parent}' entity`;
  return new KongError(400, {
    name: 'foreign keys unresolved',
    message: `foreign key unresolved (${field}.${key}: ${text})`,
    fields: { [field]: { [key]: text } },
    code: 13,
  });
}

/** 409 code 5. */
export function uniqueViolation(key: Record<string, unknown>): KongError {
  const message = `UNIQUE violation detected on '${luaPretty(key, '')}'`;
  return new KongError(409, { name: 'unique constraint violation', message, fields: key, code: 5 });
}

/** 404 code 6, the answer of a PATCH; a GET says {@link notFound}. */
export function entityNotFound(key: { id: string } | Record<string, string>): KongError {
  const by = 'id' in key ? 'primary key ' : '';
  const message = `could not find the entity with ${by}'${luaPretty(key, '')}'`;
  return new KongError(404, { name: 'not found', message, fields: key, code: 6 });
}

/** 400 code 10: the name in the path could never be a name. */
export const invalidUnique = (key: string, problem: string): KongError =>
  new KongError(400, { name: `invalid unique ${key}`, message: problem, code: 10 });

/** 400 code 7. */
export const invalidOffset = (offset: string, problem: string): KongError =>
  new KongError(400, { name: 'invalid offset', message: `'${offset}' is not a valid offset: ${problem}`, code: 7 });

/** 400 code 9. */
export const invalidSize = (): KongError =>
  new KongError(400, { name: 'invalid size', message: 'size must be an integer between 1 and 1000', code: 9 });

/** 400 code 11: the only error that says `options` where others say `fields`. */
export const invalidTagsFilter = (): KongError =>
  new KongError(400, {
    name: 'invalid options',
    message: 'invalid option (tags: invalid filter syntax)',
    options: { tags: 'invalid filter syntax' },
    code: 11,
  });
