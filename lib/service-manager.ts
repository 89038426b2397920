import type { Logger } from './log.ts';

export type ServiceManager = {
  /** The service is up. From now on the watchdog is fed, where there is one. */
  ready(): void;
  /** The service ends by itself or was told to: the watchdog is fed no more. */
  stopping(): void;
};

type Environment = Readonly<Record<string, string | undefined>>;
export type Tell = (words: readonly string[], onError: (error: Error) => void) => void;

const nobody: ServiceManager = { ready() {}, stopping() {} };

/**
 * Tells systemd how a service of `Type=notify` is (sd_notify(3)), and nobody where there is no `NOTIFY_SOCKET`. That socket is a datagram socket of the Unix
 * family, which Node.js has none of: systemd's own program carries the words, once every half `WatchdogSec`. A native module would be one for each platform.
 * A turn of the event loop sends each: a process that hangs is restarted.
 */
export function serviceManager(log: Logger, env: Environment = process.env, tell: Tell = bySystemdNotify): ServiceManager {
  if (!env['NOTIFY_SOCKET']) return nobody;
  const everyMs = watchdogMs(env) / 2;
  let timer: NodeJS.Timeout | undefined;
  let hasFailed = false;
  const say = (...words: string[]): void =>
    tell(words, (error) => {
      // The same reason again every few seconds is no news.
      if (!hasFailed) log.warn({ err: error }, 'systemd could not be told how this service is: systemd-notify has to be on its PATH.');
      hasFailed = true;
    });
  return {
    ready() {
      say('READY=1');
      if (everyMs > 0) timer ??= setInterval(() => say('WATCHDOG=1'), everyMs).unref();
    },
    stopping() {
      clearInterval(timer);
      say('STOPPING=1');
    },
  };
}

/** 0 where there is no watchdog, or where it is meant for another process. */
function watchdogMs(env: Environment): number {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = env;
  const ms = Math.floor(Number(usec ?? 0) / 1000);
  return Number.isSafeInteger(ms) && ms > 0 && (pid === undefined || pid === String(process.pid)) ? ms : 0;
}

const longestMs = 10_000;

/** Loaded where it is needed: most programs run under no systemd. */
function bySystemdNotify(words: readonly string[], onError: (error: Error) => void): void {
  const { execFile } = process.getBuiltinModule('node:child_process');
  execFile('systemd-notify', [...words], { timeout: longestMs }, (error) => {
    if (error !== null) onError(error);
  });
}
