import type { ContentAction, ContentDetector, ContentGuard } from '@stoa/generated/schemas.ts';
import { describe, expect, it } from 'vitest';
import { charactersRead } from '@stoa/lib/testing/characters-read.ts';
import { detectors } from './detectors.ts';
import { ContentInspection } from './content-inspection.ts';

const json = 'application/json';
const inspect = (guard: ContentGuard, text: string | Buffer, type = json) => {
  const { body, findings } = new ContentInspection('p', guard).inspect(Buffer.from(text as string), type);
  return { text: body.toString(), found: findings.map(({ name, action }) => `${action} ${name}`) };
};
const looking = (detector: ContentDetector, action: ContentAction = 'mask'): ContentGuard => ({ detectors: [{ detector, action }] });
// Put together here, so that no scanner of repositories takes them for real.
const join = (...parts: string[]) => parts.join('');

it('numbers of which each could begin a card cost few looks each', () => {
  const text = '4 '.repeat(20_000);
  const read = charactersRead(() => expect(detectors.payment_card(text)).toEqual([]));
  expect(read).toBeLessThan(100 * text.length);
});

describe('what is looked for by its kind', () => {
  it.each<[ContentDetector, string, string]>([
    ['payment_card', 'paid by 4111 1111 1111 1111.', 'paid by [payment_card].'],
    ['payment_card', 'n 378282246310005', 'n [payment_card]'],
    ['payment_card', '3 4111111111111111 12/29', '3 [payment_card] 12/29'],
    ['iban', 'AB12 DE89 3704 0044 0532 0130 00', 'AB12 [iban]'],
    ['payment_card', '5555-5555-5555-4444 and 6011111111111117', '[payment_card] and [payment_card]'],
    ['iban', 'to FR14 2004 1010 0505 0001 3M02 606 AND more', 'to [iban] AND more'],
    ['iban', 'DE89370400440532013000', '[iban]'],
    ['email', 'write to ada.martin+x@mail.example.com, please', 'write to [email], please'],
    ['phone', 'call +33 1 42 68 53 00 now', 'call [phone] now'],
    ['access_token', join('key AKIA', 'IOSFODNN7EXAMPLE here'), 'key [access_token] here'],
    ['access_token', join('gh', 'p_', 'a'.repeat(36)), '[access_token]'],
    ['access_token', join('ey', 'JhbGciOiJub25lIn0.ey', 'JzdWIiOiJhZGEifQ.c2ln'), '[access_token]'],
    ['access_token', join('stoa', '_ck_', 'a1B2'.repeat(8)), '[access_token]'],
    ['private_key', join('a -----BEGIN EC PRIVATE', ' KEY-----\nMHc\n-----END EC PRIVATE', ' KEY----- b'), 'a [private_key] b'],
    ['private_key', join('-----BEGIN PRIVATE', ' KEY-----\nMIG'), '[private_key]'],
  ])('%s in %s', (detector, text, masked) => {
    expect(inspect(looking(detector), text, 'text/plain')).toEqual({ text: masked, found: [`mask ${detector}`] });
  });

  it.each<[ContentDetector, string]>([
    ['payment_card', '4111 1111 1111 1112'],
    ['payment_card', '1234567812345670'],
    ['payment_card', '0.4111111111111111'],
    ['payment_card', 'a4111111111111111'],
    ['payment_card', '41111111111111110000000'],
    ['iban', 'FR14 2004 1010 0505 0001 3M02 607'],
    ['iban', 'XX14 2004 1010 0505 0001 3M02 606'],
    ['email', 'ada at example.com, @ada, ada@host'],
    ['phone', '01 42 68 53 00 and 2+2=4 and +1 2'],
    ['access_token', 'AKIA is a beginning, and sk-learn a library'],
    ['private_key', '-----BEGIN PUBLIC KEY-----'],
  ])('no %s in %s', (detector, text) => {
    expect(inspect(looking(detector), text, 'text/plain')).toEqual({ text, found: [] });
  });
});

