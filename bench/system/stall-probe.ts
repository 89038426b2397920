import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

// Loaded before a program, by `--import`, so that the program itself stays as it is. Whoever connects to the socket has the event loop of the main
// thread watched until a byte comes, and is told how long it was held. While nobody asks it costs nothing.

/** The longest turn of the event loop: what it took of the processor, which others on the machine do not add to, and by the clock. */
export type Stall = { processorMs: number; clockMs: number };

const socketPath = process.env['BENCH_STALL_SOCKET'];
if (socketPath !== undefined && isMainThread) {
  rmSync(socketPath, { force: true });
  createServer((socket) => {
    const watched = watch();
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(JSON.stringify(watched.end())));
    socket.once('close', () => watched.end());
    socket.write('.');
  })
    .listen(socketPath)
    .unref();
}

function watch(): { end(): Stall } {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let longestUs = 0;
  let last = process.threadCpuUsage();
  const turn = (): void => {
    const used = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    longestUs = Math.max(longestUs, used.user + used.system);
  };
  // A timer of a millisecond fires once in each turn that takes longer.
  const timer = setInterval(turn, 1).unref();
  return {
    end() {
      turn();
      clearInterval(timer);
      delay.disable();
      return { processorMs: longestUs / 1000, clockMs: delay.max / 1e6 };
    },
  };
}
