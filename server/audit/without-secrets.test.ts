import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { notKept, secretMaps, secretMembers, withoutSecrets } from './without-secrets.ts';

type Schema = { description?: string; properties?: Record<string, Schema>; additionalProperties?: Schema | boolean };
const contract = JSON.parse(readFileSync(join(import.meta.dirname, '../../generated/management.openapi.json'), 'utf8')) as {
  components: { schemas: Record<string, Schema> };
};
/** Members that speak of secrets and are none, or hold none. */
const harmless = [
  'hint',
  'valueFrom',
  'has_upstream_auth',
  'upstream_auth',
  'upstream_auth_places',
  'roles',
  'request_id',
  'overlap_s',
  'previous_secret_until',
  'public_keys',
  // The name of one, and what is told of credentials without theirs.
  'runtime',
  // What was asked for, which is told without them.
  'request',
  'settings',
];

describe('the audit', () => {
  it('keeps no member that the contract calls a secret', () => {
    const secret = Object.entries(contract.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties)
        .filter(
          ([member, { description = '' }]) =>
            /\bsecrets?\b|cannot be shown again|shown this once|code that/i.test(description) && !harmless.includes(member),
        )
        .map(([member]) => `${name}.${member}`),
    );
    expect(secret.length).toBeGreaterThan(3);
    expect(secret.filter((path) => !secretMembers.has(path.split('.')[1] ?? ''))).toEqual([]);
  });

  it('tells of a secret that it was there, however deep', () => {
    const state = {
      name: 'n',
      upstream_auth: [{ scheme: 's', value: 'secret' }],
      policy: { config: { request: { set: { 'X-Key': 'secret' }, remove: ['X-A'] } } },
    };
    expect(withoutSecrets(state)).toEqual({
      name: 'n',
      upstream_auth: [{ scheme: 's', value: notKept }],
      policy: { config: { request: { set: { 'X-Key': notKept }, remove: ['X-A'] } } },
    });
    expect([...secretMaps]).toEqual(['set']);
  });
});
