import management from '@stoa/generated/management.openapi.json' with { type: 'json' };
import manifests from '@stoa/generated/manifests.schema.json' with { type: 'json' };
import { kindNamed, kinds } from '../kinds.ts';
import type { Kind } from '../kinds.ts';
import { SchemaTree } from './schema-tree.ts';
import type { SchemaMember } from './schema-tree.ts';

const inManifests = new SchemaTree(manifests.$defs);
const inAnswers = new SchemaTree(management.components.schemas);

/** A kind in one of the shapes that it has: as a manifest, where there is one, and as the server shows it. */
export type Shape = { readonly of: 'manifest' | 'answer'; readonly tree: SchemaTree; readonly root: SchemaMember };

export function shapesOf({ name, schema = name }: Kind): Shape[] {
  const [manifest, answer] = [inManifests.root(`${name}Manifest`), inAnswers.root(schema)];
  return [
    ...(manifest === undefined ? [] : [{ of: 'manifest' as const, tree: inManifests, root: manifest }]),
    ...(answer === undefined ? [] : [{ of: 'answer' as const, tree: inAnswers, root: answer }]),
  ];
}

/** How far a path leads: the member there, and how many of its names that took. */
export function walk({ tree, root }: Shape, path: readonly string[]): { member: SchemaMember; length: number } {
  let member = root;
  for (const [length, name] of path.entries()) {
    const inner = tree.memberOf(member, name);
    if (inner === undefined) return { member, length };
    member = inner;
  }
  return { member, length: path.length };
}

/** What may be asked for that begins like this, each whole. */
export function fieldNames(typed: string): string[] {
  const parts = typed.split('.');
  if (parts.length === 1) return kinds.map(({ plural }) => plural);
  const [word = '', ...path] = parts.slice(0, -1);
  const kind = kindNamed(word);
  const names = (kind === undefined ? [] : shapesOf(kind)).flatMap((shape) => {
    const { member, length } = walk(shape, path);
    return length === path.length ? shape.tree.membersOf(member).map(({ name }) => name) : [];
  });
  return [...new Set(names)].map((name) => [word, ...path, name].join('.'));
}
