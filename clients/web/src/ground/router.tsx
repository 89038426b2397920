import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider, createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Empty, Failure } from './states.tsx';
import { Shell } from './shell.tsx';
import { Page } from './page.tsx';
import { queries } from './session.ts';

/** Each page is a file of its own that nobody loads before he opens it. */
const pages = {
  '/home': lazyRouteComponent(() => import('../home/home-page.tsx'), 'HomePage'),
  '/gateways/modes': lazyRouteComponent(() => import('../fleet/modes-page.tsx'), 'ModesPage'),
  '/gateways/keys': lazyRouteComponent(() => import('../gateways/keys-page.tsx'), 'GatewayKeysPage'),
  '/gateways/add': lazyRouteComponent(() => import('../gateways/wizard-page.tsx'), 'AddGatewayPage'),
  '/gateways/$gateway_id': lazyRouteComponent(() => import('../gateways/gateway-page.tsx'), 'GatewayPage'),
  '/gateways/capabilities': lazyRouteComponent(() => import('../capabilities/capabilities-page.tsx'), 'CapabilitiesPage'),
  '/apis': lazyRouteComponent(() => import('../apis/apis-page.tsx'), 'ApisPage'),
  '/apis/import': lazyRouteComponent(() => import('../apis/import-page.tsx'), 'ImportPage'),
  '/apis/$api_id': lazyRouteComponent(() => import('../apis/api-page.tsx'), 'ApiPage'),
  '/apis/$api_id/$part': lazyRouteComponent(() => import('../apis/api-page.tsx'), 'ApiPage'),
  '/mcp-servers': lazyRouteComponent(() => import('../mcp/mcp-page.tsx'), 'McpPage'),
  '/access/consumers': lazyRouteComponent(() => import('../access/consumers-page.tsx'), 'ConsumersPage'),
  '/access/consumers/$consumer_id': lazyRouteComponent(() => import('../access/consumer-page.tsx'), 'ConsumerPage'),
  '/access/plans': lazyRouteComponent(() => import('../access/plans-page.tsx'), 'PlansPage'),
  '/access/policies': lazyRouteComponent(() => import('../access/policies-page.tsx'), 'PoliciesPage'),
  '/access/policies/$policy_id': lazyRouteComponent(() => import('../access/policy-page.tsx'), 'PolicyPage'),
  '/access/subscriptions': lazyRouteComponent(() => import('../access/subscriptions-page.tsx'), 'SubscriptionsPage'),
  '/observe/usage': lazyRouteComponent(() => import('../observe/usage-page.tsx'), 'UsagePage'),
  '/observe/audit': lazyRouteComponent(() => import('../observe/audit-page.tsx'), 'AuditPage'),
  '/approvals': lazyRouteComponent(() => import('../approvals/approvals-page.tsx'), 'ApprovalsPage'),
} as const;

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const routes = Object.entries(pages).map(([path, component]) => createRoute({ getParentRoute: () => rootRoute, path, component }));

const router = createRouter({
  routeTree: rootRoute.addChildren(routes),
  // An address holds plain words, as people write them and as the server takes them.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search as Record<string, string | undefined>).filter((entry): entry is [string, string] => Boolean(entry[1]));
    const text = new URLSearchParams(given).toString();
    return text === '' ? '' : `?${text}`;
  },
  defaultErrorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} />,
});

function NotFound() {
  return (
    <Page title="No such page">
      <Empty title="There is no page at this address">
        <p>It may have moved, or the link may be mistyped.</p>
      </Empty>
    </Page>
  );
}

/** The Console: its pages within the frame. */
export function Console() {
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
