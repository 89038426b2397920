import { describe, expect, it } from 'vitest';
import { credentialPlaces, securityLoss } from './security.ts';

const bearer = { type: 'http', scheme: 'bearer' };
const own = { in: 'header', name: 'Authorization' } as const;
const guarded = (scheme: string) => [{ security: [{ [scheme]: [] }] }];

describe('a credential that names its place alone', () => {
  it('is that of the scheme that fills the place', () => {
    expect(credentialPlaces({ components: { securitySchemes: { operator: bearer } } }, [own])).toEqual([{ ...own, scheme: 'operator' }]);
  });

  it('goes with every operation where several schemes fill the place: nobody can say which of them it is', () => {
    const document = { components: { securitySchemes: { metrics: bearer, operator: bearer } } };
    const places = credentialPlaces(document, [own]);
    expect(places).toEqual([own]);
    for (const scheme of ['metrics', 'operator']) {
      expect(securityLoss(document, guarded(scheme), places)).toEqual([
        { where: 'security', what: expect.stringContaining('those in upstream_auth are sent'), dropped: false },
      ]);
    }
  });
});
