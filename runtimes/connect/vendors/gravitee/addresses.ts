import { isIPv4 } from 'node:net';
import type { PolicyOf } from '../../engine/capabilities.ts';

const parse = (text: string): { address: string; bits: number } | undefined => {
  const [address = '', bits = '32', ...more] = text.split('/');
  return isIPv4(address) && /^\d{1,2}$/.test(bits) && Number(bits) <= 32 && more.length === 0 ? { address, bits: Number(bits) } : undefined;
};

/** A range of IPv6 matches nothing there, without a word. */
export function addressFault({ policy: { config } }: PolicyOf<'ip_restriction'>): string | undefined {
  const odd = [...(config.allow ?? []), ...(config.deny ?? [])].find((text) => parse(text) === undefined);
  return odd === undefined ? undefined : `names ${odd}, and Gravitee compares only IPv4 addresses and ranges`;
}

/**
 * Addresses and ranges as the policy `ip-filtering` takes them. The first and the last address of a range do not match it there, and ranges of one or two addresses match
 * nothing: these are named one by one.
 */
export function filtered(list: readonly string[]): string[] {
  const all = list.flatMap((text) => {
    const range = parse(text);
    if (range === undefined) return [];
    if (range.bits === 32) return [range.address];
    const size = 2 ** (32 - range.bits);
    const first = Math.floor(numberOf(range.address) / size) * size;
    const ends = [textOf(first), textOf(first + size - 1)];
    return range.bits === 31 ? ends : [`${textOf(first)}/${range.bits}`, ...ends];
  });
  return [...new Set(all)];
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const textOf = (number: number): string => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
