import type { Request } from 'express';
import type { ServerContext } from '../context.ts';
import type { SignInBrake } from './sign-in-brake.ts';

/** What the pages of signing in share. */
export type IdentityContext = ServerContext & {
  readonly brake: SignInBrake;
  /** Under which address to count what a caller does wrong. */
  readonly addressOf: (request: Request) => string;
};
