import { cpuSeconds } from '@stoa/bench/system/cpu-time.ts';
import type { Experiment } from '../experiment.ts';
import { asker } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { milliseconds } from '../lab/until.ts';

const keys = 330_000;
const maxAnswerBytes = 10_000;
// The clock of /proc counts in steps of 10 ms: what many requests cost together is divided by their number.
const times = 20;
const maxCpuMs = 20;

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
      const before = cpuSeconds([pid]);
      for (let time = 0; time < times; time += 1) ({ status, bytes } = await asker(url, token)('POST', path, text));
      const cpuMs = ((cpuSeconds([pid]) - before) * 1000) / times;
      told.push(`${program}: ${status}, ${bytes} B, ${milliseconds(cpuMs)} of CPU`);
      passed &&= status === 400 && bytes < maxAnswerBytes && !(cpuMs > maxCpuMs);
    }
    return { figure: told.join('; '), passed };
  },
};
