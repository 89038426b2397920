import { crc32 } from 'node:zlib';

const maxBytes = 0xffff;
/** RFC 1952 §2.3: deflate, no flags, no time, an unknown system. */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const blockHeadBytes = 5;
const trailerBytes = 8;

/**
 * A gzip member that holds a short text as it is, in one stored block (RFC 1951 §3.2.4): to compress some hundred bytes saves a few dozen of them, and costs more
 * than all else that an answer costs.
 */
export function storedGzip(text: string): Buffer {
  const length = Buffer.byteLength(text);
  if (length > maxBytes) throw new RangeError(`A stored block holds at most ${maxBytes} bytes.`);
  const member = Buffer.allocUnsafe(head.length + blockHeadBytes + length + trailerBytes);
  head.copy(member);
  // The last block, stored; its length, and the same with each bit the other way.
  let at = member.writeUInt8(1, head.length);
  at = member.writeUInt16LE(length, at);
  at = member.writeUInt16LE(length ^ maxBytes, at);
  const data = member.subarray(at, at + length);
  at += member.write(text, at, 'utf8');
  at = member.writeUInt32LE(crc32(data), at);
  member.writeUInt32LE(length, at);
  return member;
}
