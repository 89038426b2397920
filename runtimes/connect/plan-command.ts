import { readKeptState } from '@stoa/control-plane-client/kept-state.ts';
import { check, directoryPeer } from '@stoa/lib/check.ts';
import { createForwardClock } from '@stoa/lib/clock.ts';
import { EarlyExit, ExpectedError } from '@stoa/lib/errors.ts';
import { createLogger } from '@stoa/lib/log.ts';
import { program, settings as definition } from './config.ts';
import type { ConnectSettings } from './config.ts';
import { appliedStateFile } from './engine/applied-state.ts';
import { rehearse } from './engine/rehearse.ts';
import type { RehearsedPass } from './engine/rehearse.ts';
import { createRenderer } from './engine/render.ts';
import { targetPeer } from './peers.ts';
import { createAdapter } from './vendors/table.ts';

const withinMs = 60_000;
const signs = { put: '+', patch: '~', delete: '-' } as const;

/**
 * What Connect would write now, by the last configuration that it applied and what the gateway holds: beside the running service, without its lease and without a word to the
 * Control Plane. Writes nothing. Ends with 1 where there is a difference.
 */
export async function plan(settings: ConnectSettings): Promise<string> {
  const found = await rehearseKept(settings);
  if (found === undefined) throw new ExpectedError(`${nothingKept(settings)} Start it once, and let it apply what is deployed.`);
  if (found.unavailable !== undefined) throw new ExpectedError(found.unavailable);
  const lines = found.changes.map(({ action, object, detail }) => `${signs[action]} ${object.label}: ${detail}`);
  const report = [...lines, ...remarks(found), `${lines.length === 0 ? 'Nothing' : counted(lines.length)} would be written.`].join('\n');
  if (lines.length > 0) throw new EarlyExit(report, 1);
  return report;
}

/** Whether settings, target and the configuration at hand fit together. Writes nothing, and asks the Control Plane nothing. Ends with 1 where something does not. */
export async function validate(settings: ConnectSettings, judged = definition.judge()): Promise<string> {
  const { report, isWell } = await check(judged, () => [directoryPeer('State directory', settings.stateDir), targetPeer(settings)]);
  const found = isWell ? await rehearseKept(settings) : undefined;
  const remarked = found === undefined ? [`  ${isWell ? nothingKept(settings) : 'It was not looked at.'}`] : remarks(found);
  const isFit = isWell && found?.unavailable === undefined && found?.outcome.items.some(({ state }) => state === 'rejected') !== true;
  const all = [report, 'Configuration:', ...(found?.unavailable === undefined ? remarked : [`  fault  ${found.unavailable}`])];
  if (found !== undefined && found.unavailable === undefined && remarked.length === 0) all.push('  ok     every item of it can be expressed');
  if (!isFit) throw new EarlyExit(all.join('\n'), 1);
  return all.join('\n');
}

const nothingKept = ({ stateDir }: ConnectSettings): string => `No configuration that this instance applied is kept in ${stateDir}.`;
const counted = (count: number): string => (count === 1 ? '1 object' : `${count} objects`);

/** What is not plainly in force, and why. */
const remarks = ({ outcome }: RehearsedPass): string[] =>
  outcome.items.flatMap(({ id, state, reason = '' }) =>
    state === 'applied' ? [] : [`${state === 'rejected' ? '  fault ' : '  warn  '} ${id}: ${reason}`],
  );

async function rehearseKept(settings: ConnectSettings): Promise<RehearsedPass | undefined> {
  const { stateDir, gatewayKey, instanceName, environment, targetGatewayUrl } = settings;
  const log = createLogger({ program, level: settings.logLevel });
  const owner = { instance_name: instanceName, environment, gateway_mode: 'connect' as const };
  const config = await readKeptState({ stateDir, owner, gatewayKey, log });
  if (config === undefined) return undefined;
  const nowMs = createForwardClock();
  const adapter = await createAdapter(settings, nowMs);
  try {
    const lastApplied = await appliedStateFile(stateDir, targetGatewayUrl).load(config.gateway_id);
    const signal = AbortSignal.timeout(withinMs);
    return await rehearse({ adapter, render: createRenderer(adapter), config, lastApplied, signal, nowMs: nowMs() });
  } finally {
    adapter.close();
  }
}
