import { expect, it } from 'vitest';
import { refusalOf } from './refusal.ts';

const words = { server: 'the server', remedyOf: () => undefined };
const told = (detail: string, errors: { pointer: string; message: string }[]): string => {
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  return refusalOf({ error: { detail, errors }, response: { status: 422, url: 'http://127.0.0.1/v1/x', headers } as never }, words).message;
};

it('tells one fault once, with its field, and several each on a line', () => {
  const fault = { pointer: '/body/api_id', message: 'there is no such API' };
  expect(told('There is no such API.', [fault])).toBe('There is no such API. (/body/api_id)');
  expect(told('The request is invalid.', [fault])).toBe('The request is invalid.\n  /body/api_id there is no such API');
  expect(told('There is no such API.', [fault, { pointer: '/body/name', message: 'is required' }])).toBe(
    'There is no such API.\n  /body/api_id there is no such API\n  /body/name is required',
  );
});
