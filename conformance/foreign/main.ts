import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const here = import.meta.dirname;
const kit = (subject: string, level: string, start: string): string[] => [
  join(here, '../kit/main.ts'),
  ...[subject, '--listen', '127.0.0.1:0', '--level', level, '--quiet', '--start', start],
];
const both = (start: string): string[][] => [kit('gateway', 'full', start), kit('connect', 'full', start)];

/** What is written in another language: the tool that it needs, and what it is held against. */
const foreign: readonly { name: string; tool: string; asks: string; runs: readonly string[][] }[] = [
  { name: 'The agent in shell', tool: 'curl', asks: '--version', runs: [kit('connect', 'adr', join(here, 'agent.sh'))] },
  { name: 'The agent in Python', tool: 'python3', asks: '--version', runs: both(join(here, 'agent.py')) },
  { name: 'The Control Plane in Python', tool: 'python3', asks: '--version', runs: [[join(here, 'runtimes.ts')]] },
];

const run = (command: string, args: readonly string[]): boolean => spawnSync(command, args, { stdio: 'inherit' }).status === 0;
let failed = 0;
for (const { name, tool, asks, runs } of foreign) {
  if (spawnSync(tool, [asks]).status !== 0) {
    process.stdout.write(`${name} was not run: ${tool} is missing.\n`);
    continue;
  }
  process.stdout.write(`${name}:\n`);
  if (!runs.map((args) => run(process.execPath, args)).every(Boolean)) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
