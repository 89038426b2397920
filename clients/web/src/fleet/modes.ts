import type { GatewayMode } from '@stoa/generated/schemas.ts';

type ModeText = { what: string; program: string; standsBeside: boolean };

const modeTexts: Readonly<Record<GatewayMode, ModeText>> = {
  edge_mcp: {
    what: 'The full gateway: serves your APIs to agents as MCP tools, and enforces authentication, policies and limits inline.',
    program: 'stoa-gateway',
    standsBeside: false,
  },
  sidecar: {
    what: 'A sidecar beside a third-party gateway: serves MCP and decides on each request that the gateway asks it about.',
    program: 'stoa-link',
    standsBeside: true,
  },
  connect: {
    what: 'A light agent without MCP: writes APIs and policies into a third-party gateway through its admin API and verifies them.',
    program: 'stoa-connect',
    standsBeside: true,
  },
};

/** What a mode is, in one sentence, and the program that runs in it; a mode of a newer server has no words here. */
export function modeText(mode: string): ModeText | undefined {
  return Object.hasOwn(modeTexts, mode) ? modeTexts[mode as GatewayMode] : undefined;
}
