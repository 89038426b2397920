import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Metadata, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { ObservedRequest } from '@stoa/lib/telemetry/model.ts';
import type { RequestOrigin } from '@stoa/lib/client-address.ts';
import { certificateFromEscapedPem } from '@stoa/lib/client-certificate.ts';
import type { PresentedCertificate } from '@stoa/lib/client-certificate.ts';
import { authorizeRequest, meterUndecided } from '../../decide/authorize-request.ts';
import { settleCaller } from '../../decide/proofs/settle.ts';
import type { Engine } from '../../engine.ts';
import { matchTarget } from '../../snapshot/routes.ts';
import { isOffence } from '../challenge.ts';
import { misreadDenial, upgradeDenial } from '../denial.ts';
import { argumentsIn } from '../told-arguments.ts';
import { tellOfQuestion } from '../tell-of.ts';
import { overrideIn, upgradeIn } from '../overrides.ts';
import { checkResponse, denied, undecided } from './answer.ts';
import { Entrance } from './entrance.ts';
import { authorizationService } from './protocol.ts';
import type { CheckRequest, CheckResponse, HttpAttributes } from './protocol.ts';

/**
 * Of one question, headers and all. A larger one is an error of the call, by the protocol, which lets in where the filter has `failure_mode_allow`: so it is more than Envoy sends, whose headers
 * are 8 MiB at most.
 */
const maxQuestionBytes = 16 * 1024 * 1024;
const maxQuestionsAtOnce = 1024;
/** A question takes milliseconds; a refusal of a bad key up to some seconds. */
const drainMs = 5000;

export type AuthorizationServer = { /** Lets questions under way be answered. */ close(): Promise<void> };

/** Begins to answer questions. Throws an `ExpectedError` when the address cannot be used. */
export async function openAuthorization(engine: Engine, address: string, reusePort: boolean, socketMode: string): Promise<AuthorizationServer> {
  const server = new Server({ 'grpc.max_receive_message_length': maxQuestionBytes, 'grpc.max_concurrent_streams': maxQuestionsAtOnce });
  server.addService(authorizationService, {
    Check({ request, metadata }: ServerUnaryCall<CheckRequest, CheckResponse>, reply: sendUnaryData<CheckResponse>) {
      const observed = engine.telemetry?.observeCall(traceOf(metadata, request), 'grpc', 'envoy.service.auth.v3.Authorization/Check');
      decide(engine, request, observed).then(
        (response) => {
          reply(null, response);
          observed?.end(200);
        },
        (error: unknown) => {
          engine.log.error({ err: error, ...observed?.ids() }, 'A question could not be answered.');
          reply(null, undecided('The decision failed; the log of Link says why.'));
          observed?.end(500);
        },
      );
    },
  });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const entrance = new Entrance(address, (socket) => injector.injectConnection(socket));
  await entrance.open(reusePort, socketMode);
  return {
    async close() {
      const closed = entrance.close();
      injector.drain(drainMs);
      await closed;
      server.forceShutdown();
    },
  };
}

/** Of the question itself, else of the request that it is about. */
function traceOf(metadata: Metadata, { attributes }: CheckRequest): Readonly<Record<string, string>> {
  const text = (name: string): string => String(metadata.get(name)[0] ?? '');
  const own = { traceparent: text('traceparent'), tracestate: text('tracestate') };
  return own.traceparent === '' ? (attributes?.request?.http?.headers ?? {}) : own;
}

async function decide(engine: Engine, { attributes }: CheckRequest, observed: ObservedRequest | undefined): Promise<CheckResponse> {
  const http = attributes?.request?.http ?? {};
  const { method = '', path = '', headers = {} } = http;
  const address = attributes?.source?.address?.socket_address?.address;
  const urls = (): string[] => engine.frontUrls.map((url) => url + path);
  const proven = await settleCaller(engine, {
    snapshot: engine.snapshot,
    headers,
    origin: originOf(address),
    method,
    urls,
    certificate: certificateIn(attributes),
  });
  const { snapshot } = engine;
  const route = matchTarget(snapshot.matchRoute, method, path);
  const question = {
    snapshot,
    route,
    headers,
    proven,
    addressOf: () => address,
    bodyBytes: bodyBytesOf(http),
    argumentsOf: argumentsIn(path),
  };
  const override = overrideIn(headers, path, { leavesOutOurs: true });
  const upgrade = upgradeIn(headers);
  if (override !== undefined || upgrade !== undefined || !engine.ready) meterUndecided(engine, question, 'grpc');
  if (override !== undefined) return denied(misreadDenial(override));
  if (upgrade !== undefined) return denied(upgradeDenial(upgrade));
  if (!engine.ready) return undecided('No configuration has arrived yet.');
  const verdict = await authorizeRequest(engine, question, 'grpc');
  tellOfQuestion(observed, verdict, route);
  if (verdict.kind === 'unauthenticated' && isOffence(verdict)) await engine.refusalMayGo(originOf(address));
  return checkResponse(engine, verdict, http);
}

/** agentgateway tells 0 of a body that it does not send along, and the length that the caller told. The larger counts: whoever calls can make nothing smaller. */
function bodyBytesOf({ size, headers = {} }: HttpAttributes): number {
  const told = headers['content-length'] ?? '';
  return Math.max(0, Number(size ?? 0), /^\d{1,15}$/.test(told) ? Number(told) : 0);
}

/** Envoy tells of its client's certificate, once it has verified it, where it is set up to (`include_peer_certificate`). */
const certificateIn = (attributes: CheckRequest['attributes']): PresentedCertificate | undefined =>
  certificateFromEscapedPem(attributes?.source?.certificate ?? '');

/** Bad keys are slowed by whom the gateway tells of. */
const originOf = (address: string | undefined): RequestOrigin => ({ headers: {}, socket: { remoteAddress: address } as RequestOrigin['socket'] });
