import assert from 'node:assert/strict';
import { beat, gatewayPage, registration } from '@stoa/contract-tests/suite/control-plane/samples.ts';
import type { Answer, ControlPlane } from '@stoa/contract-tests/subjects/over-http.ts';
import { until } from '@stoa/contract-tests/until.ts';
import fc from 'fast-check';
import { newProcess } from './model.ts';
import type { Outcome, Process, ProtocolMachine } from './model.ts';

/** The instance as the Control Plane under test has it, with a key of its own. */
export type Real = {
  readonly controlPlane: ControlPlane;
  readonly name: string;
  readonly key: { id: string; secret: string };
  gatewayId: string;
  leaseS: number;
};
type Command = fc.AsyncCommand<ProtocolMachine, Real>;

function held({ status, body }: Answer, wanted: Outcome): void {
  const { code, epoch, duplicate } = wanted;
  const told = { status, ...(code !== undefined && { code: body['code'] }), ...(epoch !== undefined && { epoch: body['lease_epoch'] }) };
  assert.deepEqual({ ...told, ...(duplicate !== undefined && { duplicate: body['duplicate'] }) }, wanted);
}

const command = (
  name: string,
  run: (model: ProtocolMachine, real: Real) => Promise<void>,
  check = (model: ProtocolMachine): boolean => model.isRegistered,
): Command => ({
  check,
  run,
  toString: () => name,
});
const of = ({ processes }: ProtocolMachine, index: number): Process => processes[index] ?? newProcess();
const at = ({ gatewayId, key }: Real) => ({ path: { gateway_id: gatewayId }, token: key.secret });
const epochIn = (epoch: number | undefined) => (epoch === undefined ? {} : { lease_epoch: epoch });

const register = (index: number, isLost: boolean): Command =>
  command(
    `process ${index} registers${isLost ? ', and the answer is lost' : ''}`,
    async (model, real) => {
      const process = of(model, index);
      const body = registration({ instance_name: real.name, boot_id: process.bootId });
      const answer = await real.controlPlane.call('registerGateway', { body, token: real.key.secret });
      held(answer, model.register(process));
      if (answer.status !== 200) return;
      const { gateway_id, lease_epoch, lease_ttl_s } = answer.body as { gateway_id: string; lease_epoch: number; lease_ttl_s: number };
      if (real.gatewayId !== '') assert.equal(gateway_id, real.gatewayId, 'the same name was given another id');
      Object.assign(real, { gatewayId: gateway_id, leaseS: lease_ttl_s });
      if (!isLost) process.epoch = lease_epoch;
    },
    () => true,
  );

const beats = (index: number): Command =>
  command(`process ${index} beats`, async (model, real) => {
    const { epoch } = of(model, index);
    held(await real.controlPlane.call('heartbeat', { ...at(real), body: beat(epochIn(epoch)) }), model.beat(epoch));
  });

const leaves = (index: number): Command =>
  command(`process ${index} leaves`, async (model, real) => {
    const { epoch } = of(model, index);
    held(await real.controlPlane.call('deregisterGateway', { ...at(real), query: epochIn(epoch) }), model.leave(epoch));
  });

/** Once more with the same number: what a process does whose answer was lost. */
const reports = (index: number, isAgain: boolean): Command =>
  command(`process ${index} reports usage${isAgain ? ' again' : ''}`, async (model, real) => {
    const process = of(model, index);
    if (!isAgain) process.seq += 1;
    const body = { ...epochIn(process.epoch), boot_id: process.bootId, seq: process.seq, records: [] };
    held(await real.controlPlane.call('reportUsage', { ...at(real), body }), model.report(process, process.seq));
  });

const restarts = (index: number): Command =>
  command(
    `process ${index} restarts`,
    async (model) => void Object.assign(of(model, index), newProcess()),
    () => true,
  );

const clockJumps = (intervals: number): Command =>
  command(`the clock jumps by ${intervals} intervals, and the holder beats`, async (model, real) => {
    await real.controlPlane.silentFor(real.gatewayId, ((real.leaseS - 10) / 3) * intervals, real.leaseS);
    held(await real.controlPlane.call('heartbeat', { ...at(real), body: beat() }), model.beat(undefined));
  });

const isShown = command('an operator looks', async (model, real) => {
  const { liveness, lease_epoch } = await gatewayPage(real.controlPlane, real.gatewayId);
  assert.ok(model.liveness.includes(liveness), `it is ${liveness} and should be ${model.liveness.join()}`);
  assert.equal(lease_epoch, model.epoch);
});

const decommission = command('an operator decommissions it', async (model, real) => {
  await real.controlPlane.call('decommissionGateway', { path: { gateway_id: real.gatewayId } });
  model.isDecommissioned = true;
});

const revoke = command('an operator revokes its key', async (model, real) => {
  await real.controlPlane.call('revokeGatewayKey', { path: { key_id: real.key.id } });
  await until('the revoked key is refused', async () => (await real.controlPlane.call('heartbeat', { ...at(real), body: beat() })).status === 401);
  model.isKeyRevoked = true;
});

const index = fc.nat({ max: 2 });

/** Sequences of what happens to one instance; the ends of it are rarer than the rest. */
export const lives = (maxCommands: number): fc.Arbitrary<Iterable<Command>> =>
  fc.commands(
    [
      fc.tuple(index, fc.boolean()).map((given) => register(...given)),
      fc.tuple(index, fc.constant(false)).map((given) => register(...given)),
      index.map(beats),
      index.map(beats),
      index.map(leaves),
      fc.tuple(index, fc.boolean()).map((given) => reports(...given)),
      index.map(restarts),
      fc.constantFrom(0.5, 2, 4).map(clockJumps),
      fc.constant(isShown),
      fc.nat({ max: 7 }).map((chance) => (chance === 0 ? decommission : chance === 1 ? revoke : beats(chance % 3))),
    ],
    { maxCommands },
  );
