import { setting } from '@stoa/lib/settings.ts';

const id = { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, says: 'must be 1 to 128 letters, digits, ".", "_" or "-"' };

/** What only a Gravitee needs to be told. */
export const graviteeSettings = {
  graviteeOrganization: setting.string({ optional: true, describe: 'Organization in Gravitee; DEFAULT when absent.', matches: id }),
  graviteeEnvironment: setting.string({
    optional: true,
    describe: 'Environment in Gravitee that the APIs are made in; DEFAULT when absent.',
    matches: id,
  }),
  graviteeApiKeyHeader: setting.string({
    optional: true,
    describe: 'Header that this Gravitee reads keys from, as its gravitee.yml says (`policy.api-key.header`); X-Gravitee-Api-Key when absent.',
    matches: { pattern: /^[A-Za-z0-9-]{1,64}$/, says: 'must be the name of a header' },
  }),
};

/** What Gravitee reads keys from where nobody has told it otherwise. */
export const usualKeyHeader = 'X-Gravitee-Api-Key';
