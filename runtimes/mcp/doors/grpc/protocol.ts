import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import descriptor from './ext-authz.json' with { type: 'json' };

/** What of a `CheckRequest` a decision is made on. Fields that are not sent are absent. */
export type CheckRequest = {
  readonly attributes?: {
    readonly source?: {
      readonly address?: { readonly socket_address?: { readonly address?: string } };
      /** PEM, escaped as in a URL. */
      readonly certificate?: string;
    };
    readonly request?: { readonly http?: HttpAttributes };
  };
};

export type HttpAttributes = {
  readonly method?: string;
  /** With the query. */
  readonly path?: string;
  /** Names in lower case, several values of one name joined; pseudo-headers begin with a colon. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of the body; -1 where nobody knows. */
  readonly size?: string;
};

type HeaderOption = { readonly header: { readonly key: string; readonly value: string }; readonly append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' };

export type CheckResponse = {
  /** By the numbers of google.rpc.Code. */
  readonly status: { readonly code: number };
  readonly ok_response?: { readonly headers: readonly HeaderOption[]; readonly headers_to_remove: readonly string[] };
  readonly denied_response?: { readonly status: { readonly code: number }; readonly headers: readonly HeaderOption[]; readonly body: string };
  readonly dynamic_metadata?: { readonly fields: Readonly<Record<string, { readonly string_value: string }>> };
};

export const headerOptions = (headers: Readonly<Record<string, string>>): HeaderOption[] =>
  Object.entries(headers).map(([key, value]) => ({ header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }));

/**
 * `envoy.service.auth.v3.Authorization`: of its messages, what Link reads and says. Names and numbers in `ext-authz.json` are those of the Envoy API
 * (github.com/envoyproxy/envoy, Apache-2.0), whose other fields the protocol passes over.
 */
export const authorizationService = fromJSON(descriptor as Parameters<typeof fromJSON>[0], {
  keepCase: true,
  longs: String,
  enums: String,
  oneofs: false,
})['envoy.service.auth.v3.Authorization'] as ServiceDefinition<UntypedServiceImplementation>;
