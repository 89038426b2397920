import { additive, breaking, type Change } from './change.ts';
import { compareContent } from './compare-content.ts';
import { compareParameters } from './compare-parameters.ts';
import { compareSchemas } from './compare-schemas.ts';
import { compareSecurity } from './compare-security.ts';
import { canonical, objectAt, resolveObject, type JsonObject } from './document.ts';
import type { OperationPair } from './operation-pair.ts';

/** Compares one operation: name, security, parameters, request body, answers. */
export function compareOperation(pair: OperationPair): Change[] {
  const { before, after, name } = pair;
  return [
    ...(before['operationId'] === after['operationId']
      ? []
      : [
          breaking(
            'operation-id-changed',
            name,
            `operationId was ${String(before['operationId'])} and is ${String(after['operationId'])}: generated clients and handlers lose their name.`,
          ),
        ]),
    ...(before['deprecated'] !== true && after['deprecated'] === true
      ? [additive('operation-deprecated', name, 'The operation is deprecated.')]
      : []),
    ...(canonical(before['callbacks']) === canonical(after['callbacks'])
      ? []
      : [breaking('callbacks-changed', name, 'Callbacks changed; compatibility cannot be shown.')]),
    ...compareSecurity(pair),
    ...compareParameters(pair),
    ...compareRequestBody(pair),
    ...compareResponses(pair),
  ];
}

function compareRequestBody(pair: OperationPair): Change[] {
  const where = `${pair.name} request`;
  const before = pair.before['requestBody'] === undefined ? undefined : resolveObject(pair.baseline, pair.before['requestBody']);
  const after = pair.after['requestBody'] === undefined ? undefined : resolveObject(pair.current, pair.after['requestBody']);
  if (before === undefined && after === undefined) return [];
  if (after === undefined) return [breaking('request-body-removed', where, 'The request body was removed.')];
  const required = after['required'] === true;
  if (before === undefined) {
    return [
      required
        ? breaking('request-required-body-added', where, 'A request body is now required.')
        : additive('request-body-added', where, 'A request body may now be sent.'),
    ];
  }
  const wasRequired = before['required'] === true;
  return [
    ...(required && !wasRequired ? [breaking('request-body-became-required', where, 'The request body was optional and is required.')] : []),
    ...(wasRequired && !required ? [additive('request-body-became-optional', where, 'The request body is no longer required.')] : []),
    ...compareContent(pair, before, after, where, 'request'),
  ];
}

const isSuccess = (status: string): boolean => /^[123]/.test(status);

function compareResponses(pair: OperationPair): Change[] {
  const before = objectAt(pair.before, 'responses');
  const after = objectAt(pair.after, 'responses');
  const at = (status: string): string => `${pair.name} response ${status}`;
  const removed = Object.keys(before).filter((status) => after[status] === undefined);
  const added = Object.keys(after).filter((status) => before[status] === undefined);
  return [
    ...removed.map((status) =>
      breaking(isSuccess(status) ? 'success-status-removed' : 'error-status-removed', at(status), `The status ${status} is no longer answered.`),
    ),
    ...added.map((status) =>
      isSuccess(status)
        ? breaking('success-status-added', at(status), `The status ${status} is new: a client that knows the old success codes takes it for a fault.`)
        : additive('error-status-added', at(status), `The error ${status} is new.`),
    ),
    ...Object.keys(before)
      .filter((status) => after[status] !== undefined)
      .flatMap((status) => compareResponse(pair, before[status], after[status], at(status))),
  ];
}

function compareResponse(pair: OperationPair, beforeNode: unknown, afterNode: unknown, where: string): Change[] {
  const before = resolveObject(pair.baseline, beforeNode);
  const after = resolveObject(pair.current, afterNode);
  return [...compareHeaders(pair, before, after, where), ...compareContent(pair, before, after, where, 'response')];
}

function compareHeaders(pair: OperationPair, before: JsonObject, after: JsonObject, where: string): Change[] {
  // Header names are case-insensitive (RFC 9110 §5.1).
  const named = (response: JsonObject): Map<string, unknown> =>
    new Map(Object.entries(objectAt(response, 'headers')).map(([name, node]) => [name.toLowerCase(), node]));
  const old = named(before);
  const now = named(after);
  const gained = [...now.keys()]
    .filter((name) => !old.has(name))
    .map((name) => additive('response-header-added', `${where} header ${name}`, `The header ${name} is new.`));
  return [
    ...gained,
    ...[...old].flatMap(([name, node]) => {
      const at = `${where} header ${name}`;
      if (!now.has(name)) return [breaking('response-header-removed', at, `The header ${name} was removed.`)];
      const left = resolveObject(pair.baseline, node);
      const right = resolveObject(pair.current, now.get(name));
      return [
        ...(left['required'] === true && right['required'] !== true
          ? [breaking('response-header-became-optional', at, `The header ${name} was always sent and may now be absent.`)]
          : []),
        ...compareSchemas(left['schema'] ?? {}, right['schema'] ?? {}, at, { ...pair, direction: 'response', field: name }),
      ];
    }),
  ];
}
