/** The modes of gateways, with the product of each. */
export const gatewayModes = [
  ['edge_mcp', 'Gateway'],
  ['sidecar', 'Link'],
  ['connect', 'Connect'],
] as const;
