import type { DoorName } from '@stoa/generated/schemas.ts';

import { authzDoor } from './authz/door.ts';
import type { Door } from './door.ts';
import { grpcDoor } from './grpc/door.ts';
import { mcpDoor } from './mcp/door.ts';
import { restDoor } from './rest/door.ts';

/** The doors that a runtime can open. */
export const doors = { mcp: mcpDoor, authz: authzDoor, rest: restDoor, grpc: grpcDoor } as const satisfies {
  readonly [Name in DoorName]: Door & { readonly name: Name };
};
