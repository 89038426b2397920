import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { InputType } from 'node:zlib';

type Decoder = (body: InputType, options: { maxOutputLength: number }, callback: (error: Error | null, decoded: Buffer) => void) => void;

/** The content codings of RFC 9110 §8.4.1 that servers in the field send unasked. */
const decoders: Readonly<Record<string, Decoder>> = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate, br: brotliDecompress };

/** How to undo a `Content-Encoding`; undefined for one that we do not know, or several. */
export function decoderOf(encoding: string): Decoder | undefined {
  return decoders[encoding.trim().toLowerCase()];
}
