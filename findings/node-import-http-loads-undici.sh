#!/usr/bin/env bash
# Node.js 24.21.0 on Linux: `import 'node:http'` in an ES module loads undici, which `require('node:http')` does not.
#
# The names of an ES module are read when it is linked: for a built-in module that is each property of its exports. `http.WebSocket`, `http.CloseEvent` and
# `http.MessageEvent` are getters that load Node's own undici. A program that imports node:http and uses no WebSocket pays for it: about 60 ms of processor time
# and 14 MB of resident memory here. `process.getBuiltinModule('node:http')` and CommonJS do not. Bundlers that keep `import` for built-in modules keep the cost.
#
# Expected of an import: what is not used is not loaded. Ends with 0 while Node.js behaves as described.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0 >/dev/null
node="$dir/node_modules/.bin/node"
loaded="process.moduleLoadList.some((name) => name === 'NativeModule internal/deps/undici/undici')"
echo "import 'node:http'; console.log($loaded);" > imported.mjs
echo "process.getBuiltinModule('node:http'); console.log($loaded);" > asked.mjs
echo "require('node:http'); console.log($loaded);" > required.cjs
imported=$("$node" imported.mjs); asked=$("$node" asked.mjs); required=$("$node" required.cjs)
echo "$("$node" --version): undici is loaded after import: $imported, after getBuiltinModule: $asked, after require: $required"
[ "$imported $asked $required" = "true false false" ]
