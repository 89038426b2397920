import { STATUS_CODES, ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { problem, sendProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { requestIdOf } from './request-id.ts';
import { proxySettings } from './client-address.ts';
import type { Logger } from './log.ts';
import { installQuickLane } from './quick/lane.ts';
import type { QuickHandler } from './quick/connection.ts';
import { askingForCertificates, contextOf, followCertificate, pairOf, tlsSettings } from './server-tls.ts';
import type { ClientCertificateSettings, TlsSettings } from './server-tls.ts';
import { setting } from './setting.ts';

/** Settings of every program that listens: spread them into its table. */
export const httpSettings = {
  ...proxySettings,
  ...tlsSettings,
  headersTimeout: setting.durationMs({
    default: '15s',
    minMs: 1,
    maxMs: 3_600_000,
    describe: 'How long the line and the headers of a request may take to arrive.',
  }),
  bodyTimeout: setting.durationMs({
    default: '30s',
    minMs: 1,
    maxMs: 3_600_000,
    describe: 'How long a whole request may take to arrive, its body included.',
  }),
};

export type HttpServerSettings = TlsSettings & ClientCertificateSettings & { readonly headersTimeout: number; readonly bodyTimeout: number };

/** Who takes over connections that ask for another protocol. */
export type UpgradeHandler = {
  /** Whether it answers this request. Every other one is answered as if it had asked for none (RFC 9110 §7.8). */
  wants(request: IncomingMessage): boolean;
  /** `head` is what came behind the request. Errors of the socket are its to take. */
  take(request: IncomingMessage, socket: Socket, head: Buffer): void;
};

/** Line and headers together: a query of 20 kB fits, with what proxies add. */
const maxHeaderBytes = 64 * 1024;
// Proxies keep idle connections for 60 s: closing ours earlier would race with their next request.
const keepAliveMs = 65_000;
/** How long a client may take to read why its connection ends. */
const lingerMs = 1000;

/**
 * The HTTP server of every program, over TLS where its settings name a certificate: it bounds how long a request may arrive, wants exactly one `Host`
 * (RFC 9112 §3.2), and says in problem details what is wrong with a request that never reaches `listener`. `quick` is asked first for requests in their plainest form.
 */
export function createHttpServer(
  settings: HttpServerSettings,
  listener: RequestListener,
  log: Logger,
  quick?: QuickHandler,
  upgrades?: UpgradeHandler,
): Server {
  const { headersTimeout, bodyTimeout } = settings;
  /** The latest request of each connection, for the one that is cut in its body. */
  const latest = new WeakMap<Duplex, ServerResponse>();
  const server = createListener(settings, log, {
    keepAliveTimeout: keepAliveMs,
    headersTimeout,
    // Node counts both from the first byte.
    requestTimeout: Math.max(headersTimeout, bodyTimeout),
    connectionsCheckingInterval: Math.min(1000, Math.ceil(Math.min(headersTimeout, bodyTimeout) / 4)),
    maxHeaderSize: maxHeaderBytes,
    // `hostFault` says it in our words.
    requireHostHeader: false,
    shouldUpgradeCallback: (request) => upgrades?.wants(request) ?? false,
  });
  if (upgrades !== undefined)
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => takeUpgrade(upgrades, request, socket as Socket, head));
  server.on('request', (request, response) => {
    latest.set(request.socket, response);
    const fault = hostFault(request);
    if (fault === undefined) listener(request, response);
    else sendProblem(response, problem(400, { detail: fault }), { connection: 'close' });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const content = problemOf(error.code ?? '');
    // Lost connections, ours that were ended a moment ago, and those that were only opened ahead.
    if (content === undefined || !socket.writable || (socket as { bytesRead?: number }).bytesRead === 0) socket.destroy();
    else refuse(socket, latest.get(socket), content);
  });
  if (quick !== undefined) installQuickLane(server, quick);
  return server;
}

function takeUpgrade(upgrades: UpgradeHandler, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const fault = hostFault(request);
  if (fault === undefined && upgrades.wants(request)) return upgrades.take(request, socket, head);
  // Before Node 24.9 none can be left to be answered as an ordinary request.
  const detail = fault ?? 'There is no other protocol here: leave out Upgrade.';
  const response = responseOn(request, socket);
  sendProblem(response, problem(400, { detail }), { connection: 'close' });
}

/** The answer to a request whose connection was taken from the server, which ends with it. */
export function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  socket.on('error', () => socket.destroy());
  response.once('finish', () => socket.destroySoon());
  return response;
}

