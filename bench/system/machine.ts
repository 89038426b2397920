import { cpus, loadavg, release, totalmem } from 'node:os';

export type Machine = {
  cpu: string;
  cores: number;
  memory_gib: number;
  os: string;
  node: string /** Of the last minute, before the run: what else the machine was doing. */;
  load_before: number;
};

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    os: `${process.platform} ${release()}`,
    node: process.version,
    load_before: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}
