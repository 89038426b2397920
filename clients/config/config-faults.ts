import { nearestName } from '@stoa/lib/nearest-name.ts';

const contextName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What is wrong with the name of a context, as the end of a sentence; undefined when nothing is. */
export const nameFault = (name: string): string | undefined =>
  contextName.test(name) ? undefined : 'must be letters, digits, ".", "_" and "-", 63 at most, beginning with a letter or digit';

/** What is wrong with the address of a Control Plane, as the end of a sentence; undefined when nothing is. */
export function serverFault(server: unknown): string | undefined {
  const url = typeof server === 'string' && URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'must be a URL such as https://stoa.example';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password: sign in with a token';
  if (url.search !== '' || url.hash !== '') return 'must not have a query or a fragment: remove it';
  return undefined;
}

type Rule = (value: unknown) => string | undefined;
const text: Rule = (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be text');
const contextRules: Readonly<Record<string, Rule>> = {
  server: serverFault,
  ca_file: text,
  token: (value) => (['keyring', 'sealed', 'file'].includes(value as string) ? undefined : 'must be one of keyring, sealed, file'),
};

/** Every fault of a parsed file, each a sentence that names the place. */
export function configFaults(value: unknown): string[] {
  if (!isRecord(value)) return ['must be a mapping with contexts.'];
  const faults = unknownKeys(value, ['current_context', 'contexts'], '');
  const { current_context: current, contexts = {} } = value;
  if (current !== undefined && typeof current !== 'string') faults.push('current_context must be the name of a context.');
  if (!isRecord(contexts)) return [...faults, 'contexts must be a mapping of names to contexts.'];
  for (const [name, context] of Object.entries(contexts)) {
    const place = `contexts.${name}`;
    const wrongName = nameFault(name);
    if (wrongName !== undefined) faults.push(`the name of ${place} ${wrongName}.`);
    if (!isRecord(context)) {
      faults.push(`${place} must be a mapping with a server.`);
      continue;
    }
    faults.push(...unknownKeys(context, Object.keys(contextRules), `${place}.`));
    for (const [key, rule] of Object.entries(contextRules)) {
      if (context[key] === undefined && key !== 'server') continue;
      const fault = rule(context[key]);
      if (fault !== undefined) faults.push(`${place}.${key} ${fault}.`);
    }
  }
  return faults;
}

function unknownKeys(value: Record<string, unknown>, known: readonly string[], prefix: string): string[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearestName(key, known);
      return `${prefix}${key} is unknown${meant === undefined ? `: there are ${known.join(', ')}` : `: did you mean ${meant}?`}.`.replace('?.', '?');
    });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
