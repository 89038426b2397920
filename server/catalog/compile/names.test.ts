import { describe, expect, it } from 'vitest';
import { argumentName, nameOperations, toolName } from './names.ts';
import type { Route } from './names.ts';

const route = (method: string, key: string, operationId?: string): Route => ({ method, key, operationId });
const namesOf = (routes: Route[]) => routes.map((each) => nameOperations('shop', routes).get(each));

describe('tool names', () => {
  it('are the name of the API and the operationId', () => {
    expect(namesOf([route('GET', '/orders', 'listOrders')])).toEqual([{ operationId: 'listOrders', toolName: 'shop_listOrders', remark: undefined }]);
  });

  it('keep to the letters that model hosts accept', () => {
    expect(toolName('shop_orders/list.all (new)')).toBe('shop_orders_list_all_new');
    expect(toolName('shop_注文')).toMatch(/^shop_/);
  });

  it('lesson 34: have at most 64 characters, the end of a longer one being a hash that never changes', () => {
    const long = `shop_${'getTheVeryLongNameOfAnOperation'.repeat(3)}`;
    expect(toolName(long)).toBe(`${long.slice(0, 55)}_5a464bc9`);
    expect(toolName(`${long}A`)).not.toBe(toolName(`${long}B`));
    expect(toolName(`${long}A`).slice(0, 55)).toBe(toolName(`${long}B`).slice(0, 55));
  });

  it('stay apart when operationIds differ in other letters only, the exact one keeping its name', () => {
    const [dotted, plain] = namesOf([route('GET', '/a', 'get.order'), route('GET', '/b', 'get_order')]);
    expect(plain?.toolName).toBe('shop_get_order');
    expect(dotted?.toolName).toMatch(/^shop_get_order_[0-9a-f]{8}$/);
    expect(dotted?.remark).toContain('shop_get_order');
  });

  it('stay apart when an operationId is used twice, independent of the order of the paths', () => {
    const routes = [route('GET', '/b', 'same'), route('GET', '/a', 'same')];
    const forwards = namesOf(routes);
    const backwards = namesOf(routes.toReversed()).toReversed();
    expect(forwards).toEqual(backwards);
    expect(forwards.map((name) => name?.operationId)).toEqual(['get_b', 'same']);
    expect(forwards[0]?.remark).toContain('more than once');
  });

  it('stay apart when derived from paths that differ in braces only', () => {
    const names = namesOf([route('GET', '/a/b'), route('GET', '/a/{b}')]).map((name) => name?.toolName);
    expect(new Set(names).size).toBe(2);
  });
});

describe('argument names', () => {
  const named = (...parameters: [string, string][]) => {
    const taken = new Set<string>();
    return parameters.map(([name, place]) => argumentName(name, place, taken));
  };

  it('lesson 34: are acceptable to model hosts', () => {
    expect(named(['uids[]', 'query'], ['$filter', 'query'], ['filter[name]', 'query'], ['X-Request-ID', 'header'], ['_id', 'query'])).toEqual([
      'uids',
      'filter',
      'filter_name',
      'X-Request-ID',
      '_id',
    ]);
    expect(named(['日本', 'query'])[0]).toMatch(/^arg_[0-9a-f]{8}$/);
    expect(named(['x'.repeat(200), 'query'])[0]).toHaveLength(64);
  });

  it('get the place, then a number, when taken', () => {
    expect(named(['id', 'path'], ['id', 'query'], ['id[]', 'query'], ['id', 'header'])).toEqual(['id', 'id_query', 'id_query_2', 'id_header']);
  });
});
