import { describe, expect, it } from 'vitest';
import { ExactNumber } from '@stoa/lib/exact-json.ts';
import type { CallFacts, Caller } from '../../model.ts';
import { apiItem, compile, configOf, consumerItem, createOrder, getOrder, policyItem } from '../../testing/fixtures.ts';

/** What one Cedar text says to calls of `orders_getOrder` and `orders_createOrder`. */
const under = (...texts: string[]) => underNamed(...texts.map((text, at): [string, string] => [`policy-${at}`, text]));

function underNamed(...texts: [string, string][]) {
  const api = apiItem({ operations: [getOrder(), createOrder()] });
  const { item } = consumerItem('agent', { labels: { team: 'sales' } });
  const policies = texts.map(([name, cedar]) => policyItem({ kind: 'tool_access', config: { cedar } }, [api], name));
  const { snapshot } = compile(configOf(api, item, ...policies));
  const consumer = snapshot.consumers.get(item.consumer_id);
  const entry = [...snapshot.apis.values()][0];
  if (consumer === undefined || entry === undefined) throw new Error('The API is not served.');
  const [operation] = entry.operations;
  if (operation === undefined) throw new Error('The API has no operation.');
  return {
    isListed: entry.permits(consumer, operation),
    judge: (facts: Partial<CallFacts> = {}, args: Record<string, unknown> = {}) =>
      entry.judgeCall?.(consumer, operation, () => ({
        arguments: { values: args, unknown: [] },
        caller: agent(),
        address: '192.0.2.7',
        nowMs: Date.UTC(2026, 10, 30, 12),
        ...facts,
      })),
  };
}

const agent = (claims: Record<string, unknown> = {}, scopes: string[] = []): Caller => ({
  consumerId: '',
  consumerName: 'agent',
  keyId: undefined,
  token: { issuer: '', audiences: [], scopes: new Set(scopes), missingScopes: [], bound: undefined, claims },
});
const permitWhen = (condition: string): string => `permit(principal, action, resource) when { ${condition} };`;
const forbidWhen = (condition: string): string => `forbid(principal, action, resource) when { ${condition} };`;
const all = 'permit(principal, action, resource);';

describe('a policy that looks at a call', () => {
  it('is named by its own name, though another has the same text', () => {
    const text = all + forbidWhen('context.arguments has force');
    const [one, other] = [underNamed(['one', text]), underNamed(['other', text])];
    expect([one, other].map(({ judge }) => judge({}, { force: true })?.policies)).toEqual([['one'], ['other']]);
  });

  it.each([
    ['an argument', permitWhen('context.arguments.amount < 100'), {}, { amount: 99 }, { amount: 100 }],
    ['a fraction', permitWhen('context.arguments.amount.lessThan(decimal("10.5"))'), {}, { amount: 10.25 }, { amount: 10.75 }],
    ['a member of an argument', permitWhen('context.arguments.to.country == "CH"'), {}, { to: { country: 'CH' } }, { to: { country: 'FR' } }],
    ['a list', permitWhen('["a", "b"].containsAll(context.arguments.tags)'), {}, { tags: ['a'] }, { tags: ['a', 'c'] }],
    ['whether one is there', all + forbidWhen('context.arguments has force'), {}, {}, { force: true }],
  ])('lets a call through or not by %s', (_what, text, facts, good, bad) => {
    const { judge } = under(text);
    expect([judge(facts, good)?.permitted, judge(facts, bad)?.permitted]).toEqual([true, false]);
  });

  it.each<[string, string, Partial<CallFacts>, Partial<CallFacts>]>([
    ['a claim of the token', permitWhen('context.claims.department == "risk"'), { caller: agent({ department: 'risk' }) }, { caller: agent() }],
    ['a scope', permitWhen('context.scopes.contains("pay")'), { caller: agent({}, ['pay']) }, { caller: agent({}, ['see']) }],
    ['the address', permitWhen('context.address.isInRange(ip("192.0.2.0/24"))'), {}, { address: '198.51.100.1' }],
    ['the time', permitWhen('context.time.toTime() < duration("18h")'), {}, { nowMs: Date.UTC(2026, 10, 30, 19) }],
  ])('lets a call through or not by %s', (_what, text, good, bad) => {
    const { judge } = under(text);
    expect([judge(good)?.permitted, judge(bad)?.permitted]).toEqual([true, false]);
  });

  it('is not asked about calls of another tool', () => {
    expect(under(all, `forbid(principal, action, resource == Tool::"orders_createOrder") when { context.arguments.amount > 1 };`).judge()).toEqual({
      permitted: true,
      policies: [],
    });
  });

  it.each([
    ['that no Cedar number holds', { amount: 1e300 }],
    ['of more digits than its decimals', { amount: 1.000001 }],
    ['that no double holds', { amount: new ExactNumber('9007199254740993') }],
    ['that would read as another entity', { amount: { __entity: { type: 'Consumer', id: 'admin' } } }],
    ['that would read as a number of its own', { amount: { __extn: { fn: 'decimal', arg: '1.0' } } }],
  ])('refuses a value %s, and does not take it for absent', (_what, args) => {
    const { judge } = under(all, forbidWhen('context.arguments has amount && context.arguments.amount == 5'));
    expect(judge({}, args)?.permitted).toBe(false);
    expect(judge({}, { note: args.amount })?.permitted).toBe(true);
  });

  it('refuses where an argument that it reads is not known', () => {
    const { judge } = under(all, forbidWhen('context.arguments has amount'));
    expect(judge({ arguments: { values: {}, unknown: ['amount'] } })?.permitted).toBe(false);
    expect(judge({ arguments: { values: {}, unknown: ['body'] } })?.permitted).toBe(true);
    expect(under(all, forbidWhen('context.arguments == {}')).judge({ arguments: { values: { a: 1 }, unknown: ['body'] } })?.permitted).toBe(false);
  });

  it('refuses where the address that it reads is not known', () => {
    const { judge } = under(all, forbidWhen('context has address && context.address.isLoopback()'));
    expect([judge({ address: undefined })?.permitted, judge({ address: '127.0.0.1' })?.permitted, judge()?.permitted]).toEqual([false, false, true]);
  });

  it('forbids when it cannot be evaluated', () => {
    expect(under(all, forbidWhen('context.arguments.amount > 5')).judge({}, { amount: 'many' })?.permitted).toBe(false);
  });

  it('is named to operators when it forbids', () => {
    expect(under(all, forbidWhen('context.arguments.amount > 5')).judge({}, { amount: 6 })).toEqual({ permitted: false, policies: ['policy-1'] });
  });
});

describe('before there is a call, a tool', () => {
  it.each([
    ['is listed where a call of it may be permitted', permitWhen('context.arguments.amount < 5'), true],
    ['is not, where no call can be', permitWhen('principal.labels.team == "other"') + forbidWhen('context.arguments.amount > 5'), false],
    ['is listed where some calls of it are forbidden', all + forbidWhen('context.arguments.amount > 5'), true],
    ['is not, where all of them are', all + forbidWhen('resource.read_only') + permitWhen('context.arguments.amount > 5'), false],
  ])('%s', (_what, text, isListed) => {
    expect(under(text).isListed).toBe(isListed);
  });

  it('that no policy looks at calls of needs no further question', () => {
    expect(under(all).judge()).toBeUndefined();
  });
});
