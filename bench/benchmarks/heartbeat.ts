import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import pg from 'pg';
import { inPeers, installPeers, named } from '../peers/install.ts';
import type { LoadResult, WorkloadSpec } from '../load/job.ts';
import { compare } from '../report/result.ts';
import type { Row } from '../report/result.ts';
import type { Bench } from '../system/bench.ts';
import { startControlPlane } from '../system/control-plane.ts';
import type { ControlPlane } from '../system/control-plane.ts';
import { answers, freePort } from '../system/processes.ts';
import { cpuNote, throughput } from './throughput.ts';

const connections = 64;
const fleetSize = 2_000;
const registrationsAtOnce = 16;

/**
 * Heartbeats of a fleet, each validated and committed before it is answered, against Express answering the same JSON with no database.
 * Afterwards the database must hold the last beat that was acknowledged to each gateway.
 */
export async function heartbeat(bench: Bench): Promise<Row[]> {
  await installPeers();
  const { cores } = bench.plan;
  const databaseCores = cores && [...new Set([...cores.upstream, ...cores.store])];
  const controlPlane = await startControlPlane(bench, { cores: cores?.subject, databaseCores });
  const gatewayIds = await registerFleet(controlPlane);
  const express = await startExpress(bench);
  const beats = (url: string): WorkloadSpec => ({ kind: 'heartbeat', urls: [url], key: controlPlane.gatewayKey, gatewayIds });
  const { ours, theirs } = await throughput(bench, {
    ours: { connections, pids: [controlPlane.process.pid], workload: beats(controlPlane.url) },
    theirs: { connections, pids: [express.pid], workload: beats(express.url) },
  });
  const checked = await requireStored(controlPlane.databaseUrl, gatewayIds, ours.results);
  const row = compare(
    {
      metric: 'Heartbeats committed before they are acknowledged, one server process, 64 connections',
      unit: '/s',
      peer: `${named('express')} answering the same JSON, no database`,
      atLeast: 1,
    },
    ours,
    theirs,
  );
  return [{ ...row, note: [...Object.values(cpuNote(ours, theirs)), `${checked} gateways checked in the database`].join('; ') }];
}

/** Registers the fleet and answers its ids. */
async function registerFleet({ url, gatewayKey }: ControlPlane): Promise<string[]> {
  const ids: string[] = [];
  const register = async (at: number): Promise<void> => {
    const body = { instance_name: `fleet-${at}`, gateway_mode: 'edge_mcp', version: '1.0.0', features: ['mcp'], environment: 'bench' };
    const response = await fetch(`${url}/v1/internal/gateways/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gatewayKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new ExpectedError(`A registration was answered ${response.status}: ${await response.text()}`);
    ids[at] = ((await response.json()) as { gateway_id: string }).gateway_id;
  };
  for (let at = 0; at < fleetSize; at += registrationsAtOnce) {
    await Promise.all(Array.from({ length: Math.min(registrationsAtOnce, fleetSize - at) }, (_, next) => register(at + next)));
  }
  return ids;
}

async function startExpress(bench: Bench): Promise<{ url: string; pid: number }> {
  // It must lie beside the package that it imports.
  const program = inPeers('..', 'express-heartbeat.mjs');
  await copyFile(join(import.meta.dirname, '../peers/express-heartbeat.mjs'), program);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { pid } = await bench.processes.start({
    name: 'express',
    command: process.execPath,
    args: [program],
    env: { PORT: String(port) },
    cores: bench.plan.cores?.subject,
    isReady: () => answers(`${url}/healthz`),
  });
  return { url, pid };
}

/** Throws unless the last beat acknowledged to each gateway is stored. Answers how many gateways were acknowledged one. */
async function requireStored(databaseUrl: string, gatewayIds: readonly string[], rounds: readonly LoadResult[]): Promise<number> {
  const last = new Map<string, number>();
  for (const { acknowledged = [] } of rounds) acknowledged.forEach((seq, at) => seq > 0 && last.set(gatewayIds[at] ?? '', seq));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ gateway_id: string; seq: string }>('SELECT gateway_id, seq FROM gateway_lease WHERE seq IS NOT NULL');
    const stored = new Map(rows.map(({ gateway_id, seq }) => [gateway_id, Number(seq)]));
    const lost = [...last].filter(([id, seq]) => stored.get(id) !== seq);
    if (lost.length > 0)
      throw new ExpectedError(
        `${lost.length} of ${last.size} gateways have not the beat stored that was acknowledged last, such as ${JSON.stringify(lost[0])}.`,
      );
    return last.size;
  } finally {
    await client.end();
  }
}
