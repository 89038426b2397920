/** Members of the contract's shapes whose texts are secrets, wherever they stand. */
export const secretMembers: ReadonlySet<string> = new Set([
  'secret',
  'client_secret',
  'private_key',
  'password',
  'code',
  'token',
  'value',
  'sealed',
  'url',
]);
/** Members that map names to texts which may be secrets: headers that a policy sets often carry a key. */
export const secretMaps: ReadonlySet<string> = new Set(['set']);

export const notKept = '[not kept]';

/** A copy of a state without what is secret in it: that it was there is told, and no more. */
export function withoutSecrets(state: unknown): unknown {
  if (Array.isArray(state)) return state.map(withoutSecrets);
  if (typeof state !== 'object' || state === null) return state;
  return Object.fromEntries(
    Object.entries(state).map(([member, value]) => {
      if (secretMembers.has(member) && typeof value === 'string') return [member, notKept];
      if (secretMaps.has(member) && isMap(value)) return [member, Object.fromEntries(Object.keys(value).map((name) => [name, notKept]))];
      return [member, withoutSecrets(value)];
    }),
  );
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
