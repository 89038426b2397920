import { createRequire } from 'node:module';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';
import { describe, expect, it } from 'vitest';
import { attributeFaults, readsOf } from './cedar-reads.ts';

const { policyToJson } = createRequire(import.meta.url)('@cedar-policy/cedar-wasm/nodejs') as typeof Cedar;

function jsonOf(condition: string): unknown {
  const answer = policyToJson(`permit(principal, action, resource) when { ${condition} };`);
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  return answer.json;
}

describe('what a Cedar policy reads of a call', () => {
  it.each<[string, string[] | 'all']>([
    ['context.arguments.amount < 5', ['amount']],
    ['context.arguments["to whom"].country == "CH"', ['to whom']],
    ['context.arguments has a && context.arguments has b.c', ['a', 'b']],
    ['if context has arguments.d then true else false', ['d']],
    ['[context.arguments.a].contains({"context": context.arguments.b}.context)', ['a', 'b']],
    ['context.arguments == {}', 'all'],
    ['context has arguments', 'all'],
    ['context == {}', 'all'],
    ['"context.arguments.a" == resource.api', []],
  ])('%s: the arguments %j', (condition, names) => {
    const { arguments: read } = readsOf([jsonOf(condition)]);
    expect(read === 'all' ? read : [...read].sort()).toEqual(names);
  });

  it('tells claims, labels, the address, and whether there is anything', () => {
    const reads = readsOf([jsonOf('context.claims.azp == "x"'), jsonOf('principal.labels.team == "y"'), jsonOf('ip("::1") == context.address')]);
    const nothing = { arguments: new Set(), claims: new Set(), labels: new Set(), address: false, scopes: false, time: false };
    const read = { claims: new Set(['azp']), labels: new Set(['team']), address: true, principal: true, resource: false, any: true };
    expect(reads).toEqual({ ...nothing, ...read });
    expect(readsOf([jsonOf('resource.read_only')])).toEqual({ ...nothing, principal: false, resource: true, any: false });
    expect(readsOf([jsonOf('context has scopes && context.time.toTime() < duration("1h")')])).toMatchObject({ scopes: true, time: true });
    expect(readsOf([jsonOf('{ a: context } == { a: 1 }')])).toMatchObject({ scopes: true, time: true, address: true, arguments: 'all' });
    expect(readsOf([jsonOf('Tool::"a" has method')])).toMatchObject({ principal: true, resource: true });
  });

  it('names what nobody gives it, once, with what there is', () => {
    expect(attributeFaults(jsonOf('context.args.a == context.args.b'))).toEqual([
      'reads context.args, which there is not: there is context.arguments, context.claims, context.scopes, context.address, context.time',
    ]);
    expect(attributeFaults(jsonOf('principal.name == "x"'))).toEqual(['reads principal.name, which there is not: there is principal.labels']);
  });
});
