import { isUtf8 } from 'node:buffer';
import { isJson } from '../../snapshot/request/styles.ts';

/** What of an answer is no text, as MCP's content blocks hold it (MCP 2025-06-18 and later, "Tools: tool result"). */
export type MediaContent =
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string }
  | { readonly type: 'resource'; readonly resource: { readonly uri: string; readonly mimeType: string; readonly blob: string } };

const textTypes =
  /^(text\/|application\/(.+\+(xml|yaml)|(x-)?(xml|yaml|toml|javascript|ndjson|jsonlines)|jsonl|json-seq|ecmascript|graphql|sql|x-www-form-urlencoded)$)/;

type ContentKind = { readonly mimeType: string; readonly isText: boolean | undefined; readonly charset: string | undefined };

const kinds = new Map<string, ContentKind>();
const maxKinds = 256;

/** What a `Content-Type` says; `isText` is undefined where it says nothing. An upstream repeats the same few. */
function kindOf(contentType: string): ContentKind {
  let kind = kinds.get(contentType);
  if (kind === undefined) {
    const mimeType = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
    const isText = mimeType === '' ? undefined : isJson(mimeType) || textTypes.test(mimeType);
    kind = { mimeType, isText, charset: isJson(mimeType) ? undefined : charsetOf(contentType) };
    if (kinds.size >= maxKinds) kinds.clear();
    kinds.set(contentType, kind);
  }
  return kind;
}

/** The body of an answer: text in its charset, else as what its type says it is. */
export function contentOf(contentType: string, body: Buffer, toolName: string): { text: string; media?: MediaContent } {
  if (body.length === 0) return { text: '' };
  const { mimeType, isText = isUtf8(body), charset } = kindOf(contentType);
  if (isText) return { text: decode(body, charset) };
  return { text: '', media: mediaOf(mimeType === '' ? 'application/octet-stream' : mimeType, body.toString('base64'), toolName) };
}

function mediaOf(mimeType: string, data: string, toolName: string): MediaContent {
  if (mimeType.startsWith('image/')) return { type: 'image', data, mimeType };
  if (mimeType.startsWith('audio/')) return { type: 'audio', data, mimeType };
  // A resource has to have a name; the address of the upstream is none of a client's business.
  return { type: 'resource', resource: { uri: `stoa://tools/${toolName}/answer`, mimeType, blob: data } };
}

/** JSON is UTF-8 whatever it says (RFC 8259 §8.1), and a mark before it would keep it from being read. */
function decode(body: Buffer, charset: string | undefined): string {
  if (charset === undefined) {
    const text = body.toString('utf8');
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    // A charset that nobody knows.
    return body.toString('utf8');
  }
}

function charsetOf(contentType: string): string | undefined {
  return /;\s*charset="?([^\s";]+)/i.exec(contentType)?.[1];
}
