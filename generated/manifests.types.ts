// DO NOT EDIT. Made from openapi/manifests.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Callers must present a consumer key in this header.
         * @example {
         *       "header": "X-API-Key"
         *     }
         */
        ApiKeyAuthConfig: {
            /** @description The header that carries the key. */
            header: string;
            /** @description Whether a token of a trusted issuer does as well, at Gateway and Link. Third-party gateways go on to demand the key. */
            or_token?: boolean;
        };
        /**
         * @description Callers must present a consumer key in this header.
         * @example {
         *       "kind": "api_key_auth",
         *       "config": {
         *         "header": "X-API-Key"
         *       }
         *     }
         */
        ApiKeyAuthPolicy: {
            config: components["schemas"]["ApiKeyAuthConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "api_key_auth";
        };
        /**
         * @description Which version of what an API is, and when it is given up. No part of a revision.
         * @example {
         *       "version_of": "orders",
         *       "version": "v1",
         *       "deprecated_at": "2026-11-01T00:00:00Z",
         *       "sunset_at": "2027-05-01T00:00:00Z",
         *       "successor": "orders-v2",
         *       "information_url": "https://developer.example.com/orders/v1"
         *     }
         */
        ApiLifecycle: {
            /**
             * Format: date-time
             * @description From when on nobody should begin to use it (RFC 9745). It goes on to work.
             */
            deprecated_at?: string;
            /** @description Where people read about it. */
            information_url?: string;
            /** @description The name of the API that takes its place. */
            successor?: components["schemas"]["Slug"];
            /**
             * Format: date-time
             * @description From when on it may be gone (RFC 8594); not before `deprecated_at`. It goes on to work until it is withdrawn.
             */
            sunset_at?: string;
            /** @description Which of them it is, such as `v2`. */
            version?: string;
            /** @description The name that its versions have in common: it is served below `/apis/{version_of}/{version}` as well. */
            version_of?: components["schemas"]["Slug"];
        };
        /**
         * @description An API.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "Api",
         *       "metadata": {
         *         "name": "orders"
         *       },
         *       "spec": {
         *         "document": {
         *           "file": "orders.openapi.yaml"
         *         }
         *       }
         *     }
         */
        ApiManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "Api";
            metadata: components["schemas"]["Metadata"];
            spec: components["schemas"]["ApiSpec"];
        };
        /**
         * @description An API, from its OpenAPI document.
         * @example {
         *       "document": {
         *         "file": "orders.openapi.yaml"
         *       }
         *     }
         */
        ApiSpec: {
            /** @description The OpenAPI document: `{file: …}`, `{url: …}`, or the document itself, as an object or as text. */
            document: components["schemas"]["DocumentFile"] | components["schemas"]["DocumentUrl"] | ({
                /** @description The version of OpenAPI. */
                openapi: string;
            } & {
                [key: string]: unknown;
            }) | ({
                /** @description The version of Swagger. */
                swagger: string;
            } & {
                [key: string]: unknown;
            }) | string;
            lifecycle?: components["schemas"]["ApiLifecycle"];
            /**
             * @description Whether every consumer may call it without a subscription.
             * @default false
             */
            open_to_all_consumers?: boolean;
            operations?: components["schemas"]["OperationFilter"];
            /** @description The team that owns it. */
            team?: components["schemas"]["Slug"];
            /** @description Credentials for the upstream. Where nothing is said of them, those that are kept stay. */
            upstream_auth?: (components["schemas"]["CredentialManifest"] | components["schemas"]["BasicCredentialManifest"] | components["schemas"]["ClientCredentialsManifest"] | components["schemas"]["TokenExchangeManifest"] | components["schemas"]["ClientCertificateManifest"] | components["schemas"]["CallerAssertion"])[];
            /** @description Where the API is served, when not at the first server of its document. */
            upstream_url?: string;
        };
        /**
         * @description The version of the form of manifests.
         * @example stoa.dev/v1
         * @constant
         */
        ApiVersion: "stoa.dev/v1";
        /**
         * @description Which calls wait for a person's yes.
         * @example {
         *       "operations": [
         *         "deleteOrder"
         *       ],
         *       "wait_s": 3600,
         *       "valid_s": 900
         *     }
         */
        ApprovalConfig: {
            /** @description The operations that wait, by operationId or tool name; every operation when absent. */
            operations?: string[];
            /**
             * @description Seconds in which the same call may be made, once, after it was approved.
             * @default 900
             */
            valid_s?: number;
            /**
             * @description Seconds that a call waits for a person.
             * @default 3600
             */
            wait_s?: number;
        };
        /**
         * @description Which calls wait for a person's yes. Gateway and Link enforce it: as a tool such a call answers what it would do, and passes once when it is made again after somebody approved it; at every other door it is refused.
         * @example {
         *       "kind": "approval",
         *       "config": {
         *         "operations": [
         *           "deleteOrder"
         *         ]
         *       }
         *     }
         */
        ApprovalPolicy: {
            config: components["schemas"]["ApprovalConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "approval";
        };
        /**
         * @description What `private_key_jwt` is signed with; when absent ES256, ES384, EdDSA or RS256, as the key is.
         * @example ES256
         * @enum {string}
         */
        AssertionAlgorithm: "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA";
        /**
         * @description HTTP Basic authentication at the upstream.
         * @example {
         *       "kind": "basic",
         *       "username": "stoa",
         *       "password": {
         *         "valueFrom": {
         *           "runtime": "orders-password"
         *         }
         *       }
         *     }
         */
        BasicCredentialManifest: {
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "basic";
            password: components["schemas"]["SecretManifest"];
            /** @description The security scheme of the document that it meets; every operation gets one without. */
            scheme?: string;
            /** @description The user, without a colon. */
            username: string;
        };
        /**
         * @description Who calls, said to the upstream in the header `X-Stoa-Assertion`: a JWT of the runtime for the upstream's origin, good for 60 s, whose keys are at `/.well-known/jwks.json` of the runtime.
         * @example {
         *       "kind": "assertion"
         *     }
         */
        CallerAssertion: {
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "assertion";
        };
        /**
         * @description A name (SAN) of a client certificate, with its type. A path of a URI may end in `/*`, for all that is below it.
         * @example URI:spiffe://bank.example/ns/agents/sa/helpdesk
         */
        CertificateName: string;
        /**
         * @description Names of client certificates.
         * @example [
         *       "URI:spiffe://bank.example/ns/agents/sa/helpdesk"
         *     ]
         */
        CertificateNames: components["schemas"]["CertificateName"][];
        /**
         * @description When calls to an upstream are stopped, and for how long. A call fails that cannot connect, gets no whole answer in time, or is answered with one of the statuses; what a caller broke off or got wrong is no failure.
         * @example {
         *       "failure_rate_percent": 50,
         *       "minimum_calls": 20,
         *       "window_s": 30,
         *       "open_s": 30
         *     }
         */
        CircuitBreakerConfig: {
            /** @description The share of calls that fail at which the circuit opens; 50 when absent. */
            failure_rate_percent?: number;
            /** @description Statuses of answers that are failures of the upstream; all from 500 on when absent. */
            failure_statuses?: number[];
            /** @description Calls within the window before the share is looked at; 20 when absent. */
            minimum_calls?: number;
            /** @description Seconds for which no call is made once the circuit is open; 30 when absent. Then one call finds out, and its success closes the circuit. */
            open_s?: number;
            /** @description The seconds over which calls are looked at; 30 when absent. */
            window_s?: number;
        };
        /**
         * @description Stops calls to an upstream that fails, and tries it again by one call at a time. Of several such policies on an API the strictest of each value counts. Gateway and Link enforce it for the calls that they make; where another gateway asks, that one makes them.
         * @example {
         *       "kind": "circuit_breaker",
         *       "config": {
         *         "failure_rate_percent": 50,
         *         "minimum_calls": 20,
         *         "window_s": 30,
         *         "open_s": 30
         *       }
         *     }
         */
        CircuitBreakerPolicy: {
            config: components["schemas"]["CircuitBreakerConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "circuit_breaker";
        };
        /**
         * @description A claim that every token must have.
         * @example {
         *       "claim": "tenant",
         *       "values": [
         *         "acme"
         *       ]
         *     }
         */
        ClaimDemand: {
            /** @description The claim, found as that of a rule for consumers. */
            claim: string;
            /** @description What it may be; where it is a list, one of its values is enough. */
            values: string[];
        };
        /**
         * @description How the gateway proves at the token endpoint who it is; `client_secret_basic` when absent.
         * @example client_secret_basic
         * @enum {string}
         */
        ClientAuth: "client_secret_basic" | "client_secret_post" | "private_key_jwt";
        /**
         * @description The certificate that the gateway shows the upstream.
         * @example {
         *       "kind": "client_certificate",
         *       "certificate": {
         *         "valueFrom": {
         *           "runtime": "orders-certificate"
         *         }
         *       },
         *       "key": {
         *         "valueFrom": {
         *           "runtime": "orders-certificate-key"
         *         }
         *       }
         *     }
         */
        ClientCertificateManifest: {
            certificate: components["schemas"]["RuntimeSecretManifest"];
            key: components["schemas"]["RuntimeSecretManifest"];
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "client_certificate";
        };
        /**
         * @description A token that the gateway gets as a client of its own.
         * @example {
         *       "kind": "client_credentials",
         *       "token_endpoint": "https://id.example.com/token",
         *       "client_id": "gateway",
         *       "client_secret": {
         *         "valueFrom": {
         *           "runtime": "orders-client"
         *         }
         *       }
         *     }
         */
        ClientCredentialsManifest: {
            algorithm?: components["schemas"]["AssertionAlgorithm"];
            audience?: components["schemas"]["UpstreamAudience"];
            client_auth?: components["schemas"]["ClientAuth"];
            client_id: components["schemas"]["ClientId"];
            /** @description The secret of the client, unless it signs. */
            client_secret?: components["schemas"]["SecretManifest"];
            header?: components["schemas"]["TokenHeader"];
            key_id?: components["schemas"]["KeyId"];
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "client_credentials";
            /** @description For `private_key_jwt`: the key in PEM (PKCS #8). */
            private_key?: components["schemas"]["SecretManifest"];
            resource?: components["schemas"]["UpstreamResource"];
            /** @description The security scheme of the document that it meets; every operation gets one without. */
            scheme?: string;
            scope?: components["schemas"]["UpstreamScope"];
            token_endpoint: components["schemas"]["TokenEndpoint"];
        };
        /**
         * @description What the issuer knows the gateway by.
         * @example gateway
         */
        ClientId: string;
        /**
         * @description How many calls to an upstream may be under way at once, streams and WebSockets among them. One more is refused at once.
         * @example {
         *       "max_concurrent_calls": 50
         *     }
         */
        ConcurrencyLimitConfig: {
            /** @description Calls under way at once, from each Gateway or Link. */
            max_concurrent_calls: number;
        };
        /**
         * @description Bounds the calls to an upstream that are under way at once, whoever makes them. Of several such policies on an API the lowest bound counts. Gateway and Link enforce it for the calls that they make, all workers of one together; where another gateway asks, that one makes them.
         * @example {
         *       "kind": "concurrency_limit",
         *       "config": {
         *         "max_concurrent_calls": 50
         *       }
         *     }
         */
        ConcurrencyLimitPolicy: {
            config: components["schemas"]["ConcurrencyLimitConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "concurrency_limit";
        };
        /**
         * @description Somebody who may call APIs.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "Consumer",
         *       "metadata": {
         *         "name": "support-agent"
         *       }
         *     }
         */
        ConsumerManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "Consumer";
            metadata: components["schemas"]["Metadata"];
            spec?: components["schemas"]["ConsumerSpec"];
        };
        /**
         * @description Which consumer a token is of. `claim` is a member of the token, or with dots a member of a member; where it is a list, one of its values is enough. With `value` and `consumer`: tokens whose claim is the value are of the consumer. With neither: the claim itself is the name of a consumer.
         * @example {
         *       "claim": "azp",
         *       "value": "helpdesk",
         *       "consumer": "support-agent"
         *     }
         */
        ConsumerRule: {
            /** @description The claim, such as `azp`, `client_id` or `realm_access.roles`. */
            claim: string;
            consumer?: components["schemas"]["Slug"];
            /** @description What the claim has to be. */
            value?: string;
        };
        /**
         * @description What there is to a consumer beside its name and labels.
         * @example {
         *       "team": "shop"
         *     }
         */
        ConsumerSpec: {
            /** @description Names of client certificates that prove it; none when absent. */
            certificates?: components["schemas"]["CertificateNames"];
            /** @description The team that owns it. */
            team?: components["schemas"]["Slug"];
            /** @description How it reaches tools over MCP; `full` when absent. */
            tool_exposure?: components["schemas"]["ToolExposure"];
        };
        /**
         * @description `refuse` the request, or withhold the answer; `mask` what was found by its name in brackets; `report` it in the metrics and the log of the runtime alone. What is in a path or query cannot be masked, and is refused.
         * @example mask
         * @enum {string}
         */
        ContentAction: "refuse" | "mask" | "report";
        /**
         * @description What to look for by its kind, and what to do about it.
         * @example {
         *       "detector": "payment_card",
         *       "action": "mask"
         *     }
         */
        ContentDetection: {
            action: components["schemas"]["ContentAction"];
            detector: components["schemas"]["ContentDetector"];
        };
        /**
         * @description `payment_card`: numbers of the known brands with a right check digit. `iban`: of the right length for their country, with right check digits. `email`: addresses. `phone`: numbers in international form, with a plus. `private_key`: in PEM. `access_token`: of the shapes that well-known services give theirs, JSON Web Tokens, and keys of STOA.
         * @example payment_card
         * @enum {string}
         */
        ContentDetector: "payment_card" | "iban" | "email" | "phone" | "private_key" | "access_token";
        /**
         * @description What a body may hold. It is read whole before it goes on: streams and WebSockets are refused, and so is what is compressed in a request.
         * @example {
         *       "max_depth": 20,
         *       "detectors": [
         *         {
         *           "detector": "payment_card",
         *           "action": "mask"
         *         }
         *       ]
         *     }
         */
        ContentGuard: {
            /** @description What to look for by its kind. */
            detectors?: components["schemas"]["ContentDetection"][];
            /** @description The largest body in bytes; 1048576 when absent. */
            max_bytes?: number;
            /** @description The most levels of objects and lists in a body of JSON. */
            max_depth?: number;
            /** @description What to look for by regular expressions. */
            patterns?: components["schemas"]["ContentPattern"][];
        };
        /**
         * @description What to look for by a regular expression, and what to do about it.
         * @example {
         *       "name": "project-names",
         *       "pattern": "Project (Falcon|Osprey)",
         *       "action": "refuse"
         *     }
         */
        ContentPattern: {
            action: components["schemas"]["ContentAction"];
            /** @description What is found is called so, in refusals, in the log and where it is masked. */
            name: string;
            /** @description A regular expression of ECMAScript without look-around and back-references. It is tried on each text and number of a body of JSON by itself, else on the whole body. */
            pattern: string;
        };
        /**
         * @description Which browsers may call from other origins.
         * @example {
         *       "allow_origins": [
         *         "https://app.example.com"
         *       ],
         *       "max_age_s": 600
         *     }
         */
        CorsConfig: {
            /** @description Whether cookies and authorization may be sent; not with origin `*`. */
            allow_credentials?: boolean;
            /** @description Request headers allowed. */
            allow_headers?: string[];
            /** @description Methods allowed; all of the API's when absent. */
            allow_methods?: ("GET" | "PUT" | "POST" | "DELETE" | "OPTIONS" | "HEAD" | "PATCH" | "TRACE")[];
            /** @description Origins, or `*` alone. */
            allow_origins: string[];
            /** @description Response headers a page may read. */
            expose_headers?: string[];
            /** @description Seconds a browser may keep a preflight answer. */
            max_age_s?: number;
        };
        /**
         * @description Which browsers may call from other origins.
         * @example {
         *       "kind": "cors",
         *       "config": {
         *         "allow_origins": [
         *           "https://app.example.com"
         *         ],
         *         "max_age_s": 600
         *       }
         *     }
         */
        CorsPolicy: {
            config: components["schemas"]["CorsConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "cors";
        };
        /**
         * @description A credential for the upstream: its place by the security scheme of the document, or by `in` and `name`.
         * @example {
         *       "scheme": "key",
         *       "valueFrom": {
         *         "env": "ORDERS_KEY"
         *       }
         *     }
         */
        CredentialManifest: {
            /**
             * @description The place in the request, where no scheme tells it.
             * @enum {string}
             */
            in?: "header" | "query" | "cookie";
            /** @description The name of the header, query parameter or cookie, where no scheme tells it. */
            name?: string;
            /** @description The name of a security scheme of the document. */
            scheme?: string;
            valueFrom: components["schemas"]["SecretSource"];
        };
        /**
         * @description A part of a day. One that ends before it begins goes on past midnight, and belongs to the day on which it begins.
         * @example {
         *       "from": "08:00",
         *       "to": "18:00"
         *     }
         */
        DayHours: {
            /** @description The first minute, such as `08:00`. */
            from: string;
            /** @description The minute after the last, such as `18:00`; `24:00` for midnight. */
            to: string;
        };
        /**
         * @description Which revision of the API is deployed: `newest` follows every update, a number is pinned. To roll back is to pin.
         * @example newest
         */
        DeployedRevision: "newest" | number;
        /**
         * @description A deployment.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "Deployment",
         *       "metadata": {
         *         "name": "orders-production"
         *       },
         *       "spec": {
         *         "api": "orders",
         *         "targets": {
         *           "environments": [
         *             "production"
         *           ]
         *         }
         *       }
         *     }
         */
        DeploymentManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "Deployment";
            metadata: components["schemas"]["NameOnly"];
            spec: components["schemas"]["DeploymentSpec"];
        };
        /**
         * @description An API to expose on gateways.
         * @example {
         *       "api": "orders",
         *       "targets": {
         *         "environments": [
         *           "production"
         *         ]
         *       }
         *     }
         */
        DeploymentSpec: {
            /** @description What is deployed, by the name of the API. */
            api: components["schemas"]["Slug"];
            /** @default repair */
            drift?: components["schemas"]["DriftRule"];
            public_path?: components["schemas"]["PublicPath"];
            /** @default newest */
            revision?: components["schemas"]["DeployedRevision"];
            targets: components["schemas"]["TargetSelector"];
        };
        /**
         * @description A document in a file.
         * @example {
         *       "file": "orders.openapi.yaml"
         *     }
         */
        DocumentFile: {
            /** @description The file, from the folder of the manifest. */
            file: string;
        };
        /**
         * @description A document that is fetched when the manifest is applied.
         * @example {
         *       "url": "https://orders.example.com/openapi.json"
         *     }
         */
        DocumentUrl: {
            /** @description Where the document is. */
            url: string;
        };
        /**
         * @description What Connect does when somebody changed on a gateway what the deployment made there: `repair` puts it back, `report` leaves it until the deployment itself changes. Repaired when nothing is said.
         * @example repair
         * @enum {string}
         */
        DriftRule: "repair" | "report";
        /**
         * @description The name of an environment. Used as given; there are no aliases.
         * @example production
         */
        EnvironmentName: string;
        /**
         * @description A key that gateways register with. A new one's secret is written to a file of its own when it is applied.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "GatewayKey",
         *       "metadata": {
         *         "name": "production kongs"
         *       },
         *       "spec": {
         *         "environments": [
         *           "production"
         *         ],
         *         "modes": [
         *           "connect"
         *         ]
         *       }
         *     }
         */
        GatewayKeyManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "GatewayKey";
            /** @description What it is called. */
            metadata: {
                /** @description A name to recognise the key by. */
                name: string;
            };
            spec?: components["schemas"]["GatewayKeySpec"];
        };
        /**
         * @description What a gateway key is good for. Its secret is never in a manifest.
         * @example {
         *       "environments": [
         *         "production"
         *       ],
         *       "modes": [
         *         "connect"
         *       ]
         *     }
         */
        GatewayKeySpec: {
            /** @description Environments it is good for; any when absent or empty. */
            environments?: components["schemas"]["EnvironmentName"][];
            /** @description When it ends; never when absent. */
            expires_at?: components["schemas"]["Timestamp"];
            /** @description The one instance that it is good for; any when absent. */
            instance_name?: components["schemas"]["InstanceName"];
            /** @description Modes it is good for; any when absent or empty. */
            modes?: components["schemas"]["GatewayMode"][];
            /** @description The team that owns it, and the gateways that register with it. */
            team?: components["schemas"]["Slug"];
        };
        /**
         * @description Which runtime an instance is: `edge_mcp` (Gateway), `sidecar` (Link) or `connect` (Connect). Closed: a new mode needs an ADR.
         * @example edge_mcp
         * @enum {string}
         */
        GatewayMode: "edge_mcp" | "sidecar" | "connect";
        /**
         * @description What requests and answers may hold.
         * @example {
         *       "response": {
         *         "detectors": [
         *           {
         *             "detector": "payment_card",
         *             "action": "mask"
         *           }
         *         ]
         *       }
         *     }
         */
        GuardrailsConfig: {
            request?: components["schemas"]["ContentGuard"];
            response?: components["schemas"]["ContentGuard"];
        };
        /**
         * @description What requests and answers may hold. Of several such policies on an API each is asked. Gateway and Link enforce it where they see contents, as tools and below `/apis`; where another gateway asks, they deny its APIs.
         * @example {
         *       "kind": "guardrails",
         *       "config": {
         *         "response": {
         *           "detectors": [
         *             {
         *               "detector": "payment_card",
         *               "action": "mask"
         *             }
         *           ]
         *         }
         *       }
         *     }
         */
        GuardrailsPolicy: {
            config: components["schemas"]["GuardrailsConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "guardrails";
        };
        /**
         * @description Changes to the headers of a message.
         * @example {
         *       "set": {
         *         "X-Channel": "agents"
         *       }
         *     }
         */
        HeaderChanges: {
            /** @description Names of headers to remove. */
            remove?: string[];
            /** @description Headers to set, by name. */
            set?: {
                [key: string]: string;
            };
        };
        /**
         * @description Sets or removes headers of requests to the upstream and of responses to the caller.
         * @example {
         *       "request": {
         *         "set": {
         *           "X-Channel": "agents"
         *         }
         *       }
         *     }
         */
        HeadersConfig: {
            request?: components["schemas"]["HeaderChanges"];
            response?: components["schemas"]["HeaderChanges"];
        };
        /**
         * @description Sets or removes headers of requests to the upstream and of responses to the caller.
         * @example {
         *       "kind": "headers",
         *       "config": {
         *         "request": {
         *           "set": {
         *             "X-Channel": "agents"
         *           }
         *         }
         *       }
         *     }
         */
        HeadersPolicy: {
            config: components["schemas"]["HeadersConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "headers";
        };
        /**
         * @description The name of a gateway instance, unique within its tenant and environment.
         * @example kong-prod-01
         */
        InstanceName: string;
        /**
         * @description How gateways ask the issuer about a token (RFC 7662), as a client that it knows.
         * @example {
         *       "client_id": "gateway",
         *       "client_secret": {
         *         "valueFrom": {
         *           "env": "GATEWAY_CLIENT_SECRET"
         *         }
         *       }
         *     }
         */
        IntrospectionManifest: {
            /** @description As whom gateways ask. */
            client_id: string;
            /** @description The secret of that client. */
            client_secret: {
                valueFrom: components["schemas"]["SecretSource"];
            };
            /** @description Where it is asked, when not where its metadata says. */
            endpoint?: string;
            when?: components["schemas"]["IntrospectionRule"];
        };
        /**
         * @description `needed`: the issuer is asked about tokens that say too little themselves: opaque ones, and those without `sub` or `aud`. `always`: about every token, which ends access within a minute of a log-out and costs a question for each token and minute.
         * @example needed
         * @enum {string}
         */
        IntrospectionRule: "needed" | "always";
        /**
         * @description Which addresses may call. `deny` wins over `allow`.
         * @example {
         *       "allow": [
         *         "10.0.0.0/8"
         *       ]
         *     }
         */
        IpRestrictionConfig: {
            /** @description Addresses or CIDR ranges allowed; all when absent. */
            allow?: string[];
            /** @description Addresses or CIDR ranges refused. */
            deny?: string[];
        };
        /**
         * @description Which addresses may call. `deny` wins over `allow`. Gateway and Link enforce it, and some third-party gateways behind a Connect.
         * @example {
         *       "kind": "ip_restriction",
         *       "config": {
         *         "allow": [
         *           "10.0.0.0/8"
         *         ]
         *       }
         *     }
         */
        IpRestrictionPolicy: {
            config: components["schemas"]["IpRestrictionConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "ip_restriction";
        };
        /**
         * @description Callers must present a JSON Web Token of this issuer and audience.
         * @example {
         *       "issuer": "https://id.example.com",
         *       "audience": [
         *         "orders"
         *       ]
         *     }
         */
        JwtAuthConfig: {
            /** @description Accepted `aud` values. */
            audience: string[];
            /** @description The exact `iss` claim. */
            issuer: string;
            /** @description Where the issuer's keys are. Gateway and Link take them from where the trusted issuer says, and refuse the policy with it. */
            jwks_uri?: string;
            /** @description Scopes that the token must have; a caller without them is told to ask for them. */
            scopes?: components["schemas"]["TokenScope"][];
        };
        /**
         * @description Callers must present a token of this issuer and audience, with these scopes. The issuer has to be a trusted issuer of the tenant, whose rules say which consumer calls. Of several such policies on an API one is enough. Gateway and Link enforce it.
         * @example {
         *       "kind": "jwt_auth",
         *       "config": {
         *         "issuer": "https://id.example.com",
         *         "audience": [
         *           "orders"
         *         ]
         *       }
         *     }
         */
        JwtAuthPolicy: {
            config: components["schemas"]["JwtAuthConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "jwt_auth";
        };
        /**
         * @description The `kid` of the key, where the issuer asks for one.
         * @example key-1
         */
        KeyId: string;
        /**
         * @description Free key/value pairs to select by.
         * @example {
         *       "region": "eu-west-1",
         *       "team": "payments"
         *     }
         */
        Labels: {
            [key: string]: string;
        };
        /**
         * @description Whose calls are counted together: those of one `consumer`, as when absent; of one consumer to one tool; of all consumers to one `tool`, or to one `api`; or all that come under the policy in the `tenant`, in a plan all of its subscribers. Gateway and Link know all of them, third-party gateways the first.
         * @example tool
         * @enum {string}
         */
        LimitBy: "consumer" | "consumer_and_tool" | "tool" | "api" | "tenant";
        /**
         * @description An MCP server that speaks Streamable HTTP.
         * @example {
         *       "url": "https://tickets.example.com/mcp",
         *       "credentials": [
         *         {
         *           "in": "header",
         *           "name": "X-Api-Key",
         *           "valueFrom": {
         *             "env": "TICKETS_KEY"
         *           }
         *         }
         *       ]
         *     }
         */
        McpHttpManifest: {
            /** @description What proves the gateway to it, each in a header. Where nothing is said of them, those that are kept stay. */
            credentials?: (components["schemas"]["CredentialManifest"] | components["schemas"]["BasicCredentialManifest"] | components["schemas"]["ClientCredentialsManifest"] | components["schemas"]["TokenExchangeManifest"] | components["schemas"]["ClientCertificateManifest"] | components["schemas"]["CallerAssertion"])[];
            /** @description The URL of its endpoint. */
            url: string;
        };
        /**
         * @description What is served before an operator has seen it: `auto` everything as the server gives it; `additive` tools, resources and prompts that are new, while a
         *     changed one waits; `manual` nothing.
         * @example manual
         * @enum {string}
         */
        McpPinning: "auto" | "additive" | "manual";
        /**
         * @description What stands before the names of tools and prompts, such as `tickets_`. No two MCP servers of a tenant have the same, and no API has its name before the underscore.
         * @example tickets_
         */
        McpPrefix: string;
        /**
         * @description An MCP server.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "McpServer",
         *       "metadata": {
         *         "name": "tickets"
         *       },
         *       "spec": {
         *         "http": {
         *           "url": "https://tickets.example.com/mcp"
         *         },
         *         "targets": {
         *           "environments": [
         *             "production"
         *           ]
         *         }
         *       }
         *     }
         */
        McpServerManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "McpServer";
            metadata: components["schemas"]["Metadata"];
            spec: components["schemas"]["McpServerSpec"];
        };
        /**
         * @description An MCP server that gateways serve beside the APIs: one of `http` and `stdio`.
         * @example {
         *       "http": {
         *         "url": "https://tickets.example.com/mcp"
         *       },
         *       "targets": {
         *         "environments": [
         *           "production"
         *         ]
         *       }
         *     }
         */
        McpServerSpec: {
            /** @description Seconds that a request waits for its answer or for the next progress of it; 60 when absent. */
            call_timeout_s?: number;
            http?: components["schemas"]["McpHttpManifest"];
            /** @description `manual` when absent. */
            pinning?: components["schemas"]["McpPinning"];
            /** @description What stands before the names of its tools and prompts; the name and an underscore when absent. */
            prefix?: components["schemas"]["McpPrefix"];
            stdio?: components["schemas"]["McpStdioTransport"];
            /**
             * @description Whether only consumers with a subscription to it may see and use what it offers.
             * @default true
             */
            subscription_required?: boolean;
            targets: components["schemas"]["TargetSelector"];
            /** @description The team that owns it. */
            team?: components["schemas"]["Slug"];
            /** @description What people call it. */
            title?: string;
        };
        /**
         * @description An MCP server that a Link starts as a child process. What it starts stands in the Link's own settings (`STOA_MCP_COMMANDS`) by this name.
         * @example {
         *       "command": "tickets"
         *     }
         */
        McpStdioTransport: {
            /** @description The name of the command there. A runtime that has none of the name rejects the MCP server. */
            command: string;
        };
        /**
         * @description What a thing is called and selected by.
         * @example {
         *       "name": "orders",
         *       "labels": {
         *         "team": "shop"
         *       }
         *     }
         */
        Metadata: {
            labels?: components["schemas"]["Labels"];
            /** @description What it is called: lower-case letters, digits and hyphens, 63 characters at most. */
            name: components["schemas"]["Slug"];
        };
        /**
         * @description What a thing is called.
         * @example {
         *       "name": "orders-production"
         *     }
         */
        NameOnly: {
            /** @description What it is called: lower-case letters, digits and hyphens, 63 characters at most. */
            name: components["schemas"]["Slug"];
        };
        /**
         * @description Which operations of the document become tools: those that a selector of `include` fits, all when there is none, but those that a selector of `exclude` fits. The others are neither tools nor routes.
         * @example {
         *       "include": [
         *         {
         *           "tag": "orders"
         *         },
         *         {
         *           "method": "GET",
         *           "path": "/customers/*"
         *         }
         *       ],
         *       "exclude": [
         *         {
         *           "id": "deleteOrder"
         *         }
         *       ]
         *     }
         */
        OperationFilter: {
            /** @description Which of them are left out again. */
            exclude?: components["schemas"]["OperationSelector"][];
            /** @description Which operations are taken; all when absent or empty. */
            include?: components["schemas"]["OperationSelector"][];
        };
        /**
         * @description Fits an operation when all that it states does. In `path` and `id` a `*` stands for any characters, slashes too, and `?` for one.
         * @example {
         *       "method": "GET",
         *       "path": "/orders/*"
         *     }
         */
        OperationSelector: {
            /** @description A glob for the `operationId`. */
            id?: string;
            /** @description The method, in either case. */
            method?: string;
            /** @description A glob for the path as the document writes it, such as `/orders/*`. */
            path?: string;
            /** @description A tag of the operation. */
            tag?: string;
        };
        /**
         * @description `owner` has every right and makes other owners; `admin` has every right but that; `publisher` defines APIs and policies and deploys; `operator` runs gateways and hands out their keys; `consumer-admin` decides who may call what; `auditor` reads everything; `viewer` reads what is defined and what runs.
         * @example viewer
         * @enum {string}
         */
        OperatorRole: "owner" | "admin" | "publisher" | "operator" | "consumer-admin" | "auditor" | "viewer";
        /**
         * @description A plan.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "Plan",
         *       "metadata": {
         *         "name": "gold"
         *       },
         *       "spec": {
         *         "apis": [
         *           "orders"
         *         ],
         *         "policies": [
         *           "gold-limit"
         *         ]
         *       }
         *     }
         */
        PlanManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "Plan";
            metadata: components["schemas"]["Metadata"];
            spec: components["schemas"]["PlanSpec"];
        };
        /**
         * @description APIs that are subscribed to together, and the policies that limit each subscriber.
         * @example {
         *       "description": "A hundred calls a minute",
         *       "apis": [
         *         "orders"
         *       ],
         *       "policies": [
         *         "gold-limit"
         *       ]
         *     }
         */
        PlanSpec: {
            /**
             * @description Its APIs by their names; none when absent.
             * @default []
             */
            apis?: components["schemas"]["Slug"][];
            /** @description What is offered, for people. */
            description?: string;
            /**
             * @description Its policies by their names, of the kinds `rate_limit` and `quota`; none when absent.
             * @default []
             */
            policies?: components["schemas"]["Slug"][];
        };
        /**
         * @description A policy.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "Policy",
         *       "metadata": {
         *         "name": "orders-limit"
         *       },
         *       "spec": {
         *         "policy": {
         *           "kind": "rate_limit",
         *           "config": {
         *             "limit": 100,
         *             "window_s": 60
         *           }
         *         },
         *         "attached_to": [
         *           {
         *             "api": "orders"
         *           }
         *         ]
         *       }
         *     }
         */
        PolicyManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "Policy";
            metadata: components["schemas"]["Metadata"];
            spec: components["schemas"]["PolicyManifestSpec"];
        };
        /**
         * @description A policy and what it is attached to.
         * @example {
         *       "policy": {
         *         "kind": "rate_limit",
         *         "config": {
         *           "limit": 100,
         *           "window_s": 60
         *         }
         *       },
         *       "attached_to": [
         *         {
         *           "api": "orders"
         *         }
         *       ]
         *     }
         */
        PolicyManifestSpec: {
            /**
             * @description What it is attached to; nothing when absent.
             * @default []
             */
            attached_to?: components["schemas"]["PolicyTarget"][];
            policy: components["schemas"]["PolicySpec"];
        };
        /**
         * @description What a policy demands. The kinds are closed; each has its own configuration.
         * @example {
         *       "kind": "rate_limit",
         *       "config": {
         *         "limit": 100,
         *         "window_s": 60
         *       }
         *     }
         */
        PolicySpec: components["schemas"]["RateLimitPolicy"] | components["schemas"]["QuotaPolicy"] | components["schemas"]["CorsPolicy"] | components["schemas"]["IpRestrictionPolicy"] | components["schemas"]["JwtAuthPolicy"] | components["schemas"]["ApiKeyAuthPolicy"] | components["schemas"]["RequestSizeLimitPolicy"] | components["schemas"]["HeadersPolicy"] | components["schemas"]["ToolAccessPolicy"] | components["schemas"]["TimeWindowPolicy"] | components["schemas"]["GuardrailsPolicy"] | components["schemas"]["CircuitBreakerPolicy"] | components["schemas"]["ConcurrencyLimitPolicy"] | components["schemas"]["RetryPolicy"] | components["schemas"]["ApprovalPolicy"];
        /**
         * @description What a policy is attached to: one API or MCP server by its name, every one in one environment, or, with both, one in one environment.
         * @example {
         *       "api": "orders"
         *     }
         */
        PolicyTarget: {
            /** @description The API, by its name. */
            api?: components["schemas"]["Slug"];
            /** @description The environment; every one when absent. */
            environment?: components["schemas"]["EnvironmentName"];
            /** @description The MCP server, by its name. */
            mcp_server?: components["schemas"]["Slug"];
        };
        /**
         * @description Where a third-party gateway exposes an API, in the place of the paths of its upstream. Two APIs with the same paths share a gateway so. MCP tools, and with them Gateway and Link, are not concerned.
         * @example {
         *       "prefix": "/shop",
         *       "host": "api.example.com"
         *     }
         */
        PublicPath: {
            /** @description The host that requests have to name; any when absent. A host is asked for before none is. */
            host?: string;
            /** @description Stands before the paths of its operations, where the path of the upstream's URL stands else. */
            prefix?: string;
            /** @description Whether the prefix is taken off before the upstream sees a request; true when absent. Otherwise the upstream is sent it, behind the path of its URL. */
            strip?: boolean;
        };
        /**
         * @description At most `limit` calls, or bytes, in each calendar period (UTC), counted per consumer unless `limit_by` says otherwise.
         * @example {
         *       "limit": 100000,
         *       "period": "month"
         *     }
         */
        QuotaConfig: {
            /** @description Calls, or bytes, allowed in a period. */
            limit: number;
            limit_by?: components["schemas"]["LimitBy"];
            on_store_unavailable?: components["schemas"]["WithoutStore"];
            /**
             * @description The calendar period.
             * @enum {string}
             */
            period: "hour" | "day" | "month";
            unit?: components["schemas"]["QuotaUnit"];
        };
        /**
         * @description At most `limit` calls, or bytes, in each calendar period (UTC), counted per consumer unless `limit_by` says otherwise.
         * @example {
         *       "kind": "quota",
         *       "config": {
         *         "limit": 100000,
         *         "period": "month"
         *       }
         *     }
         */
        QuotaPolicy: {
            config: components["schemas"]["QuotaConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "quota";
        };
        /**
         * @description What is counted: `calls`, as when absent, or the `bytes` of bodies of requests and answers that passed. What passes is known when it has passed: a call is let through as long as anything is left, and an answer that is under way is let finish; streams and WebSockets end. Gateway and Link count bytes of the calls that they make, third-party gateways do not.
         * @example bytes
         * @enum {string}
         */
        QuotaUnit: "calls" | "bytes";
        /**
         * @description `fixed_window`: a window begins with its first call; as when absent. `sliding_window`: the calls of the last `window_s` seconds, reckoned from this window and the part of the one before that is in it. `token_bucket`: `limit` calls in `window_s` seconds come back one by one, up to `burst`. Gateway and Link know the last two, third-party gateways do not; replicas that count together hold each its share of them.
         * @example token_bucket
         * @enum {string}
         */
        RateAlgorithm: "fixed_window" | "sliding_window" | "token_bucket";
        /**
         * @description At most `limit` calls in each window of `window_s` seconds, counted per consumer unless `limit_by` says otherwise.
         * @example {
         *       "limit": 100,
         *       "window_s": 60
         *     }
         */
        RateLimitConfig: {
            algorithm?: components["schemas"]["RateAlgorithm"];
            /** @description Of a `token_bucket` alone: how many calls may come at once; as many as `limit` when absent. */
            burst?: number;
            /** @description Calls allowed in a window. */
            limit: number;
            limit_by?: components["schemas"]["LimitBy"];
            on_store_unavailable?: components["schemas"]["WithoutStore"];
            /** @description The length of a window in seconds. */
            window_s: number;
        };
        /**
         * @description At most `limit` calls in each window of `window_s` seconds, counted per consumer unless `limit_by` says otherwise.
         * @example {
         *       "kind": "rate_limit",
         *       "config": {
         *         "limit": 100,
         *         "window_s": 60
         *       }
         *     }
         */
        RateLimitPolicy: {
            config: components["schemas"]["RateLimitConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "rate_limit";
        };
        /**
         * @description Refuses larger request bodies.
         * @example {
         *       "max_bytes": 1048576
         *     }
         */
        RequestSizeLimitConfig: {
            /** @description The largest body accepted in bytes. */
            max_bytes: number;
        };
        /**
         * @description Refuses larger request bodies.
         * @example {
         *       "kind": "request_size_limit",
         *       "config": {
         *         "max_bytes": 1048576
         *       }
         *     }
         */
        RequestSizeLimitPolicy: {
            config: components["schemas"]["RequestSizeLimitConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "request_size_limit";
        };
        /**
         * @description Which calls are made once more: those of the methods GET, HEAD, OPTIONS, TRACE, PUT and DELETE that could not connect, whose connection broke, or that were answered with one of the statuses. A call that took too long is not, nor one whose body or answer has passed by already.
         * @example {
         *       "max_retries": 2,
         *       "budget_percent": 10
         *     }
         */
        RetryConfig: {
            /** @description The most milliseconds before the first retry, of which a random part is waited; twice as much before each further one; 50 when absent. */
            base_interval_ms?: number;
            /** @description How many retries there may be for a hundred calls to the upstream in the last ten seconds; 10 when absent. Three are always allowed. */
            budget_percent?: number;
            /** @description The most milliseconds before any retry; 1000 when absent. */
            max_interval_ms?: number;
            /** @description How often one call is made again, at most. */
            max_retries: number;
            /** @description Statuses of answers that are worth another try; 502, 503 and 504 when absent. */
            statuses?: number[];
        };
        /**
         * @description Makes idempotent calls once more that an upstream failed. Of several such policies on an API the strictest of each value counts. Gateway and Link enforce it for the calls that they make; where another gateway asks, that one makes them.
         * @example {
         *       "kind": "retry",
         *       "config": {
         *         "max_retries": 2,
         *         "budget_percent": 10
         *       }
         *     }
         */
        RetryPolicy: {
            config: components["schemas"]["RetryConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "retry";
        };
        /**
         * @description A secret that a runtime has by this name in its own settings (`STOA_UPSTREAM_SECRETS`), so that the Control Plane never holds it. A runtime that has none of the name rejects the API.
         * @example {
         *       "runtime": "orders-key"
         *     }
         */
        RuntimeSecret: {
            /** @description The name of the secret there. */
            runtime: string;
        };
        /**
         * @description A secret of runtimes.
         * @example {
         *       "valueFrom": {
         *         "runtime": "orders-certificate"
         *       }
         *     }
         */
        RuntimeSecretManifest: {
            valueFrom: components["schemas"]["RuntimeSecret"];
        };
        /**
         * @description A secret.
         * @example {
         *       "valueFrom": {
         *         "runtime": "orders-client"
         *       }
         *     }
         */
        SecretManifest: {
            valueFrom: components["schemas"]["SecretSource"];
        };
        /**
         * @description Where a secret is: in a variable of the environment, in a file beside the manifest, or, by a name, on the server that keeps it already.
         * @example {
         *       "env": "ORDERS_KEY"
         *     }
         */
        SecretSource: {
            /** @description A variable of the environment. */
            env?: string;
            /** @description A file, from the folder of the manifest. */
            file?: string;
            /** @description The secret that the server keeps for this thing; a reader is told this name where the server has none. */
            name?: string;
            /** @description Of a credential for an upstream: the secret that runtimes have by this name in their own settings. */
            runtime?: string;
        };
        /**
         * @description A name usable in URLs: lower-case letters, digits and hyphens, 63 characters at most.
         * @example orders
         */
        Slug: string;
        /**
         * @description A subscription. Its consumer and its API, plan, MCP server or tool set are its identity; a name, where one is given, is `consumer/api`, `consumer/plan/plan`, `consumer/mcp-server/server` or `consumer/tool-set/set`.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "Subscription",
         *       "spec": {
         *         "consumer": "support-agent",
         *         "api": "orders"
         *       }
         *     }
         */
        SubscriptionManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "Subscription";
            /** @description Nothing but its name. */
            metadata?: {
                /** @description The consumer and the API, or the consumer, `plan`, `mcp-server` or `tool-set`, and its name, with slashes between. */
                name?: string;
            };
            spec: components["schemas"]["SubscriptionSpec"];
        };
        /**
         * @description Which consumer may call which API, the APIs of which plan, which MCP server or the tools of which tool set: one of `api`, `plan`, `mcp_server` and `tool_set`.
         * @example {
         *       "consumer": "support-agent",
         *       "api": "orders"
         *     }
         */
        SubscriptionSpec: {
            /** @description What may be called, by the name of the API. */
            api?: components["schemas"]["Slug"];
            /** @description Who may call, by the name of the consumer. */
            consumer: components["schemas"]["Slug"];
            /** @description Which MCP server may be used, by its name. */
            mcp_server?: components["schemas"]["Slug"];
            /** @description Of which plan the APIs may be called, by its name. */
            plan?: components["schemas"]["Slug"];
            /** @description Of which tool set the tools may be called at its address, by its name. */
            tool_set?: components["schemas"]["Slug"];
        };
        /**
         * @description Which gateways get a deployment. A gateway is chosen when it fits every criterion given; within one list, any value fits. At least
         *     one criterion is required.
         * @example {
         *       "environments": [
         *         "production"
         *       ],
         *       "modes": [
         *         "edge_mcp",
         *         "sidecar"
         *       ]
         *     }
         */
        TargetSelector: {
            /** @description Gateways by environment. */
            environments?: components["schemas"]["EnvironmentName"][];
            /** @description Gateways by name. */
            instance_names?: components["schemas"]["InstanceName"][];
            labels?: components["schemas"]["Labels"];
            /** @description Gateways by mode. */
            modes?: components["schemas"]["GatewayMode"][];
        };
        /**
         * @description People who own APIs, consumers and gateways together.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "Team",
         *       "metadata": {
         *         "name": "shop"
         *       },
         *       "spec": {
         *         "members": [
         *           {
         *             "user": "ada@example.com",
         *             "roles": [
         *               "publisher"
         *             ]
         *           }
         *         ]
         *       }
         *     }
         */
        TeamManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "Team";
            metadata: components["schemas"]["NameOnly"];
            spec?: components["schemas"]["TeamSpec"];
        };
        /**
         * @description A person in a team, and what the person may do with what the team owns.
         * @example {
         *       "user": "ada@example.com",
         *       "roles": [
         *         "publisher"
         *       ]
         *     }
         */
        TeamMember: {
            /** @description The roles, which hold for what the team owns and nothing else. */
            roles: components["schemas"]["OperatorRole"][];
            /** @description What the person signs in with: the address, or the name at an external issuer. */
            user: string;
        };
        /**
         * @description Who belongs to a team.
         * @example {
         *       "members": [
         *         {
         *           "user": "ada@example.com",
         *           "roles": [
         *             "publisher"
         *           ]
         *         }
         *       ]
         *     }
         */
        TeamSpec: {
            /** @description What it is for, for people. */
            description?: string;
            /** @description Where a role in the team may mint gateway keys of it; nowhere when absent. */
            environments?: components["schemas"]["EnvironmentName"][];
            /** @description Who belongs to it, and as what; nobody when absent. */
            members?: components["schemas"]["TeamMember"][];
        };
        /**
         * Format: date-time
         * @description An instant in UTC, RFC 3339, by the database's clock.
         * @example 2026-11-22T18:24:00.000Z
         */
        Timestamp: string;
        /**
         * @description When calls are let through: all that is said has to be true of the moment.
         * @example {
         *       "days": [
         *         "mon",
         *         "tue",
         *         "wed",
         *         "thu",
         *         "fri"
         *       ],
         *       "hours": [
         *         {
         *           "from": "08:00",
         *           "to": "18:00"
         *         }
         *       ],
         *       "time_zone": "Europe/Paris"
         *     }
         */
        TimeWindowConfig: {
            /** @description Days of the week; all when absent. */
            days?: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
            /** @description Times of the day, of which one has to be; the whole day when absent. */
            hours?: components["schemas"]["DayHours"][];
            /**
             * Format: date-time
             * @description From when on they are refused again.
             */
            not_after?: string;
            /**
             * Format: date-time
             * @description From when on calls are let through.
             */
            not_before?: string;
            /** @description The zone of days and hours, by its IANA name such as `Europe/Paris`; `UTC` when absent. Where clocks are set, hours go by what they show: an hour that is left out is not there, one that comes twice counts twice. */
            time_zone?: string;
        };
        /**
         * @description When calls are let through. Of several such policies on an API each has to let a call through. Gateway and Link enforce it, by the clock of their machine.
         * @example {
         *       "kind": "time_window",
         *       "config": {
         *         "days": [
         *           "mon",
         *           "tue",
         *           "wed",
         *           "thu",
         *           "fri"
         *         ],
         *         "hours": [
         *           {
         *             "from": "08:00",
         *             "to": "18:00"
         *           }
         *         ],
         *         "time_zone": "Europe/Paris"
         *       }
         *     }
         */
        TimeWindowPolicy: {
            config: components["schemas"]["TimeWindowConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "time_window";
        };
        /**
         * @description An algorithm of RFC 7518 or RFC 8037 that signs with a key pair. Those that sign with a shared secret, and `none`, are never accepted.
         * @example ES256
         * @enum {string}
         */
        TokenAlgorithm: "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA";
        /**
         * @description The token endpoint of the issuer: of https, or of loopback.
         * @example https://id.example.com/token
         */
        TokenEndpoint: string;
        /**
         * @description A token that the gateway gets in exchange for that of the caller.
         * @example {
         *       "kind": "token_exchange",
         *       "token_endpoint": "https://id.example.com/token",
         *       "client_id": "gateway",
         *       "client_secret": {
         *         "valueFrom": {
         *           "runtime": "orders-client"
         *         }
         *       }
         *     }
         */
        TokenExchangeManifest: {
            algorithm?: components["schemas"]["AssertionAlgorithm"];
            audience?: components["schemas"]["UpstreamAudience"];
            client_auth?: components["schemas"]["ClientAuth"];
            client_id: components["schemas"]["ClientId"];
            /** @description The secret of the client, unless it signs. */
            client_secret?: components["schemas"]["SecretManifest"];
            header?: components["schemas"]["TokenHeader"];
            key_id?: components["schemas"]["KeyId"];
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "token_exchange";
            /** @description For `private_key_jwt`: the key in PEM (PKCS #8). */
            private_key?: components["schemas"]["SecretManifest"];
            resource?: components["schemas"]["UpstreamResource"];
            /** @description The security scheme of the document that it meets; every operation gets one without. */
            scheme?: string;
            scope?: components["schemas"]["UpstreamScope"];
            token_endpoint: components["schemas"]["TokenEndpoint"];
        };
        /**
         * @description The header that the token is sent in, behind `Bearer`; `Authorization` when absent.
         * @example Authorization
         */
        TokenHeader: string;
        /**
         * @description How tokens of an issuer are judged.
         * @example {
         *       "issuer": "https://id.example.com/realms/agents",
         *       "consumers": [
         *         {
         *           "claim": "azp",
         *           "value": "helpdesk",
         *           "consumer": "support-agent"
         *         }
         *       ],
         *       "scopes": [
         *         "mcp:tools"
         *       ]
         *     }
         */
        TokenRules: {
            /** @description Algorithms that are accepted; all of them when absent. */
            algorithms?: components["schemas"]["TokenAlgorithm"][];
            /** @description Whether an agent is told to ask for the optional scopes at once: for issuers that let a client ask only for what it registered with. */
            ask_for_all_scopes?: boolean;
            /** @description Audiences that are accepted besides the address of the MCP endpoint, which every runtime accepts at its own. */
            audiences?: string[];
            /** @description Clients that tokens may be issued to, by `azp` or `client_id`; every client when absent. */
            authorized_parties?: string[];
            /** @description Seconds by which its clock may differ from that of a runtime; 30 when absent. */
            clock_skew_s?: number;
            /** @description Whose tokens they are: the first rule that fits decides. A token that none fits, or whose consumer does not exist, is refused. */
            consumers: components["schemas"]["ConsumerRule"][];
            /** @description Where its metadata is, when not at the well-known places below the issuer. */
            discovery_url?: string;
            /** @description Whether each of its tokens has to be bound to a key that who presents it proves to have (RFC 9449). A token that is bound is never taken without the proof. */
            dpop_bound_access_tokens_required?: boolean;
            /** @description Whether such a proof has to hold a nonce of the runtime that it is shown to, which is told in a refusal: then no proof can be made ahead. */
            dpop_nonce_required?: boolean;
            /** @description Token endpoints that its tokens may be sent to, for upstreams that want a token in exchange for that of the caller (`token_exchange`), exactly as the `token_endpoint` of the credential says it; of https, or of loopback. None when absent. */
            exchange_endpoints?: components["schemas"]["TokenEndpoint"][];
            /** @description The exact `iss` of its tokens, a URL of https; http on loopback alone. */
            issuer: string;
            /** @description Where its keys are, when its metadata shall not be asked. */
            jwks_uri?: string;
            /** @description Scopes that agents are told of besides, because a policy of some API demands them. */
            optional_scopes?: components["schemas"]["TokenScope"][];
            /** @description Claims that every token must have. */
            required_claims?: components["schemas"]["ClaimDemand"][];
            /** @description Scopes that every token must have, and that agents are told to ask for; none when absent. */
            scopes?: components["schemas"]["TokenScope"][];
        };
        /**
         * @description A scope of RFC 6749 §3.3. `openid` and `offline_access` are a client's own to ask for, and none that a gateway demands.
         * @example mcp:tools
         */
        TokenScope: string;
        /**
         * @description Which consumers may use which tools, as Cedar policies. A tool of which no call can be permitted is neither listed nor callable.
         * @example {
         *       "cedar": "permit(principal, action, resource) when { resource.read_only };"
         *     }
         */
        ToolAccessConfig: {
            /** @description Cedar policy text. Principal `Consumer::"<name>"`, action `Action::"call"`, resource `Tool::"<tool name>"` with attributes `api`, `operation_id`, `method`, `read_only`, `destructive`. The context has `arguments` of the call, `claims` and `scopes` of the token, `address` and `time`; what of these a policy reads and is not known refuses the call. */
            cedar: string;
        };
        /**
         * @description Which consumers may use which tools, as Cedar policies. A tool that is not permitted is neither listed nor callable.
         * @example {
         *       "kind": "tool_access",
         *       "config": {
         *         "cedar": "permit(principal, action, resource) when { resource.read_only };"
         *       }
         *     }
         */
        ToolAccessPolicy: {
            config: components["schemas"]["ToolAccessConfig"];
            /**
             * @description The kind of policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "tool_access";
        };
        /**
         * @description How a consumer reaches tools over MCP: `full` lists all that it may use; `search` lists three, by which it searches for tools, reads what one takes, and calls it.
         * @example search
         * @enum {string}
         */
        ToolExposure: "full" | "search";
        /**
         * @description What is otherwise of one argument: one of `value`, `hidden` and `description`.
         * @example {
         *       "value": "open"
         *     }
         */
        ToolSetArgument: {
            /** @description What models read of it. */
            description?: string;
            /**
             * @description No call has it. Only for arguments that may be left out.
             * @constant
             */
            hidden?: true;
            /** @description What every call has for it. Whoever may read tool sets sees it; no secret belongs here. */
            value?: unknown;
        };
        /**
         * @description What of the tool's arguments is otherwise in the set, by their names. One that is fixed or hidden is no argument of the tool there: no caller can give
         *     it, and no schema tells of it.
         * @example {
         *       "status": {
         *         "value": "open"
         *       },
         *       "note": {
         *         "hidden": true
         *       },
         *       "limit": {
         *         "description": "How many orders at most."
         *       }
         *     }
         */
        ToolSetArguments: {
            [key: string]: components["schemas"]["ToolSetArgument"];
        };
        /**
         * @description Arguments of calls as examples, told in the tool's schema.
         * @example [
         *       {
         *         "order_id": "A-1001"
         *       }
         *     ]
         */
        ToolSetExamples: {
            [key: string]: unknown;
        }[];
        /**
         * @description How the tools are reached: listed one by one, or by searching. What the consumer has when absent.
         * @example full
         * @enum {string}
         */
        ToolSetExposure: "full" | "search";
        /**
         * @description A tool set.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "ToolSet",
         *       "metadata": {
         *         "name": "helpdesk"
         *       },
         *       "spec": {
         *         "tools": [
         *           {
         *             "api": "orders",
         *             "operation": "getOrder",
         *             "name": "look_up_order"
         *           }
         *         ]
         *       }
         *     }
         */
        ToolSetManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "ToolSet";
            metadata: components["schemas"]["Metadata"];
            spec: components["schemas"]["ToolSetSpec"];
        };
        /**
         * @description A choice of tools at an address of its own, `/mcp/<name>`.
         * @example {
         *       "tools": [
         *         {
         *           "api": "orders",
         *           "operation": "getOrder",
         *           "name": "look_up_order"
         *         }
         *       ]
         *     }
         */
        ToolSetSpec: {
            exposure?: components["schemas"]["ToolSetExposure"];
            /** @description What a model is told of the set as a whole when it begins. */
            instructions?: string;
            /** @description What people call it. */
            title?: string;
            /** @description How many tokens the list of its tools should have at most. More is a warning. */
            token_budget?: number;
            /** @description The tools, each of one API or MCP server. */
            tools: components["schemas"]["ToolSetToolRequest"][];
        };
        /**
         * @description What the tool is called in the set; what it is called at `/mcp` when absent. A name of its own within the set.
         * @example look_up_order
         */
        ToolSetToolName: string;
        /**
         * @description A tool of a set: `api` and `operation`, or `mcp_server` and `tool`.
         * @example {
         *       "api": "orders",
         *       "operation": "getOrder",
         *       "name": "look_up_order"
         *     }
         */
        ToolSetToolRequest: {
            /** @description The API, by its name. */
            api?: components["schemas"]["Slug"];
            arguments?: components["schemas"]["ToolSetArguments"];
            /** @description What models read, in the place of the tool's own description. */
            description?: string;
            examples?: components["schemas"]["ToolSetExamples"];
            /** @description The MCP server, by its name. */
            mcp_server?: components["schemas"]["Slug"];
            name?: components["schemas"]["ToolSetToolName"];
            /** @description The operation, by its `operationId` or the name of its tool. */
            operation?: string;
            /** @description What people read, in the place of the tool's own title. */
            title?: string;
            /** @description The tool, by the name that the MCP server gave it. */
            tool?: string;
        };
        /**
         * @description An issuer whose tokens prove who calls.
         * @example {
         *       "apiVersion": "stoa.dev/v1",
         *       "kind": "TrustedIssuer",
         *       "metadata": {
         *         "name": "agents"
         *       },
         *       "spec": {
         *         "rules": {
         *           "issuer": "https://id.example.com/realms/agents",
         *           "consumers": [
         *             {
         *               "claim": "azp",
         *               "value": "helpdesk",
         *               "consumer": "support-agent"
         *             }
         *           ]
         *         }
         *       }
         *     }
         */
        TrustedIssuerManifest: {
            apiVersion: components["schemas"]["ApiVersion"];
            /**
             * @description The kind of thing.
             * @constant
             */
            kind: "TrustedIssuer";
            metadata: components["schemas"]["NameOnly"];
            spec: components["schemas"]["TrustedIssuerSpec"];
        };
        /**
         * @description How tokens of an issuer are judged.
         * @example {
         *       "rules": {
         *         "issuer": "https://id.example.com/realms/agents",
         *         "consumers": [
         *           {
         *             "claim": "azp",
         *             "value": "helpdesk",
         *             "consumer": "support-agent"
         *           }
         *         ]
         *       }
         *     }
         */
        TrustedIssuerSpec: {
            introspection?: components["schemas"]["IntrospectionManifest"];
            rules: components["schemas"]["TokenRules"];
        };
        /**
         * @description The `audience` to ask for, as some issuers want it.
         * @example orders
         */
        UpstreamAudience: string;
        /**
         * @description The `resource` to ask for (RFC 8707), an absolute URI.
         * @example https://orders.example.com
         */
        UpstreamResource: string;
        /**
         * @description The scopes to ask for, with spaces between them.
         * @example orders:read
         */
        UpstreamScope: string;
        /**
         * @description What a Gateway or a Link that counts with its replicas does while it cannot: let every call through, or none that it had not taken ahead. When absent, it lets its share of the limit through. Third-party gateways do not read it.
         * @example fail_closed
         * @enum {string}
         */
        WithoutStore: "fail_open" | "fail_closed";
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
