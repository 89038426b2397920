import type { Request, Response } from 'express';
import multer from 'multer';
import { documentTooLarge, maxDocumentBytes } from '../catalog/compile/document-error.ts';
import { ApiError } from '../errors.ts';

const take = multer({ limits: { fileSize: maxDocumentBytes, files: 1, fields: 8 } }).any();

/** Reads a form with a file (RFC 7578), which then reads like the inline form: the file is the document, and stands beside the body. */
export async function readUpload(request: Request, response: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    void take(request, response, (error: unknown) => (error instanceof Error ? reject(refusal(error)) : resolve()));
  });
  const files = (request as { files?: Express.Multer.File[] }).files ?? [];
  for (const { fieldname, buffer } of files) {
    if (fieldname === 'document') response.locals['document'] = new Uint8Array(buffer);
  }
  request.body = { ...(request.body as Record<string, unknown>), ...Object.fromEntries(files.map(({ fieldname }) => [fieldname, ''])) };
}

function refusal(error: Error): ApiError {
  if (error instanceof multer.MulterError && /^LIMIT_(FILE|PART)_/.test(error.code)) {
    return new ApiError(413, documentTooLarge().message, { code: 'document_too_large' });
  }
  return new ApiError(400, `The form cannot be read: ${error.message}.`);
}
