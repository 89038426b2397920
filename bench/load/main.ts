import type { LoadJob } from './job.ts';
import { runLoad } from './run-load.ts';

// A process of its own, on a core of its own; it lives as long as the benchmark, so that its code is warm in every round.
process.on('message', (job: LoadJob) => {
  runLoad(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit(0));
