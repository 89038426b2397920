import { setTimeout as delay } from 'node:timers/promises';
import { cpuMeter } from '@stoa/bench/system/cpu-time.ts';
import type { Meter } from '@stoa/bench/system/cpu-time.ts';
import type { Experiment } from '../experiment.ts';
import { asker } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { milliseconds, quantile } from '../lab/until.ts';

const keys = 330_000;
const maxAnswerBytes = 10_000;
// As many requests are counted together as pay for some rounds of garbage collection among them: each body leaves its 3 MB, which are collected after
// several. Into some counts falls what a process does besides, so that the middle of them is taken. The first is left out: until some twenty bodies were
// read, most of what they cost is the compiling of what reads them.
const requests = 25;
const counts = 6;
const countsLeftOut = 1;
const maxCpuMs = 20;
/** What a program at rest may use of a second. After its start it has more to do for a while, which is no request's cost. */
const restingS = 0.03;
const maxRestS = 30;

export const unknownKeys: Experiment = {
  id: 'unknown-keys',
  criterion: `330,000 unknown keys are 400 in 20 ms of CPU at most and less than 10 kB, on Control Plane and Gateway alike.`,
  async run(lab) {
    const system = await lab.system();
    const body = `{"name":"x",${Array.from({ length: keys }, (_, n) => `"k${n.toString(36)}":1`).join(',')}}`;
    const rpc = `{"jsonrpc":"2.0","id":1,"method":"tools/list",${body.slice(1)}`;
    const told: string[] = [];
    let passed = true;
    for (const [program, url, path, token, text] of [
      ['control-plane', system.up.control_plane_url, '/v1/consumers', system.up.admin_token, body],
      ['gateway', new URL(system.up.mcp.gateway_url).origin, '/mcp', system.up.mcp.token, rpc],
    ] as const) {
      const pid = await pidOf(system, program);
      let { status, bytes } = { status: 0, bytes: 0 };
      const used = cpuMeter([pid]);
      await comeToRest(used);
      const cost: number[] = [];
      for (let count = 0; count < counts; count += 1) {
        const before = used();
        for (let request = 0; request < requests; request += 1) ({ status, bytes } = await asker(url, token)('POST', path, text));
        cost.push(((used() - before) * 1000) / requests);
      }
      const cpuMs = quantile(cost.slice(countsLeftOut), 0.5);
      told.push(`${program}: ${status}, ${bytes} B, ${milliseconds(cpuMs)} of CPU`);
      passed &&= status === 400 && bytes < maxAnswerBytes && !(cpuMs > maxCpuMs);
    }
    return { figure: told.join('; '), passed };
  },
};

async function comeToRest(used: Meter): Promise<void> {
  for (let second = 0; second < maxRestS; second += 1) {
    const before = used();
    await delay(1000);
    if (used() - before < restingS) return;
  }
}
