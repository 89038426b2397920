/** A part of a configuration of Caddy. */
export type CaddyJson = Readonly<Record<string, unknown>>;
