#!/usr/bin/env bash
# @scalar/openapi-upgrader 0.4.9, upgrading a valid Swagger 2.0 document, loses bodies that are references to shared parameters: the
# operation has no requestBody and keeps a "parameter" that refers to #/components/requestBodies instead, which OpenAPI 3 does not allow.
# swagger2openapi 7.0.8 makes the requestBody. Seen with Node.js 24.
# Exits with 0 while this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @scalar/openapi-upgrader@0.4.9 swagger2openapi@7.0.8
cat > check.mjs <<'JS'
import { upgrade } from '@scalar/openapi-upgrader';
import converter from 'swagger2openapi';

const document = {
  swagger: '2.0',
  info: { title: 'Pets', version: '1' },
  consumes: ['application/json'],
  parameters: { Pet: { name: 'pet', in: 'body', required: true, schema: { type: 'object' } } },
  paths: {
    '/pets': { post: { parameters: [{ $ref: '#/parameters/Pet' }], responses: { 204: { description: 'ok' } } } },
  },
};
const pick = ({ paths }) => ({ body: paths['/pets'].post.requestBody, parameters: paths['/pets'].post.parameters });
const scalar = pick(upgrade(structuredClone(document), '3.0'));
const other = pick((await converter.convertObj(structuredClone(document), { patch: true, warnOnly: true })).openapi);
console.log('@scalar/openapi-upgrader:', JSON.stringify(scalar));
console.log('swagger2openapi:         ', JSON.stringify(other));
const isSo = scalar.body === undefined && scalar.parameters[0].$ref === '#/components/requestBodies/Pet' && other.body?.required === true;
process.exit(isSo ? 0 : 1);
JS
node check.mjs
