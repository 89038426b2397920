import { nearestName } from '@stoa/lib/nearest-name.ts';
import { CommandError } from '../exit-codes.ts';
import { factsOf } from '../explain/facts.ts';
import type { Facts } from '../explain/facts.ts';
import { maxDepth } from '../explain/schema-tree.ts';
import type { SchemaMember } from '../explain/schema-tree.ts';
import { shapesOf, walk } from '../explain/shapes.ts';
import type { Shape } from '../explain/shapes.ts';
import { kindOf } from '../kinds.ts';
import type { Kind } from '../kinds.ts';
import { table } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

export type ExplainOptions = { recursive?: boolean; output: string };

/** A member with what is said of it, and with what it holds. */
type Told = { field: string; forms: Facts[]; fields?: Told[] };

/** Tells what a kind is, or one of its members, by the schemas of the contract. Asks no server. */
export async function explain(terminal: Terminal, text: string, { recursive = false, output }: ExplainOptions): Promise<void> {
  const [word = '', ...path] = text.split('.').map((part) => part.replace(/\[\]$/, ''));
  const kind = kindOf(word);
  const shapes = shapesOf(kind);
  const found = shapes.flatMap((shape) => {
    const { member, length } = walk(shape, path);
    return length < path.length ? [] : [{ of: shape.of, ...tell(shape, [kind.name, ...path], member, recursive ? Infinity : 1) }];
  });
  // A field that both shapes have is the manifest's: it is what people write.
  const told = path.length === 0 ? found : found.slice(0, 1);
  if (told.length === 0) throw unknownField(kind, shapes, path);
  if (output === 'json') terminal.out(`${JSON.stringify({ items: told }, null, 2)}\n`);
  else terminal.out(told.map(({ of, ...each }) => asText(each, titles[of])).join('\n'));
}

const titles = { manifest: 'in manifests', answer: 'as the server shows it' } as const;

/** With what it holds, as deep as is asked for. */
function tell({ tree }: Pick<Shape, 'tree'>, path: readonly string[], member: SchemaMember, depth: number): Told {
  const isTooDeep = depth === 0 || path.length > maxDepth;
  const fields = isTooDeep ? [] : tree.membersOf(member).map((inner) => tell({ tree }, [...path, inner.name], inner, depth - 1));
  const forms = oneOfEach(member.fields.map((field) => factsOf(tree, field)));
  return { field: path.join('.'), forms, ...(fields.length > 0 && { fields }) };
}

/** Forms of which the same is said are one. Where they differ in the values alone, such as in a word that tells them apart, all of these are allowed. */
function oneOfEach(forms: readonly Facts[]): Facts[] {
  const same = Map.groupBy(forms, ({ when: _when, allowed: _allowed, ...facts }) => JSON.stringify(facts));
  return [...same.values()].map((alike) => {
    const { when: _when, allowed: _allowed, ...facts } = alike[0] as Facts;
    const [allowed, cases] = [distinct(alike.flatMap((form) => form.allowed ?? [])), distinct(alike.flatMap(({ when }) => when ?? []))];
    const isTold = cases.length > 0 && allowed.length < alike.length;
    return { ...(isTold && { when: cases.join(' or ') }), ...facts, ...(allowed.length > 0 && { allowed }) };
  });
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

const toldAtMost = 3;
const maxNameLength = 64;

/** Names the member of nearly this name beside it, and those of this very name elsewhere. */
function unknownField(kind: Kind, shapes: readonly Shape[], path: readonly string[]): CommandError {
  const walks = shapes.map((shape) => ({ tree: shape.tree, ...walk(shape, path) }));
  const length = Math.max(0, ...walks.map((each) => each.length));
  const name = path[length] ?? '';
  const holder = [kind.name, ...path.slice(0, length)].join('.');
  const names = distinct(walks.flatMap((each) => (each.length === length ? each.tree.membersOf(each.member).map((member) => member.name) : [])));
  const near = nearestName(name.slice(0, maxNameLength), names);
  const elsewhere = shapes.flatMap(({ tree, root }) =>
    [...tree.everyMember(root)].flatMap((each) => (each.path.at(-1) === name ? [[kind.name, ...each.path].join('.')] : [])),
  );
  const meant = distinct([...(near === undefined ? [] : [`${holder}.${near}`]), ...elsewhere]).slice(0, toldAtMost);
  const holds = names.length === 0 ? 'It holds none.' : `It has ${names.join(', ')}.`;
  return new CommandError('usage', `${holder} has no field ${name}${meant.length === 0 ? `. ${holds}` : `: did you mean ${meant.join(' or ')}?`}`);
}

function asText({ field, forms, fields = [] }: Told, title: string): string {
  const parts = forms.map((form) =>
    linesOf(form)
      .map((line) => `  ${line}\n`)
      .join(''),
  );
  const held = fields.length === 0 ? [] : [`${indented(table(['FIELD', 'TYPE', 'MEANING'], rowsOf(fields, field.length + 1)))}`];
  return [`${field}, ${title}\n`, ...parts, ...held].join('\n');
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

function linesOf({ when, description, type, required, default: byDefault, allowed, must = [] }: Facts): string[] {
  return [
    ...(when === undefined ? [] : [`with      ${when}`]),
    ...(description === undefined ? [] : [`meaning   ${description}`]),
    `type      ${type}${required ? ', required' : ''}`,
    ...(byDefault === undefined ? [] : [`default   ${JSON.stringify(byDefault)}`]),
    ...(allowed === undefined ? [] : [`allowed   ${allowed.join(', ')}`]),
    ...must.map((demand) => `value     ${demand}`),
  ];
}

const rowsOf = (fields: readonly Told[], prefixLength: number): string[][] =>
  fields.flatMap(({ field, forms, fields: held = [] }) => [
    ...forms.map(({ when, type, required, description = '' }) => [
      field.slice(prefixLength),
      `${type}${required ? ', required' : ''}`,
      `${when === undefined ? '' : `(${when}) `}${description}`,
    ]),
    ...rowsOf(held, prefixLength),
  ]);
