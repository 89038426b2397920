import { describe, expect, it } from 'vitest';
import { AdminError } from './admin-error.ts';
import { applyWrites } from './apply.ts';
import type { Change, Write } from './model.ts';

const change = (id: string, owner = id): Change => ({
  action: 'put',
  object: { kind: 'thing', id, label: `thing ${id}`, owner, alsoFor: [], fields: {} },
  detail: 'missing',
});
const write = (id: string, stage: number, more: Partial<Write<undefined>> & { owner?: string } = {}): Write<undefined> => {
  const { owner, ...rest } = more;
  return { changes: [change(id, owner)], stage, payload: undefined, ...rest };
};
const nothingMissing = async (): Promise<ReadonlyMap<Change, string>> => new Map();
const allowed = { shouldStop: () => false, confirm: nothingMissing };
const nameOf = (given: Write<undefined>): string => given.changes[0]?.object.id ?? '';
const idsOf = (changes: readonly Change[]): string[] => changes.map(({ object }) => object.id);

/** A writer that tells what is under way, and ends each write after those that began with it. */
function recorder(fails: (id: string) => AdminError | undefined = () => undefined) {
  const log: string[] = [];
  let underWay = 0;
  let most = 0;
  return {
    log,
    most: () => most,
    writer: {
      async write(given: Write<undefined>) {
        underWay += 1;
        most = Math.max(most, underWay);
        log.push(nameOf(given));
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        const error = fails(nameOf(given));
        if (error !== undefined) throw error;
      },
    },
  };
}

describe('writes', () => {
  it('of one stage are made side by side, eight at most, and a stage begins when the one before has ended', async () => {
    const { writer, log, most } = recorder();
    const writes = [write('last', 2), ...Array.from({ length: 30 }, (_, number) => write(`first-${number}`, 1))];
    const { done } = await applyWrites(writer, { writes }, allowed);
    expect(most()).toBe(8);
    expect(done).toHaveLength(31);
    expect(log.at(-1)).toBe('last');
  });

  it('that fail end the later writes of their items and nothing else', async () => {
    const { writer, log } = recorder((id) => (id === 'a1' ? new AdminError('refused', 'no') : undefined));
    const writes = [write('a1', 1, { owner: 'a' }), write('b1', 1, { owner: 'b' }), write('a2', 2, { owner: 'a' }), write('b2', 2, { owner: 'b' })];
    const { failed, skipped } = await applyWrites(writer, { writes }, allowed);
    expect(log).toEqual(['a1', 'b1', 'b2']);
    expect(failed).toMatchObject([{ reason: 'thing a1: no', refused: true }]);
    expect(idsOf(skipped)).toEqual(['a2']);
  });

  it('are asked for the lease one by one, and so is each request of a write that needs several', async () => {
    let left = 3;
    const shouldStop = (): boolean => (left -= 1) < 0;
    const requests: string[] = [];
    const writer = {
      async write(given: Write<undefined>, permit: () => void) {
        for (const request of [1, 2, 3]) {
          if (request > 1) permit();
          requests.push(`${nameOf(given)} ${request}`);
        }
      },
    };
    const { stopped, failed, skipped } = await applyWrites(writer, { writes: [write('a', 1), write('b', 2)] }, { ...allowed, shouldStop });
    expect(requests).toEqual(['a 1', 'a 2', 'a 3']);
    expect(stopped?.cause).toBe('no_lease');
    expect([failed.length, idsOf(skipped)]).toEqual([0, ['b']]);
  });

  it('that the gateway confirmed and did not make count as failed at the next checkpoint, and what they were to guard is taken out of service', async () => {
    const { writer, log } = recorder();
    const guard = write('guard', 1, { owner: 'api', onFailure: write('close', 1, { owner: 'api' }) });
    const confirm = async (changes: readonly Change[]): Promise<ReadonlyMap<Change, string>> =>
      new Map(changes.filter(({ object }) => object.id === 'guard').map((one) => [one, 'it is not there']));
    const { done, failed, skipped } = await applyWrites(
      writer,
      { writes: [guard, write('route', 2, { owner: 'api' })], checkpoints: [2] },
      { ...allowed, confirm },
    );
    expect(log).toEqual(['guard', 'close']);
    expect(idsOf(done)).toEqual(['close']);
    expect(failed).toMatchObject([{ reason: 'thing guard: it does not read back as written: it is not there' }]);
    expect(idsOf(skipped)).toEqual(['route']);
  });

  it('tell which objects a document was refused for, and that somebody else wrote meanwhile', async () => {
    const refused = recorder(() => new AdminError('refused', 'no', { culprits: new Map([['a', 'bad']]) }));
    const document = { changes: [change('a'), change('b')], stage: 0, payload: undefined };
    expect((await applyWrites(refused.writer, { writes: [document] }, allowed)).culprits).toEqual(new Map([['a', 'bad']]));
    const stale = recorder(() => new AdminError('stale', 'changed'));
    expect((await applyWrites(stale.writer, { writes: [document] }, allowed)).stale).toBe(true);
  });

  it('are no longer tried once the gateway is away twice in a row', async () => {
    const { writer, log } = recorder(() => new AdminError('unreachable', 'away'));
    const { stopped } = await applyWrites(writer, { writes: [1, 2, 3, 4].map((stage) => write(`w${stage}`, stage)) }, allowed);
    expect(log).toEqual(['w1', 'w2']);
    expect(stopped).toEqual({ cause: 'gateway_away', reason: 'away' });
  });
});
