import type { ApiOperation, Loss, OperationFilter } from '@stoa/generated/schemas.ts';
import { compileOperation } from './compile-operation.ts';
import type { Compilation } from './compile-operation.ts';
import { DocumentError } from './document-error.ts';
import { bounded, objectMember, stringMember } from './json.ts';
import type { JsonObject } from './json.ts';
import { hiddenWordWarnings } from './hidden-words.ts';
import { listOperations } from './list-operations.ts';
import { nameOperations } from './names.ts';
import { filterOperations } from './operation-filter.ts';
import { checkVersion } from './parse-document.ts';
import { credentialParameters, credentialPlaces, securityLoss } from './security.ts';
import type { CredentialPlace, CredentialTarget } from './security.ts';
import { toolSchemas } from './tool-schemas.ts';
import { unexpressed } from './unexpressed.ts';
import { upstreamUrlOf } from './upstream-url.ts';

/** What one schema of a tool may weigh. The first bound that keeps the whole API within `maxApiBytes` is taken. */
const schemaByteSteps = [32 * 1024, 8 * 1024, 2 * 1024] as const;
/** Every gateway that serves the API receives this much, and keeps it in memory. */
const maxApiBytes = 16 * 1024 * 1024;
const maxLosses = 5000;
const maxTitleCharacters = 256;
const maxVersionCharacters = 64;

export type ApiSource = {
  /** The API's name: the first part of every tool name. */
  name: string;
  /** The document as `parseDocument` returns it. */
  document: JsonObject;
  /** Where the API is served, when not at the first server of its document. */
  upstreamUrl?: string | undefined;
  /** Where the document came from; relative servers are resolved against it. */
  sourceUrl?: string | undefined;
  /** What is to be said of the document before anything else. */
  remarks?: readonly Loss[];
  /** Where credentials for the upstream are to go. */
  credentials?: readonly CredentialTarget[];
  /** Which operations are taken; all when absent. */
  filter?: OperationFilter | undefined;
};

export type CompiledApi = {
  title: string;
  version: string;
  description: string | undefined;
  upstreamUrl: string;
  /** Where each of the credentials goes. */
  credentials: CredentialPlace[];
  operations: ApiOperation[];
  losses: Loss[];
  /** What to know before agents are given the tools. */
  warnings: string[];
};

/**
 * Compiles an OpenAPI document into routes and tools. Pure: nothing is fetched. What cannot be expressed is in `losses`, and costs one
 * operation at most.
 * @throws DocumentError when the document as a whole cannot become an API
 */
export function compileApi(source: ApiSource): CompiledApi {
  const { document } = source;
  checkVersion(document);
  const info = objectMember(document, 'info') ?? {};
  const title = stringMember(info, 'title');
  const version = stringMember(info, 'version') ?? numberText(info['version']);
  const upstreamUrl = upstreamUrlOf(document, source);
  const credentials = credentialPlaces(document, source.credentials ?? []);
  const all = listOperations(document, { upstreamUrl, isGiven: source.upstreamUrl !== undefined, sourceUrl: source.sourceUrl });
  // Named before they are filtered: a filter changes which tools there are, not what the others are called.
  const names = nameOperations(source.name, all.operations);
  const filtered = filterOperations(all.operations, source.filter ?? {});
  const listed = { operations: filtered.operations, losses: all.losses };
  const general = [
    ...(source.remarks ?? []),
    ...(title === undefined ? [{ where: 'info', what: 'The document has no title; the name of the API stands for it.', dropped: false }] : []),
    ...(version === undefined ? [{ where: 'info', what: 'The document has no version; 0 stands for it.', dropped: false }] : []),
    ...securityLoss(
      document,
      listed.operations.map((operation) => operation.value),
      credentials,
    ),
    ...unexpressed(document, listed.operations, source.upstreamUrl === undefined),
    ...listed.losses,
  ];
  // A loss inside a shared definition is met by every operation that uses it, and reported once.
  const shared = new Map<string, Loss>();
  const schemas = toolSchemas(document, (where, what) => void shared.set(`${where}\n${what}`, { where, what, dropped: false }));
  const compilation = { document, schemas, credentials: credentialParameters(document, credentials) };
  for (const maxSchemaBytes of schemaByteSteps) {
    const attempt = compileOperations(listed.operations, names, { ...compilation, maxSchemaBytes });
    if (attempt === undefined) continue;
    return {
      title: bounded(title ?? source.name, maxTitleCharacters),
      version: bounded(version ?? '0', maxVersionCharacters),
      description: stringMember(info, 'description'),
      upstreamUrl,
      credentials,
      operations: attempt.operations,
      losses: boundedLosses([...general, ...shared.values(), ...attempt.losses]),
      warnings: [
        ...filtered.unused.map((selector) => `The selector ${selector} of the filter fits no operation of the document.`),
        ...hiddenWordWarnings(attempt.operations),
      ],
    };
  }
  throw new DocumentError('document_too_large', `The compiled API is larger than ${maxApiBytes} bytes; split the document.`);
}

/** Undefined when the operations weigh more than an API may. */
function compileOperations(
  listed: ReturnType<typeof listOperations>['operations'],
  names: ReturnType<typeof nameOperations>,
  compilation: Compilation,
): Pick<CompiledApi, 'operations' | 'losses'> | undefined {
  const losses: Loss[] = [];
  const operations: ApiOperation[] = [];
  let bytes = 0;
  for (const entry of listed) {
    const entryNames = names.get(entry);
    if (entryNames === undefined) continue;
    const compiled = compileOperation(entry, entryNames, compilation);
    losses.push(...compiled.losses);
    if (compiled.operation === undefined) continue;
    bytes += JSON.stringify(compiled.operation).length;
    if (bytes > maxApiBytes) return undefined;
    operations.push(compiled.operation);
  }
  return { operations, losses };
}

function numberText(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : undefined;
}

function boundedLosses(losses: readonly Loss[]): Loss[] {
  if (losses.length <= maxLosses) return [...losses];
  // Whole operations that are missing matter more than details of those that are there.
  const kept = losses.toSorted((a, b) => Number(b.dropped) - Number(a.dropped)).slice(0, maxLosses);
  return [...kept, { where: 'document', what: `${losses.length - maxLosses} more losses are not listed.`, dropped: false }];
}
