import { spawn } from 'node:child_process';
import { ExpectedError } from '@stoa/lib/errors.ts';

const patienceMs = 10_000;
const maxOutputBytes = 16 * 1024;
const maxSaidChars = 300;

export type KmsVerb = 'wrap' | 'unwrap';

/**
 * Asks the program that reaches the KMS to wrap or to unwrap: the verb is its one argument, the bytes are a line of base64 on its input, and so is its
 * answer on its output. It is started without a shell, and gets the environment without our own settings. A failure is an `ExpectedError` that says what the program said.
 */
export async function askKms(command: string, verb: KmsVerb, bytes: Uint8Array, timeoutMs = patienceMs): Promise<Buffer> {
  const refuse = (why: string) =>
    new ExpectedError(`STOA_KMS_COMMAND ${command} ${verb} ${why}: run it by hand as the user of this program, and correct it.`);
  const { output, said, end } = await run(command, verb, `${Buffer.from(bytes).toString('base64')}\n`, timeoutMs);
  if (end !== 'exit code 0') throw refuse(`failed (${end})${said === '' ? '' : `, saying "${said}"`}`);
  const text = output.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw refuse('did not answer one line of base64');
  return Buffer.from(text, 'base64');
}

type Ran = { output: string; said: string; end: string };

function run(command: string, verb: KmsVerb, input: string, timeoutMs: number): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const child = spawn(command, [verb], { stdio: ['pipe', 'pipe', 'pipe'], env: environment(), shell: false, detached: true });
  let [output, said, end] = ['', '', undefined as string | undefined];
  const stop = (why: string) => {
    end ??= why;
    // Whatever it started is of its group.
    if (child.pid !== undefined) killGroup(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const timer = setTimeout(() => stop(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > maxOutputBytes) stop(`an answer of more than ${maxOutputBytes} bytes`);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(0, maxSaidChars);
  });
  const done = (how: string) => {
    clearTimeout(timer);
    resolve({ output, said: said.replaceAll(/\s+/g, ' ').trim(), end: end ?? how });
  };
  child.on('error', ({ code, message }: NodeJS.ErrnoException) => done(`it cannot be started: ${code ?? message}`));
  child.on('close', (code, signal) => done(code === null ? `signal ${signal}` : `exit code ${code}`));
  // One that ends without reading says why by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return promise;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** Ours holds the master key, the database's password and others. */
const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('STOA_') && name !== 'DATABASE_URL'));
