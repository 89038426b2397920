import { describe, expect, it } from 'vitest';
import { filtersHref, noFilters, parseFilters } from './filters.ts';

describe('filters in the address bar', () => {
  it('lesson 10: survive the way through a link', () => {
    const filters = { environment: 'pré prod&x', liveness: 'offline', search: 'a+b', sort: 'registered' };
    expect(parseFilters(new URL(filtersHref(filters), 'http://console').search)).toEqual(filters);
  });

  it('are absent when empty', () => {
    expect(parseFilters('?environment=&liveness=&search=')).toEqual(noFilters);
    expect(filtersHref(noFilters)).toBe('/gateways/modes');
  });
});
