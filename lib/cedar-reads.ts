/** What Cedar policies may read, by the variable; `Consumer`, `Tool` and `Action::"call"` are all the entities that there are. */
export const cedarVocabulary = {
  principal: ['labels'],
  action: [],
  resource: ['api', 'operation_id', 'method', 'read_only', 'destructive'],
  context: ['arguments', 'claims', 'scopes', 'address', 'time'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Variable = keyof typeof cedarVocabulary;
/** A chain such as `context.arguments.amount`: the variable, and the attributes below it. */
type Chain = readonly [variable: string, ...attributes: string[]];

/** What a set of policies reads of the call that is decided on. */
export type ContextReads = {
  /** Names of arguments; `all` where a policy looks at all of them at once. */
  readonly arguments: ReadonlySet<string> | 'all';
  /** Names of claims, in the same way. */
  readonly claims: ReadonlySet<string> | 'all';
  /** Names of labels that are read of the consumer. */
  readonly labels: ReadonlySet<string>;
  readonly address: boolean;
  readonly scopes: boolean;
  readonly time: boolean;
  /** Whether anything is read of who calls, and of what is called, besides their names. */
  readonly principal: boolean;
  readonly resource: boolean;
  /** Whether the context is read at all. */
  readonly any: boolean;
};

/** What policies read; each in Cedar's own JSON, as `policyToJson` gives it. */
export function readsOf(policies: readonly unknown[]): ContextReads {
  const chains = policies.flatMap(chainsIn);
  const below = (variable: Variable, attribute: string): ReadonlySet<string> | 'all' => {
    const found = chains.filter(([root, first]) => root === variable && (first === attribute || first === undefined));
    const names = found.map(([, , name]) => name);
    return names.includes(undefined) ? 'all' : new Set(names as string[]);
  };
  const inContext = (attribute: string): boolean =>
    chains.some(([root, first]) => root === 'context' && (first === attribute || first === undefined));
  // What is named outright is one of them, or nothing.
  const readsNamed = namesEntities(policies);
  const labels = below('principal', 'labels');
  return {
    arguments: below('context', 'arguments'),
    claims: below('context', 'claims'),
    labels: labels === 'all' ? new Set(chains.flatMap(([root, first, name]) => (root === 'principal' && first === 'labels' && name) || [])) : labels,
    address: inContext('address'),
    scopes: inContext('scopes'),
    time: inContext('time'),
    principal: readsNamed || chains.some(([root]) => root === 'principal'),
    resource: readsNamed || chains.some(([root]) => root === 'resource'),
    any: readsContext(policies),
  };
}

/** Whether any part of a policy reads the context. */
export const readsContext = (part: unknown): boolean => chainsIn(part).some(([root]) => root === 'context');

/** What a policy reads and nobody ever gives it, as a sentence each. */
export function attributeFaults(policy: unknown): string[] {
  const faults = chainsIn(policy).flatMap(([root, first]) => {
    if (!(root in cedarVocabulary) || first === undefined) return [];
    const known: readonly string[] = cedarVocabulary[root as Variable];
    if (known.includes(first)) return [];
    return [`reads ${root}.${first}, which there is not: there is ${known.map((name) => `${root}.${name}`).join(', ') || 'nothing below it'}`];
  });
  return [...new Set(faults)];
}

/** Whether a condition names an entity, such as `Tool::"orders_get"`, whose attributes it may then read. */
function namesEntities(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(namesEntities);
  if (typeof part !== 'object' || part === null) return false;
  return Object.entries(part).some(([name, value]) => name === '__entity' || namesEntities(value));
}

function chainsIn(part: unknown): Chain[] {
  if (Array.isArray(part)) return part.flatMap(chainsIn);
  if (typeof part !== 'object' || part === null) return [];
  const chain = chainAt(part);
  if (chain !== undefined) return [chain];
  return Object.entries(part).flatMap(([operator, operand]) => {
    // A literal holds no expression, and the members of a record may have any name.
    if (operator === 'Value') return [];
    if (operator === 'Record') return Object.values(operand as object).flatMap(chainsIn);
    return chainsIn(operand);
  });
}

/** `a.b`, `a has b` and `a` alone; undefined for any other expression. */
function chainAt(part: object): Chain | undefined {
  if ('Var' in part) return [String(part.Var)];
  const access = '.' in part ? part['.'] : 'has' in part ? part.has : undefined;
  if (typeof access !== 'object' || access === null || !('left' in access) || !('attr' in access)) return undefined;
  const left = typeof access.left === 'object' && access.left !== null ? chainAt(access.left) : undefined;
  // `a has b.c` is told as a list.
  return left === undefined ? undefined : [...left, ...[access.attr].flat().map(String)];
}