describe('JSON', () => {
  const guard = looking('payment_card');
  it('is looked into text by text and number by number, whatever is escaped, and is else left as it was written', () => {
    const text = '{ "a":4111111111111111, "big": 12345678901234567890.10, "\\u0034111111111111111":["x 4\\u003111111111111111 y"],"a":1e400}';
    expect(inspect(guard, text)).toEqual({
      text: '{ "a":"[payment_card]", "big": 12345678901234567890.10, "[payment_card]":["x [payment_card] y"],"a":1e400}',
      found: ['mask payment_card'],
    });
  });

  it('is JSON by what it says and not by its type', () => {
    expect(inspect(guard, '["4\\u003111111111111111"]', 'application/octet-stream').text).toBe('["[payment_card]"]');
  });

  it('may be no deeper than a policy says; brackets in texts count for nothing', () => {
    expect(inspect({ max_depth: 2 }, '{"a":["[[[[", "\\"[["]}').found).toEqual([]);
    expect(inspect({ max_depth: 2 }, '{"a":[[]]}').found).toEqual(['refuse depth']);
  });
});

it('a form is looked into by what it says', () => {
  const type = 'application/x-www-form-urlencoded';
  expect(inspect(looking('payment_card'), 'a=1+2&card=4111%31111+1111%201111&b=%20', type).text).toBe('a=1+2&card=%5Bpayment_card%5D&b=%20');
});

it('text in another charset is masked byte by byte, and what is no text is left alone', () => {
  const bytes = Buffer.from('caf\xe9 4111111111111111', 'latin1');
  const { body } = new ContentInspection('p', looking('payment_card')).inspect(bytes, 'text/plain; charset=iso-8859-1');
  expect(body.toString('latin1')).toBe('caf\xe9 [payment_card]');
  expect(new ContentInspection('p', looking('payment_card')).inspect(bytes, 'image/png')).toEqual({ body: bytes, findings: [] });
});

it('patterns have their say, each by its action, and what is masked is not found again', () => {
  const pattern = (name: string, source: string, action: ContentAction) => ({ name, pattern: source, action });
  const guard: ContentGuard = {
    patterns: [pattern('code', 'Falcon|😀+', 'mask'), pattern('again', 'Falcon', 'refuse'), pattern('word', 'is', 'report')],
  };
  expect(inspect(guard, 'this is Falcon 😀😀!', 'text/plain')).toEqual({ text: 'this is [code] [code]!', found: ['mask pattern', 'report pattern'] });
});

it('a text that is too long for its pattern is refused, and let through where nothing but reports is asked for', () => {
  const text = 'x'.repeat(900_000);
  const patterns = (action: ContentAction): ContentGuard => ({ patterns: [{ name: 'long', pattern: 'a[bc]{50}d', action }] });
  expect(inspect(patterns('mask'), text, 'text/plain').found).toEqual(['refuse unreadable']);
  expect(inspect(patterns('report'), text, 'text/plain')).toEqual({ text, found: ['report unreadable'] });
});

it('a body that is too large is refused, of the usual size or of the one that a policy says', () => {
  expect(inspect({ max_bytes: 3 }, 'abcd').found).toEqual(['refuse size']);
  expect(inspect({ max_bytes: 4 }, 'abcd')).toEqual({ text: 'abcd', found: [] });
  expect(inspect({ max_depth: 9 }, 'x'.repeat(1024 * 1024 + 1)).found).toEqual(['refuse size']);
});

it('where nothing can be masked, what would be is refused', () => {
  const findings = (action: ContentAction) => new ContentInspection('p', looking('email', action)).inspectTexts(['a', 'ada@example.com']);
  expect([findings('mask'), findings('report')]).toMatchObject([[{ action: 'refuse' }], [{ action: 'report' }]]);
});
