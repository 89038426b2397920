import { errors } from 'oidc-provider';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import type { CountedRecords } from '../audit/counted.ts';
import { cliClientId } from './clients.ts';
import type { Subject, SubjectParts } from './subject-token.ts';

export type ExchangeParts = SubjectParts & { publicUrl: string; counted: CountedRecords };
/** A request to exchange a token that is good, of a person who belongs to its tenant. */
export type AskedExchange = { ctx: KoaContextWithOIDC; client: Client; subject: Subject; subjectName: string; params: Params };
export type Params = Readonly<Record<string, string | undefined>>;

/** Only the client that a token was made for exchanges it so: another one would have what the person did not let it do. */
export function requireOwn(client: Client, { kind, clientId }: Subject): void {
  const isOwn = client.clientId === cliClientId && (kind === 'personal' || (kind === 'api' && clientId === cliClientId));
  if (!isOwn) throw new errors.InvalidRequest('the subject token was made for another client');
}
