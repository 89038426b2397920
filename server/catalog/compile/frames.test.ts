import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { onFrame, writeFrame } from './frames.ts';
import type { Frame } from './frames.ts';

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));
const toText = ({ head, parts }: Frame) => ({ head, parts: parts.map((part) => Buffer.from(part).toString()) });

it.each([1, 3, 7, 1000])('frames arrive whole and in order, in pieces of %i bytes', (size) => {
  const frames: Frame[] = [
    { head: { kind: 'one' }, parts: [bytesOf('first part'), bytesOf(''), bytesOf('third')] },
    { head: null, parts: [] },
    { head: 'ä', parts: [bytesOf('x'.repeat(100))] },
  ];
  const sent = new PassThrough();
  for (const frame of frames) writeFrame(sent, frame);
  const wire = sent.read() as Buffer;
  const received: ReturnType<typeof toText>[] = [];
  const incoming = new PassThrough();
  onFrame(incoming, (frame) => received.push(toText(frame)));
  for (let from = 0; from < wire.byteLength; from += size) incoming.emit('data', wire.subarray(from, from + size));
  expect(received).toEqual(frames.map(toText));
});
