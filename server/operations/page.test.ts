import { describe, expect, it } from 'vitest';
import { pageOf } from './page.ts';
import type { Position } from './page.ts';

const rows = Array.from({ length: 4 }, (_, index) => ({
  id: `00000000-0000-4000-8000-00000000000${index}`,
  created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, Math.floor(index / 2))),
}));
const load = async (take: number, after: Position | undefined) =>
  rows.slice(after ? rows.findIndex(({ id }) => id === after.id) + 1 : 0).slice(0, take);
const pages = async (limit: number): Promise<number[]> => {
  const sizes: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { items, next_cursor } = await pageOf({ limit, ...(cursor && { cursor }) }, load, ({ id }) => id);
    sizes.push(items.length);
    cursor = next_cursor;
  }
  return sizes;
};

describe('a list in pages', () => {
  it.each([
    [1, [1, 1, 1, 1]],
    [2, [2, 2]],
    [3, [3, 1]],
    [4, [4]],
    [5, [4]],
  ])('of %i ends with the last row: there is no cursor after a full last page', async (limit, sizes) => {
    expect(await pages(limit)).toEqual(sizes);
  });
});
