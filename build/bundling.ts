import type { Plugin } from 'esbuild';

/**
 * An `import` of `node:http` has Node.js read each of its exports, and one of them is a getter that loads undici: 60 ms of processor time and 14 MB in each
 * program, for a WebSocket that nobody asked for. Taken as a whole, the module gives what is used.
 */
export const httpWithoutUndici: Plugin = {
  name: 'http-without-undici',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) => (kind === 'import-statement' ? { path: 'http', namespace: 'built-in' } : undefined));
    onLoad({ filter: /^http$/, namespace: 'built-in' }, () => ({ contents: `module.exports = process.getBuiltinModule('node:http');` }));
  },
};

/**
 * A single character outside of Latin-1 makes V8 hold the whole text in two bytes a character, which are as many megabytes again as the program
 * has. esbuild escapes them in code; what is left stands in comments.
 */
export const inOneByte = (code: string): string => code.replaceAll(/[^\0-\x7f]/g, '?');

/** A build may be called otherwise than package.json says: tests update from a lower version to this one. */
export const versioned = (version: string): Plugin => ({
  name: 'versioned',
  setup({ onLoad }) {
    onLoad({ filter: /\/lib\/version\.ts$/ }, () => ({ loader: 'ts', contents: `export const version: string = ${JSON.stringify(version)};` }));
  },
});
