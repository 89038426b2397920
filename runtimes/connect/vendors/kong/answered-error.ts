import { AdminError } from '../../engine/admin-error.ts';
import type { AdminErrorCode } from '../../engine/admin-error.ts';
import { isRecord, shorten } from '../../engine/compare.ts';

/** Kong's own error code for what a node without a database cannot do. */
const operationUnsupported = 12;

/** Translates an error status. The body may be Kong's error object, another object, HTML, or nothing. */
export function answeredError(status: number, text: string): AdminError {
  const body = parse(text);
  const said = redact(typeof body['message'] === 'string' ? body['message'] : '');
  const sentence = `Kong answered ${status}${said === '' ? '' : `: ${said}`}`;
  return new AdminError(codeOf(status, body['code']), shorten(sentence, 1000), { status });
}

function codeOf(status: number, kongCode: unknown): AdminErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'not_found';
  if (status === 405 || kongCode === operationUnsupported) return 'unsupported';
  if (status === 409) return 'conflict';
  if (status === 408 || status === 429 || status >= 500) return 'unavailable';
  return status >= 400 ? 'refused' : 'invalid_answer';
}

function parse(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : {};
  } catch {
    return {};
  }
}

/** Kong quotes the value that is taken, and the value of a credential is a consumer's key. */
function redact(message: string): string {
  return message.replace(/\bkey="[\s\S]*"/, 'key="[redacted]"');
}
