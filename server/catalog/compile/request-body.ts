import type { BodyField } from '@stoa/generated/schemas.ts';
import type { Part } from './arguments.ts';
import { describesObject } from './described-types.ts';
import { examplesOf } from './examples.ts';
import { describesFile, fileSchema, fileText, isBinary } from './files.ts';
import { isObject, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { mediaKind, sentMediaType } from './media-types.ts';
import type { MediaKind } from './media-types.ts';
import type { OperationContext } from './operation-context.ts';
import { dereference } from './references.ts';
import type { Fragment } from './tool-schemas.ts';

/** RFC 9110 §9.3: content in these requests has no defined meaning, so that it is sent only where the document demands it. */
const withoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD', 'TRACE']);
const preference: readonly MediaKind[] = ['json', 'form', 'multipart', 'text', 'binary'];
const styles = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'] as const;
/** The bound of the contract on the fields of one body. */
const maxFields = 512;

type Media = { kind: MediaKind; type: string; value: JsonObject };

/** The argument `body`, when the operation has a body that is sent. */
export function bodyArguments(operation: OperationContext): Part {
  if (operation.value['requestBody'] === undefined) return { arguments: [] };
  const found = dereference(operation.document, operation.value['requestBody']);
  if (!found.found) return { arguments: [], impossible: `The request body is not described. ${found.reason}` };
  const required = found.value['required'] === true;
  const without = (reason: string): Part => {
    if (required) return { arguments: [], impossible: reason };
    operation.lose(`${reason} The tool is called without a body.`);
    return { arguments: [] };
  };
  if (withoutBody.has(operation.method) && (!required || operation.method !== 'GET'))
    return without(`The body of a ${operation.method} request has no meaning in HTTP.`);
  const media = chosenMedia(found.value, operation);
  if (media === undefined) return without('The body has no media type.');
  const schema = media.value['schema'] ?? {};
  if ((media.kind === 'form' || media.kind === 'multipart') && !describesObject(operation.document, schema))
    return without(`The ${media.kind} is not described as an object.`);
  const fields = fieldsOf(media, schema, operation);
  const binding = {
    in: 'body' as const,
    name: '',
    required,
    content_type: sentMediaType(media.type, media.kind),
    ...(media.kind === 'binary' ? { base64: true } : {}),
    ...(fields.length > 0 ? { fields } : {}),
  };
  const files = media.kind === 'binary' ? [] : fields.filter((field) => field.base64 === true).map((field) => field.name);
  const description = [stringMember(found.value, 'description'), noteOn(media, files)].filter((text) => text !== undefined).join(' ');
  return {
    arguments: [
      {
        binding,
        fragment: fragmentOf(media, schema, operation),
        description: description === '' ? undefined : description,
        examples: examplesOf(operation.document, media.value),
      },
    ],
  };
}

/** The media type that a tool sends best; of forms with files, the one that can carry them. */
function chosenMedia(body: JsonObject, operation: OperationContext): Media | undefined {
  const all = Object.entries(objectMember(body, 'content') ?? {}).map(([type, value]) => ({
    kind: mediaKind(type),
    type,
    value: isObject(value) ? value : {},
  }));
  const ranked = all.toSorted((a, b) => preference.indexOf(a.kind) - preference.indexOf(b.kind));
  const [first] = ranked;
  const multipart = ranked.find(({ kind }) => kind === 'multipart');
  if (first?.kind !== 'form' || multipart === undefined) return first;
  return fieldsOf(multipart, multipart.value['schema'], operation).some((field) => field.base64 === true) ? multipart : first;
}

function fragmentOf(media: Media, schema: unknown, operation: OperationContext): Fragment {
  if (media.kind === 'text') return { schema: { type: 'string' }, references: new Set() };
  if (media.kind === 'binary') return { schema: fileSchema(), references: new Set() };
  return operation.schemas.convert(schema, 'input', `${operation.where}, request body`);
}

function noteOn({ kind, type }: Media, files: readonly string[]): string | undefined {
  const shown = type.slice(0, 100);
  if (kind === 'text' && !shown.startsWith('text/plain')) return `Text of ${shown}, sent as it is.`;
  if (kind === 'binary') return `${fileText} Sent as ${shown}.`;
  return files.length > 0 ? `${files.slice(0, 20).join(', ')}: ${fileText}` : undefined;
}

/** How single members are written where that is not the default: by their Encoding Object, or because they are files. */
function fieldsOf(media: Media, schema: unknown, operation: OperationContext): BodyField[] {
  if (media.kind !== 'form' && media.kind !== 'multipart') return [];
  const encoding = objectMember(media.value, 'encoding') ?? {};
  const properties = propertiesOf(schema, operation);
  const names = new Set([...Object.keys(encoding), ...(media.kind === 'multipart' ? properties.keys() : [])]);
  const fields = [...names]
    .filter((name) => name.length <= 256)
    .map((name) => fieldOf(name, encoding[name], properties.get(name) ?? [], media.kind, operation));
  return fields.filter((field) => Object.keys(field).length > 1).slice(0, maxFields);
}

function fieldOf(name: string, encoding: unknown, schemas: readonly unknown[], kind: MediaKind, operation: OperationContext): BodyField {
  const given = isObject(encoding) ? encoding : {};
  const style = styles.find((each) => each === given['style']);
  const contentType = stringMember(given, 'contentType')?.slice(0, 256);
  const isStyled = style !== undefined || typeof given['explode'] === 'boolean' || given['allowReserved'] === true;
  if (isObject(given['headers'])) operation.lose(`The headers of the part ${name.slice(0, 100)} are not sent.`);
  const described = schemas.flatMap((schema) => (isObject(schema) && schema['type'] === 'array' ? [schema['items']] : [schema]));
  const isFile =
    kind === 'multipart' &&
    (described.some((schema) => describesFile(targetOf(schema, operation))) ||
      (contentType !== undefined && isBinary(contentType) && !contentType.includes(',')));
  return {
    name,
    ...(style === undefined ? {} : { style }),
    ...(typeof given['explode'] === 'boolean' ? { explode: given['explode'] } : {}),
    ...(given['allowReserved'] === true ? { allow_reserved: true } : {}),
    // Where a style is given, the media type of the member is ignored (OpenAPI 3.1 "Encoding Object").
    ...(contentType === undefined || isStyled ? {} : { content_type: contentType }),
    ...(isFile ? { base64: true } : {}),
  };
}

/** The schemas of each property that applies to the value itself, wherever it is declared. */
function propertiesOf(schema: unknown, { schemas }: OperationContext): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const part of schemas.inPlace(schema).schemas) {
    for (const [name, property] of Object.entries(objectMember(part, 'properties') ?? {}))
      found.set(name, [...(found.get(name) ?? []), targetOf(property, { schemas })]);
  }
  return found;
}

function targetOf(schema: unknown, { schemas }: Pick<OperationContext, 'schemas'>): unknown {
  return isObject(schema) && typeof schema['$ref'] === 'string' ? schemas.source(schema['$ref']) : schema;
}
