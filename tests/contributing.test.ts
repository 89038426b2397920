import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { vendorNames } from '@stoa/connect/vendors/table.ts';
import { operations } from '@stoa/generated/operations.ts';
import { doorNames } from '@stoa/mcp/model.ts';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const text = read('CONTRIBUTING.md');
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The files that a recipe names, in its order. */
function filesOf(recipe: string): string[] {
  const section = text.split(/^### /m).find((part) => part.startsWith(recipe)) ?? '';
  return [...section.matchAll(/`((?:openapi|server|runtimes|contract-tests|examples|docs|prisma)\/[^`\s]+\.(?:ts|yaml|md|prisma))`/g)].map(
    ([, file = '']) => file,
  );
}

/** Which of these files do not hold a word. */
const without = (word: string, files: readonly string[]) => files.filter((file) => !new RegExp(`\\b${word}\\b`).test(read(file)));

describe('CONTRIBUTING.md', () => {
  it('names files that exist', () => {
    const named = [...text.matchAll(/`([a-z-]+\/[^`\s<*]+\.(?:ts|yaml|md|prisma))`/g)].map(([, file = '']) => file);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('tells of each operation where it is', () => {
    const recipe = filesOf('Add an operation');
    expect(recipe).toEqual(expect.arrayContaining(['openapi/paths/<operation-id>.yaml', 'server/operations/<area>/<operation-id>.ts']));
    const areas = readdirSync(join(root, 'server/operations'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const missing = Object.keys(operations).flatMap((id) => {
      const there = areas.some(({ name }) => existsSync(join(root, `server/operations/${name}/${kebab(id)}.ts`)));
      return [...(there ? [] : [`${id}: handler`]), ...(existsSync(join(root, `openapi/paths/${kebab(id)}.yaml`)) ? [] : [`${id}: document`])];
    });
    expect(missing).toEqual([]);
    expect(Object.keys(operations).flatMap((id) => without(id, ['server/handlers.ts']))).toEqual([]);
  });

  it('tells of each policy kind which files decide on it', () => {
    const files = filesOf('Add a policy kind').filter((file) =>
      /policies\.yaml|policy-.*faults|mcp\/snapshot\/policies|kong\/capabilities|policies\.test/.test(file),
    );
    expect(files).toHaveLength(5);
    const kinds = [...read('openapi/schemas/policies.yaml').matchAll(/const: ([a-z_]+)/g)].map(([, kind = '']) => kind);
    expect(kinds.length).toBeGreaterThanOrEqual(9);
    expect(kinds.flatMap((kind) => without(kind, files).map((file) => `${kind}: ${file}`))).toEqual([]);
  });

  it('tells of each vendor where its adapter, its simulator and its guide are', () => {
    const files = filesOf('Add a vendor').filter((file) => file.includes('<vendor>'));
    expect(files).toHaveLength(4);
    // A vendor whose real gateway runs in CI needs no simulator.
    const wanted = vendorNames.flatMap((vendor) =>
      files.filter((file) => !file.includes('-simulator/')).map((file) => file.replace('<vendor>', vendor)),
    );
    expect(wanted.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it('tells of each door which files name it', () => {
    const files = filesOf('Add a door').filter((file) => /common\.yaml|model|table|policies/.test(file));
    expect(files).toHaveLength(4);
    expect(doorNames).toContain('authz');
    expect(doorNames.flatMap((door) => without(door, files).map((file) => `${door}: ${file}`))).toEqual([]);
  });
});
