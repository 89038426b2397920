import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { compiled } from '@stoa/lib/testing/compiled.ts';
import type { Pool } from 'pg';
import { productFile } from '../product-file.ts';

const gate = 987_654;

export type Ended = { code: number | null; signal: NodeJS.Signals | null; out: string; err: string };
export type Command = { readonly pid: number; readonly ended: Promise<Ended>; kill(): void };

/** Runs a command of the Control Plane as a process of its own, as an operator does. */
export function startCommand(args: readonly string[], env: Record<string, string>): Command {
  const child = spawn(process.execPath, [productFile('server/main.ts'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...compiled(), STOA_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ code: code as number | null, signal: signal as NodeJS.Signals | null, out, err }),
  );
  return { pid: child.pid ?? 0, ended, kill: () => void child.kill('SIGKILL') };
}

/**
 * Lets a command come to its n-th statement on some tables and no further, so that it can be killed at a place that is known. `prepare` puts the gate into the
 * database, once.
 */
export class Gate {
  readonly #pool: Pool;

  private constructor(pool: Pool) {
    this.#pool = pool;
  }

  static async prepare(pool: Pool, statements: readonly { on: string; table: string }[]): Promise<Gate> {
    await pool.query(`
      CREATE SEQUENCE gate_steps;
      CREATE TABLE gate_stop (at INT);
      INSERT INTO gate_stop VALUES (NULL);
      CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('gate_steps') >= (SELECT at FROM gate_stop) THEN PERFORM pg_advisory_xact_lock_shared(${gate}); END IF;
        RETURN NULL;
      END $$`);
    for (const [n, { on, table }] of statements.entries())
      await pool.query(`CREATE TRIGGER gate_${n} BEFORE ${on} ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION gate()`);
    return new Gate(pool);
  }

  /** Starts a command, and kills it when it has come to its n-th statement. Nothing of that statement is kept. */
  async killAt(n: number, start: () => Command): Promise<Ended> {
    const holder = await this.#pool.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [gate]);
    await this.#pool.query(`SELECT setval('gate_steps', 1, false)`);
    await this.#pool.query('UPDATE gate_stop SET at = $1', [n]);
    const command = start();
    let over = false;
    void command.ended.then(() => (over = true));
    const sessions = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'stoa-control-plane'`;
    const waits = `SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objid = ${gate} AND NOT l.granted`;
    try {
      while (!over && (await this.#pool.query(waits)).rows.length === 0) await delay(20);
      command.kill();
      const ended = await command.ended;
      await this.#pool.query(`SELECT pg_terminate_backend(w.pid) FROM (${waits}) w`);
      // PostgreSQL sees a moment later that nobody is there any more.
      while ((await this.#pool.query(sessions)).rows.length > 0) await delay(20);
      return ended;
    } finally {
      await this.#pool.query('UPDATE gate_stop SET at = NULL');
      holder.release(true);
    }
  }
}
