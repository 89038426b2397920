import { commands } from './commands.ts';
import type { Reply, Request } from './commands.ts';

// A process of its own, on a core of its own; it lives as long as the benchmark, so that its code is warm in every round.
process.on('message', ({ id, name, argument }: Request) => {
  const run = commands[name] as (argument: unknown) => unknown;
  const reply = (message: Reply): void => void process.send?.(message);
  Promise.resolve(argument)
    .then(run)
    .then(
      (result) => reply({ id, result }),
      (error: unknown) => reply({ id, error: (error as Error).message }),
    );
});
process.on('disconnect', () => process.exit(0));
