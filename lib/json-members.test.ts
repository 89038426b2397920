import { describe, expect, it } from 'vitest';
import { elementsOf, membersOf, withMembers } from './json-members.ts';

describe('the parts of a JSON text', () => {
  it('are as they were written: digits, white space and escapes', () => {
    const text = ' { "a" : 12345678901234567890.10 , "b\\"": [1, {"c": "},"}] ,"e":{} } ';
    expect([...(membersOf(text) ?? [])]).toEqual([
      ['a', '12345678901234567890.10'],
      ['b"', '[1, {"c": "},"}]'],
      ['e', '{}'],
    ]);
    expect(elementsOf('[1.0, "a,b", [2,3], {"d":4}]')).toEqual(['1.0', '"a,b"', '[2,3]', '{"d":4}']);
  });

  it('are none where there are none, and not there where the text is something else', () => {
    expect([membersOf('{ }')?.size, elementsOf('[ ]'), membersOf('[]'), elementsOf('"[1]"')]).toEqual([0, [], undefined, undefined]);
  });

  it('of an object may be replaced, taken away and added, and all others stay what they are', () => {
    expect(withMembers('{"name":"close","n":1.50,"x":true}', { name: '"t_close"', x: undefined, y: '[]' })).toBe(
      '{"name":"t_close","n":1.50,"y":[]}',
    );
  });

  it('of a name that is repeated are the last, as for who parses it', () => {
    expect(membersOf('{"a":1,"a":2}')?.get('a')).toBe('2');
  });
});
