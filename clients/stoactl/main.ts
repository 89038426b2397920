import { runStoactl } from './run.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
// Who reads the output may have read enough: `stoactl get apis | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

// Not awaited: a single executable is a CommonJS script, which cannot wait at its top.
void runStoactl(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  isPerson: { in: process.stdin.isTTY === true, out: process.stdout.isTTY === true, err: process.stderr.isTTY === true },
  signal: stop.signal,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
}).then((code) => {
  // Connections that are kept alive hold nothing up; a pipe is written before the process ends by itself.
  process.exitCode = code;
  // Whoever pressed a key for a completion waits for nothing that goes on behind, such as a keyring that asks for its passphrase.
  if (process.argv[2] === '__complete') process.stdout.write('', () => process.exit(code));
  // Whoever was asked something may hold stdin open.
  process.stdin.unref?.();
});
