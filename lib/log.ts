import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { outgoingSettings } from './outgoing-settings.ts';
import { setting } from './setting.ts';
import { version } from './version.ts';

export type { Logger } from 'pino';

const maxWaitingBytes = 64 * 1024;
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof levels)[number];

/** Settings that every program has: spread them into its table. */
export const commonSettings = {
  logLevel: setting.choice({ choices: levels, default: 'info', describe: 'Least severe level that is logged.' }),
  ...outgoingSettings,
};

const confidential = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'token',
  'access_token',
  'refresh_token',
  'admin_token',
  'adminToken',
  'key',
  'api_key',
  'apiKey',
  'gateway_key',
  'gatewayKey',
  'secret',
  'client_secret',
  'clientSecret',
  'credential',
  'password',
  'databaseUrl',
  'httpProxy',
  'httpsProxy',
];

// An error from an HTTP client carries its request's headers three objects down; nothing we log is deeper.
const depths = ['', '*.', '*.*.', '*.*.*.'];
const redactedPaths = depths.flatMap((prefix) =>
  confidential.map((name) => (name.includes('-') ? `${prefix.replace(/\.$/, '')}["${name}"]` : `${prefix}${name}`)),
);

/**
 * A JSON logger to stderr, one object a line, with what could be a credential replaced by `[redacted]`.
 * stdout stays free for what a program has to say to the person who started it.
 */
export function createLogger(options: {
  program: string;
  level: LogLevel;
  destination?: DestinationStream /** Told of each line as well. */;
  also?: ((line: string) => void) | undefined;
}): Logger {
  return pino(
    {
      level: options.level,
      base: { program: options.program, version, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactedPaths, censor: '[redacted]' },
    },
    withAlso(options.destination ?? standardError(), options.also),
  );
}

function withAlso(destination: DestinationStream, also: ((line: string) => void) | undefined): DestinationStream {
  if (also === undefined) return destination;
  return {
    write(line) {
      destination.write(line);
      also(line);
    },
  };
}

/** A disk that is full or a terminal that was closed costs lines of the log, not the program: some wait until they can be written, the rest are dropped. */
function standardError(): DestinationStream {
  const destination = pino.destination({ fd: 2, sync: true, maxLength: maxWaitingBytes });
  destination.on('error', () => {});
  return destination;
}
