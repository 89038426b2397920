/**
 * Every column that holds something sealed. `ofTenant` narrows the rows `t` to a tenant's, and is absent where they belong to none; `place` is the
 * expression for the place that the value was sealed for. A test compares it to the columns `sealed_by` of the database.
 */
export type SealedColumn = { readonly table: string; readonly column: string; readonly place: string; readonly ofTenant?: string };

export const sealedColumns: readonly SealedColumn[] = [
  {
    table: 'consumer_key',
    column: 'sealed',
    place: `'consumer_key:' || t.id`,
    ofTenant: '(SELECT c.tenant_id FROM consumer c WHERE c.id = t.consumer_id)',
  },
  { table: 'api', column: 'upstream_auth', place: `'upstream_auth:' || t.id`, ofTenant: 't.tenant_id' },
  {
    table: 'api_revision',
    column: 'upstream_auth',
    place: `'upstream_auth:' || t.api_id`,
    ofTenant: '(SELECT a.tenant_id FROM api a WHERE a.id = t.api_id)',
  },
  { table: 'trusted_issuer', column: 'secret', place: `'trusted_issuer:' || t.id`, ofTenant: 't.tenant_id' },
  { table: 'mcp_server', column: 'credentials', place: `'upstream_auth:' || t.id`, ofTenant: 't.tenant_id' },
  { table: 'approval', column: 'secret', place: `'approval:' || t.id`, ofTenant: 't.tenant_id' },
  { table: 'app_user', column: 'totp_secret', place: `'totp:' || t.id` },
  { table: 'oidc_payload', column: 'payload', place: `'oidc:' || t.model || ':' || translate(encode(t.id, 'base64'), E'\\n', '')` },
  { table: 'operator_token', column: 'issuer_refresh', place: `'refresh token of session ' || t.id` },
  { table: 'control_plane_state', column: 'sealed', place: 't.key' },
];
