import type { ConfigManifest, DesiredItem } from '@stoa/generated/schemas.ts';
import { hashOfNothing } from '../deployments/rendered-item.ts';
import type { TestControlPlane } from './test-control-plane.ts';

export type ReadDifference = {
  status: number;
  etag: string | null;
  bytes: number;
  manifest: ConfigManifest;
  lines: string[];
  items: DesiredItem[];
  headers: Headers;
};

/** Asks for the configuration as a runtime does that holds the state `base`; nothing, unless told otherwise. */
export async function readDifference(
  plane: TestControlPlane,
  token: string,
  gatewayId: string,
  { base = hashOfNothing, etag, waitS = 0, encoding = 'identity' }: { base?: string; etag?: string | null; waitS?: number; encoding?: string } = {},
): Promise<ReadDifference> {
  const response = await fetch(`${plane.url}/v1/internal/gateways/${gatewayId}/config?base=${base}&wait_s=${waitS}`, {
    headers: { authorization: `Bearer ${token}`, 'accept-encoding': encoding, ...(etag ? { 'if-none-match': etag } : {}) },
  });
  const text = await response.text();
  const [first = '{}', ...lines] = text.split('\n').slice(0, -1);
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    bytes: Buffer.byteLength(text),
    manifest: JSON.parse(first) as ConfigManifest,
    lines,
    items: lines.map((line) => JSON.parse(line) as DesiredItem),
    headers: response.headers,
  };
}
