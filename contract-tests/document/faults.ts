import * as validators from '@stoa/generated/validators.js';
import type { Contract, Entry, Parameter, Schema } from './contract.ts';

type AnyValidator = { (value: unknown): boolean; errors?: { instancePath: string; message?: string }[] | null };
export type Message = { status: number; headers: Record<string, string | undefined>; text: string };

const problemType = 'application/problem+json';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What is wrong with a value of the component that `schema` refers to, by the generated validator of that component. */
function schemaFaults(schema: Schema, value: unknown): string[] {
  const name = schema.$ref?.split('/').pop();
  if (name === undefined) return [];
  const validate = (validators as unknown as Record<string, AnyValidator | undefined>)[`validate${name}`];
  if (validate === undefined) return [`there is no generated validator for ${name}`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${name}${instancePath} ${message ?? 'is invalid'}`);
}

/** Members that no schema of the contract names: what our own programs must never send, however leniently it is received. */
export function unknownMembers(contract: Contract, schema: Schema, value: unknown, at = ''): string[] {
  const resolved = contract.resolve<Schema>(schema);
  if (Array.isArray(value))
    return resolved.items ? value.flatMap((item, index) => unknownMembers(contract, resolved.items ?? {}, item, `${at}/${index}`)) : [];
  if (typeof value !== 'object' || value === null || resolved.properties === undefined) return [];
  const { properties, additionalProperties } = resolved;
  return Object.entries(value).flatMap(([name, member]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) return unknownMembers(contract, known, member, `${at}/${name}`);
    return additionalProperties === undefined ? [`${at}/${name} is not in the contract`] : [];
  });
}

/** The value of a body; of lines, the list of their values. */
export function parseBody(type: string, text: string): unknown {
  if (!type.includes('json')) return undefined;
  if (!type.startsWith('application/jsonl')) return JSON.parse(text);
  if (!text.endsWith('\n')) throw new Error('The last line is not ended.');
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** Everything by which a response differs from what the document says of this operation; empty when it conforms. */
export function responseFaults(contract: Contract, entry: Entry, { status, headers, text }: Message): string[] {
  const where = `${entry.id} ${status}`;
  const documented = contract.response(entry, status);
  if (documented === undefined) return [`${where}: the status is not documented`];
  const faults = Object.keys(documented.headers ?? {})
    .filter((name) => headers[name.toLowerCase()] === undefined)
    .map((name) => `${where}: the header ${name} is missing`);
  const content = documented.content;
  if (content === undefined) return text === '' ? faults : [...faults, `${where}: a body came where none is documented`];
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (content[type] === undefined) return [...faults, `${where}: the media type is "${type}", not ${Object.keys(content).join(' or ')}`];
  return [...faults, ...bodyFaults(content[type].schema ?? {}, type, status, text).map((fault) => `${where}: ${fault}`)];
}

function bodyFaults(schema: Schema, type: string, status: number, text: string): string[] {
  if (!/jsonl?$/.test(type)) return [];
  let body: unknown;
  try {
    body = parseBody(type, text);
  } catch {
    return ['the body is not JSON'];
  }
  const faults = schemaFaults(schema, body);
  // RFC 9457 §3.1.2: the member repeats the status of the response.
  if (type === problemType && (body as { status?: unknown }).status !== status) faults.push('the problem names another status');
  return faults;
}

export type Received = { path: Record<string, string>; query: URLSearchParams; headers: Record<string, string | undefined>; body: unknown };

/** Everything by which a request of one of our own clients differs from what the document says of this operation. */
export function requestFaults(contract: Contract, entry: Entry, { path, query, headers, body }: Received): string[] {
  const parameters = contract.parameters(entry);
  const valueOf = ({ name, in: place }: Parameter) =>
    place === 'path' ? path[name] : place === 'query' ? (query.get(name) ?? undefined) : headers[name.toLowerCase()];
  const faults = parameters.flatMap((parameter) => parameterFaults(contract, parameter, valueOf(parameter)));
  const known = new Set(parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name));
  for (const name of query.keys()) if (!known.has(name)) faults.push(`the query parameter ${name} is not in the contract`);
  const { requestBody } = entry.operation;
  if (requestBody === undefined) {
    if (body !== undefined) faults.push('a body came where none is documented');
  } else {
    const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    const schema = requestBody.content[type]?.schema;
    if (schema === undefined) faults.push(`the media type is "${type}", not ${Object.keys(requestBody.content).join(' or ')}`);
    else faults.push(...schemaFaults(schema, body), ...unknownMembers(contract, schema, body));
  }
  return faults.map((fault) => `${entry.id}: ${fault}`);
}

function parameterFaults(contract: Contract, { name, required, schema: given }: Parameter, value: string | undefined): string[] {
  if (value === undefined) return required ? [`the parameter ${name} is missing`] : [];
  const { type, format, minimum = -Infinity, maximum = Infinity, maxLength = Infinity } = contract.resolve<Schema>(given);
  if (type === 'integer' && !(/^-?\d+$/.test(value) && Number(value) >= minimum && Number(value) <= maximum))
    return [`the parameter ${name} is ${value}`];
  if (format === 'uuid' && !uuid.test(value)) return [`the parameter ${name} is no UUID`];
  return value.length > maxLength ? [`the parameter ${name} is too long`] : [];
}
