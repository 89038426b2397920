import { AdminError } from '../../engine/admin-error.ts';
import type { AdminErrorCode } from '../../engine/admin-error.ts';
import { createAdminHttp } from '../../engine/admin-http.ts';
import { isRecord, shorten } from '../../engine/compare.ts';
import type { AdapterOptions } from '../../engine/model.ts';

export type WebmethodsFields = Readonly<Record<string, unknown>>;
export type WebmethodsEntity = WebmethodsFields & { readonly id: string };
export type WebmethodsOptions = AdapterOptions & { readonly timeoutMs?: number };

/** The REST API of webMethods API Gateway, below /rest/apigateway. Every answer has a wrapper of its own, and some say an error with status 200. Each call throws an `AdminError`. */
export type WebmethodsAdmin = {
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, signal?: AbortSignal): Promise<WebmethodsFields>;
  close(): void;
};

export function createWebmethodsAdmin(options: WebmethodsOptions): WebmethodsAdmin {
  const base = `${options.url.replace(/\/+$/, '')}/rest/apigateway`;
  const http = createAdminHttp({ ...options, api: "webMethods' REST API", timeoutMs: options.timeoutMs ?? 30_000, maxBytes: 64 * 1024 * 1024 });
  return {
    async call(method, path, body, signal) {
      const { status, text } = await http.send({ method, url: base + path, body, signal, headers: credentialOf(options.credential) });
      const value = text === '' ? {} : parse(text);
      if (status < 200 || status > 299) throw answeredError(status, value);
      if (value === undefined)
        throw new AdminError(
          'invalid_answer',
          `The answer to ${method} ${path} is no JSON object: is STOA_TARGET_GATEWAY_URL a webMethods API Gateway, without /rest?`,
        );
      const said = statusIn(value);
      if (said !== undefined && /^(ERROR|BAD_REQUEST|PARTIAL_SUCCESS)$/.test(said)) throw answeredError(400, value);
      return value;
    },
    close: http.close,
  };
}

/** It takes user and password alone: `user:password`, or what begins with Basic. */
function credentialOf(credential: AdapterOptions['credential']): Record<string, string> {
  if (credential === undefined) return {};
  const value = credential.value.reveal();
  const isPlain = credential.header.toLowerCase() === 'authorization' && !/^basic /i.test(value) && value.includes(':');
  return { [credential.header]: isPlain ? `Basic ${Buffer.from(value).toString('base64')}` : value };
}

function parse(text: string): WebmethodsFields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const statusIn = ({ apiResponse }: WebmethodsFields): string | undefined =>
  isRecord(apiResponse) && typeof apiResponse['responseStatus'] === 'string' ? apiResponse['responseStatus'] : undefined;

function answeredError(status: number, body: WebmethodsFields | undefined): AdminError {
  const api = isRecord(body?.['apiResponse']) ? body['apiResponse'] : {};
  const said = [body?.['errorDetails'], api['errorReason']].find((text) => typeof text === 'string');
  const sentence = `webMethods answered ${status}${typeof said === 'string' ? `: ${said.trim().replace(/[.]?$/, '')}` : ''}.`;
  const remedy = status === 401 ? ' STOA_TARGET_GATEWAY_TOKEN needs user:password of a member of API-Gateway-Administrators.' : '';
  // What is not there is told with status 500 in some calls.
  const isMissing = typeof said === 'string' && /unable to find the resource/i.test(said);
  return new AdminError(isMissing ? 'not_found' : codeOf(status), shorten(sentence + remedy, 1000), { status });
}

function codeOf(status: number): AdminErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'not_found';
  if (status === 405) return 'unsupported';
  if (status === 408 || status === 429 || status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'invalid_answer';
}

export const listOf = (value: unknown): WebmethodsFields[] => (Array.isArray(value) ? (value as unknown[]).filter(isRecord) : []);
export const recordOf = (value: unknown): WebmethodsFields => (isRecord(value) ? value : {});
export const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

export function entityOf(value: unknown, what: string): WebmethodsEntity {
  const entity = recordOf(value);
  if (typeof entity['id'] === 'string') return { ...entity, id: entity['id'] };
  throw new AdminError('invalid_answer', `webMethods' answer to ${what} has no id.`);
}
