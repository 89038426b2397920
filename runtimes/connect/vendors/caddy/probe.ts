/** What becomes of what was applied when Caddy restarts, as far as its configuration says. */
export function afterRestart(config: Readonly<Record<string, unknown>>): string {
  const { admin } = config as { admin?: { config?: { persist?: unknown; load?: unknown } } };
  const again = 'what is applied is gone after a restart of Caddy, until STOA Connect looks again (STOA_RESYNC_INTERVAL)';
  if (admin?.config?.persist === false) return `Its admin.config.persist is false: ${again}`;
  if (admin?.config?.load !== undefined)
    return `It loads its configuration from elsewhere (admin.config.load), and what is applied with it goes: ${again}`;
  return `Run it with --resume (Debian: caddy-api.service); without, ${again}`;
}
