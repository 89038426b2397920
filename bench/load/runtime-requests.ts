import { randomUUID } from 'node:crypto';
import { encodeRequest } from './workload.ts';

/** An instance of a fleet as its requests name it. */
export type Instance = { gatewayId: string; leaseEpoch: number };
export type Applied = { generation: number; hash: string };

/** The requests of a runtime to its Control Plane, as the registration contract has them. */
export class RuntimeRequests {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, gatewayKey: string) {
    this.#url = url;
    this.#headers = { 'user-agent': 'stoa-bench/1', authorization: `Bearer ${gatewayKey}` };
  }

  /** As a new process, as after a power cut: whoever asks again must send the same request again. */
  register(instanceName: string, environment: string): Buffer {
    const body = {
      instance_name: instanceName,
      gateway_mode: 'edge_mcp',
      version: '1.0.0',
      features: ['mcp', 'policies', 'subscriptions'],
      environment,
      boot_id: randomUUID(),
    };
    return this.#post('/v1/internal/gateways/register', body);
  }

  heartbeat({ gatewayId, leaseEpoch }: Instance, seq: number, { generation, hash }: Applied): Buffer {
    const metrics = { requests_total: seq * 1000, tools: 42, apis: 3, streams: 0, memory_rss_bytes: 94_371_840 };
    const config = { generation, hash, state: 'applied' };
    const body = { status: 'healthy', uptime_s: 30, metrics, lease_epoch: leaseEpoch, seq, config };
    return this.#post(`/v1/internal/gateways/${gatewayId}/heartbeat`, body);
  }

  /** A long poll; with `base`, for what differs from the state of that hash. */
  config({ gatewayId }: Instance, { waitS, etag, base }: { waitS: number; etag?: string | undefined; base?: string | undefined }): Buffer {
    const query = new URLSearchParams({ ...(etag !== undefined && { wait_s: String(waitS) }), ...(base !== undefined && { base }) });
    const url = new URL(`/v1/internal/gateways/${gatewayId}/config?${query.toString()}`, this.#url);
    const conditional = etag === undefined ? {} : { 'if-none-match': etag };
    return encodeRequest('GET', url, { ...this.#headers, ...conditional, ...(base !== undefined && { 'accept-encoding': 'gzip' }) });
  }

  /** `itemIds` where the whole state was read, whose acknowledgement names every item. */
  acknowledge({ gatewayId, leaseEpoch }: Instance, { generation, hash }: Applied, itemIds: readonly string[] | undefined): Buffer {
    const items = itemIds === undefined ? { items: [], unlisted_applied: true } : { items: itemIds.map((id) => ({ id, state: 'applied' })) };
    const body = { lease_epoch: leaseEpoch, generation, hash, state: 'applied', ...items };
    return this.#post(`/v1/internal/gateways/${gatewayId}/config/ack`, body);
  }

  #post(path: string, body: object): Buffer {
    return encodeRequest('POST', new URL(path, this.#url), this.#headers, JSON.stringify(body));
  }
}
