import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const prelude = `import type { ControlPlaneHandlers } from '@stoa/generated/handlers.ts';
import { handlers } from './handlers.ts';
`;

// The file lies where the server's own table does, in the compiler's memory only.
const path = join(root, 'server/handler-table.fixture.ts');

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(root, 'tsconfig.json'), (name) => ts.sys.readFile(name)).config,
  ts.sys,
  root,
);
let fixture = '';
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists, readFile } = host;
host.fileExists = (name) => name === path || fileExists.call(host, name);
host.readFile = (name) => (name === path ? fixture : readFile.call(host, name));
/** Every other file is the same in each compilation, and most of the work is reading them. */
const parsed = new Map<string, ts.SourceFile | undefined>();
host.getSourceFile = (name, ...rest) => {
  if (name === path) return ts.createSourceFile(name, fixture, ts.ScriptTarget.ES2024, true);
  if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, ...rest));
  return parsed.get(name);
};
let program: ts.Program | undefined;

/** The compiler's messages for a file beside server/handlers.ts. */
function compile(code: string): string[] {
  fixture = prelude + code;
  program = ts.createProgram([path], options, host, program);
  return program.getSemanticDiagnostics(program.getSourceFile(path)).map((found) => ts.flattenDiagnosticMessageText(found.messageText, ' '));
}

describe('the generated handler table', () => {
  it('takes the whole table', () => {
    expect(compile('export const table = { ...handlers } satisfies ControlPlaneHandlers<never>;')).toEqual([]);
  });

  it('does not compile without an operation', () => {
    expect(compile('const { heartbeat: _gone, ...rest } = handlers; export const table: ControlPlaneHandlers<never> = rest;').join()).toContain(
      'heartbeat',
    );
  });

  it('does not compile with a misspelt operation', () => {
    const messages = compile(
      'const { heartbeat, ...rest } = handlers; export const table: ControlPlaneHandlers<never> = { ...rest, hartbeat: heartbeat };',
    );
    expect(messages.join()).toMatch(/hartbeat|heartbeat/);
  });

  it('does not compile with an answer of another shape', () => {
    const messages = compile(
      "export const table: ControlPlaneHandlers<never> = { ...handlers, getHealth: async () => ({ status: 200, body: { status: 'fine' } }) };",
    );
    expect(messages.join()).toContain('fine');
  });

  it('does not compile with a status that the contract does not know', () => {
    const messages = compile(
      "export const table: ControlPlaneHandlers<never> = { ...handlers, getHealth: async () => ({ status: 202, body: { status: 'ok' } }) };",
    );
    expect(messages.join()).toContain('202');
  });
});
