import { hash, verify } from '@node-rs/argon2';
import { overloaded } from '../errors.ts';

export const minPasswordLength = 12;
export const maxPasswordLength = 200;

/** Argon2id, which is the library's default, with 19 MiB and two passes, as OWASP's cheat sheet of password storage has it; the salt is the library's. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes 19 MiB and a thread. */
const maxAtOnce = 64;
let atOnce = 0;

/** What speaks against a password, as a sentence; undefined when nothing does. */
export function passwordFault(password: string, { email, name }: { email: string; name: string }): string | undefined {
  if (password.length < minPasswordLength) return `Use at least ${minPasswordLength} characters: a few words that only you put together are best.`;
  if (password.length > maxPasswordLength) return `Use at most ${maxPasswordLength} characters.`;
  if (new Set(password).size < 5) return 'Use more than four different characters.';
  const plain = password.toLowerCase();
  if ([email, name, email.split('@')[0] ?? ''].some((own) => own.length > 3 && plain.includes(own.toLowerCase())))
    return 'Leave your name and address out of it.';
  return undefined;
}

export const hashPassword = (password: string): Promise<string> => bounded(() => hash(password, options));

/** Takes as long for somebody who is not there (`undefined`) as for a wrong password. */
export async function isPassword(hashed: string | undefined, password: string): Promise<boolean> {
  const against = hashed ?? (await (nobody ??= hashPassword('nobody has this password')));
  const isRight = await bounded(() => verify(against, password));
  return isRight && hashed !== undefined;
}
let nobody: Promise<string> | undefined;

async function bounded<T>(work: () => Promise<T>): Promise<T> {
  if (atOnce >= maxAtOnce) throw overloaded(2);
  atOnce += 1;
  try {
    return await work();
  } finally {
    atOnce -= 1;
  }
}
