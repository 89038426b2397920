import document from '@stoa/generated/management.openapi.json' with { type: 'json' };
import type { PolicyItem, PolicySpec } from '@stoa/generated/schemas.ts';
import { expect, it } from 'vitest';
import { policyFault } from '../runtimes/connect/engine/capabilities.ts';
import { vendorNames, vendors } from '../runtimes/connect/vendors/table.ts';
import { assessPolicy } from '@stoa/mcp/snapshot/policies.ts';

const schemas = document.components.schemas as unknown as Record<string, { example: unknown }>;
const examples = Object.entries(schemas).flatMap(([name, { example }]) => (/^(?!Create|Update).+Policy$/.test(name) ? [example as PolicySpec] : []));

/** An API with a policy that nothing enforces is served nowhere. */
it.each(examples.map((policy) => [policy.kind, policy] as const))('some runtime enforces %s', (_kind, policy) => {
  const item = { id: 'policy:1', kind: 'policy', policy_id: '1', name: 'p', policy, api_ids: [] } satisfies PolicyItem;
  const byGateway = assessPolicy(policy, { doors: ['mcp', 'authz'], countsTogether: false }).state !== 'rejected';
  const byVendor = vendorNames.some((name) => policyFault(vendors[name].capabilities, item) === undefined);
  expect(byGateway || byVendor).toBe(true);
});

it('has an example of each kind', () => {
  expect(new Set(examples.map(({ kind }) => kind)).size).toBe(Object.keys(document.components.schemas.PolicySpec.discriminator.mapping).length);
});
