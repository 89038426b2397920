import { spawn } from 'node:child_process';

// `read` ends when the pipe does: with a line when we no longer need the watcher, without one when we were killed.
const script = `
  if read -r _; then exit 0; fi
  kill -INT "$1" 2>/dev/null || exit 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$1" 2>/dev/null || exit 0; done
  kill -QUIT "$1" 2>/dev/null`;

/**
 * Lets a small process of its own stop the server `pid` when this process is killed and cannot do so itself. Answers how to dismiss it, to be
 * called when the server has ended.
 */
export function watchOver(pid: number): () => void {
  if (process.platform === 'win32') return () => {};
  const watcher = spawn('/bin/sh', ['-c', script, 'stoa-postgres-watcher', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A group of its own, so that what ends us by our terminal does not end it too.
    detached: true,
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  // Without it everything works but this: a control plane that is killed leaves its server to the next start.
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  watcher.unref();
  return () => void watcher.stdin.end('dismissed\n');
}
