import type { PolicySpec } from '@stoa/generated/schemas.ts';

/** Whether a policy of a kind can be demanded of calls to an MCP server: the others are about HTTP as an API speaks it, or about calls that the hop makes by itself. */
const forMcp: Readonly<Record<PolicySpec['kind'], boolean>> = {
  tool_access: true,
  rate_limit: true,
  quota: true,
  ip_restriction: true,
  jwt_auth: true,
  api_key_auth: true,
  time_window: true,
  guardrails: true,
  cors: false,
  headers: false,
  request_size_limit: false,
  circuit_breaker: false,
  concurrency_limit: false,
  retry: false,
  approval: false,
};

export const isForMcp = (kind: PolicySpec['kind']): boolean => forMcp[kind];
export const kindsForMcp: readonly string[] = Object.entries(forMcp).flatMap(([kind, is]) => (is ? [kind] : []));
