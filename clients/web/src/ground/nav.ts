import type { OperationId } from '@stoa/generated/operations.ts';

/** A page of the navigation. `needs` is what it reads: whom his roles do not let is not shown it. `key` follows `g`. */
export type NavPage = { href: string; title: string; needs?: OperationId; key?: string };
export type NavSection = { title: string; pages: readonly NavPage[] };

export const navigation: readonly NavSection[] = [
  { title: 'Home', pages: [{ href: '/home', title: 'Home', key: 'h' }] },
  {
    title: 'Gateways',
    pages: [
      { href: '/gateways/modes', title: 'Fleet', needs: 'getGatewayModes', key: 'f' },
      { href: '/gateways/add', title: 'Add a gateway', needs: 'createGatewayKey' },
      { href: '/gateways/keys', title: 'Keys', needs: 'listGatewayKeys', key: 'k' },
      { href: '/gateways/capabilities', title: 'Capabilities' },
    ],
  },
  { title: 'APIs', pages: [{ href: '/apis', title: 'APIs', needs: 'listApis', key: 'a' }] },
  { title: 'MCP', pages: [{ href: '/mcp-servers', title: 'MCP servers', needs: 'listMcpServers', key: 'm' }] },
  {
    title: 'Access',
    pages: [
      { href: '/access/consumers', title: 'Consumers', needs: 'listConsumers', key: 'c' },
      { href: '/access/plans', title: 'Plans', needs: 'listPlans', key: 'p' },
      { href: '/access/subscriptions', title: 'Subscriptions', needs: 'listSubscriptions', key: 's' },
      { href: '/access/policies', title: 'Policies', needs: 'listPolicies', key: 'l' },
    ],
  },
  {
    title: 'Observe',
    pages: [
      { href: '/observe/usage', title: 'Usage', needs: 'getUsage', key: 'u' },
      { href: '/observe/audit', title: 'Audit', needs: 'listAudit', key: 't' },
      { href: '/approvals', title: 'Approvals', needs: 'listApprovals', key: 'w' },
    ],
  },
];

/** What this session may see; sections without a page are left out. */
export const visibleTo = (may: (operation: OperationId) => boolean): NavSection[] =>
  navigation
    .map(({ title, pages }) => ({ title, pages: pages.filter(({ needs }) => needs === undefined || may(needs)) }))
    .filter(({ pages }) => pages.length > 0);
