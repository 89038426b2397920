import { describe, expect, it } from 'vitest';
import { compareDecimals, decimalOf, isMultipleOf, isWhole } from './decimal.ts';

describe('numbers as their text says them', () => {
  it.each([
    ['9007199254740993', '9007199254740992', 1],
    ['-9007199254740993', '-9007199254740992', -1],
    ['1e400', '9e399', 1],
    ['-1e400', '1e-400', -1],
    ['1.10', '11e-1', 0],
    ['-0', '0.000', 0],
    ['1e99999999999999999999', '1e5', 1],
    ['0.30000000000000004', '0.3', 1],
  ])('compares %s with %s', (a, b, expected) => {
    expect(Math.sign(compareDecimals(decimalOf(a), decimalOf(b)))).toBe(expected);
  });

  it.each([
    ['9007199254740993', true],
    ['1e400', true],
    ['120', true],
    ['0.0', true],
    ['9007199254740993.5', false],
    ['1e-400', false],
  ])('knows whether %s is whole', (text, expected) => {
    expect(isWhole(decimalOf(text))).toBe(expected);
  });

  it.each([
    ['9007199254740993', '3', true],
    ['9007199254740993', '2', false],
    ['19.99', '0.01', true],
    ['19.995', '0.01', false],
    ['1e999999999', '7', false],
    ['7e999999999', '7', true],
    ['0', '7', true],
    [`${'7'.repeat(100_000)}`, '7', true],
  ])('knows whether %s is a multiple of %s', (value, step, expected) => {
    expect(isMultipleOf(decimalOf(value), decimalOf(step))).toBe(expected);
  });
});
