import { isRecord } from '../../engine/compare.ts';

/** What Envoy's counters say, `name: value` of a line each. */
export function readings(text: string): (readonly [name: string, value: string])[] {
  return text.split('\n').flatMap((line): (readonly [string, string])[] => {
    const [, name = '', value = ''] = /^(\S+): (.*)$/.exec(line) ?? [];
    return name === '' ? [] : [[name, value.replace(/^"(.*)"$/, '$1')]];
  });
}

/** An object of JSON; undefined for any other text. */
export function parsed(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
