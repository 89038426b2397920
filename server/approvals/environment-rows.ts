import type { environment_setting } from '@stoa/generated/prisma/client.ts';
import type { Environment } from '@stoa/generated/schemas.ts';

export const toEnvironment = (environment: string, row: Pick<environment_setting, 'four_eyes'> | null): Environment => ({
  environment,
  four_eyes: (row?.four_eyes ?? []) as Environment['four_eyes'],
});
