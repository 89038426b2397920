import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { matrixFaults } from '@stoa/openapi/generator/emit-product-choice.ts';
import { commandLine } from './command-line.ts';

const cli = commandLine({ STOA_CONFIG: '/nowhere/config.yaml' });

it.each([
  ['--kubernetes no', 'connect'],
  ['--kubernetes no --replace-gateway yes --enforcement full', 'connect'],
  ['--kubernetes yes --replace-gateway yes', 'gateway'],
  ['--kubernetes yes --replace-gateway yes --enforcement sync', 'gateway'],
  ['--kubernetes yes --replace-gateway no --enforcement full', 'link'],
  ['--kubernetes yes --replace-gateway no --enforcement sync', 'connect'],
  ['--kubernetes yes --replace-gateway no --enforcement none', 'link'],
])('stoactl choose %s leads to %s, as the decision on the products says, without a server or a sign-in', async (flags, product) => {
  const { code, out } = await cli.run(['choose', ...flags.split(' '), '-o', 'json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({
    product,
    reason: expect.stringMatching(/^[A-Z].*\.$/),
    install: expect.stringMatching(new RegExp(`bin/stoa.${product}$`)),
  });
});

it('names the flag that is missing where nobody can be asked, and refuses an answer that there is not', async () => {
  expect(await cli.run(['choose', '--kubernetes', 'yes'])).toMatchObject({ code: 2, err: expect.stringContaining('--replace-gateway yes|no') });
  expect((await cli.run(['choose', '--kubernetes', 'maybe'])).code).toBe(2);
});

it('asks a person, in order, what is not said yet, and once more when an answer is none', async () => {
  const { code, out, err } = await cli.run(['choose', '--kubernetes', 'yes'], { stdin: 'what\nno\nsync\n', person: true });
  expect([code, out]).toEqual([0, expect.stringContaining('STOA Connect.')]);
  expect(err.match(/take the place/g)).toHaveLength(2);
});

it('a matrix with a gap is not generated', () => {
  const questions = { a: { text: 'A?', answers: { yes: '', no: '' } } };
  const products = { link: { name: 'Link', install: '' } };
  expect(matrixFaults({ questions, products, choices: [{ when: { a: 'yes' }, product: 'link', reason: '' }] })).toEqual(['No row fits {"a":"no"}.']);
  expect(matrixFaults({ questions, products, choices: [{ when: {}, product: 'x', reason: '' }] })).toEqual(['There is no product x.']);
});

it('the guide shows what the matrix says', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/stoactl.md'), 'utf8');
  expect(guide).toContain('stoactl choose');
});
