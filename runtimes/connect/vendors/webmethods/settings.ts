import { setting } from '@stoa/lib/settings.ts';

/** What only a webMethods API Gateway needs to be told. */
export const webmethodsSettings = {
  webmethodsApiVersion: setting.string({
    optional: true,
    describe: 'Version that every API gets in webMethods, which is part of its path (/gateway/NAME/VERSION/…); 1.0 when absent.',
    matches: { pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, says: 'must be 1 to 64 letters, digits, ".", "_" or "-"' },
  }),
};
