import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import type { Client, ServiceError } from '@grpc/grpc-js';
import { authorizationService } from '../protocol.ts';
import type { CheckResponse, HttpAttributes } from '../protocol.ts';

type Checking = Client & { Check(request: object, done: (error: ServiceError | null, response: CheckResponse) => void): void };
const AuthorizationClient = makeGenericClientConstructor(authorizationService, 'Authorization') as unknown as new (...args: unknown[]) => Checking;

export type CheckClient = { check(http: HttpAttributes, source?: string, certificate?: string): Promise<CheckResponse>; close(): void };

/** Asks as Envoy does; `source` is the address that it takes for the client's, and `certificate` that of the client, in escaped PEM. */
export function checkClient(address: string): CheckClient {
  const client = new AuthorizationClient(address, credentials.createInsecure());
  return {
    check: (http, source = '192.0.2.7', certificate) =>
      new Promise((resolve, reject) => {
        const attributes = { source: { address: { socket_address: { address: source } }, certificate }, request: { http } };
        client.Check({ attributes }, (error, response) => (error === null ? resolve(response) : reject(error)));
      }),
    close: () => client.close(),
  };
}
