import type { Door, DoorParts } from '../door.ts';
import type { AuthorizationServer } from './server.ts';

/** The same decisions as at `/authz`, asked by Envoy and its kin over gRPC (`envoy.service.auth.v3`), at an address of its own. */
export const grpcDoor = {
  name: 'grpc',
  open({ engine, grpcListen, socketMode = '660' }: Pick<DoorParts, 'engine' | 'grpcListen' | 'socketMode'>) {
    let server: AuthorizationServer | undefined;
    return {
      handle: () => false,
      async listen(reusePort: boolean) {
        if (grpcListen === undefined) return;
        // Only where somebody asks: gRPC costs a runtime memory that has no use for it.
        const { openAuthorization } = await import('./server.ts');
        server = await openAuthorization(engine, grpcListen, reusePort, socketMode);
      },
      close: async () => server?.close(),
    };
  },
} as const satisfies Door;
