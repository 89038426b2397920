import { invalid } from '../errors.ts';

/** Where a page of the fleet, the worst first, starts: after the gateway of this rank, name and id. */
export type RankPosition = { rank: number; instance_name: string; id: string };

export const encodeRank = ({ rank, instance_name, id }: RankPosition): string => Buffer.from(`${rank} ${id} ${instance_name}`).toString('base64url');

const text = /^([1-9]) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (\S+)$/;

export function decodeRank(cursor: string): RankPosition {
  const [, rank, id, instance_name] = text.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === undefined || instance_name === undefined)
    throw invalid([{ pointer: '/query/cursor', message: 'is no cursor of this list in this order; start again without one' }]);
  return { rank: Number(rank), instance_name, id };
}
