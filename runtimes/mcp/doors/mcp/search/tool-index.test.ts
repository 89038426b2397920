import { atOnce } from '@stoa/lib/slices.ts';
import { describe, expect, it } from 'vitest';
import { ToolIndex } from './tool-index.ts';
import type { Findable } from './tool-index.ts';
import type { Doing } from './words.ts';
import { stemsOf } from './words.ts';

const toolOf = (name: string, doing: Doing, description = ''): Findable => ({
  name,
  doing,
  definition: { name, description, input_schema: { type: 'object' }, annotations: {} },
});
const search = (tools: readonly Findable[], question: string, admits: (tool: Findable) => boolean = () => true): string[] =>
  atOnce(ToolIndex.of(tools))
    .find(question, 5, admits)
    .map(({ name }) => name);

describe('the words of a name', () => {
  it.each([
    ['getUserByID', ['get', 'user', 'id']],
    ['list-repos_for.org', ['list', 'repo', 'org']],
    ['HTTPServers', ['http', 'server']],
  ])('of %s are told apart however they are joined', (name, words) => {
    expect(stemsOf(name)).toEqual(words);
  });
});

describe('a search', () => {
  it('prefers the tool that does what is to be done to the others about the same thing', () => {
    const tools = [toolOf('card_a', '~read', 'A card.'), toolOf('card_b', '~delete', 'A card.'), toolOf('card_c', '~create', 'A card.')];
    expect(search(tools, 'throw away the card')[0]).toBe('card_b');
    expect(search(tools, 'which cards are there')[0]).toBe('card_a');
  });

  it('weighs a name more than a description', () => {
    expect(search([toolOf('a_ship', '~create', 'Makes it leave.'), toolOf('b_leave', '~create', 'Makes it ship.')], 'ship')[0]).toBe('a_ship');
  });

  it('weighs a rare word more than a frequent one', () => {
    const common = Array.from({ length: 20 }, (_, index) => toolOf(`order_${index}`, '~read', 'An order.'));
    expect(search([...common, toolOf('z_voucher', '~read', 'A voucher.')], 'order voucher')[0]).toBe('z_voucher');
  });

  it('goes on below the best until enough are found that the caller may use', () => {
    const tools = Array.from({ length: 200 }, (_, index) => toolOf(`ship_${String(index).padStart(3, '0')}`, '~create'));
    expect(search(tools, 'ship', ({ name }) => name >= 'ship_195')).toEqual(['ship_195', 'ship_196', 'ship_197', 'ship_198', 'ship_199']);
  });

  it('finds nothing for a question without words', () => {
    expect(search([toolOf('ship', '~create')], '?! …')).toEqual([]);
  });

  it('takes a question of a thousand words', () => {
    expect(search([toolOf('ship', '~create')], `ship ${'word '.repeat(1000)}`)).toEqual(['ship']);
  });
});
