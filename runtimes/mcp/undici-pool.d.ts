/** The pool by itself: the package's entry also loads its fetch, caches and mocks, 13 MB of resident memory that a gateway never uses. */
declare module 'undici/lib/dispatcher/pool.js' {
  export { Pool as default } from 'undici';
}

declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}

declare module 'undici/lib/core/connect.js' {
  import type { buildConnector } from 'undici';
  const build: (options: Partial<buildConnector.BuildOptions>) => buildConnector.connector;
  export default build;
}

declare module 'undici/lib/api/api-connect.js' {
  import type { Dispatcher } from 'undici';
  const connect: Dispatcher['connect'];
  export default connect;
}

declare module 'undici/lib/dispatcher/proxy-agent.js' {
  export { ProxyAgent as default } from 'undici';
}
