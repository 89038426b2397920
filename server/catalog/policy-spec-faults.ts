import * as validators from '@stoa/generated/validators.js';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';

type Fault = { instancePath: string; message?: string; params: { missingProperty?: string; additionalProperty?: string } };
type Validator = { (value: unknown): boolean; errors?: readonly unknown[] | null };

const validatorOf: Readonly<Record<PolicySpec['kind'], Validator>> = {
  rate_limit: validators.validateRateLimitPolicy,
  quota: validators.validateQuotaPolicy,
  cors: validators.validateCorsPolicy,
  ip_restriction: validators.validateIpRestrictionPolicy,
  jwt_auth: validators.validateJwtAuthPolicy,
  api_key_auth: validators.validateApiKeyAuthPolicy,
  request_size_limit: validators.validateRequestSizeLimitPolicy,
  headers: validators.validateHeadersPolicy,
  tool_access: validators.validateToolAccessPolicy,
};

/**
 * What is wrong with a policy by the schema of its own kind; pointers begin with `at`. A validator of the whole union tells the faults that the policy
 * has under each of the nine kinds, among which nobody finds the one meant.
 */
export function policySpecFaults(value: unknown, at: string): ProblemFault[] {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  if (!isKind(kind)) return [{ pointer: `${at}/kind`, message: `must be one of ${Object.keys(validatorOf).join(', ')}` }];
  const validate = validatorOf[kind];
  if (validate(value)) return [];
  return (validate.errors as readonly Fault[]).map(({ instancePath, message = 'is invalid', params: { missingProperty, additionalProperty } }) => {
    const member = missingProperty ?? additionalProperty;
    const pointer = `${at}${instancePath}${member === undefined ? '' : `/${member}`}`;
    return {
      pointer,
      message:
        missingProperty !== undefined ? 'is required' : additionalProperty !== undefined ? `is no part of a ${kind} policy; remove it` : message,
    };
  });
}

const isKind = (kind: unknown): kind is PolicySpec['kind'] => typeof kind === 'string' && Object.hasOwn(validatorOf, kind);
