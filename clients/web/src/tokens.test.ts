import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name = '', light = '', dark = '']) => [
    name,
    { light, dark },
  ]),
);

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function ratio(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['ground', 'surface', 'sunken'];
const texts: [text: string, on: string[]][] = [
  ...['ink', 'ink-2'].map((name): [string, string[]] => [
    name,
    [...grounds, 'quiet-ground', 'accent-ground', 'good-ground', 'warn-ground', 'bad-ground'],
  ]),
  ...['accent', 'good', 'warn', 'bad'].map((name): [string, string[]] => [name, [...grounds, `${name}-ground`]]),
  ['on-accent', ['accent']],
  ['on-bad', ['bad']],
];

it.each(['light', 'dark'] as const)('each colour of text has a contrast of 4.5 to 1 with all that it stands on, in %s (WCAG 2.2 §1.4.3)', (theme) => {
  const of = (name: string) => colours.get(name)?.[theme] ?? '';
  const pairs = texts.flatMap(([text, on]) => on.map((ground) => ({ pair: `${text} on ${ground}`, ratio: ratio(of(text), of(ground)) })));
  expect(pairs.filter((one) => !(one.ratio >= 4.5))).toEqual([]);
});

it.each(['light', 'dark'] as const)('the edge of a field has a contrast of 3 to 1 with what is around it, in %s (WCAG 2.2 §1.4.11)', (theme) => {
  const of = (name: string) => colours.get(name)?.[theme] ?? '';
  expect(grounds.filter((ground) => !(ratio(of('edge'), of(ground)) >= 3))).toEqual([]);
});
