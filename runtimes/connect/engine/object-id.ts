import { hash } from 'node:crypto';

const namespace = Buffer.from('5f2b1c0a9d3e4f6088a17c2e9b4d6a31', 'hex');

/** A UUID of version 5 (RFC 9562 §5.5) in our own namespace. */
export function uuid5(name: string): string {
  const bytes = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * The id of an object of ours. It follows from the object's name and not from the item's id: an API that was deleted and defined
 * again takes its objects over, where a new id would meet the old object's unique name.
 */
export function objectId(gatewayId: string, kind: string, name: string): string {
  return uuid5(`${gatewayId}/${kind}/${name}`);
}
