import type { Experiment } from '../experiment.ts';
import { done } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { callTool } from '../lab/tools.ts';
import { secondsUntil } from '../lab/until.ts';

/** Calls at a time, and how often each is begun: 1,000 calls a second, if the machine gives that many. */
const connections = 20;
const everyMs = 20;
const forMs = 3_000;
/** What a tenth of a second comes to. */
const mayBeLost = 100;

export const usageKilled: Experiment = {
  id: 'usage-killed',
  criterion:
    'Of a Gateway killed at up to 1,000 calls a second at most 100 answered calls are missing in the usage afterwards, and none is counted twice.',
  async run(lab) {
    const { system, ask, gatewayUrl } = await lab.tools();
    const url = `${gatewayUrl}/mcp`;
    const { consumer_id: consumerId } = await done(ask<{ consumer_id: string }>('POST', '/v1/consumers', { name: 'metered' }));
    const { secret } = await done(ask<{ secret: string }>('POST', `/v1/consumers/${consumerId}/keys`, {}));
    let begun = 0;
    let answered = 0;
    const call = async (): Promise<void> => {
      begun += 1;
      const { isError } = await callTool(url, 'lab_good', {}, secret);
      if (isError) throw new Error('a call failed');
      answered += 1;
    };
    // Until the Gateway knows the key nobody is known to have called, and nothing is counted to the consumer.
    await secondsUntil(async () => !(await callTool(url, 'lab_good', {}, secret)).isError, 30);
    [begun, answered] = [1, 1];
    const pid = await pidOf(system, 'gateway');
    await callFor(forMs, call);
    process.kill(pid, 'SIGKILL');
    const counted = async (): Promise<number> => {
      const { items } = await done(ask<{ items: { calls: number }[] }>('GET', `/v1/usage?consumer_id=${consumerId}`));
      return items.reduce((sum, { calls }) => sum + calls, 0);
    };
    let calls = 0;
    await secondsUntil(async () => (calls = await counted()) >= answered - mayBeLost, 30).catch(() => undefined);
    const lost = answered - calls;
    return {
      figure: `${Math.max(0, lost)} of ${answered} answered calls missing, ${Math.round(answered / (forMs / 1000))} a second`,
      passed: lost <= mayBeLost && calls <= begun,
    };
  },
};

/** Begins a call on each connection in turn, whose earlier one was answered, until the time is up; those in flight then may fail. */
async function callFor(ms: number, call: () => Promise<void>): Promise<void> {
  const since = performance.now();
  const one = async (): Promise<void> => {
    for (let next = performance.now(); performance.now() - since < ms; next += everyMs) {
      await call();
      const restMs = next + everyMs - performance.now();
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
}
