import { comeBack } from './come-back.ts';
import { closePolls, expectChange, openPolls, untilChanged } from './polls.ts';
import { startProbe, stopProbe } from './probe.ts';
import { registerFleet } from './register-fleet.ts';
import { runLoad } from './run-load.ts';

/** What a load generator can be told to do; arguments and results cross a process boundary as JSON. Several may run at a time. */
export const commands = { runLoad, registerFleet, openPolls, expectChange, untilChanged, closePolls, startProbe, stopProbe, comeBack };

type Commands = typeof commands;
export type CommandName = keyof Commands;
export type LoadGenerator = <Name extends CommandName>(
  name: Name,
  ...argument: Parameters<Commands[Name]>
) => Promise<Awaited<ReturnType<Commands[Name]>>>;

export type Request = { id: number; name: CommandName; argument: unknown };
export type Reply = { id: number; result: unknown } | { id: number; error: string };
