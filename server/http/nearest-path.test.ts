import { describe, expect, it } from 'vitest';
import { nearestPath } from './nearest-path.ts';

const id = '0c0ffee0-0000-4000-8000-000000000000';

describe('the nearest path', () => {
  it.each([
    ['/v1/api', '/v1/apis'],
    ['/v1/gateways/', '/v1/gateways'],
    ['/V1/gateways', '/v1/gateways'],
    ['/apis', '/v1/apis'],
    [`/v1/api/${id}`, `/v1/apis/${id}`],
    [`/v1/apis/${id}/revision/2`, `/v1/apis/${id}/revisions/2`],
    ['/v1//plans', '/v1/plans'],
  ])('to %s is %s', (given, meant) => expect(nearestPath(given)).toBe(meant));

  it.each([`/v1/nothing-of-the-kind/${id}`, '/', '/favicon.png', `/v1/apis/${'x'.repeat(300)}`, '/v1/apis/1/2/3/4'])('to %s is none', (given) =>
    expect(nearestPath(given)).toBeUndefined(),
  );
});
