import { breaking, type Change } from './change.ts';
import { effectiveOf } from './effective-schema.ts';
import { isObject, objectAt, resolveObject, type JsonObject, type OpenApiDocument } from './document.ts';

/** The three modes of ADR-057. A fourth, or one fewer, needs an ADR of its own. */
export const gatewayModes = ['edge_mcp', 'sidecar', 'connect'] as const;

export interface AdrCall {
  readonly method: 'post';
  readonly path: string;
  readonly successStatus: '200';
  /** Exactly these request fields are required: a client written from the ADR's text alone must work. */
  readonly requestRequired: readonly string[];
  /** At least these response fields are promised. The ADR lets the answer to a heartbeat be empty. */
  readonly responseRequired: readonly string[];
}

/** ADR-057, "CP Registration Protocol (Stable Contract)". */
export const adrCalls: readonly AdrCall[] = [
  {
    method: 'post',
    path: '/v1/internal/gateways/register',
    successStatus: '200',
    requestRequired: ['instance_name', 'gateway_mode', 'version', 'features', 'environment'],
    responseRequired: ['gateway_id', 'heartbeat_interval_s'],
  },
  {
    method: 'post',
    path: '/v1/internal/gateways/{gateway_id}/heartbeat',
    successStatus: '200',
    requestRequired: ['status', 'uptime_s', 'metrics'],
    responseRequired: [],
  },
];

/**
 * Holds a bundled document against the words of ADR-057 alone, without a baseline: a fault that
 * was released once must not become the measure of the next release.
 */
export function compareWithAdr(document: OpenApiDocument, calls: readonly AdrCall[] = adrCalls): Change[] {
  return calls.flatMap((call) => faultsOf(document, call));
}

function faultsOf(document: OpenApiDocument, call: AdrCall): Change[] {
  const where = `${call.method.toUpperCase()} ${call.path}`;
  const pathItem = resolveObject(document, objectAt(document, 'paths')[call.path]);
  const operation = resolveObject(document, pathItem[call.method]);
  if (Object.keys(operation).length === 0) return [breaking('adr-057-call', where, 'ADR-057 promises this call and the document does not have it.')];
  return [...requestFaults(document, operation, call, where), ...responseFaults(document, operation, call, where)];
}

function requestFaults(document: OpenApiDocument, operation: JsonObject, call: AdrCall, where: string): Change[] {
  const body = resolveObject(document, operation['requestBody']);
  const schema = jsonSchemaOf(body);
  const fields = schema === undefined ? new Set<string>() : effectiveOf(document, schema).required;
  const missing = call.requestRequired.filter((name) => !fields.has(name));
  const extra = [...fields].filter((name) => !call.requestRequired.includes(name));
  return [
    ...missing.map((name) => breaking('adr-057-call', `${where} request`, `ADR-057 requires the field ${name}; the document does not.`)),
    ...extra.map((name) =>
      breaking('adr-057-call', `${where} request`, `The field ${name} is required and ADR-057 does not know it: its clients would be refused.`),
    ),
  ];
}

function responseFaults(document: OpenApiDocument, operation: JsonObject, call: AdrCall, where: string): Change[] {
  const responses = objectAt(operation, 'responses');
  const at = `${where} response ${call.successStatus}`;
  const others = Object.keys(responses).filter((status) => status.startsWith('2') && status !== call.successStatus);
  const faults = others.map((status) =>
    breaking('adr-057-call', `${where} response ${status}`, `ADR-057 answers ${call.successStatus} and nothing else of the 2xx.`),
  );
  if (responses[call.successStatus] === undefined)
    return [...faults, breaking('adr-057-call', at, `ADR-057 answers ${call.successStatus}; the document does not.`)];
  const schema = jsonSchemaOf(resolveObject(document, responses[call.successStatus]));
  const fields = schema === undefined ? new Set<string>() : effectiveOf(document, schema).required;
  const missing = call.responseRequired.filter((name) => !fields.has(name));
  return [...faults, ...missing.map((name) => breaking('adr-057-call', at, `ADR-057 always returns ${name}; the document does not promise it.`))];
}

function jsonSchemaOf(holder: JsonObject): unknown {
  const media = objectAt(holder, 'content')['application/json'];
  return isObject(media) ? media['schema'] : undefined;
}
