import { EventEmitter, once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpServer } from './http-server.ts';
import { closeGracefully, listen } from './listen.ts';
import { createLogger } from './log.ts';
import type { Logger } from './log.ts';
import { contextOf, followCertificate, tlsFault, tlsSettings } from './server-tls.ts';

const from = (name: string): string => join(import.meta.dirname, 'testing/tls', name);
const ca = ['ca.pem', 'renewed.pem'].map((name) => readFileSync(from(name)));
const given = { tlsCertFile: from('server.pem'), tlsKeyFile: from('server.key') };

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A directory with the files of a pair, which `put` exchanges. */
async function pairInDirectory() {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-tls-'));
  closers.push(() => rm(directory, { recursive: true }));
  const pair = { certFile: join(directory, 'cert.pem'), keyFile: join(directory, 'key.pem') };
  const put = async (certificate: string, key: string) => {
    await copyFile(from(certificate), pair.certFile);
    await copyFile(from(key), pair.keyFile);
  };
  await put('server.pem', 'server.key');
  return { pair, put };
}

/** A logger, and the wait for a line that it is told, or was. */
function listeningLog(): { log: Logger; told(pattern: RegExp): Promise<void> } {
  let lines = '';
  const lineCame = new EventEmitter();
  const write = (line: string): void => {
    lines += line;
    lineCame.emit('line');
  };
  const told = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(lines)) await once(lineCame, 'line');
  };
  return { log: createLogger({ program: 'test', level: 'info', destination: { write } }), told };
}

function ask(url: string, agent: Agent): Promise<{ body: string; certificate: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (response) => {
      const certificate = (response.socket as TLSSocket).getPeerCertificate().subject.CN;
      text(response).then((body) => resolve({ body, certificate: String(certificate) }), reject);
    });
    sent.once('error', reject).end();
  });
}

function agentOf(options: { keepAlive: boolean }): Agent {
  const agent = new Agent({ ...options, ca, maxSockets: 1 });
  closers.push(async () => agent.destroy());
  return agent;
}

async function following() {
  const { pair, put } = await pairInDirectory();
  const { log, told } = listeningLog();
  const server = createServer({ ...contextOf(pair) }, (_request, response) => response.end('here'));
  followCertificate(server, pair, log, 20);
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  closers.push(() => closeGracefully(server, 0));
  return { url, put, told };
}

describe('A program that was given a certificate', () => {
  it('speaks HTTP over TLS 1.2 and newer', async () => {
    const settings = { ...given, headersTimeout: 15_000, bodyTimeout: 30_000 };
    const server = createHttpServer(settings, (_request, response) => response.end('here'), createLogger({ program: 'test', level: 'silent' }));
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    closers.push(() => closeGracefully(server, 0));
    expect(url).toMatch(/^https:/);
    expect(await ask(url, agentOf({ keepAlive: false }))).toEqual({ body: 'here', certificate: 'plane.invalid' });
    const old = connect({
      port: Number(new URL(url).port),
      host: '127.0.0.1',
      ca,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const refused = await new Promise<NodeJS.ErrnoException>((resolve) => old.once('error', resolve));
    expect(refused.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('answers plain requests quickly on it, and leaves others to who listens, on one connection', async () => {
    const settings = { ...given, headersTimeout: 15_000, bodyTimeout: 30_000 };
    const log = createLogger({ program: 'test', level: 'silent' });
    const server = createHttpServer(
      settings,
      (_request, response) => response.end('listener'),
      log,
      ({ url: path }, reply) => {
        if (path !== '/quick') return false;
        reply.end('quick');
        return true;
      },
    );
    const url = await listen(server, { host: '127.0.0.1', port: 0 });
    closers.push(() => closeGracefully(server, 0));
    const kept = agentOf({ keepAlive: true });
    const bodies: string[] = [];
    for (const path of ['/quick', '/other', '/quick']) bodies.push((await ask(`${url}${path}`, kept)).body);
    expect(bodies).toEqual(['quick', 'listener', 'quick']);
  });

  it('gives new connections the new one, and drops none that is open', async () => {
    const { url, put, told } = await following();
    const kept = agentOf({ keepAlive: true });
    expect((await ask(url, kept)).certificate).toBe('plane.invalid');
    await put('renewed.pem', 'renewed.key');
    await told(/get the new TLS certificate/);
    expect((await ask(url, agentOf({ keepAlive: false }))).certificate).toBe('renewed.invalid');
    expect((await ask(url, kept)).certificate).toBe('plane.invalid');
  });

  it('goes on with the old one while the files do not fit together, and says so', async () => {
    const { url, put, told } = await following();
    await put('renewed.pem', 'server.key');
    await told(/is not the key of the certificate/);
    expect((await ask(url, agentOf({ keepAlive: false }))).certificate).toBe('plane.invalid');
  });
});

describe('The settings of a certificate', () => {
  it('are refused one without the other', () => {
    expect(tlsFault({ tlsCertFile: given.tlsCertFile })).toMatch(/^STOA_TLS_KEY_FILE is missing/);
    expect(tlsFault({ tlsKeyFile: given.tlsKeyFile })).toMatch(/^STOA_TLS_CERT_FILE is missing/);
    expect(tlsFault({})).toBeUndefined();
    expect(tlsFault(given)).toBeUndefined();
  });

  it('are refused when the key is of another certificate', () => {
    expect(tlsFault({ ...given, tlsKeyFile: from('renewed.key') })).toMatch(/is not the key of the certificate/);
  });

  it.each([
    ['a file that is not there', from('none.pem'), /ENOENT/],
    ['a file of something else', from('README.md'), /cannot be used/],
  ])('are refused for %s', (_name, path, says) => {
    expect(tlsSettings.tlsCertFile.parse(path)).toEqual({ fault: expect.stringMatching(says) });
    expect(tlsSettings.tlsKeyFile.parse(path)).toEqual({ fault: expect.stringMatching(says) });
  });
});
