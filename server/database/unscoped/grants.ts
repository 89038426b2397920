/** What a role may do with a table, in the words of GRANT; or `EXECUTE` of a function that is nobody's otherwise. */
export type Grants = Readonly<Record<string, readonly string[]>>;

const everything = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

/**
 * What the role may do that serves tenants, each transaction one of them. A table with a `tenant_id` that is not named here is open to it, as far as its rows are the
 * tenant's; any other is closed.
 */
export const serviceGrants: Grants = {
  // Its own row; that of the platform has them all, and makes, limits, suspends and deletes them.
  tenant: ['SELECT', 'INSERT', 'UPDATE (revision, client_rule, name, limits, suspended_at)', 'DELETE'],
  // Which tenant is the platform's, nobody changes.
  platform: ['SELECT'],
  // Those who are members, by their policy.
  app_user: ['SELECT (id, email, login, issuer, name, created_at, disabled_at)'],
  document_upload: ['SELECT', 'DELETE'],
  // When the Control Plane was last alive: leases are judged by it. Not the values, which are secrets.
  control_plane_state: ['SELECT (key, updated_at)'],
  // Records are added, and that is all; what they say of persons is erased by a function that can do no more.
  audit_record: ['SELECT', 'INSERT'],
  audit_personal: ['SELECT', 'INSERT'],
  audit_head: ['SELECT', 'INSERT', 'UPDATE'],
  audit_checkpoint: ['SELECT', 'INSERT'],
  audit_sink: ['SELECT'],
  'FUNCTION audit_erase(uuid, text[], text)': ['EXECUTE'],
  // Of the issuer; who loses a member takes back what that person let clients do.
  oidc_payload: ['SELECT (model, id, user_id, token_id, tenant_id)', 'DELETE'],
};
export const ofEveryTenantTable: readonly string[] = everything;

/**
 * What the second role may do, which sees the rows of every tenant: what its statements need and no more. A statement that is not let through ends with the SQLSTATE
 * 42501 and the name of its table; whoever adds one adds here what it needs.
 */
export const unscopedGrants: Grants = {
  // Whose a credential is, and when it was used last; the issuer and its persons.
  operator_token: ['SELECT', 'INSERT', 'UPDATE (revoked_at, last_used_at, issuer_refresh, issuer_asked_at, first_used_at)', 'DELETE'],
  gateway_key: ['SELECT', 'UPDATE (last_used_at, first_used_at)'],
  app_user: everything,
  recovery_code: everything,
  membership: everything,
  team_member: ['SELECT'],
  // To lock one for a share, PostgreSQL wants a right to change something of it.
  team: ['SELECT (tenant_id, name)', 'UPDATE (updated_at)'],
  invitation: everything,
  oidc_payload: everything,

  // What runtimes say of themselves, and what the sweeper makes of it.
  gateway: [
    'SELECT',
    'INSERT',
    'UPDATE (gateway_mode, version, features, labels, endpoints, target_gateway, cannot_enforce, unknown_fields, boot_id, lease_epoch, takeovers, left_at, signing_key, team)',
  ],
  gateway_lease: ['SELECT', 'INSERT', 'UPDATE'],
  gateway_presence: ['SELECT', 'INSERT', 'UPDATE (gateway_mode, liveness, rank, since)'],
  presence_count: everything,
  presence_clock: ['SELECT', 'INSERT', 'UPDATE (seq)'],
  gateway_transition: ['SELECT', 'INSERT', 'DELETE'],
  presence_brake: everything,
  gateway_observed: ['SELECT', 'INSERT', 'UPDATE (observed, observed_at)'],
  dry_run: ['SELECT', 'UPDATE (answer, taken_at)'],
  gateway_drift: ['SELECT', 'INSERT', 'UPDATE (wins, state, ended_at)', 'DELETE'],
  usage_batch: ['SELECT', 'INSERT', 'DELETE'],
  usage_sum: ['SELECT', 'INSERT', 'UPDATE (calls, errors, denied, duration_ms, request_bytes, response_bytes, latency)'],

  // What desired states are made of, and what became of them.
  tenant: ['SELECT', 'UPDATE (revision)'],
  platform: ['SELECT'],
  registration_minute: ['SELECT', 'INSERT', 'UPDATE'],
  catalog_change: ['SELECT', 'INSERT', 'DELETE'],
  config_state: everything,
  config_progress: ['SELECT', 'INSERT', 'UPDATE (revision)'],
  gateway_config: ['SELECT', 'INSERT', 'UPDATE'],
  api: [
    'SELECT (id, tenant_id, name, title, version, description, revision, upstream_url, upstream_auth, operations, open_to_all_consumers, lifecycle, sealed_by)',
  ],
  api_revision: ['SELECT (api_id, tenant_id, name, title, version, description, revision, upstream_url, upstream_auth, operations, sealed_by)'],
  policy: ['SELECT (id, tenant_id, name, kind, config)'],
  policy_attachment: ['SELECT'],
  plan: ['SELECT (id, tenant_id, name)'],
  plan_api: ['SELECT'],
  plan_policy: ['SELECT'],
  trusted_issuer: ['SELECT (id, tenant_id, name, is_embedded, config, secret, sealed_by)'],
  mcp_server: [
    'SELECT (id, tenant_id, name, prefix, title, url, command, credentials, sealed_by, pinning, subscription_required, call_timeout_s, targets)',
  ],
  tool_set: ['SELECT (id, tenant_id, name, title, instructions, exposure, revision, tools)'],
  mcp_definition: ['SELECT (id, tenant_id, mcp_server_id, kind, name, sha256, definition, state, created_at)'],
  // Secrets that were asked for are forgotten once it is too late to decide.
  approval: ['SELECT (id, expires_at, secret, sealed_by)', 'UPDATE (secret)'],
  consumer: ['SELECT (id, tenant_id, name, labels, certificates, tool_exposure)'],
  consumer_key: ['SELECT', 'UPDATE (retired_at)'],
  subscription: ['SELECT'],
  deployment: ['SELECT'],
  // On their way into a row, which a transaction of the tenant's takes them to.
  document_upload: ['SELECT (id, created_at)', 'INSERT', 'DELETE'],

  // What runtimes, sign-ins and the sweeper leave records of; checkpoints, and what sinks were told.
  audit_record: ['SELECT', 'INSERT'],
  audit_personal: ['SELECT', 'INSERT'],
  audit_head: ['SELECT', 'INSERT', 'UPDATE'],
  audit_checkpoint: ['SELECT', 'INSERT'],
  audit_sink: ['SELECT', 'INSERT', 'UPDATE'],
  audit_sink_holder: everything,
  'FUNCTION audit_forget(uuid, integer)': ['EXECUTE'],

  // The Control Plane's own, and the keys of all tenants, which are sealed.
  data_key: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  data_key_wrap: ['SELECT', 'INSERT', 'DELETE'],
  control_plane_state: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
};
