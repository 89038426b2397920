import { expect, it } from 'vitest';
import { apiItem } from '../../testing/fixtures.ts';
import { locationOf } from './location.ts';

const item = apiItem({ upstream: { url: 'https://api.example', auth: { header: 'x-key', value: 's3cret/+' } } });
const answered = (status: number, location: string | undefined) =>
  locationOf({ kind: 'answered', status, contentType: '', location, body: Buffer.alloc(0) }, item);

it('tells where a redirect leads', () => {
  expect(answered(301, '/orders/')).toBe(' Its Location is /orders/; the gateway does not follow it.');
});

it.each(['s3cret/+', 's3cret%2F%2B'])('leaves out our own credential when it is spelt %s', (spelling) => {
  expect(answered(301, `/orders/?key=${spelling}&a=1`)).toContain('/orders/?key=***&a=1;');
});

it('says nothing of other answers', () => {
  expect(answered(201, '/orders/7') + answered(304, undefined)).toBe('');
});
