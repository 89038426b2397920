import { Client, credentials } from '@grpc/grpc-js';
import { authorizationService } from '../protocol.ts';
import type { CheckResponse } from '../protocol.ts';

/** What a caller sends to agentgateway. */
export type Sent = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly address?: string;
};

const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
/** A field of text, bytes or a message (Protocol Buffers, wire type 2), or of a number (0); an empty one is left out, as prost does. */
const field = (number: number, value: string | number | Buffer): Buffer => {
  if (value === '' || value === 0) return Buffer.alloc(0);
  if (typeof value === 'number') return Buffer.from([...varint(number << 3), ...varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([...varint((number << 3) | 2), ...varint(bytes.length)]), bytes]);
};
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
const peer = (address: string, port: number, principal = ''): Buffer =>
  message(field(1, field(1, message(field(2, address), field(3, port)))), field(4, principal));

/**
 * The question of agentgateway on a request, byte by byte as its `ext_authz.rs` makes it (0d5b69df): of all fields of the Envoy API, those that it fills. It sends pseudo-headers along, tells the size of no body that it
 * does not send along, and no certificate.
 */
export function agentgatewayQuestion({ method, target, headers, address = '192.0.2.7' }: Sent): Buffer {
  const all = { ':method': method, ':path': target, ':authority': 'api.example.com', ':scheme': 'http', ...headers };
  const entries = Object.entries(all).map(([name, value]) => field(3, message(field(1, name), field(2, value))));
  const http = message(
    field(1, '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
    field(2, method),
    ...entries,
    field(4, target),
    field(5, 'api.example.com'),
    field(6, 'http'),
    field(9, 0),
    field(10, 'HTTP/1.1'),
  );
  const time = message(field(1, 1_796_000_000), field(2, 5));
  const attributes = message(
    field(1, peer(address, 50_505, 'spiffe://bank.example/ns/agents/sa/helpdesk')),
    field(2, peer('127.0.0.1', 3000)),
    field(4, message(field(1, time), field(2, http))),
    field(10, message(field(1, 'route'), field(2, 'orders'))),
  );
  return field(1, attributes);
}

/** Asks at `address`, and answers what Link says. */
export function askAsAgentgateway(address: string, sent: Sent): Promise<CheckResponse> {
  const client = new Client(address, credentials.createInsecure());
  const { path, responseDeserialize } = authorizationService['Check'] as { path: string; responseDeserialize: (bytes: Buffer) => unknown };
  return new Promise<CheckResponse>((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (bytes: Buffer) => bytes,
      responseDeserialize,
      agentgatewayQuestion(sent),
      (error, response) => (error === null ? resolve(response as CheckResponse) : reject(error)),
    );
  }).finally(() => client.close());
}
