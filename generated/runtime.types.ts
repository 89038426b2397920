// DO NOT EDIT. Made from openapi/runtime.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell the keys of assertions
         * @description The public keys by which upstreams judge what Gateway and Link say of callers in `X-Stoa-Assertion` (RFC 7517). Connect says nothing of callers, and has no such path.
         */
        get: operations["getRuntimeKeySet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/authz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Decide on a request, asked on a fixed path
         * @description Answers 200 to allow, 401 or 403 to deny, 503 when it cannot decide. Over a limit it answers 429 with `Retry-After`, and over a size 413; to the headers of nginx both are 403, for nginx makes any other status a 500. A request that asks for an upgrade is denied. Which request is meant is read from `X-Original-Method` and `X-Original-URI` (nginx `auth_request`), or `X-Forwarded-Method` and `X-Forwarded-Uri` (Traefik `forwardAuth`). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        get: operations["authorize"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/authz/{original_path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Decide on a GET request, asked under a prefix
         * @description Answers 200 to allow, 401 or 403 to deny, 413 over a size, 429 over a limit, 503 when it cannot decide. A request that asks for an upgrade is denied. Which request is meant is read from the method and the path below the prefix (Envoy HTTP `ext_authz`, agentgateway). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        get: operations["authorizeForwardedGet"];
        /**
         * Decide on a PUT request, asked under a prefix
         * @description Answers 200 to allow, 401 or 403 to deny, 413 over a size, 429 over a limit, 503 when it cannot decide. A request that asks for an upgrade is denied. Which request is meant is read from the method and the path below the prefix (Envoy HTTP `ext_authz`, agentgateway). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        put: operations["authorizeForwardedPut"];
        /**
         * Decide on a POST request, asked under a prefix
         * @description Answers 200 to allow, 401 or 403 to deny, 413 over a size, 429 over a limit, 503 when it cannot decide. A request that asks for an upgrade is denied. Which request is meant is read from the method and the path below the prefix (Envoy HTTP `ext_authz`, agentgateway). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        post: operations["authorizeForwardedPost"];
        /**
         * Decide on a DELETE request, asked under a prefix
         * @description Answers 200 to allow, 401 or 403 to deny, 413 over a size, 429 over a limit, 503 when it cannot decide. A request that asks for an upgrade is denied. Which request is meant is read from the method and the path below the prefix (Envoy HTTP `ext_authz`, agentgateway). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        delete: operations["authorizeForwardedDelete"];
        /**
         * Decide on a OPTIONS request, asked under a prefix
         * @description Answers 200 to allow, 401 or 403 to deny, 413 over a size, 429 over a limit, 503 when it cannot decide. A request that asks for an upgrade is denied. Which request is meant is read from the method and the path below the prefix (Envoy HTTP `ext_authz`, agentgateway). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        options: operations["authorizeForwardedOptions"];
        /**
         * Decide on a HEAD request, asked under a prefix
         * @description Answers 200 to allow, 401 or 403 to deny, 413 over a size, 429 over a limit, 503 when it cannot decide. A request that asks for an upgrade is denied. Which request is meant is read from the method and the path below the prefix (Envoy HTTP `ext_authz`, agentgateway). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        head: operations["authorizeForwardedHead"];
        /**
         * Decide on a PATCH request, asked under a prefix
         * @description Answers 200 to allow, 401 or 403 to deny, 413 over a size, 429 over a limit, 503 when it cannot decide. A request that asks for an upgrade is denied. Which request is meant is read from the method and the path below the prefix (Envoy HTTP `ext_authz`, agentgateway). The caller's consumer key stands in the original `Authorization` or in the header that the API's `api_key_auth` policy names.
         */
        patch: operations["authorizeForwardedPatch"];
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell whether the process is alive
         * @description Answers 200 for as long as the process can answer.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export metrics
         * @description In the Prometheus text format.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell whether the process can do its work
         * @description A runtime is ready without a Control Plane: it then says `stale` and serves the last good configuration.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell what is running
         * @description The product, its version and the contract revision.
         */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Which runtime an instance is: `edge_mcp` (Gateway), `sidecar` (Link) or `connect` (Connect). Closed: a new mode needs an ADR.
         * @example edge_mcp
         * @enum {string}
         */
        GatewayMode: "edge_mcp" | "sidecar" | "connect";
        /**
         * @description The process is alive.
         * @example {
         *       "status": "ok"
         *     }
         */
        Health: {
            /**
             * @description Always `ok`.
             * @enum {string}
             */
            status: "ok";
        };
        /**
         * @description How an MCP server is, as a runtime found it.
         * @example {
         *       "name": "tickets",
         *       "state": "connected"
         *     }
         */
        McpServerReadiness: {
            name: components["schemas"]["Slug"];
            /** @description Why it is not connected, with its own words where it refused, or what of it is not served. */
            reason?: string;
            state: components["schemas"]["McpServerState"];
        };
        /**
         * @description `refused` means that it answered and would not serve us.
         * @example connected
         * @enum {string}
         */
        McpServerState: "connected" | "unreachable" | "refused";
        /**
         * @description RFC 9457 problem details. Every error of every product has this shape.
         * @example {
         *       "type": "about:blank",
         *       "title": "Bad Request",
         *       "status": 400,
         *       "detail": "The request has 1 fault.",
         *       "errors": [
         *         {
         *           "pointer": "/body/gateway_mode",
         *           "message": "must be one of edge_mcp, sidecar, connect"
         *         }
         *       ],
         *       "request_id": "7f0d4a52-8a0e-4a3c-9b7e-0c8b7f6f9a10"
         *     }
         */
        Problem: {
            /** @description A stable machine-readable name, such as `stale_epoch`. */
            code?: string;
            /** @description What went wrong this time and what to do about it. */
            detail?: string;
            /** @description Every fault found in the request, not only the first. */
            errors?: components["schemas"]["ProblemError"][];
            /** @description Quote this when asking an operator; it stands in the server's log. */
            request_id?: string;
            /** @description The HTTP status code of this answer. */
            status: number;
            /** @description A short summary of the kind of problem. */
            title: string;
            /** @description A URI reference naming the kind of problem; `about:blank` when the status says it all. */
            type: string;
        };
        /**
         * @description One fault of a request.
         * @example {
         *       "pointer": "/body/version",
         *       "message": "is required"
         *     }
         */
        ProblemError: {
            /** @description What is wrong there and what would be right. */
            message: string;
            /** @description Where the fault is: a JSON pointer below `/body`, `/query`, `/path` or `/headers`. */
            pointer: string;
        };
        /**
         * @description Whether the process can do its work, and what it knows of its surroundings.
         * @example {
         *       "status": "ready",
         *       "config": {
         *         "state": "fresh",
         *         "generation": 4,
         *         "hash": "sha256:1f3a"
         *       }
         *     }
         */
        Readiness: {
            config?: components["schemas"]["RuntimeConfigState"];
            /** @description How the MCP servers are that a runtime serves; absent without any. None of them makes it unready. */
            mcp_servers?: components["schemas"]["McpServerReadiness"][];
            /**
             * @description Always `ready`; when it is not, the answer is a problem with status 503.
             * @enum {string}
             */
            status: "ready";
            /** @description What `STOA_MCP_CHAIN` of a runtime names and its tenant has not, such as `token=company`: nobody is let in by it. Absent where there is all of it. */
            unknown_credentials?: string[];
        };
        /**
         * @description How fresh the configuration of a runtime is. `stale`: the Control Plane cannot be reached; the last good configuration is served.
         * @example {
         *       "state": "fresh",
         *       "generation": 4,
         *       "hash": "sha256:1f3a"
         *     }
         */
        RuntimeConfigState: {
            /** @description The generation being served. */
            generation: number;
            /** @description Its hash. */
            hash: string;
            /** @description Why it is stale. */
            reason?: string;
            /**
             * @description Whether a configuration is there and the Control Plane has confirmed it lately.
             * @enum {string}
             */
            state: "none" | "fresh" | "stale";
        };
        /**
         * @description A JSON Web Key Set.
         * @example {
         *       "keys": []
         *     }
         */
        RuntimeKeySet: {
            /** @description The keys. */
            keys: {
                [key: string]: unknown;
            }[];
        };
        /**
         * @description A name usable in URLs: lower-case letters, digits and hyphens, 63 characters at most.
         * @example orders
         */
        Slug: string;
        /**
         * @description What is running.
         * @example {
         *       "product": "STOA Gateway",
         *       "version": "0.1.0",
         *       "contract_revision": 1,
         *       "gateway_mode": "edge_mcp"
         *     }
         */
        Version: {
            /** @description The revision of the registration contract that it speaks. */
            contract_revision: number;
            gateway_mode?: components["schemas"]["GatewayMode"];
            /** @description The product's name. */
            product: string;
            /** @description Its version. */
            version: string;
        };
    };
    responses: {
        /** @description The request is invalid; every fault is listed. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The credential is valid, but not for this. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is too large. */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests; wait as `Retry-After` says. */
        TooManyRequests: {
            headers: {
                /** @description Seconds to wait. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The credential is missing, unknown, expired or revoked. */
        Unauthorized: {
            headers: {
                /** @description The scheme expected. */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Overloaded, or the database is away; wait as `Retry-After` says. */
        Unavailable: {
            headers: {
                /** @description Seconds to wait. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getRuntimeKeySet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuntimeKeySet"];
                };
            };
        };
    };
    authorize: {
        parameters: {
            query?: never;
            header?: {
                /** @description The method of the original request (Traefik). */
                "X-Forwarded-Method"?: string;
                /** @description Path and query of the original request (Traefik). */
                "X-Forwarded-Uri"?: string;
                /** @description The method of the original request (nginx). */
                "X-Original-Method"?: string;
                /** @description Path and query of the original request (nginx). */
                "X-Original-URI"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    authorizeForwardedGet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The original path; it may contain slashes, which OpenAPI cannot say. */
                original_path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    authorizeForwardedPut: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The original path; it may contain slashes, which OpenAPI cannot say. */
                original_path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    authorizeForwardedPost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The original path; it may contain slashes, which OpenAPI cannot say. */
                original_path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    authorizeForwardedDelete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The original path; it may contain slashes, which OpenAPI cannot say. */
                original_path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    authorizeForwardedOptions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The original path; it may contain slashes, which OpenAPI cannot say. */
                original_path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    authorizeForwardedHead: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The original path; it may contain slashes, which OpenAPI cannot say. */
                original_path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    authorizeForwardedPatch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The original path; it may contain slashes, which OpenAPI cannot say. */
                original_path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Allowed. Copy these headers to the upstream request. */
            200: {
                headers: {
                    /** @description The name of the API. */
                    "X-Stoa-Api"?: string;
                    /** @description The name of the consumer. */
                    "X-Stoa-Consumer"?: string;
                    /** @description The operation. */
                    "X-Stoa-Operation"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            429: components["responses"]["TooManyRequests"];
            503: components["responses"]["Unavailable"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is running. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
        };
    };
}
