import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiItem, ConfigItem, ConsumerItem, ItemAck } from '@stoa/generated/schemas.ts';
import { hashOfNothing, linesOf } from '../../harness/items.ts';
import type { Difference } from '../../harness/items.ts';
import { Bench } from '../../subjects/runtime.ts';
import type { RuntimeKind } from '../../subjects/runtime.ts';
import { until } from '../../until.ts';
import type { Suite } from '../case.ts';
import { subscribed } from './items.ts';

const key = 'stoa_gk_the-harness-knows-this-key';

/** What is wrong with a difference, and which states it is asked for from before it is rejected: the one at hand, or nothing. */
const bad: readonly [what: string, spoil: (answer: Difference) => Difference, from: readonly ('at hand' | 'nothing')[]][] = [
  [
    'a wrong signature',
    ({ manifest, lines }) => ({ manifest: { ...manifest, signature: { ...manifest.signature, value: 'AAAA' } }, lines }),
    ['at hand'],
  ],
  [
    'an item of another hash',
    ({ manifest, lines }) => ({ manifest, lines: lines.map((line) => Buffer.from(line.toString().replaceAll('"id"', '"di"'))) }),
    ['at hand', 'nothing'],
  ],
  ['a list of another hash', ({ manifest, lines }) => ({ manifest: { ...manifest, changed: manifest.changed.slice(1) }, lines }), ['nothing']],
];

/** A server that tells differences. */
export const differences: Suite<RuntimeKind> = (check) => {
  check(
    ['CONF-001', 'CONF-004', 'CONF-006', 'CONF-007', 'CONF-009', 'CONF-012', 'CONF-013', 'CONF-014', 'CONF-015', 'CONF-016', 'CONF-018'],
    'it is told what changes, acknowledges what was not plainly applied, takes nothing that does not fit, and mends its disk item by item',
    (kind) =>
      Bench.with(kind, async (bench) => {
        const harness = await bench.startHarness({ key });
        const { model } = harness;
        const running = await bench.start({ controlPlaneUrl: harness.url, key });
        const bases = () => harness.calls('getGatewayConfig').map(({ query }) => query.get('base'));
        const acknowledged = async (generation: number) =>
          (await harness.seen('ackGatewayConfig', { where: ({ body }) => body.generation === generation })).body;
        /** What became of these items as the next generation, and from which states it was asked for. */
        const bring = async (items: readonly unknown[], difference?: (answer: Difference) => Difference) => {
          const asked = bases().length;
          const ack = await acknowledged(model.publish(items as ConfigItem[], difference && { difference }));
          return { ack, from: bases().slice(asked) };
        };
        const rejectedIn = ({ items }: { items: ItemAck[] }) => items.filter(({ state }) => state === 'rejected').map(({ id }) => id);
        assert.deepEqual((({ state, items, unlisted_applied: rest }) => [state, items, rest])(await acknowledged(0)), ['applied', [], true]);
        await until('nothing, wholly known, makes it ready', () => bench.isReady(running, { status: 200 }));

        const [api, consumer] = bench.items as [ApiItem, ConsumerItem];
        // Where a Kong shall ask for a key, a policy says so.
        const { newer, keys } = subscribed(api, consumer);
        const all = [api, keys, consumer];
        const asTomorrow = (answer: Difference) => answer;
        for (const [name, items, isServed] of [
          ['all', all, true],
          ['without the key', [api, keys, { ...consumer, keys: [] }], false],
          ['with the key again', all, true],
          ['with an item of a new kind', [...all, newer], true],
          ['without the API', [consumer], false],
        ] as const) {
          const before = model.hash;
          const isNews = (items as readonly unknown[]).includes(newer);
          const { ack, from } = await bring(items, isNews ? asTomorrow : undefined);
          assert.deepEqual([from, ack.hash, ack.unlisted_applied], [[before], model.hash, true], name);
          assert.deepEqual(rejectedIn(ack), isNews ? [newer.id] : [], name);
          assert.ok(await bench.serves(running, isServed), name);
        }
        model.forgetStates();
        const { ack: good } = await bring(all);
        assert.deepEqual(rejectedIn(good), []);
        const atHand = model.hash;
        assert.ok(await bench.serves(running), 'a whole state was not taken');

        const edited = { ...api, revision: 2 };
        for (const [what, spoil, states] of bad) {
          const { ack, from } = await bring([edited, keys, consumer], spoil);
          assert.deepEqual([ack.state, ack.items[0]?.phase], ['rejected', 'validate'], what);
          // What waits in quarantine may have been asked for again.
          const wanted = states.map((state) => (state === 'nothing' ? hashOfNothing : atHand));
          // From where the next generation is asked after a bad one is left to whoever asks; that it is asked for from nothing before it is rejected is not.
          if (bench.isProduct) assert.deepEqual(from.slice(0, states.length), wanted, what);
          else assert.ok(from.length > 0 && (!states.includes('nothing') || from.includes(hashOfNothing)), what);
        }
        model.publish([edited, keys, consumer], { difference: (answer) => ({ ...answer, endsWithinLine: true }) });
        await until('it says that it is stale', () => bench.isReady(running, { state: 'stale' }));
        assert.ok(await bench.serves(running), 'a bad generation took away what was served');
        assert.ok(await bench.isReady(running, { generation: good.generation }));
        await bring([edited, keys, consumer]);

        await running.kill();
        if (!bench.keepsItemsOnDisk) return assert.deepEqual(harness.violations, []);
        const hash = linesOf([edited])[0]?.hash.slice('sha256:'.length) ?? '';
        await writeFile(join(bench.stateDir, 'items', hash.slice(0, 2), `${hash}.json`), '{"kind":"api","id":"ap');
        const after = await bench.start({ controlPlaneUrl: harness.url, key });
        await harness.seen('getConfigItem', { where: ({ status }) => status === 200 });
        await until('what was damaged is served again', () => bench.serves(after));
        assert.equal(bases().at(-1), model.hash, 'what is on disk was asked for again');
        assert.equal(harness.calls('getConfigItem').length, 1);
        assert.deepEqual(harness.violations, []);
      }),
  );
};
