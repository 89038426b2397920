import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { sendUnaryData } from '@grpc/grpc-js';
import { createServer } from 'node:http';
import { authorizationService } from '@stoa/mcp/doors/grpc/protocol.ts';
import type { CheckResponse } from '@stoa/mcp/doors/grpc/protocol.ts';

// The same over gRPC, by the library that Link speaks it with. PORT answers HTTP, to say that it is there; GRPC_PORT is where it is asked.
const server = new Server();
const yes: CheckResponse = { status: { code: 0 }, ok_response: { headers: [], headers_to_remove: [] } };
server.addService(authorizationService, { Check: (_call: unknown, reply: sendUnaryData<CheckResponse>) => reply(null, yes) });
server.bindAsync(`127.0.0.1:${process.env['GRPC_PORT']}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  createServer((_request, response) => response.end()).listen(Number(process.env['PORT']), '127.0.0.1');
});
process.on('SIGTERM', () => process.exit(0));
