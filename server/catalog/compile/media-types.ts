/** The kinds of media types, by how a tool sends them: `binary` as bytes that the argument has as base64. */
export type MediaKind = 'json' | 'form' | 'multipart' | 'text' | 'binary';

const textTypes =
  /^(text\/[^;]+|application\/(xml|[^;]+\+xml|yaml|x-yaml|[^;]+\+yaml|x-ndjson|ndjson|jsonl|x-jsonlines|json-seq|[^;]+\+json-seq|stream\+json|graphql|javascript|x-javascript|ecmascript|sql|jwt|jose|toml|x-sh|sdp|n-quads|n-triples|trig|sparql-query|sparql-update|x-pem-file|pem-certificate-chain))$/;

/** What a media type (or range) of a `content` map is. A range that JSON falls into is JSON. */
export function mediaKind(mediaType: string): MediaKind {
  const essence = (mediaType.split(';')[0] ?? '').trim().toLowerCase();
  if (textTypes.test(essence) && essence !== 'text/json') return 'text';
  if (/^application\/(json|[a-z0-9.!#$&^_-]+\+json)$/.test(essence) || essence === 'text/json') return 'json';
  if (essence === '*/*' || essence === 'application/*') return 'json';
  if (essence === 'application/x-www-form-urlencoded') return 'form';
  return essence.startsWith('multipart/') ? 'multipart' : 'binary';
}

const plainTypes: Record<MediaKind, string> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  text: 'text/plain',
  binary: 'application/octet-stream',
};

/** The media type as it is sent: ranges and what could not stand in a header become the plain type of their kind. */
export function sentMediaType(mediaType: string, kind: MediaKind): string {
  return !mediaType.includes('*') && mediaType.length <= 256 && /^[\x20-\x7e]+$/.test(mediaType) ? mediaType.trim() : plainTypes[kind];
}
