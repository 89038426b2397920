import { describe, expect, it } from 'vitest';
import { filtersHref, parseFilters } from './filters.ts';

describe('filters in the address bar', () => {
  it('lesson 10: survive the way through a link', () => {
    const filters = { environment: 'pré prod&x', liveness: 'offline' };
    expect(parseFilters(new URL(filtersHref(filters), 'http://console').search)).toEqual(filters);
  });

  it('are absent when empty', () => {
    expect(parseFilters('?environment=&liveness=')).toEqual({ environment: undefined, liveness: undefined });
    expect(filtersHref({ environment: undefined, liveness: undefined })).toBe('/gateways/modes');
  });
});
