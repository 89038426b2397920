export type DocumentMember = 'document' | 'upstream_url' | 'upstream_auth' | 'name';

/**
 * A document that cannot become an API: answered as 422. The message names what was found and what would be right;
 * it is written for the caller and quotes the caller's own document only.
 */
export class DocumentError extends Error {
  readonly code: string;
  /** The member of the request that is at fault. */
  readonly member: DocumentMember;

  constructor(code: string, message: string, member: DocumentMember = 'document') {
    super(message);
    this.name = 'DocumentError';
    this.code = code;
    this.member = member;
  }
}

/** Larger documents are refused before they are parsed. GitHub's, the largest in common use, has 13 MB as JSON. */
export const maxDocumentBytes = 32 * 1024 * 1024;
export const howToShrink = 'leave out what no tool needs, such as examples, or split it into several APIs';

/** @param bytes how many there are, if that is known */
export function documentTooLarge(bytes?: number): DocumentError {
  const found = bytes === undefined ? 'The document is too large' : `The document has ${bytes} bytes`;
  return new DocumentError('document_too_large', `${found}; at most ${maxDocumentBytes} (32 MB) are accepted: ${howToShrink}.`);
}