function createListener(settings: HttpServerSettings, log: Logger, options: ServerOptions): Server {
  const pair = pairOf(settings);
  if (pair === undefined) return createServer(options);
  const asking = askingForCertificates(settings);
  const tls = { ...contextOf(pair), ...asking, handshakeTimeout: settings.headersTimeout, ALPNProtocols: ['http/1.1'] };
  const server = createTlsServer({ ...options, ...tls });
  if (asking.ca !== undefined) server.on('secureConnection', (socket) => tellRefused(socket, log));
  followCertificate(server, pair, log, undefined, asking.ca === undefined ? {} : { ca: asking.ca });
  return server;
}

/** A certificate that no authority vouches for is nobody's: why, is for whoever looks for the reason of a 401. */
function tellRefused(socket: TLSSocket, log: Logger): void {
  const certificate = socket.authorized ? undefined : socket.getPeerX509Certificate();
  if (certificate === undefined) return;
  const { subjectAltName: names, fingerprint256: fingerprint } = certificate;
  log.debug({ reason: String(socket.authorizationError), names, fingerprint }, 'A client certificate is not taken.');
}

/** A `Host` is a name or an address, and perhaps a port (RFC 3986 §3.2.2). */
const hostPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::\d*)?$/;

function hostFault({ rawHeaders, headers: { host }, httpVersion }: IncomingMessage): string | undefined {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (isHost(rawHeaders[index] ?? '')) count += 1;
  if (count > 1) return 'The request has several Host headers: send one.';
  if (count === 0) return httpVersion === '1.0' ? undefined : 'The request has no Host header: send one.';
  return hostPattern.test(host ?? '') ? undefined : 'The Host header is neither a name nor an address with a port.';
}

const isHost = (name: string): boolean => name.length === 4 && name.toLowerCase() === 'host';

function problemOf(code: string): Problem | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problem(408, { detail: 'The request took too long to arrive.' });
  if (code === 'HPE_HEADER_OVERFLOW') {
    return problem(431, { detail: `The line and the headers of the request are larger than ${maxHeaderBytes} bytes together.` });
  }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return problem(413, { detail: 'The extensions of a chunk are too large.' });
  return code.startsWith('HPE_') ? problem(400, { detail: 'The request is not well-formed HTTP.' }) : undefined;
}

function refuse(socket: Duplex, response: ServerResponse | undefined, content: Problem): void {
  const isAnswered = response === undefined || response.writableFinished;
  if (!isAnswered && response.headersSent) return void socket.destroy();
  if (!isAnswered && !response.req.complete) return answerNow(response, content);
  // Of what never became a request nothing is logged, and its answer can be named all the same.
  const requestId = randomUUID();
  const body = JSON.stringify({ ...content, request_id: requestId });
  socket.end(
    `HTTP/1.1 ${content.status} ${STATUS_CODES[content.status]}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  );
  // What the client still sends is read meanwhile: see `endAnswer`.
  const cut = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(cut));
}

/** Who waits for the body learns by the end of the connection that it will not come. */
function answerNow(response: ServerResponse, content: Problem): void {
  const requestId = requestIdOf(response);
  const body = JSON.stringify({ ...content, request_id: requestId });
  response.writeHead(content.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-request-id': requestId,
    connection: 'close',
  });
  response.end(body);
}
