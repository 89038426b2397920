import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { interleave } from '../measure/interleave.ts';
import { median } from '../measure/median.ts';
import { bounded, roundsOf } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startControlPlane } from '../system/control-plane.ts';
import { fleetRows } from './identity-fleet.ts';

const run = promisify(execFile);
const launcher = join(import.meta.dirname, '../../bin/stoactl');
const eachRound = 10;

/** What people and runtimes pay for knowing who does what. */
export async function identity(bench: Bench): Promise<Row[]> {
  return [...(await commandRows(bench)), ...(await fleetRows(bench))];
}

/** What a person waits for at the command line: from the start of the program to its end, by its launcher, against a Node.js that does nothing. */
async function commandRows(bench: Bench): Promise<Row[]> {
  const { url, adminToken } = await startControlPlane(bench);
  const env = { PATH: process.env['PATH'], STOA_CONFIG: join(bench.dir, 'stoactl.yaml'), STOA_KEYRING: 'off' };
  const token = join(bench.dir, 'token');
  await writeFile(token, adminToken, { mode: 0o600 });
  await run(launcher, ['context', 'set', 'bench', '--server', url, '--token-file', token], { env });
  const timed = (command: string, args: string[]) => async (): Promise<number> => {
    const times: number[] = [];
    for (let at = 0; at < eachRound; at += 1) {
      const since = performance.now();
      await run(command, args, { env });
      times.push(performance.now() - since);
    }
    return median(times);
  };
  const subjects = {
    nothing: timed(process.execPath, ['-e', '0']),
    help: timed(launcher, ['--help']),
    gateways: timed(launcher, ['get', 'gateways']),
  };
  const values = await interleave(bench.options.rounds, subjects, (round, name, ms) => console.log(`  round ${round}  ${name}  ${ms.toFixed(0)} ms`));
  const nothing = { peer: 'node -e 0', rounds: roundsOf(values.nothing) };
  return [
    bounded({ metric: '`stoactl --help`, from start to end', unit: 'ms' }, roundsOf(values.help), { atMost: 120 }, nothing),
    bounded(
      { metric: '`stoactl get gateways` against a local server, from start to end', unit: 'ms' },
      roundsOf(values.gateways),
      { atMost: 250 },
      nothing,
    ),
  ];
}
