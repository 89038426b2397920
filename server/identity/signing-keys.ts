import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import { ExpectedError } from '@stoa/lib/errors.ts';
import type { KeyMaterial } from '../access/master-key.ts';
import { recordCommand } from '../audit/by-command.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { keysChannel } from '../secrets/keys-channel.ts';

const generate = promisify(generateKeyPair);
/** The first pair of keys is in the row of this name, each later one in a row whose name begins with it. */
const row = 'issuer_keys';
/** Published for as long before it signs: whoever keeps the published keys for some minutes knows it by then. */
const publishedBefore = '10 minutes';
/** After the next began to sign. A token that it signed lives for an hour at most. */
const publishedAfter = '1 day';
const maxPairs = 8;

/** Private keys of the issuer. Of each algorithm the first one signs; all are published. Another `name` is another order or choice, which comes in `changesInMs` by itself. */
export type IssuerKeys = { readonly jwks: JWK[]; readonly name: string; readonly changesInMs: number };

/** The keys of the issuer: the first made at the first start, kept sealed, the same for all replicas. The clock of the database says which of them signs. */
export async function issuerKeys(pool: Pool, keys: KeyMaterial): Promise<IssuerKeys> {
  const kept = await readPairs(pool);
  if (kept.length > 0) return opened(keys, kept);
  const sealed = await keys.seal(JSON.stringify(await makePair()), row);
  // Of replicas that start at once the first to come makes the keys; all read them in a statement of its own, and so see what it wrote.
  await pool.query(`INSERT INTO control_plane_state (key, value, sealed) VALUES ($1, '{}', $2) ON CONFLICT (key) DO NOTHING`, [row, sealed]);
  return opened(keys, await readPairs(pool));
}

/**
 * Makes the next pair of keys, in one transaction. It is published at once, and signs some minutes later; the one before stays published for longer than anything lives
 * that it signed.
 */
export async function rotateIssuerKeys(pool: Pool, keys: KeyMaterial): Promise<{ keyId: string; signsFrom: Date }> {
  // In a database where nobody ever signed in there is none to follow.
  await issuerKeys(pool, keys);
  const pair = await makePair();
  const keyId = String(pair[0]?.kid);
  const place = `${row}:${keyId}`;
  const sealed = await keys.seal(JSON.stringify(pair), place);
  const signsFrom = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ signs_from: Date }>(insertNext, [place, sealed, row, publishedBefore, maxPairs]);
    const [made] = rows;
    if (made === undefined) return undefined;
    const detail = { signs_from: made.signs_from.toISOString() };
    await recordCommand(client, undefined, { action: 'rotateIssuerKeys', key: { id: keyId, name: 'keys of the issuer' }, detail });
    return made.signs_from;
  });
  if (signsFrom === undefined) throw await whyNot(pool);
  await pool.query('SELECT pg_notify($1, $2)', [keysChannel, '']);
  return { keyId, signsFrom };
}

/** Deletes keys that nothing was signed with which is still good. */
export async function deleteRetiredIssuerKeys(pool: Pool): Promise<void> {
  await pool.query(
    `DELETE FROM control_plane_state s WHERE starts_with(s.key, $1) AND EXISTS (
       SELECT FROM control_plane_state n WHERE starts_with(n.key, $1) AND (n.value->>'signs_from')::timestamptz < now() - $2::interval
         AND COALESCE((s.value->>'signs_from')::timestamptz, '-infinity') < (n.value->>'signs_from')::timestamptz)`,
    [row, publishedAfter],
  );
}

/** Nothing where another waits for its turn already, or where there are many. */
const insertNext = `
  INSERT INTO control_plane_state (key, value, sealed) SELECT $1, jsonb_build_object('signs_from', now() + $4::interval), $2
  WHERE NOT EXISTS (SELECT FROM control_plane_state WHERE starts_with(key, $3) AND (value->>'signs_from')::timestamptz > now())
    AND (SELECT count(*) FROM control_plane_state WHERE starts_with(key, $3)) < $5
  RETURNING (value->>'signs_from')::timestamptz AS signs_from`;

async function whyNot(pool: Pool): Promise<ExpectedError> {
  const pairs = await readPairs(pool);
  const waitsMs = Math.max(...pairs.map(({ signs_in_ms }) => signs_in_ms));
  return new ExpectedError(
    waitsMs > 0
      ? `The keys that were made last begin to sign in ${Math.ceil(waitsMs / 60_000)} minutes: make others after that.`
      : `There are ${pairs.length} pairs of keys already, each of which stays published for ${publishedAfter} after the next began to sign: wait until some are given up.`,
  );
}

type Pair = { key: string; sealed: Buffer; signs_in_ms: number };

/** The one that signs last is last. */
async function readPairs(pool: Pool): Promise<Pair[]> {
  const { rows } = await pool.query<Pair>(
    `SELECT key, sealed, COALESCE(EXTRACT(EPOCH FROM (value->>'signs_from')::timestamptz - now())::float8 * 1000, '-Infinity') AS signs_in_ms
     FROM control_plane_state WHERE starts_with(key, $1) ORDER BY signs_in_ms, key`,
    [row],
  );
  return rows;
}

async function opened(keys: KeyMaterial, pairs: readonly Pair[]): Promise<IssuerKeys> {
  const signing = pairs.findLast(({ signs_in_ms }) => signs_in_ms <= 0) ?? pairs[0];
  const inOrder = pairs.toSorted((a, b) => Number(b === signing) - Number(a === signing));
  const jwks = await Promise.all(inOrder.map(async ({ key, sealed }) => JSON.parse(await keys.open(sealed, key)) as JWK[]));
  const coming = pairs.map(({ signs_in_ms }) => signs_in_ms).filter((ms) => ms > 0);
  return { jwks: jwks.flat(), name: inOrder.map(({ key }) => key).join(), changesInMs: Math.min(Infinity, ...coming) };
}

async function makePair(): Promise<JWK[]> {
  const [ec, rsa] = await Promise.all([generate('ec', { namedCurve: 'P-256' }), generate('rsa', { modulusLength: 3072 })]);
  return [
    { ...ec.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: randomBytes(8).toString('hex') },
    { ...rsa.privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') },
  ] as JWK[];
}
