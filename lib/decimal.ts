/** A number as its text says it: `sign` × 0.`digits` × 10^`exponent`. Neither end of `digits` is a zero, and zero has none. */
export type Decimal = { readonly sign: -1 | 0 | 1; readonly digits: string; readonly exponent: number };

const zero: Decimal = { sign: 0, digits: '', exponent: 0 };
/** Nobody tells numbers beyond it apart, and up to it sums of exponents are exact. */
const maxExponent = 1e15;
const zeroCode = 0x30;

/** Reads a number as JSON writes it (RFC 8259 §6), in time that grows with its length alone: `1e999999999` is never expanded. */
export function decimalOf(text: string): Decimal {
  const [, minus, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  let start = 0;
  while (digits.charCodeAt(start) === zeroCode) start += 1;
  if (start === digits.length) return zero;
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === zeroCode) end -= 1;
  const power = Math.max(-maxExponent, Math.min(maxExponent, Number(exponent)));
  return { sign: minus === '' ? 1 : -1, digits: digits.slice(start, end), exponent: power + whole.length - start };
}

/** Negative when `a` is the smaller one, 0 when they are the same number. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.exponent !== b.exponent) return a.sign * (a.exponent - b.exponent);
  if (a.digits === b.digits) return 0;
  // Of two fractions the text decides, as no digits end in a zero.
  return a.digits < b.digits ? -a.sign : a.sign;
}

export function isWhole({ digits, exponent }: Decimal): boolean {
  return exponent >= digits.length;
}

/** Whether `value` is a whole number of times `step`, which is not zero. */
export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  if (value.sign === 0) return true;
  const shift = value.exponent - value.digits.length - (step.exponent - step.digits.length);
  // The digits of a value do not end in a zero: no ten is left to divide by.
  if (shift < 0) return false;
  const divisor = BigInt(step.digits);
  return (remainder(value.digits, divisor) * powerOfTen(shift, divisor)) % divisor === 0n;
}

/** Digit groups one after the other, since a division of a million digits at once would take a second. */
function remainder(digits: string, divisor: bigint): bigint {
  let rest = 0n;
  for (let at = 0; at < digits.length; at += 15) {
    const group = digits.slice(at, at + 15);
    rest = (rest * 10n ** BigInt(group.length) + BigInt(group)) % divisor;
  }
  return rest;
}

function powerOfTen(power: number, divisor: bigint): bigint {
  let result = 1n;
  let square = 10n % divisor;
  for (let left = BigInt(power); left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % divisor;
    square = (square * square) % divisor;
  }
  return result;
}
