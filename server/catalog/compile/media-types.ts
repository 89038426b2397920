/** The kinds of media types that a tool can send or declare. */
export type MediaKind = 'json' | 'form' | 'text' | 'other';

/** What a media type (or range) of a `content` map is. A range that JSON falls into is JSON. */
export function mediaKind(mediaType: string): MediaKind {
  const essence = (mediaType.split(';')[0] ?? '').trim().toLowerCase();
  if (/^application\/(json|[a-z0-9.!#$&^_-]+\+json)$/.test(essence) || essence === 'text/json') return 'json';
  if (essence === '*/*' || essence === 'application/*') return 'json';
  if (essence === 'application/x-www-form-urlencoded') return 'form';
  return /^text\/(plain|markdown|html|csv|\*)$/.test(essence) ? 'text' : 'other';
}

/** The media type as it is sent: ranges and what could not stand in a header become the plain type of their kind. */
export function sentMediaType(mediaType: string, kind: Exclude<MediaKind, 'other'>): string {
  if (!mediaType.includes('*') && mediaType.length <= 256 && /^[\x20-\x7e]+$/.test(mediaType)) return mediaType.trim();
  return kind === 'json' ? 'application/json' : kind === 'form' ? 'application/x-www-form-urlencoded' : 'text/plain';
}
