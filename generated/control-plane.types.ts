// DO NOT EDIT. Made from openapi/{registration,control-plane}.yaml by openapi/generate.ts; remake with `make generate`.
/* eslint-disable */
export interface paths {
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
         * Export the metrics of the Control Plane
         * @description In the Prometheus text format. Served here when a token is set with STOA_METRICS_TOKEN, and to anybody at the address of STOA_METRICS_LISTEN.
         */
        get: operations["getControlPlaneMetrics"];
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
    "/v1/apis": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List APIs
         * @description Oldest first.
         */
        get: operations["listApis"];
        put?: never;
        /**
         * Define an API
         * @description From an OpenAPI 3.0 or 3.1 document, JSON or YAML, inline or uploaded, of 32 MB at most. The answer says what of the document could not be expressed, and what its tools cost a model. The id in the answer to a dry run is kept by nobody.
         */
        post: operations["createApi"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/apis/{api_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an API
         * @description With its operations, its tools and its document.
         */
        get: operations["getApi"];
        /**
         * Update an API
         * @description Replaces the document. Gateways where the API is deployed follow at once. The upstream credential and the filter of operations are kept when the request carries none; an empty filter takes every operation. One that changes nothing makes no revision.
         */
        put: operations["updateApi"];
        post?: never;
        /**
         * Delete an API
         * @description Deployments of the API end with it.
         */
        delete: operations["deleteApi"];
        options?: never;
        head?: never;
        /**
         * Edit an API
         * @description Changes what the request names and leaves the rest, the document above all, as it is (JSON Merge Patch, RFC 7396). Each edit but that of who may call makes a revision; one that changes nothing makes none. To replace the document, use PUT.
         */
        patch: operations["editApi"];
        trace?: never;
    };
    "/v1/apis/{api_id}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the revisions of an API
         * @description Newest first. The last 100 are kept, and those that a deployment is pinned to.
         */
        get: operations["listApiRevisions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/apis/{api_id}/revisions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a revision of an API
         * @description As it was, with its operations, its tools and its document.
         */
        get: operations["getApiRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List approvals
         * @description Changes that wait for a second person, calls of tools that wait for one, and what became of others, oldest first.
         */
        get: operations["listApprovals"];
        put?: never;
        /**
         * Ask for an approval
         * @description Asks that a second person approves a change, and does nothing else: the same as to send the change itself where an environment demands one, but that it is never done at once. Where nothing demands a second person, the answer says so. Who asks has the permission for the change; it is judged as the operation judges it.
         */
        post: operations["createApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an approval
         * @description One approval, with all that was asked for.
         */
        get: operations["getApproval"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval_id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve a change
         * @description Makes the change, in the name of who asked for it, as if it came now: with the same checks, and only of the state that it was made up from. Where that is no longer so, the change is given up and the answer says why. A revealing act is not done: who asked for it does it again, once, and reads the secret himself. Who asked cannot approve, by no token or session; who approves has the permission for the change, too. A call of a tool is not made either: whoever made it makes it again, within its time, and it passes once; any person with the permission to decide approves it.
         */
        post: operations["approveApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/approvals/{approval_id}/deny": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deny a change
         * @description The change is given up. Who asked for it cannot deny it; who denies has the permission for the change, too.
         */
        post: operations["denyApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the audit
         * @description What was done in the tenant, by whom, from where and when, newest first: changes, sign-ins, refusals for rights, calls that runtimes refused, first uses of keys, exports. Filters go together. What names an erased consumer is a pseudonym.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export the audit
         * @description The whole chain as JSON Lines, oldest first: records as `AuditLine` says them, with all that their hashes cover, and the signed checkpoints, the last of them of this moment. Who has the public key verifies it without a server:
         *     `stoactl audit verify --file`. The export is recorded itself.
         */
        get: operations["exportAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the keys of checkpoints
         * @description The public keys that checkpoints of the audit are signed with. Keep them apart from what they verify.
         */
        get: operations["getAuditKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/verification": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Verify the audit
         * @description Follows the chain of the tenant's records from the oldest that is kept to the newest, with the signed checkpoints, and says where a record was removed, changed or moved. It reads all of them, some thousand a second.
         */
        get: operations["verifyAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/client-rule": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell which clients people may let in
         * @description Clients of MCP register themselves at the embedded issuer, or are known by their metadata document; the people of a tenant let them in at its gateways. This says which of them they may.
         */
        get: operations["getClientRule"];
        /**
         * Say which clients people may let in
         * @description Holds for who is let in from now on. What was let in before stays until its person ends it.
         */
        put: operations["setClientRule"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consumers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List consumers
         * @description Oldest first.
         */
        get: operations["listConsumers"];
        put?: never;
        /**
         * Define a consumer
         * @description Somebody who may call APIs. One with names of certificates needs the right to mint keys too (`consumer-keys.write`), and waits for a second person where APIs are open to all consumers and keys wait.
         */
        post: operations["createConsumer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consumers/{consumer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a consumer
         * @description One consumer.
         */
        get: operations["getConsumer"];
        put?: never;
        post?: never;
        /**
         * Delete a consumer
         * @description Its keys are refused from then on.
         */
        delete: operations["deleteConsumer"];
        options?: never;
        head?: never;
        /**
         * Edit a consumer
         * @description Changes what the request names and leaves the rest. Its keys and subscriptions stay as they are; labels replace those before. Gateways follow at once. Other names of certificates need the right to mint keys too (`consumer-keys.write`), and wait for a second person where keys do: what they are given to is a credential.
         */
        patch: operations["editConsumer"];
        trace?: never;
    };
    "/v1/consumers/{consumer_id}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the keys of a consumer
         * @description Without their secrets, oldest first.
         */
        get: operations["listConsumerKeys"];
        put?: never;
        /**
         * Mint a consumer key
         * @description The secret is in the answer and is never shown again.
         */
        post: operations["createConsumerKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consumers/{consumer_id}/keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a consumer key
         * @description Gateways refuse it as soon as they have the new configuration.
         */
        delete: operations["revokeConsumerKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consumers/{consumer_id}/keys/{key_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate a consumer key
         * @description Mints another key for the consumer, and lets the one that it replaces expire after the overlap: gateways take both until then. Until then the one that is replaced counts for the limits of keys, too; with an overlap of 0 it gives its place up. The new one lasts as long as the other was minted for, unless the request says until when. The secret is in the answer and is never shown again.
         */
        post: operations["rotateConsumerKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/consumers/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erase a consumer
         * @description What names the consumer becomes a pseudonym: its name, its labels, and its name wherever the audit has it, which still verifies. Its keys are revoked; its subscriptions and its usage stay, under the pseudonym. A consumer that was deleted is
         *     found by a name that it had. There is no way back. The name stands in the body, so that no log of addresses keeps it.
         */
        post: operations["eraseConsumer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deployments
         * @description Oldest first.
         */
        get: operations["listDeployments"];
        put?: never;
        /**
         * Deploy an API
         * @description On every gateway that the targets choose, now and later. Without a name it is called as its API, with a number where another is called so.
         */
        post: operations["createDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deployments/{deployment_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a deployment
         * @description With each gateway chosen and what became of the API there.
         */
        get: operations["getDeployment"];
        put?: never;
        post?: never;
        /**
         * End a deployment
         * @description The API is removed from the gateways that no other deployment of it chooses.
         */
        delete: operations["deleteDeployment"];
        options?: never;
        head?: never;
        /**
         * Change a deployment
         * @description Pins it to a revision of the API, has it follow the newest again, or gives it other targets, which replace those before. Gateways follow at once.
         */
        patch: operations["updateDeployment"];
        trace?: never;
    };
    "/v1/deployments/{deployment_id}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Promote a deployment to another environment
         * @description Deploys the same revision of the API to the other environment: what is deployed where this deployment targets one environment. A deployment that follows the newest revision is promoted as it is now, pinned. Policies that guard the API in its environment and do not in the other are attached to the API there. The answer tells what is another thing there than before. Where another deployment exposes another revision of the API there, nothing is done, and each is named.
         */
        post: operations["promoteDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List environments
         * @description Those that gateways, deployments or settings name, by their names.
         */
        get: operations["listEnvironments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/environments/{environment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an environment
         * @description What it demands. One that nobody named yet demands nothing.
         */
        get: operations["getEnvironment"];
        /**
         * Set what an environment demands
         * @description For what a second person is demanded there. Deployments that follow the newest revision are pinned to the present one where deployments are. To demand less waits for a second person itself.
         */
        put: operations["setEnvironment"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateway-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List gateway keys
         * @description Without their secrets, oldest first.
         */
        get: operations["listGatewayKeys"];
        put?: never;
        /**
         * Mint a gateway key
         * @description The secret is in the answer and is never shown again.
         */
        post: operations["createGatewayKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateway-keys/{key_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke a gateway key
         * @description The key is refused everywhere within 5 seconds.
         */
        delete: operations["revokeGatewayKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateway-keys/{key_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate a gateway key
         * @description Mints a key that is good for the same, under the same name, and lets the one that it replaces expire after the overlap: runtimes are given the new one meanwhile. Until then the one that is replaced counts for the limit of keys of the tenant, too; with an overlap of 0 it gives its place up. The new one lasts as long as the other was minted for, unless the request says until when. The secret is in the answer and is never shown again.
         */
        post: operations["rotateGatewayKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateways": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List gateways
         * @description All instances of the tenant, oldest first or the worst first.
         */
        get: operations["listGateways"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateways/{gateway_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a gateway
         * @description One instance with its last acknowledgement and what it observed.
         */
        get: operations["getGateway"];
        put?: never;
        post?: never;
        /**
         * Decommission a gateway
         * @description The instance is refused everywhere within 5 seconds, with 410, for as long as it is not forgotten. It keeps serving its last good configuration.
         */
        delete: operations["decommissionGateway"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateways/{gateway_id}/adoptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take over a service of a gateway
         * @description A service that is on a third-party gateway becomes an API, of the team of the gateway where that is of one, and a deployment to this gateway alone, pinned to revision 1. The running Connect is asked how it is there, and keeps it exactly so: nothing but its marks
         *     is written. Plugins of others stay in force, and are not managed. Answers within 10 s. With `dry_run` nothing is saved.
         */
        post: operations["adoptService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateways/{gateway_id}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the drift of a gateway
         * @description What differed on the third-party gateway from what was applied to it, who wins, and when it was repaired. The newest first; the last 100 are kept.
         */
        get: operations["getGatewayDrift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateways/brakes/{environment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Release the brake of an environment
         * @description Instances that are held late go offline within 5 seconds, unless they are heard. Those that fall silent afterwards are judged anew. Without this call a brake is released after 15 minutes, or when all it holds are back.
         */
        delete: operations["releaseBrake"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateways/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the fleet
         * @description Server-sent events. An event `changes` carries, as the JSON of `GatewayChanges`, what changed since the event before; its id is the position in the log. An event `reload` says that the log no longer reaches
         *     back to the position asked for: read the fleet anew, and go on from the id of that event. Without a position the stream begins at present. The log reaches back an hour, or 100,000 transitions. A comment each 20 seconds shows that
         *     the connection is alive. At most one event a second.
         */
        get: operations["streamGatewayEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gateways/modes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the fleet by mode
         * @description Per mode the counts and, unless they are left out, the first instances. The counts are as of the last sweep, 5 seconds ago at most, and cost the same whatever the size of the fleet.
         */
        get: operations["getGatewayModes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Deregister
         * @description The instance leaves on purpose. Registering again brings it back.
         */
        delete: operations["deregisterGateway"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/call-approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask whether a call was approved
         * @description What a runtime asks before it makes a call that a policy has wait for a person's yes. A call that was approved is granted once, over all instances: `granted` says that it is to be made now. One that nobody was asked about yet waits from now
         *     on, and shows among the approvals. The same question with the same `claim_id` is granted again, so that it may be repeated when its answer was lost.
         */
        post: operations["askCallApproval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the desired state of a gateway
         * @description The desired state; what is absent is to be removed. With `If-None-Match` and `wait_s` the answer waits until there is something newer, and
         *     is 304 when there is not. Without `base` the answer is the whole `GatewayConfig`. With it, the answer is `application/jsonl`: the manifest
         *     of the newest state and the items that differ from the state of that hash, each on a line of its own. Send `base` only to a server that
         *     named the feature `config_base` when it answered the registration.
         */
        get: operations["getGatewayConfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/config/ack": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report what became of a generation
         * @description One outcome for the generation and one for each of its items. `applied` is said only after reading back.
         */
        post: operations["ackGatewayConfig"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/config/items/{hash}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one item of the desired state
         * @description The bytes that the hash names: for an item that was lost or damaged where it was kept.
         */
        get: operations["getConfigItem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/dry-run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ask for a dry run
         * @description What somebody wants to know before he deploys: the desired state that would be. Waits until there is such a question, for `wait_s` at most; 204 when there is none. A question is
         *     given out once. Send this only to a server that named the feature `dry_run` when it answered the registration, and name it at registration as well: only who does is asked.
         */
        get: operations["takeDryRun"];
        put?: never;
        /**
         * Answer a dry run
         * @description What would be written, and what cannot be expressed. An answer that nobody waits for any more is taken, and forgotten.
         */
        post: operations["answerDryRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report that an instance is alive
         * @description Renews the lease. The reply may change the interval, which the client must respect.
         */
        post: operations["heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/mcp-servers/{mcp_server_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Report what an MCP server offers
         * @description What a Gateway or Link found at an MCP server of its configuration, when that is new or different, so that what changed can be approved. Replaces its report before. At most 8 MiB.
         */
        put: operations["reportMcpServer"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/observed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Report what a third-party gateway holds
         * @description Discovered APIs and drift, from a Connect. Replaces the report before.
         */
        put: operations["reportObservedState"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/{gateway_id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report metered calls
         * @description A batch is counted once, whatever is retried.
         */
        post: operations["reportUsage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/internal/gateways/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register an instance
         * @description Makes the instance known, or finds it again: the same tenant, environment and name always get the same `gateway_id`. A new `boot_id` takes the lease over from an older process.
         */
        post: operations["registerGateway"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List invitations
         * @description Those by which somebody may join still, without their links, oldest first.
         */
        get: operations["listInvitations"];
        put?: never;
        /**
         * Invite somebody into the tenant
         * @description The answer has a link, by which one person joins with a password and an authenticator, once. Nobody gives more than his own roles have.
         */
        post: operations["createInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/invitations/{invitation_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an invitation
         * @description Nobody joins by its link from then on. One that gives more than you have is revoked by others.
         */
        delete: operations["revokeInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mcp-servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List MCP servers
         * @description Oldest first.
         */
        get: operations["listMcpServers"];
        put?: never;
        /**
         * Register an MCP server
         * @description Gateways that its targets choose serve it, now and later. What it offers waits for approval, unless `pinning` says otherwise.
         */
        post: operations["createMcpServer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mcp-servers/{mcp_server_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an MCP server
         * @description One MCP server, with what each gateway says of it.
         */
        get: operations["getMcpServer"];
        /**
         * Replace an MCP server
         * @description Says anew how it is reached and served. Credentials stay where nothing is said of them and its place is the same. What was approved stays approved. Gateways follow at once.
         */
        put: operations["updateMcpServer"];
        post?: never;
        /**
         * Delete an MCP server
         * @description Its subscriptions, its attachments of policies and what was approved of it go with it. Gateways follow at once.
         */
        delete: operations["deleteMcpServer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mcp-servers/{mcp_server_id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve what an MCP server offers
         * @description Lets definitions through, exactly as they were seen: one that is no longer offered so is refused with 409, and nothing is approved. What was approved under the same name is served no longer. Gateways follow at once.
         */
        post: operations["approveMcpDefinitions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mcp-servers/{mcp_server_id}/definitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what an MCP server offers
         * @description Its tools, prompts, resources and resource templates in one state, each with what it would change of what is approved.
         */
        get: operations["listMcpDefinitions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/mcp-servers/{mcp_server_id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject what an MCP server offers
         * @description Refuses definitions, exactly as they were seen; what is approved under the same name goes on. Where `pinning` is `manual`, an approved one may be rejected, too, and is served no longer.
         */
        post: operations["rejectMcpDefinitions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List operator tokens
         * @description Without their secrets, oldest first.
         */
        get: operations["listOperatorTokens"];
        put?: never;
        /**
         * Mint an operator token
         * @description For a machine or a person, with one role or several, which scopes may narrow. Nobody mints a token that may do more than he: that is 403. The secret is in the answer and is never shown again.
         */
        post: operations["createOperatorToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator-tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an operator token
         * @description One token, without its secret.
         */
        get: operations["getOperatorToken"];
        put?: never;
        post?: never;
        /**
         * Revoke an operator token
         * @description It is refused from then on.
         */
        delete: operations["revokeOperatorToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List plans
         * @description Oldest first.
         */
        get: operations["listPlans"];
        put?: never;
        /**
         * Define a plan
         * @description Policies and APIs that are subscribed to together. Policies of the kinds `rate_limit` and `quota` may be part of one. Gateways follow at once.
         */
        post: operations["createPlan"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans/{plan_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a plan
         * @description One plan.
         */
        get: operations["getPlan"];
        put?: never;
        post?: never;
        /**
         * Delete a plan
         * @description The subscriptions to it end with it. Gateways follow at once.
         */
        delete: operations["deletePlan"];
        options?: never;
        head?: never;
        /**
         * Edit a plan
         * @description Changes what the request names and leaves the rest; a list replaces the one before. Policies of the kinds `rate_limit` and `quota` may be part of one. Gateways follow at once.
         */
        patch: operations["editPlan"];
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List policies
         * @description Oldest first.
         */
        get: operations["listPolicies"];
        put?: never;
        /**
         * Define a policy
         * @description Attached to APIs or environments.
         */
        post: operations["createPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{policy_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a policy
         * @description One policy.
         */
        get: operations["getPolicy"];
        /**
         * Update a policy
         * @description Replaces the policy. Gateways follow at once.
         */
        put: operations["updatePolicy"];
        post?: never;
        /**
         * Delete a policy
         * @description Gateways follow at once. A policy that is part of a plan is taken out of it first.
         */
        delete: operations["deletePolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/service-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List service accounts
         * @description Without their secrets, oldest first.
         */
        get: operations["listServiceAccounts"];
        put?: never;
        /**
         * Make a service account
         * @description A machine that signs in at the embedded issuer by `client_credentials`: its id is the client id, and its secret is in the answer and never shown again. It gets access tokens that live for minutes, with the roles that it has when they are used. Nobody makes one that may do more than he: that is 403.
         */
        post: operations["createServiceAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/service-accounts/{service_account_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a service account
         * @description One service account, without its secret.
         */
        get: operations["getServiceAccount"];
        put?: never;
        post?: never;
        /**
         * Delete a service account
         * @description Its secrets and its access tokens are refused from then on.
         */
        delete: operations["deleteServiceAccount"];
        options?: never;
        head?: never;
        /**
         * Edit a service account
         * @description Changes what the request names and leaves the rest. Access tokens that it has follow at once. Nobody changes one that may do more than he, or gives it more: that is 403.
         */
        patch: operations["editServiceAccount"];
        trace?: never;
    };
    "/v1/service-accounts/{service_account_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rotate the secret of a service account
         * @description Makes the next secret, which is in the answer and never shown again. The one before stays good for `overlap_s`, so that a machine can be told without a gap; one before that ends at once. With an overlap of 0 the access tokens that it has end, too. Nobody rotates the secret of one that may do more than he: that is 403. One that signs in by keys has no secret: that is 409.
         */
        post: operations["rotateServiceAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show who is signed in
         * @description The roles that the credential has, and what may be done with it.
         */
        get: operations["getSession"];
        put?: never;
        /**
         * Sign a browser in
         * @description Exchanges the code of a sign-in link for a cookie (HttpOnly, SameSite=Strict).
         */
        post: operations["createSession"];
        /**
         * Sign out
         * @description Ends the browser session.
         */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell where people sign in
         * @description The issuer that is in force, and as which client the command line asks it. The issuer's own metadata (OpenID Connect Discovery) says the rest.
         */
        get: operations["getSignIn"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a sign-in link
         * @description Good for one browser, once, for ten minutes. The browser's session ends with the token that asked for the link; a session cannot ask for more links.
         */
        post: operations["createSignInLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List subscriptions
         * @description Oldest first.
         */
        get: operations["listSubscriptions"];
        put?: never;
        /**
         * Subscribe a consumer to an API or a plan
         * @description From then on the consumer sees the tools of the API, or of the APIs of the plan, and may call them, on every gateway that they are deployed to; of a tool set, its tools at its own address. The limits of a plan are counted for each of its subscribers, whichever of its APIs he calls.
         */
        post: operations["createSubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subscriptions/{subscription_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a subscription
         * @description One subscription.
         */
        get: operations["getSubscription"];
        put?: never;
        post?: never;
        /**
         * Withdraw a subscription
         * @description Every gateway follows at once: what nothing else lets the consumer call he no longer sees, and calls are refused as those of a tool that does not exist.
         */
        delete: operations["deleteSubscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/teams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List teams
         * @description By their names.
         */
        get: operations["listTeams"];
        put?: never;
        /**
         * Make a team
         * @description Nobody gives more than his own roles have.
         */
        post: operations["createTeam"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/teams/{team}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a team
         * @description With its members.
         */
        get: operations["getTeam"];
        put?: never;
        post?: never;
        /**
         * Delete a team
         * @description One that owns nothing any more: what it owned is given to another team, or to none, before.
         */
        delete: operations["deleteTeam"];
        options?: never;
        head?: never;
        /**
         * Change a team
         * @description Changes what the request names and leaves the rest; members replace those before. Nobody gives more than his own roles have.
         */
        patch: operations["editTeam"];
        trace?: never;
    };
    "/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tenants
         * @description Oldest first. For the tenant of the platform alone.
         */
        get: operations["listTenants"];
        put?: never;
        /**
         * Make a tenant
         * @description The answer has a link by which its first owner joins, once; none where an external issuer says who belongs to which tenant. For the tenant of the platform alone.
         */
        post: operations["createTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a tenant
         * @description For the tenant of the platform alone.
         */
        get: operations["getTenant"];
        put?: never;
        post?: never;
        /**
         * Delete a tenant
         * @description With all that it has, for good; its audit stays until the retention of audits ends it. It must have been suspended before. For the tenant of the platform alone, which cannot be deleted.
         */
        delete: operations["deleteTenant"];
        options?: never;
        head?: never;
        /**
         * Rename, limit, suspend or resume a tenant
         * @description Changes what the request names and leaves the rest. The tokens, sessions and gateway keys of a suspended tenant are refused, with 403 and the code `tenant_suspended`, until it is resumed; what it has stays. Its gateways go on with the configuration that they hold. For the tenant of the platform alone, which cannot be suspended.
         */
        patch: operations["editTenant"];
        trace?: never;
    };
    "/v1/tenants/{tenant_id}/owner-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link for a tenant's first owner
         * @description For a tenant that nobody owns: where the link of its making was lost or is too old, or its owners left. All such links end with the first that is used. For the tenant of the platform alone.
         */
        post: operations["createOwnerLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tool-sets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tool sets
         * @description Oldest first.
         */
        get: operations["listToolSets"];
        put?: never;
        /**
         * Make a tool set
         * @description Gateways that serve any of its tools serve it at its own address, now and later.
         */
        post: operations["createToolSet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tool-sets/{tool_set_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a tool set
         * @description One tool set, with what its list costs and what is probably not meant.
         */
        get: operations["getToolSet"];
        /**
         * Replace a tool set
         * @description Says anew what it holds. Gateways follow at once. Where it has subscribers, it gives them what it holds.
         */
        put: operations["updateToolSet"];
        post?: never;
        /**
         * Delete a tool set
         * @description Its subscriptions go with it. Gateways follow at once.
         */
        delete: operations["deleteToolSet"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trusted-issuers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List trusted issuers
         * @description Oldest first.
         */
        get: operations["listTrustedIssuers"];
        put?: never;
        /**
         * Trust an issuer
         * @description Gateways accept its tokens at once, for the consumers that its rules name.
         */
        post: operations["createTrustedIssuer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trusted-issuers/{trusted_issuer_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a trusted issuer
         * @description One trusted issuer.
         */
        get: operations["getTrustedIssuer"];
        /**
         * Change how an issuer is trusted
         * @description Replaces the rules. Gateways follow at once.
         */
        put: operations["updateTrustedIssuer"];
        post?: never;
        /**
         * Trust an issuer no more
         * @description Gateways refuse its tokens at once.
         */
        delete: operations["deleteTrustedIssuer"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sum up metered calls
         * @description By API, operation, consumer and door, or what `group_by` says; the last 24 hours unless told otherwise. With `Accept: text/csv` the sums are a table with a line of names, for a spreadsheet. More than 10,000 sums are refused: ask for a shorter time, or
         *     group by less.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the people of the tenant
         * @description Who belongs to it, and as what, in the order of joining.
         */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a person of the tenant
         * @description As what the person belongs to it.
         */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /**
         * Remove a person from the tenant
         * @description Ends the membership, and sessions and tokens here, at once. The account stays for other tenants. The last owner stays. People of an external issuer are removed from their groups there, or disabled here.
         */
        delete: operations["removeUser"];
        options?: never;
        head?: never;
        /**
         * Change what a person is in the tenant
         * @description Gives other roles, which hold at the next request, or disables the person in this tenant, which ends sessions and tokens here at once; or lets a disabled one in again. Nobody gives roles that may do more than his own, or changes who may. The last owner stays one. Roles of people of an external issuer follow from their groups there.
         */
        patch: operations["editUser"];
        trace?: never;
    };
    "/v1/users/{user_id}/reset-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a link to a new password
         * @description For somebody who lost password or authenticator: the link is good once, within an hour, and sets both anew; it signs the person out everywhere. Of somebody who may do more than you, others make it; and of somebody who belongs to other tenants as well, nobody does.
         */
        post: operations["createResetLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/me/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your personal access tokens
         * @description Those of whoever is signed in, in the tenant of the session, without their secrets, oldest first.
         */
        get: operations["listPersonalTokens"];
        put?: never;
        /**
         * Make a personal access token
         * @description For scripts and programs of whoever is signed in. It may do what its person may at the moment of its use, or what scopes leave of that, in the tenant of the session; it ends with the membership. A token makes no other: that takes a person who is signed in. The secret is in the answer and is never shown again.
         */
        post: operations["createPersonalToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/me/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke one of your personal access tokens
         * @description It is refused from then on. Those of others are revoked as operator tokens, which they are listed among.
         */
        delete: operations["revokePersonalToken"];
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
         * @description The outcome of applying.
         * @example applied
         * @enum {string}
         */
        AckState: "applied" | "applied_with_warnings" | "rejected";
        /**
         * @description `everybody` for clients that registered themselves and those with a metadata document; `documents` for the latter alone, for which the domain of the document vouches; `nobody` for neither.
         * @example everybody
         * @enum {string}
         */
        AdmittedClients: "everybody" | "documents" | "nobody";
        /**
         * @description An object of a third-party gateway in its own terms.
         * @example {
         *       "kind": "service",
         *       "id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "label": "service billing",
         *       "fields": {
         *         "name": "billing",
         *         "host": "billing.example"
         *       }
         *     }
         */
        AdoptedObject: {
            /** @description Its fields, as they were when it was taken over. */
            fields: {
                [key: string]: unknown;
            };
            /** @description What the gateway knows it by. */
            id: string;
            /** @description What it is there, such as `route`. */
            kind: string;
            /** @description What an operator calls it. */
            label: string;
        };
        /**
         * @description A method and a path.
         * @example {
         *       "method": "GET",
         *       "path": "/billing"
         *     }
         */
        AdoptedOperation: {
            /** @description The method. */
            method: string;
            /** @description The path template. */
            path: string;
        };
        /**
         * @description A service taken over, or what would come of it.
         * @example {
         *       "api": {
         *         "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "billing",
         *         "title": "billing",
         *         "version": "1",
         *         "revision": 1,
         *         "upstream_url": "http://billing.example:80",
         *         "has_upstream_auth": false,
         *         "open_to_all_consumers": true,
         *         "labels": {},
         *         "tools": 1,
         *         "list_bytes": 312,
         *         "list_tokens": 78,
         *         "warnings": [],
         *         "loss_report": [],
         *         "created_at": "2026-11-22T18:24:00.000Z",
         *         "updated_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "deployment": {
         *         "deployment_id": "6b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "billing",
         *         "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *         "targets": {
         *           "instance_names": [
         *             "kong-01"
         *           ]
         *         },
         *         "revision": 1,
         *         "created_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "writes": [
         *         {
         *           "action": "patch",
         *           "object": "service billing",
         *           "detail": "tags: none → stoa-managed"
         *         }
         *       ],
         *       "stays": [
         *         "plugin rate-limiting"
         *       ]
         *     }
         */
        Adoption: {
            api: components["schemas"]["Api"];
            deployment: components["schemas"]["Deployment"];
            /** @description What stays on it, in force and not managed. */
            stays: string[];
            /** @description What is written to the gateway: marks, and nothing that traffic notices. */
            writes: components["schemas"]["PlannedWrite"][];
        };
        /**
         * @description What is to be taken over, as it is.
         * @example {
         *       "name": "billing",
         *       "upstream_url": "http://billing.example:80",
         *       "operations": [
         *         {
         *           "method": "GET",
         *           "path": "/billing"
         *         }
         *       ],
         *       "objects": [],
         *       "stays": [
         *         "plugin rate-limiting"
         *       ]
         *     }
         */
        AdoptionAnswer: {
            /** @description What the gateway calls it. */
            name?: string;
            /** @description Itself and what leads to it, with every field. */
            objects?: components["schemas"]["AdoptedObject"][];
            /** @description What it takes, as far as a document can say it. */
            operations?: components["schemas"]["AdoptedOperation"][];
            /** @description Why it cannot be taken over; absent when it can. */
            refusal?: string;
            /** @description What stays on it, in force and not managed. */
            stays?: string[];
            /** @description Where it leads. */
            upstream_url?: string;
        };
        /**
         * @description What somebody wants to take over: the state is the one that is in force, and the answer tells of it with this API besides.
         * @example {
         *       "object_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666"
         *     }
         */
        AdoptionQuestion: {
            /**
             * Format: uuid
             * @description The id that the API would have.
             */
            api_id: string;
            /** @description What the gateway knows it by. */
            object_id: string;
        };
        /**
         * @description A service on a gateway that is to be managed from now on.
         * @example {
         *       "object_id": "billing",
         *       "name": "billing"
         *     }
         */
        AdoptionRequest: {
            /** @description What the API is called; from the name of the service when absent. */
            name?: components["schemas"]["Slug"];
            /** @description Its `object_id` or its name, as the gateway's page lists what is there. */
            object_id: string;
        };
        /**
         * @description A credential for an upstream, as runtimes are given it.
         * @example {
         *       "kind": "assertion"
         *     }
         */
        AnyUpstreamCredential: components["schemas"]["UpstreamCredential"] | components["schemas"]["BasicCredential"] | components["schemas"]["ClientCredentials"] | components["schemas"]["TokenExchange"] | components["schemas"]["ClientCertificate"] | components["schemas"]["CallerAssertion"];
        /**
         * @description A defined API.
         * @example {
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "orders",
         *       "title": "Orders",
         *       "version": "1.0.0",
         *       "revision": 1,
         *       "upstream_url": "http://127.0.0.1:8084",
         *       "has_upstream_auth": false,
         *       "open_to_all_consumers": false,
         *       "labels": {},
         *       "tools": 6,
         *       "list_bytes": 4312,
         *       "list_tokens": 1078,
         *       "warnings": [],
         *       "loss_report": [],
         *       "created_at": "2026-11-22T18:24:00.000Z",
         *       "updated_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        Api: {
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id: string;
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /** @description The description that its document states. */
            description?: string;
            /** @description The document; only on the API's own page. */
            document?: {
                [key: string]: unknown;
            };
            /** @description The address that was given; absent when it is where the document says. */
            given_upstream_url?: string;
            /** @description Whether a credential for the upstream is kept. */
            has_upstream_auth: boolean;
            labels: components["schemas"]["Labels"];
            lifecycle?: components["schemas"]["ApiLifecycle"];
            /** @description What its tools take in a `tools/list`, in bytes of JSON. */
            list_bytes: number;
            /** @description What a model reads when it is given them all: an estimate, one token for four bytes. Models differ by a quarter. */
            list_tokens: number;
            /** @description What of the document could not be expressed, operation by operation. */
            loss_report: components["schemas"]["Loss"][];
            name: components["schemas"]["Slug"];
            /** @description Whether every consumer may call it without a subscription. */
            open_to_all_consumers: boolean;
            /** @description The operations and their tools; only on the API's own page and in the answer to a dry run that makes a revision. */
            operations?: components["schemas"]["ApiOperation"][];
            operations_filter?: components["schemas"]["OperationFilter"];
            /** @description Rises with every update. */
            revision: number;
            /**
             * @description How its deployments fare, on its page and in lists: `undeployed` without any, else the worst of their states.
             * @enum {string}
             */
            state?: "undeployed" | "unmatched" | "pending" | "applied" | "applied_with_warnings" | "rejected";
            /** @description The team that owns it. */
            team?: components["schemas"]["Slug"];
            /** @description The title that its document states. */
            title: string;
            /** @description How many tools the API gives. */
            tools: number;
            updated_at: components["schemas"]["Timestamp"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
            /** @description Where the credentials for the upstream are sent, never what they are; only on the API's own page. */
            upstream_auth_places?: components["schemas"]["UpstreamAuthPlace"][];
            /** @description Where the API is served. */
            upstream_url: string;
            /** @description The version that its document states. */
            version: string;
            /** @description What to know before agents are given these tools: a list too long for a model, a filter that fits nothing, descriptions that hold what nobody sees or give orders to a model. */
            warnings: string[];
        };
        /**
         * @description An API, compiled when it was published.
         * @example {
         *       "id": "api:0b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "api",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "orders",
         *       "version": "1.0.0",
         *       "title": "Orders",
         *       "revision": 1,
         *       "upstream": {
         *         "url": "http://127.0.0.1:8084"
         *       },
         *       "operations": []
         *     }
         */
        ApiItem: {
            /**
             * @description Objects that were on the gateway before and that the API was taken over with: these, as they were then, expose it, and `operations` do not. Sent to the gateway alone that they
             *     are on.
             */
            adopted?: components["schemas"]["AdoptedObject"][];
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id: string;
            /** @description The description that its document states. */
            description?: string;
            /**
             * @description What a deployment of it says of foreign changes: `report` leaves them. Absent means that they are repaired.
             * @enum {string}
             */
            drift?: "report";
            /** @description `api:` and the API's id. */
            id: string;
            /**
             * @description Says that this item is an API. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "api";
            lifecycle?: components["schemas"]["ApiLifecycle"];
            name: components["schemas"]["Slug"];
            /** @description The operations of the API. */
            operations: components["schemas"]["ApiOperation"][];
            public_path?: components["schemas"]["PublicPath"];
            /** @description Rises with every update of the API. */
            revision: number;
            /**
             * @description Whether only consumers with a subscription item for it may call. Absent means that every consumer may. Sent only to runtimes that
             *     registered with the feature `subscriptions`; the others are not given such an API.
             */
            subscription_required?: boolean;
            /** @description The title that its document states. */
            title: string;
            upstream: components["schemas"]["Upstream"];
            /** @description The version that its document states. */
            version: string;
        };
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
         * @description A page of APIs.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ApiList: {
            /** @description The APIs. */
            items: components["schemas"]["Api"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description One operation of an API as a route and as a tool.
         * @example {
         *       "operation_id": "getOrder",
         *       "method": "GET",
         *       "path": "/orders/{order_id}",
         *       "tool": {
         *         "name": "orders_getOrder",
         *         "input_schema": {
         *           "type": "object"
         *         },
         *         "annotations": {
         *           "readOnlyHint": true
         *         }
         *       },
         *       "bindings": [
         *         {
         *           "argument": "order_id",
         *           "in": "path",
         *           "name": "order_id",
         *           "required": true,
         *           "style": "simple",
         *           "explode": false
         *         }
         *       ]
         *     }
         */
        ApiOperation: {
            /** @description The `Accept` header that names what the operation answers. */
            accept?: string;
            /** @description How arguments of the tool become the request. */
            bindings: components["schemas"]["ArgumentBinding"][];
            /**
             * @description The HTTP method.
             * @enum {string}
             */
            method: "GET" | "PUT" | "POST" | "DELETE" | "OPTIONS" | "HEAD" | "PATCH" | "TRACE";
            /** @description The operationId of the document, or one derived from method and path. */
            operation_id: string;
            /** @description The path template below the upstream URL, such as `/orders/{order_id}`. */
            path: string;
            /** @description A query that every request of the operation carries, such as `beta=true`. */
            query?: string;
            /** @description Which security schemes the operation demands: all of one of the lists. Absent where the document says nothing. */
            security?: string[][];
            /** @description Base URL of the operation where it is not served at the upstream URL, without a trailing slash. */
            server?: string;
            tool: components["schemas"]["Tool"];
        };
        /**
         * @description What to change of an API. What is absent stays; `null` takes away.
         * @example {
         *       "upstream_url": "https://orders.example.com",
         *       "open_to_all_consumers": false
         *     }
         */
        ApiPatch: {
            labels?: components["schemas"]["Labels"];
            lifecycle?: components["schemas"]["LifecycleRequest"];
            name?: components["schemas"]["Slug"];
            /** @description Whether every consumer may call it without a subscription. */
            open_to_all_consumers?: boolean;
            /** @description Which operations are taken, in place of the filter before; `null` for all. */
            operations?: components["schemas"]["OperationFilter"] | null;
            /** @description The team that owns it; `null` for none. What is absent stays as it is. */
            team?: string | null;
            /** @description The credentials for the upstream, in place of those before; `null` for none. */
            upstream_auth?: components["schemas"]["UpstreamAuthRequest"] | null;
            /** @description Where the API is served; `null` for where its document says. */
            upstream_url?: string | null;
        };
        /**
         * @description An API to define, from its OpenAPI 3.0 or 3.1 document, or from one of Swagger 2.0.
         * @example {
         *       "name": "orders",
         *       "document": {
         *         "openapi": "3.1.0",
         *         "info": {
         *           "title": "Orders",
         *           "version": "1.0.0"
         *         },
         *         "paths": {}
         *       },
         *       "upstream_url": "http://127.0.0.1:8084"
         *     }
         */
        ApiRequest: {
            /** @description The OpenAPI document: an object, or JSON or YAML text. */
            document: string | {
                [key: string]: unknown;
            };
            labels?: components["schemas"]["Labels"];
            lifecycle?: components["schemas"]["LifecycleRequest"];
            name?: components["schemas"]["Slug"];
            /** @description Whether every consumer may call it without a subscription: the explicit word, `false` by default. Where a gateway asks callers for no key, as a Kong does without an `api_key_auth` policy, anybody may. An update that does not say keeps what is. */
            open_to_all_consumers?: boolean;
            operations?: components["schemas"]["OperationFilter"];
            /** @description The team that owns it; `null` for none. What is absent stays as it is. */
            team?: string | null;
            upstream_auth?: components["schemas"]["UpstreamAuthRequest"];
            /** @description Where the API is served, when not at the first server of its document. */
            upstream_url?: string;
        };
        /**
         * @description An API as it was, or is, at one revision. Who may call it is no part of a revision.
         * @example {
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "revision": 1,
         *       "name": "orders",
         *       "title": "Orders",
         *       "version": "1.0.0",
         *       "upstream_url": "http://127.0.0.1:8084",
         *       "has_upstream_auth": false,
         *       "tools": 6,
         *       "newest": true,
         *       "revised_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        ApiRevision: {
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id: string;
            /** @description The description that its document states. */
            description?: string;
            /** @description The document; only on the revision's own page. */
            document?: {
                [key: string]: unknown;
            };
            /** @description Whether a credential for the upstream is kept. */
            has_upstream_auth: boolean;
            name: components["schemas"]["Slug"];
            /** @description Whether it is the newest. */
            newest: boolean;
            /** @description The operations and their tools; only on the revision's own page. */
            operations?: components["schemas"]["ApiOperation"][];
            operations_filter?: components["schemas"]["OperationFilter"];
            revised_at: components["schemas"]["Timestamp"];
            /** @description The number of the revision. */
            revision: number;
            /** @description The title that its document states. */
            title: string;
            /** @description How many tools it gives. */
            tools: number;
            /** @description Where the API is served. */
            upstream_url: string;
            /** @description The version that its document states. */
            version: string;
        };
        /**
         * @description The revisions of an API that are kept.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ApiRevisionList: {
            /** @description The revisions, newest first. */
            items: components["schemas"]["ApiRevision"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description The same as an upload. What it cannot say, a credential, is said in the JSON form.
         * @example {
         *       "name": "orders",
         *       "document": "openapi: 3.1.0"
         *     }
         */
        ApiUpload: {
            /**
             * Format: binary
             * @description The OpenAPI document, JSON or YAML.
             */
            document: string;
            /** @description The labels as JSON text. An update that does not say keeps what is. */
            labels?: string;
            /** @description Which version of what it is, and when it is given up: an `ApiLifecycle` as JSON text, or `null`. An update that does not say keeps what is. */
            lifecycle?: string;
            name?: components["schemas"]["Slug"];
            /**
             * @description Whether every consumer may call it without a subscription: the explicit word, `false` by default. Where a gateway asks callers for no key, as a Kong does without an `api_key_auth` policy, anybody may. An update that does not say keeps what is.
             * @enum {string}
             */
            open_to_all_consumers?: "true" | "false";
            /** @description The filter of operations, an `OperationFilter` as JSON text. An update that does not say keeps what is. */
            operations?: string;
            /** @description The team that owns it. An update that does not say keeps what is. */
            team?: components["schemas"]["Slug"];
            /** @description Where the API is served, when not at the first server of its document. */
            upstream_url?: string;
        };
        /**
         * @description An operation for which an environment can demand a second person.
         * @example updateDeployment
         * @enum {string}
         */
        ApprovableOperation: "createDeployment" | "updateDeployment" | "deleteDeployment" | "promoteDeployment" | "deleteApi" | "editApi" | "createPolicy" | "updatePolicy" | "deletePolicy" | "editPlan" | "deletePlan" | "createGatewayKey" | "rotateGatewayKey" | "createConsumerKey" | "rotateConsumerKey" | "createConsumer" | "editConsumer" | "createTrustedIssuer" | "updateTrustedIssuer" | "createMcpServer" | "updateMcpServer" | "deleteMcpServer" | "approveMcpDefinitions" | "setEnvironment";
        /**
         * @description A change that waits for a second person, or what became of it.
         * @example {
         *       "approval_id": "7b0c5d0e-1111-4222-8333-444455556666",
         *       "state": "pending",
         *       "demand": "deployments",
         *       "environments": [
         *         "production"
         *       ],
         *       "operation": "updateDeployment",
         *       "request": {
         *         "path": {
         *           "deployment_id": "6b0c5d0e-1111-4222-8333-444455556666"
         *         },
         *         "body": {
         *           "revision": 3
         *         }
         *       },
         *       "requested_by": "Ada",
         *       "requested_at": "2026-11-22T18:24:00.000Z",
         *       "expires_at": "2026-11-25T18:24:00.000Z"
         *     }
         */
        Approval: {
            /**
             * Format: uuid
             * @description The approval's id.
             */
            approval_id: string;
            call?: components["schemas"]["ApprovalCall"];
            decided_at?: components["schemas"]["Timestamp"];
            /** @description Who decided. */
            decided_by?: string;
            /**
             * @description What it is; `calls` for a call of a tool that a policy has wait for a person; `issuers` for whose tokens prove who calls, which waits where `policies` or `reveals` are demanded; `mcp_servers` for MCP servers and what is approved of them, which waits where `deployments` or `policies` are; `four_eyes` when an environment would demand less.
             * @enum {string}
             */
            demand: "deployments" | "policies" | "reveals" | "issuers" | "mcp_servers" | "four_eyes" | "calls";
            /** @description The environments that demand it. */
            environments: components["schemas"]["EnvironmentName"][];
            expires_at: components["schemas"]["Timestamp"];
            /** @description Why it could not be done. */
            failure?: string;
            /** @description The operation that was asked for by its operationId; `callTool` for a call. */
            operation: string;
            /** @description What he said. */
            reason?: string;
            /** @description What was asked for; empty for a call: the parameters of its `path`, its `query` and its `body`, without secrets. */
            request: {
                [key: string]: unknown;
            };
            requested_at: components["schemas"]["Timestamp"];
            /** @description Who asked for it. */
            requested_by: string;
            /**
             * @description `pending`: it waits. `approved`: a revealing act, or a call, that may be done once, by who asked. `applied`: it was done. `denied`, `expired`: it was not. `failed`: it was approved and could not be done, and `failure` says why.
             * @enum {string}
             */
            state: "pending" | "approved" | "applied" | "denied" | "expired" | "failed";
            /** @description What is to be known of what was just done; only in the answer to who approved. */
            warnings?: string[];
        };
        /**
         * @description The call of a tool that waits.
         * @example {
         *       "policy": "a-person-says-yes",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "api": "orders",
         *       "operation_id": "deleteOrder",
         *       "tool": "orders_deleteOrder",
         *       "method": "DELETE",
         *       "path": "/orders/{order_id}",
         *       "consumer_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *       "gateway": "gateway-01",
         *       "arguments": {
         *         "order_id": 7
         *       }
         *     }
         */
        ApprovalCall: {
            /** @description Its name; absent where there is none any more. */
            api?: string;
            /**
             * Format: uuid
             * @description The API called.
             */
            api_id: string;
            /** @description The arguments, as the upstream is to be sent them; told while it waits, and forgotten once it is decided. */
            arguments?: {
                [key: string]: unknown;
            };
            /**
             * Format: uuid
             * @description Who calls.
             */
            consumer_id: string;
            /** @description The instance that was called. */
            gateway: string;
            /** @description The HTTP method of the request that it makes. */
            method: string;
            /** @description The operation called. */
            operation_id: string;
            /** @description The path of that request, as a template. */
            path: string;
            /** @description The policy that has it wait. */
            policy: string;
            /** @description The tool called. */
            tool: string;
        };
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
         * @description What is said with a decision.
         * @example {
         *       "reason": "The release notes are missing."
         *     }
         */
        ApprovalDecision: {
            /** @description Why, for who asked. */
            reason?: string;
        };
        /**
         * @description A page of approvals.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ApprovalList: {
            /** @description The approvals. */
            items: components["schemas"]["Approval"][];
            next_cursor: components["schemas"]["NextCursor"];
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
         * @description A change to ask for.
         * @example {
         *       "operation": "updateDeployment",
         *       "request": {
         *         "path": {
         *           "deployment_id": "6b0c5d0e-1111-4222-8333-444455556666"
         *         },
         *         "body": {
         *           "revision": 3
         *         }
         *       }
         *     }
         */
        ApprovalRequest: {
            operation: components["schemas"]["ApprovableOperation"];
            /** @description What to ask for, as the operation takes it: the parameters of its `path`, its `query` and its `body`. */
            request: {
                /** @description The body. */
                body?: {
                    [key: string]: unknown;
                };
                /** @description The parameters of the path, by name. */
                path?: {
                    [key: string]: string;
                };
                /** @description The parameters of the query, by name. */
                query?: {
                    [key: string]: string;
                };
            };
        };
        /**
         * @description Where one argument of a tool goes in the HTTP request.
         * @example {
         *       "argument": "order_id",
         *       "in": "path",
         *       "name": "order_id",
         *       "required": true,
         *       "style": "simple",
         *       "explode": false
         *     }
         */
        ArgumentBinding: {
            /** @description OpenAPI's allowReserved. */
            allow_reserved?: boolean;
            /** @description The property of the tool's arguments. */
            argument: string;
            /** @description Whether the argument is base64 text or a data URL, and what it stands for is sent. */
            base64?: boolean;
            /** @description The media type: of the body, or of a parameter that is described by content. */
            content_type?: string;
            /** @description OpenAPI's explode. */
            explode?: boolean;
            /** @description How single members of a form or multipart body are written where that is not the default. */
            fields?: components["schemas"]["BodyField"][];
            /**
             * @description The place in the request.
             * @enum {string}
             */
            in: "path" | "query" | "header" | "cookie" | "body";
            /** @description The parameter's name there; empty for the body. */
            name: string;
            /** @description Whether the call needs it. */
            required: boolean;
            /**
             * @description OpenAPI's serialization style.
             * @enum {string}
             */
            style?: "simple" | "label" | "matrix" | "form" | "spaceDelimited" | "pipeDelimited" | "deepObject";
        };
        /**
         * @description What `private_key_jwt` is signed with; when absent ES256, ES384, EdDSA or RS256, as the key is.
         * @example ES256
         * @enum {string}
         */
        AssertionAlgorithm: "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA";
        /**
         * @description Public keys (RFC 7517): RSA of 2048 to 8192 bits, P-256 or Ed25519.
         * @example [
         *       {
         *         "kty": "OKP",
         *         "crv": "Ed25519",
         *         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
         *       }
         *     ]
         */
        AssertionKeys: components["schemas"]["PublicKey"][];
        /**
         * @description Who did it, and from where.
         * @example {
         *       "kind": "user",
         *       "id": "6b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "Ada",
         *       "address": "192.0.2.7",
         *       "client": "stoactl/0.1.0"
         *     }
         */
        AuditActor: {
            /** @description The address of the client. */
            address?: string;
            /** @description What the client called itself. */
            client?: string;
            /** @description The id of the person, the token, the key or the consumer. */
            id?: string;
            /**
             * @description A person, a token, a gateway key, a consumer who called a runtime, the Control Plane itself, or somebody unknown.
             * @enum {string}
             */
            kind: "user" | "token" | "gateway_key" | "consumer" | "server" | "nobody";
            /** @description The name at that time. */
            name?: string;
            /** @description The session or access token by which a person came. */
            token_id?: string;
        };
        /**
         * @description Where the chain is broken.
         * @example {
         *       "seq": 7,
         *       "fault": "changed",
         *       "message": "Record 7 is not what was written."
         *     }
         */
        AuditFault: {
            /**
             * @description What happened to it. `unsigned`: a checkpoint that this Control Plane did not sign.
             * @enum {string}
             */
            fault: "removed" | "changed" | "reordered" | "unsigned";
            /** @description The same as a sentence. */
            message: string;
            /** @description The number of the record. */
            seq: number;
        };
        /**
         * @description A SHA-256 in lower-case hexadecimal.
         * @example sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
         */
        AuditHash: string;
        /**
         * @description A key of checkpoints.
         * @example {
         *       "key_id": "3f9c2a7b41d0e5f6",
         *       "algorithm": "ed25519",
         *       "public_key": "MCowBQYDK2VwAyEAexample"
         *     }
         */
        AuditKey: {
            /**
             * @description How it signs.
             * @enum {string}
             */
            algorithm: "ed25519";
            /** @description Its name in checkpoints. */
            key_id: string;
            /** @description Its public half: DER of SubjectPublicKeyInfo (RFC 8410) in base64url. */
            public_key: string;
        };
        /**
         * @description The keys of checkpoints.
         * @example {
         *       "items": []
         *     }
         */
        AuditKeyList: {
            /** @description The keys, the oldest first. */
            items: components["schemas"]["AuditKey"][];
        };
        /**
         * @description `change`: something was made, changed or deleted. `sign-in`: somebody came, failed to, or left. `refusal`: a right was lacking, or a runtime refused calls (`action: call`). `key-use`: a key was used for the first time. `export`: data were taken out.
         * @example change
         * @enum {string}
         */
        AuditKind: "change" | "sign-in" | "refusal" | "key-use" | "export";
        /**
         * @description A line of an export. A record (`type: record`): its `hash` is that of the canonical JSON (RFC 8785) of the line without `type`, `hash` and `personal`; `commitments` holds, for each field of `personal`, the hash of the
         *     canonical JSON of `[salt, value]`. Once a person is erased, `value` is a pseudonym, `salt` is gone and the commitment stays. A checkpoint (`type: checkpoint`): `signature` is Ed25519, in base64url, of the canonical JSON of
         *     `{"audit_checkpoint": {tenant, seq, hash, at, cut}}`.
         * @example {
         *       "type": "checkpoint",
         *       "tenant": "7b0c5d0e-1111-4222-8333-444455556666",
         *       "seq": 7,
         *       "at": "2026-11-22T18:24:00.000Z",
         *       "hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "cut": false,
         *       "key_id": "3f9c2a7b41d0e5f6",
         *       "signature": "example"
         *     }
         */
        AuditLine: {
            at: components["schemas"]["Timestamp"];
            hash: components["schemas"]["AuditHash"];
            /** @description The number of the record. */
            seq: number;
            /**
             * Format: uuid
             * @description Whose audit it is.
             */
            tenant: string;
            /**
             * @description What the line is.
             * @enum {string}
             */
            type: "record" | "checkpoint";
        } & {
            [key: string]: unknown;
        };
        /**
         * @description What it was done to.
         * @example {
         *       "kind": "policy",
         *       "id": "1b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "hundred-a-minute"
         *     }
         */
        AuditObject: {
            /** @description Its id. */
            id?: string;
            /** @description The kind of thing, such as `api` or `consumer`. */
            kind: string;
            /** @description Its name at that time. */
            name?: string;
        };
        /**
         * @description What came of it.
         * @example done
         * @enum {string}
         */
        AuditOutcome: "done" | "refused" | "failed";
        /**
         * @description What was done, by whom and when.
         * @example {
         *       "seq": 7,
         *       "at": "2026-11-22T18:24:00.000Z",
         *       "kind": "change",
         *       "action": "deletePolicy",
         *       "outcome": "done",
         *       "actor": {
         *         "kind": "user",
         *         "id": "6b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "Ada",
         *         "address": "192.0.2.7",
         *         "client": "stoactl/0.1.0"
         *       },
         *       "object": {
         *         "kind": "policy",
         *         "id": "1b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "hundred-a-minute"
         *       },
         *       "before": {
         *         "policy_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "hundred-a-minute"
         *       },
         *       "previous": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "hash": "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
         *     }
         */
        AuditRecord: {
            /** @description The operationId, the step of signing in, `firstUse`, `keyEndsSoon` seven days before a key of a consumer ends, or `call` of what a runtime refused. */
            action: string;
            actor: components["schemas"]["AuditActor"];
            /** @description As it is since. */
            after?: components["schemas"]["AuditState"];
            at: components["schemas"]["Timestamp"];
            /** @description As it was. */
            before?: components["schemas"]["AuditState"];
            /** @description What else there is to say, such as `count` of refusals that were alike. */
            detail?: components["schemas"]["AuditState"];
            /** @description Covers this record and the hash before. */
            hash: components["schemas"]["AuditHash"];
            kind: components["schemas"]["AuditKind"];
            object?: components["schemas"]["AuditObject"];
            outcome: components["schemas"]["AuditOutcome"];
            /** @description The hash of the record before. */
            previous: components["schemas"]["AuditHash"];
            /** @description The id of the request; it stands in the server's log. */
            request_id?: string;
            /** @description Its number in the tenant, without gaps. */
            seq: number;
        };
        /**
         * @description A page of the audit.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        AuditRecordList: {
            /** @description The records. */
            items: components["schemas"]["AuditRecord"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description The thing as the contract tells it, without secrets and without what follows from the rest.
         * @example {
         *       "name": "hundred-a-minute",
         *       "policy": {
         *         "kind": "rate_limit",
         *         "config": {
         *           "limit": 100,
         *           "window_s": 60
         *         }
         *       }
         *     }
         */
        AuditState: {
            [key: string]: unknown;
        };
        /**
         * @description Whether the audit is what was written.
         * @example {
         *       "intact": true,
         *       "records": 7,
         *       "first_seq": 1,
         *       "last_seq": 7,
         *       "last_hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "checkpointed_to": 5,
         *       "erased": 0,
         *       "faults": [],
         *       "more": 0
         *     }
         */
        AuditVerification: {
            /** @description The newest record that a signed checkpoint vouches for. */
            checkpointed_to: number;
            /** @description How many fields are pseudonyms by now. */
            erased: number;
            /** @description Where the chain is broken; the first hundred. */
            faults: components["schemas"]["AuditFault"][];
            /** @description The number of the oldest record that is kept; 0 without any. */
            first_seq: number;
            /** @description Whether no fault was found. */
            intact: boolean;
            /** @description Keep it elsewhere and whoever rewrites everything is found out. */
            last_hash: components["schemas"]["AuditHash"];
            /** @description The number of the newest record. */
            last_seq: number;
            /** @description How many faults there are besides. */
            more: number;
            /** @description How many records were verified. */
            records: number;
        };
        /**
         * @description HTTP Basic authentication (RFC 7617) at the upstream.
         * @example {
         *       "kind": "basic",
         *       "username": "stoa",
         *       "password": {
         *         "runtime": "orders-password"
         *       }
         *     }
         */
        BasicCredential: {
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "basic";
            password: components["schemas"]["UpstreamSecret"];
            /** @description The security scheme of the document that it meets; every operation gets one without. */
            scheme?: string;
            /** @description The user, without a colon. */
            username: string;
        };
        /**
         * @description How one member of a form or multipart body is written, after OpenAPI's Encoding Object.
         * @example {
         *       "name": "codes",
         *       "style": "form",
         *       "explode": false
         *     }
         */
        BodyField: {
            /** @description OpenAPI's allowReserved. */
            allow_reserved?: boolean;
            /** @description Whether the member is a file, given as base64 text or a data URL. */
            base64?: boolean;
            /** @description The media type of the member. */
            content_type?: string;
            /** @description OpenAPI's explode. */
            explode?: boolean;
            /** @description The member's name. */
            name: string;
            /**
             * @description OpenAPI's serialization style.
             * @enum {string}
             */
            style?: "form" | "spaceDelimited" | "pipeDelimited" | "deepObject";
        };
        /**
         * @description More than three instances and more than 15 % of an environment fell silent at once. They are late, not offline, until the brake is released.
         * @example {
         *       "environment": "production",
         *       "engaged_at": "2026-11-22T18:24:00.000Z",
         *       "releases_at": "2026-11-22T18:39:00.000Z",
         *       "held": 12
         *     }
         */
        Brake: {
            engaged_at: components["schemas"]["Timestamp"];
            environment: components["schemas"]["EnvironmentName"];
            /** @description How many instances were silent when it was engaged. */
            held: number;
            releases_at: components["schemas"]["Timestamp"];
        };
        /**
         * @description Whether a call may be made.
         * @example {
         *       "state": "pending",
         *       "approval_id": "7b0c5d0e-1111-4222-8333-444455556666",
         *       "expires_at": "2026-11-22T19:24:00.000Z",
         *       "approve_at": "https://stoa.example.com/approvals?id=7b0c5d0e-1111-4222-8333-444455556666"
         *     }
         */
        CallApprovalAnswer: {
            /**
             * Format: uuid
             * @description The approval; absent where there is none.
             */
            approval_id?: string;
            /** @description Where a person decides, as a URL. */
            approve_at?: string;
            /**
             * Format: date-time
             * @description Until when a call that is pending waits, or one that was denied stays so.
             */
            expires_at?: string;
            /** @description What who denied it said. */
            reason?: string;
            /**
             * @description `granted`: make it now, once. `pending`: it waits for a person. `denied`: somebody said no. `full`: too many calls of this consumer or tenant wait already; this one does not.
             * @enum {string}
             */
            state: "granted" | "pending" | "denied" | "full";
        };
        /**
         * @description A call that a policy has wait for a person's yes.
         * @example {
         *       "claim_id": "4f0c5d0e-1111-4222-8333-444455556666",
         *       "policy": "a-person-says-yes",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "operation_id": "deleteOrder",
         *       "tool": "orders_deleteOrder",
         *       "method": "DELETE",
         *       "path": "/orders/{order_id}",
         *       "consumer_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *       "arguments": {
         *         "order_id": 7
         *       },
         *       "arguments_hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "wait_s": 3600,
         *       "valid_s": 900
         *     }
         */
        CallApprovalQuestion: {
            /**
             * Format: uuid
             * @description The API called.
             */
            api_id: string;
            /** @description The arguments, as the upstream is to be sent them: what guardrails mask is masked. */
            arguments: {
                [key: string]: unknown;
            };
            /** @description The hash of the arguments as they were given, in canonical JSON (RFC 8785). */
            arguments_hash: string;
            /**
             * Format: uuid
             * @description Names this attempt of the call. What was granted to it is granted to it again.
             */
            claim_id: string;
            /**
             * Format: uuid
             * @description Who calls.
             */
            consumer_id: string;
            /** @description The epoch that registration returned. A client that sends none is never fenced. */
            lease_epoch?: number;
            /** @description The HTTP method of the request that it makes. */
            method: string;
            /** @description The operation called. */
            operation_id: string;
            /** @description The path of that request at the upstream, as a template. */
            path: string;
            /** @description The name of the policy. */
            policy: string;
            /** @description The tool called. */
            tool: string;
            /** @description Seconds in which the call may be made once it is approved. */
            valid_s: number;
            /** @description Seconds that the question waits for a person. */
            wait_s: number;
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
         * @description The certificate that the gateway shows the upstream (mutual TLS), and its key: secrets of runtimes.
         * @example {
         *       "kind": "client_certificate",
         *       "certificate": {
         *         "runtime": "orders-certificate"
         *       },
         *       "key": {
         *         "runtime": "orders-certificate-key"
         *       }
         *     }
         */
        ClientCertificate: {
            /** @description The certificate in PEM, with those between it and its authority. */
            certificate: components["schemas"]["RuntimeSecret"];
            /** @description Its private key in PEM. */
            key: components["schemas"]["RuntimeSecret"];
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "client_certificate";
        };
        /**
         * @description A token that the gateway gets at a token endpoint as a client of its own (RFC 6749 §4.4), keeps, and gets anew before it expires, and once when the upstream answers 401.
         * @example {
         *       "kind": "client_credentials",
         *       "token_endpoint": "https://id.example.com/token",
         *       "client_id": "gateway",
         *       "client_secret": {
         *         "runtime": "orders-client"
         *       },
         *       "scope": "orders:read"
         *     }
         */
        ClientCredentials: {
            algorithm?: components["schemas"]["AssertionAlgorithm"];
            audience?: components["schemas"]["UpstreamAudience"];
            client_auth?: components["schemas"]["ClientAuth"];
            client_id: components["schemas"]["ClientId"];
            /** @description The secret of the client, unless it signs. */
            client_secret?: components["schemas"]["UpstreamSecret"];
            header?: components["schemas"]["TokenHeader"];
            key_id?: components["schemas"]["KeyId"];
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "client_credentials";
            /** @description For `private_key_jwt`: the key in PEM (PKCS #8), of RSA, P-256, P-384 or Ed25519. */
            private_key?: components["schemas"]["UpstreamSecret"];
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
         * @description Which clients of MCP the people of the tenant may let in at its gateways.
         * @example {
         *       "admits": "documents"
         *     }
         */
        ClientRule: {
            admits: components["schemas"]["AdmittedClients"];
        };
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
         * @description What became of one generation, as a whole and item by item. `applied` is said only after reading back.
         * @example {
         *       "lease_epoch": 1,
         *       "generation": 4,
         *       "hash": "sha256:1f3a",
         *       "state": "applied",
         *       "items": [
         *         {
         *           "id": "api:0b0c5d0e-1111-4222-8333-444455556666",
         *           "state": "applied"
         *         }
         *       ]
         *     }
         */
        ConfigAck: {
            /** @description The generation this is about. */
            generation: number;
            /** @description The hash of that generation. */
            hash: string;
            /** @description One entry for every item of the generation; with `unlisted_applied`, one for every item that was not plainly applied. */
            items: components["schemas"]["ItemAck"][];
            /** @description The epoch that registration returned. */
            lease_epoch?: number;
            state: components["schemas"]["AckState"];
            /** @description Whether the items that are not in `items` were applied. Only for a generation that was read with `base`. */
            unlisted_applied?: boolean;
        };
        /**
         * @description The lines of an `application/jsonl` answer: the manifest, and the items of its `changed` in their order. Each line ends with a line
         *     feed, which is no part of an item's bytes. An encoding may consist of several gzip members (RFC 1952 §2.2).
         * @example [
         *       {
         *         "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *         "generation": 0,
         *         "hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *         "signature": {
         *           "key_id": "9f2c1a",
         *           "algorithm": "ed25519",
         *           "value": "dGhlIHNpZ25hdHVyZQ"
         *         },
         *         "base": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *         "removed": [],
         *         "changed": []
         *       }
         *     ]
         */
        ConfigDifference: (components["schemas"]["ConfigManifest"] | components["schemas"]["DesiredItem"])[];
        /**
         * @description An item by what it contains.
         * @example {
         *       "id": "api:0b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "api",
         *       "hash": "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
         *       "size": 1830
         *     }
         */
        ConfigEntry: {
            /** @description SHA-256 of the item's bytes. */
            hash: string;
            /** @description The item's id, stable over generations. */
            id: string;
            /** @description The item's kind. */
            kind: string;
            /** @description The number of the item's bytes. */
            size: number;
        };
        /**
         * @description One thing to serve or configure. Its `id` is stable over generations.
         * @example {
         *       "id": "consumer:2b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "consumer",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "support-agent",
         *       "keys": []
         *     }
         */
        ConfigItem: components["schemas"]["ApiItem"] | components["schemas"]["PolicyItem"] | components["schemas"]["ConsumerItem"] | components["schemas"]["SubscriptionItem"] | components["schemas"]["PlanItem"] | components["schemas"]["PlanSubscriptionItem"] | components["schemas"]["TrustedIssuerItem"] | components["schemas"]["McpServerItem"] | components["schemas"]["McpServerSubscriptionItem"] | components["schemas"]["ToolSetItem"] | components["schemas"]["ToolSetSubscriptionItem"];
        /**
         * @description The newest desired state as a difference to the state of the hash `base`; without `base`, as a whole: then `changed` names every item. It
         *     may name items that are at hand already.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "generation": 0,
         *       "hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "signature": {
         *         "key_id": "9f2c1a",
         *         "algorithm": "ed25519",
         *         "value": "dGhlIHNpZ25hdHVyZQ"
         *       },
         *       "base": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         *       "removed": [],
         *       "changed": []
         *     }
         */
        ConfigManifest: {
            /** @description The hash of the state that this differs from; absent where this is the whole state. */
            base?: string;
            /** @description The items that are new or different, in the order of the lines that hold them. */
            changed: components["schemas"]["ConfigEntry"][];
            /**
             * Format: uuid
             * @description The gateway this is for.
             */
            gateway_id: string;
            /** @description Rises with every change. */
            generation: number;
            /**
             * @description SHA-256 of the items' hashes, each as 64 hexadecimal digits and a line feed, in the order of the items' ids by UTF-16 code units.
             *     Where nothing is served, that of the empty text.
             */
            hash: string;
            /** @description The ids of the items that are no longer there. */
            removed: string[];
            signature: components["schemas"]["ConfigSignature"];
        };
        /**
         * @description Signs the UTF-8 text `gateway_id`, `generation` and `hash`, joined by line feeds.
         * @example {
         *       "key_id": "9f2c1a",
         *       "algorithm": "ed25519",
         *       "value": "dGhlIHNpZ25hdHVyZQ"
         *     }
         */
        ConfigSignature: {
            /**
             * @description The signature algorithm.
             * @enum {string}
             */
            algorithm: "ed25519";
            /** @description Which of the signing keys. */
            key_id: string;
            /** @description The signature in base64url. */
            value: string;
        };
        /**
         * @description Whether an instance runs what it shall run.
         * @example {
         *       "state": "in_sync",
         *       "desired_generation": 4,
         *       "acked_generation": 4
         *     }
         */
        ConfigSync: {
            acked_at?: components["schemas"]["Timestamp"];
            /** @description The newest generation acknowledged. */
            acked_generation: number;
            /** @description The newest generation. */
            desired_generation: number;
            /** @description The last acknowledgement item by item; only on the gateway's own page. */
            items?: components["schemas"]["ItemAck"][];
            /** @description How many items of the last acknowledgement were rejected, where others were not. Its own page says which, and why. */
            rejected_items?: number;
            /**
             * @description `none`: nothing was ever desired. `pending`: the newest generation is not acknowledged yet. `partly_rejected`: some of it is in force, and `rejected_items` are not.
             * @enum {string}
             */
            state: "none" | "pending" | "in_sync" | "in_sync_with_warnings" | "partly_rejected" | "rejected";
        };
        /**
         * @description Somebody who may call APIs.
         * @example {
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "support-agent",
         *       "labels": {},
         *       "created_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        Consumer: {
            /** @description Names of client certificates that prove it; absent where there are none. */
            certificates?: components["schemas"]["CertificateNames"];
            /**
             * Format: uuid
             * @description The consumer's id.
             */
            consumer_id: string;
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /** @description When the first of its good keys ends, in lists and on its page; absent where none has an end. */
            key_expires_at?: components["schemas"]["Timestamp"];
            labels: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
            /** @description The team that owns it. */
            team?: components["schemas"]["Slug"];
            /** @description How it reaches tools over MCP; absent where it is `full`. */
            tool_exposure?: components["schemas"]["ToolExposure"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
        };
        /**
         * @description Somebody who may call, with the keys that prove it.
         * @example {
         *       "id": "consumer:2b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "consumer",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "support-agent",
         *       "keys": []
         *     }
         */
        ConsumerItem: {
            /** @description Names of client certificates that prove it; none when absent. */
            certificates?: components["schemas"]["CertificateNames"];
            /**
             * Format: uuid
             * @description The consumer's id.
             */
            consumer_id: string;
            /** @description `consumer:` and the consumer's id. */
            id: string;
            /** @description The consumer's valid keys. */
            keys: components["schemas"]["ConsumerKeyMaterial"][];
            /**
             * @description Says that this item is a consumer. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "consumer";
            labels?: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
            /** @description How it reaches tools over MCP; `full` when absent. */
            tool_exposure?: components["schemas"]["ToolExposure"];
        };
        /**
         * @description A consumer's key without its secret.
         * @example {
         *       "key_id": "3b0c5d0e-1111-4222-8333-444455556666",
         *       "hint": "stoa_ck_9af",
         *       "state": "valid",
         *       "created_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        ConsumerKey: {
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            expires_at?: components["schemas"]["Timestamp"];
            /** @description The first characters of the secret. */
            hint: string;
            /**
             * Format: uuid
             * @description The key's id.
             */
            key_id: string;
            revoked_at?: components["schemas"]["Timestamp"];
            state: components["schemas"]["CredentialState"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
        };
        /**
         * @description One valid key of a consumer.
         * @example {
         *       "id": "consumer_key:3b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "consumer_key",
         *       "key_id": "3b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
        ConsumerKeyItem: {
            /**
             * Format: uuid
             * @description The consumer that the key proves.
             */
            consumer_id: string;
            expires_at?: components["schemas"]["Timestamp"];
            /** @description `consumer_key:` and the key's id. */
            id: string;
            /**
             * Format: uuid
             * @description The key's id.
             */
            key_id: string;
            /**
             * @description Says that this item is a key. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "consumer_key";
            /** @description The key itself: only for a Connect, whose gateway stores keys in clear. */
            secret?: string;
            /** @description SHA-256 of the key. */
            sha256: string;
        };
        /**
         * @description The keys of a consumer.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ConsumerKeyList: {
            /** @description The keys. */
            items: components["schemas"]["ConsumerKey"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What a runtime needs to recognise a key.
         * @example {
         *       "key_id": "3b0c5d0e-1111-4222-8333-444455556666",
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
        ConsumerKeyMaterial: {
            expires_at?: components["schemas"]["Timestamp"];
            /**
             * Format: uuid
             * @description The key's id.
             */
            key_id: string;
            /** @description The key itself: only for a Connect, whose gateway stores keys in clear. */
            secret?: string;
            /** @description SHA-256 of the key. */
            sha256: string;
        };
        /**
         * @description A key to mint for a consumer.
         * @example {}
         */
        ConsumerKeyRequest: {
            expires_at?: components["schemas"]["Timestamp"];
        };
        /**
         * @description A page of consumers.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ConsumerList: {
            /** @description The consumers. */
            items: components["schemas"]["Consumer"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What to change of a consumer; what is absent stays.
         * @example {
         *       "labels": {
         *         "team": "support"
         *       }
         *     }
         */
        ConsumerPatch: {
            /** @description Names of client certificates that prove it, where its caller presents nothing else. No other consumer of the tenant may have one of them; what is absent stays. */
            certificates?: components["schemas"]["CertificateNames"];
            labels?: components["schemas"]["Labels"];
            name?: components["schemas"]["Slug"];
            /** @description The team that owns it; `null` for none. What is absent stays as it is. */
            team?: string | null;
            /** @description How it reaches tools over MCP; what is absent stays. */
            tool_exposure?: components["schemas"]["ToolExposure"];
        };
        /**
         * @description A consumer to define.
         * @example {
         *       "name": "support-agent"
         *     }
         */
        ConsumerRequest: {
            /** @description Names of client certificates that prove it, where its caller presents nothing else. No other consumer of the tenant may have one of them; none when absent. */
            certificates?: components["schemas"]["CertificateNames"];
            labels?: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
            /** @description The team that owns it; `null` for none. What is absent stays as it is. */
            team?: string | null;
            /** @description How it reaches tools over MCP; `full` when absent. */
            tool_exposure?: components["schemas"]["ToolExposure"];
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
         * @description A new service account. Its secret is shown this once; one with public keys has none.
         * @example {
         *       "service_account": {
         *         "service_account_id": "5b0c5d0e-1111-4222-8333-444455557777",
         *         "client_id": "5b0c5d0e-1111-4222-8333-444455557777",
         *         "name": "deploy-pipeline",
         *         "roles": [
         *           "publisher"
         *         ],
         *         "exchange_resources": [],
         *         "hint": "stoa_sc_x1y2",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z",
         *         "secret_changed_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "client_secret": "stoa_sc_x1y2-example"
         *     }
         */
        CreatedServiceAccount: {
            /** @description The secret. It is not stored and cannot be shown again. */
            client_secret?: string;
            service_account: components["schemas"]["ServiceAccount"];
        };
        /**
         * @description Whether a credential is good.
         * @example valid
         * @enum {string}
         */
        CredentialState: "valid" | "expired" | "revoked";
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
         * @description An API exposed on the gateways that its targets choose, now and later.
         * @example {
         *       "deployment_id": "6b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "orders-production",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "targets": {
         *         "environments": [
         *           "production"
         *         ]
         *       },
         *       "revision": "newest",
         *       "created_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        Deployment: {
            /** @description Whether it exposes the API by objects that were on the gateway before; absent when not. Another revision is exposed as any API is. */
            adopted?: boolean;
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id: string;
            /** @description The API's name; in lists and on the deployment's own page. */
            api_name?: components["schemas"]["Slug"];
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /**
             * Format: uuid
             * @description The deployment's id.
             */
            deployment_id: string;
            drift?: components["schemas"]["DriftRule"];
            /**
             * @description On how many of its gateways what became of it; in lists and on the deployment's own page.
             * @example {
             *       "applied": 2,
             *       "rejected": 1
             *     }
             */
            gateway_states?: {
                /** @description Gateways that serve it. */
                applied?: number;
                /** @description Gateways that serve it, and say what is not as it reads. */
                applied_with_warnings?: number;
                /** @description Gateways that said nothing of it yet. */
                pending?: number;
                /** @description Gateways that do not serve it. */
                rejected?: number;
            };
            /** @description Each gateway chosen and what became of the API there; only on the deployment's own page. */
            gateways?: components["schemas"]["DeploymentOnGateway"][];
            name?: components["schemas"]["Slug"];
            public_path?: components["schemas"]["PublicPath"];
            revision: components["schemas"]["DeployedRevision"];
            /**
             * @description What became of it as a whole: `unmatched` while no gateway fits its targets, else the worst of its gateways.
             * @enum {string}
             */
            state?: "unmatched" | "pending" | "applied" | "applied_with_warnings" | "rejected";
            targets: components["schemas"]["TargetSelector"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
            /** @description What is probably not meant, such as targets that no gateway fits. */
            warnings?: string[];
        };
        /**
         * @description What a deployment would do, gateway by gateway. Nothing was saved.
         * @example {
         *       "deployment": {
         *         "deployment_id": "6b0c5d0e-1111-4222-8333-444455556666",
         *         "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *         "targets": {
         *           "environments": [
         *             "production"
         *           ]
         *         },
         *         "revision": "newest",
         *         "created_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "gateways": []
         *     }
         */
        DeploymentDryRun: {
            deployment: components["schemas"]["Deployment"];
            /** @description Each gateway that the targets choose now. */
            gateways: components["schemas"]["DryRunOnGateway"][];
        };
        /**
         * @description A page of deployments.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        DeploymentList: {
            /** @description The deployments. */
            items: components["schemas"]["Deployment"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What became of a deployment on one gateway.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "instance_name": "kong-prod-01",
         *       "gateway_mode": "connect",
         *       "environment": "production",
         *       "liveness": "online",
         *       "state": "applied"
         *     }
         */
        DeploymentOnGateway: {
            environment: components["schemas"]["EnvironmentName"];
            /**
             * Format: uuid
             * @description The gateway.
             */
            gateway_id: string;
            gateway_mode: components["schemas"]["GatewayMode"];
            instance_name: components["schemas"]["InstanceName"];
            liveness: components["schemas"]["Liveness"];
            /**
             * @description Where it failed.
             * @enum {string}
             */
            phase?: "fetch" | "validate" | "render" | "apply" | "verify";
            /** @description Why it failed. */
            reason?: string;
            /**
             * @description `pending` until the gateway acknowledges the newest generation.
             * @enum {string}
             */
            state: "pending" | "applied" | "applied_with_warnings" | "rejected";
        };
        /**
         * @description What to change of a deployment; what is absent stays.
         * @example {
         *       "revision": 3
         *     }
         */
        DeploymentPatch: {
            drift?: components["schemas"]["DriftRule"];
            name?: components["schemas"]["Slug"];
            /** @description Where the API is exposed on third-party gateways, as a whole; null puts it back to the paths of its upstream. */
            public_path?: components["schemas"]["PublicPath"] | null;
            revision?: components["schemas"]["DeployedRevision"];
            targets?: components["schemas"]["TargetSelector"];
        };
        /**
         * @description An API to expose on gateways.
         * @example {
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "targets": {
         *         "environments": [
         *           "production"
         *         ]
         *       }
         *     }
         */
        DeploymentRequest: {
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id: string;
            drift?: components["schemas"]["DriftRule"];
            name?: components["schemas"]["Slug"];
            public_path?: components["schemas"]["PublicPath"];
            revision?: components["schemas"]["DeployedRevision"];
            targets: components["schemas"]["TargetSelector"];
        };
        /**
         * @description One item of a state that was read with `base`. Keys are items of their own there: the `keys` of a consumer are empty.
         * @example {
         *       "id": "consumer_key:3b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "consumer_key",
         *       "key_id": "3b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
        DesiredItem: components["schemas"]["ApiItem"] | components["schemas"]["PolicyItem"] | components["schemas"]["ConsumerItem"] | components["schemas"]["ConsumerKeyItem"] | components["schemas"]["SubscriptionItem"] | components["schemas"]["PlanItem"] | components["schemas"]["PlanSubscriptionItem"] | components["schemas"]["TrustedIssuerItem"] | components["schemas"]["McpServerItem"] | components["schemas"]["McpServerSubscriptionItem"] | components["schemas"]["ToolSetItem"] | components["schemas"]["ToolSetSubscriptionItem"];
        /**
         * @description The way in that calls came by: `mcp` (tools), `rest` (the API itself, below `/apis`), or `authz` and `grpc` (a gateway that asked, over HTTP or gRPC).
         * @example mcp
         * @enum {string}
         */
        DoorName: "mcp" | "authz" | "rest" | "grpc";
        /**
         * @description One difference between what was applied and what is there.
         * @example {
         *       "item_id": "api:0b0c5d0e-1111-4222-8333-444455556666",
         *       "object": "route orders-get-order",
         *       "kind": "changed",
         *       "detail": "methods: GET → GET, POST",
         *       "wins": "stoa"
         *     }
         */
        Drift: {
            /** @description What differs, field by field. */
            detail?: string;
            /** @description The config item that the object belongs to. */
            item_id?: string;
            /**
             * @description How it differs.
             * @enum {string}
             */
            kind: "missing" | "changed" | "extra";
            /** @description The object in the third-party gateway, such as `route orders-get-order`. */
            object: string;
            wins?: components["schemas"]["DriftWins"];
        };
        /**
         * @description One difference over time. What is found again after it was over is another event.
         * @example {
         *       "event_id": "1f0c5d0e-1111-4222-8333-444455556666",
         *       "object": "route orders-get-order",
         *       "kind": "changed",
         *       "detail": "methods: GET → GET, POST",
         *       "wins": "stoa",
         *       "state": "repaired"
         *     }
         */
        DriftEvent: {
            /** @description What differs, field by field. */
            detail?: string;
            /**
             * Format: uuid
             * @description Made by the runtime that found it, and the same in each report.
             */
            event_id: string;
            /** @description The config item that the object belongs to. */
            item_id?: string;
            /**
             * @description How it differs.
             * @enum {string}
             */
            kind: "missing" | "changed" | "extra";
            /** @description The object in the third-party gateway, such as `route orders-get-order`. */
            object: string;
            /**
             * @description `found` and not repaired yet; `failed` to be repaired, which is tried again; `repaired`; `left` as it is; `gone` without our doing.
             * @enum {string}
             */
            state: "found" | "failed" | "repaired" | "left" | "gone";
            wins: components["schemas"]["DriftWins"];
        };
        /**
         * @description What was found different on a gateway lately.
         * @example {
         *       "items": []
         *     }
         */
        DriftList: {
            /** @description The newest first; 100 are kept. */
            items: components["schemas"]["DriftRecord"][];
        };
        /**
         * @description One difference between a third-party gateway and what was applied to it, and what came of it.
         * @example {
         *       "event_id": "1f0c5d0e-1111-4222-8333-444455556666",
         *       "object": "route orders-get-order",
         *       "kind": "changed",
         *       "detail": "methods: GET → GET, POST",
         *       "wins": "stoa",
         *       "state": "repaired",
         *       "found_at": "2026-11-22T18:24:00.000Z",
         *       "repaired_at": "2026-11-22T18:24:02.000Z"
         *     }
         */
        DriftRecord: {
            /** @description What differed, field by field. */
            detail?: string;
            /**
             * Format: uuid
             * @description The event's id.
             */
            event_id: string;
            /** @description When the Control Plane was told of it. */
            found_at: components["schemas"]["Timestamp"];
            /** @description When the Control Plane was told that it is no longer so. */
            gone_at?: components["schemas"]["Timestamp"];
            /** @description The config item that the object belongs to. */
            item_id?: string;
            /**
             * @description How it differed.
             * @enum {string}
             */
            kind: "missing" | "changed" | "extra";
            /** @description The object in the third-party gateway, such as `route orders-get-order`. */
            object: string;
            /** @description When the Control Plane was told that it was put back. */
            repaired_at?: components["schemas"]["Timestamp"];
            /**
             * @description `found` and not repaired yet; `failed` to be repaired, which is tried again; `repaired`; `left` as it is; `gone` without our doing.
             * @enum {string}
             */
            state: "found" | "failed" | "repaired" | "left" | "gone";
            wins: components["schemas"]["DriftWins"];
        };
        /**
         * @description What Connect does when somebody changed on a gateway what the deployment made there: `repair` puts it back, `report` leaves it until the deployment itself changes. Repaired when nothing is said.
         * @example repair
         * @enum {string}
         */
        DriftRule: "repair" | "report";
        /**
         * @description Whose state stays: `stoa` puts back what was applied; `gateway` keeps what was found, because the object is not ours or the deployment says `drift: report`.
         * @example stoa
         * @enum {string}
         */
        DriftWins: "stoa" | "gateway";
        /**
         * @description What would come of a desired state.
         * @example {
         *       "dry_run_id": "4f0c5d0e-1111-4222-8333-444455556666",
         *       "state": "applied",
         *       "items": [],
         *       "writes": [
         *         {
         *           "action": "put",
         *           "object": "service stoa-orders",
         *           "detail": "missing"
         *         }
         *       ]
         *     }
         */
        DryRunAnswer: {
            adoption?: components["schemas"]["AdoptionAnswer"];
            /**
             * Format: uuid
             * @description The question.
             */
            dry_run_id: string;
            /** @description The items that would not plainly be applied, each with the reason. */
            items: components["schemas"]["ItemAck"][];
            /** @description The epoch that registration returned. */
            lease_epoch?: number;
            /** @description How many there are beyond those. */
            more_writes?: number;
            /** @description What the acknowledgement would say of the whole. */
            state: components["schemas"]["AckState"];
            /** @description Why the third-party gateway could not be read, so that nothing is known. */
            unavailable?: string;
            /** @description What would be written, in order. */
            writes: components["schemas"]["PlannedWrite"][];
        };
        /**
         * @description What a deployment would do on one gateway.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "instance_name": "kong-prod-01",
         *       "gateway_mode": "connect",
         *       "environment": "production",
         *       "liveness": "online",
         *       "state": "planned",
         *       "told_by": "gateway",
         *       "writes": [
         *         {
         *           "action": "put",
         *           "object": "service stoa-orders",
         *           "detail": "missing"
         *         }
         *       ],
         *       "items": []
         *     }
         */
        DryRunOnGateway: {
            environment: components["schemas"]["EnvironmentName"];
            /**
             * Format: uuid
             * @description The gateway.
             */
            gateway_id: string;
            gateway_mode: components["schemas"]["GatewayMode"];
            instance_name: components["schemas"]["InstanceName"];
            /** @description What cannot be expressed there, or only with a warning, and why: of the API, its policies and its plans. */
            items: components["schemas"]["ItemAck"][];
            /** @description When it was heard of last, where it did not answer. */
            last_seen_at?: components["schemas"]["Timestamp"];
            liveness: components["schemas"]["Liveness"];
            /** @description How many there are beyond those. */
            more_writes?: number;
            /** @description Why it is rejected or unknown. */
            reason?: string;
            /**
             * @description `planned`: something would be written; `unchanged`: nothing; `rejected`: the API would not be served there; `unknown`: nobody could tell.
             * @enum {string}
             */
            state: "planned" | "unchanged" | "rejected" | "unknown";
            /**
             * @description `gateway`: the running Connect, from what it observes. `capability`: the Control Plane, from what runtimes of this mode can do and from what differs in their configuration; Gateway and Link are told so. `nobody`: it did not answer.
             * @enum {string}
             */
            told_by: "gateway" | "capability" | "nobody";
            /** @description What would be written, in order. Of a Gateway or a Link: what of its configuration would be another. */
            writes: components["schemas"]["PlannedWrite"][];
        };
        /**
         * @description A desired state that somebody asks about.
         * @example {
         *       "dry_run_id": "4f0c5d0e-1111-4222-8333-444455556666",
         *       "items": []
         *     }
         */
        DryRunQuestion: {
            adopt?: components["schemas"]["AdoptionQuestion"];
            /**
             * Format: uuid
             * @description Names the question in its answer.
             */
            dry_run_id: string;
            /** @description The whole state that would be, as a `GatewayConfig` has it. */
            items: components["schemas"]["ConfigItem"][];
        };
        /**
         * @description Where the instance can be reached, by purpose, such as `mcp`, `authz` or `health`.
         * @example {
         *       "mcp": "http://127.0.0.1:8081/mcp",
         *       "health": "http://127.0.0.1:8081/healthz"
         *     }
         */
        Endpoints: {
            [key: string]: string;
        };
        /**
         * @description An environment, and what it demands.
         * @example {
         *       "environment": "production",
         *       "four_eyes": [
         *         "deployments",
         *         "policies"
         *       ]
         *     }
         */
        Environment: {
            environment: components["schemas"]["EnvironmentName"];
            four_eyes: components["schemas"]["FourEyes"];
            /** @description What is pinned by it or stays pinned, and that nobody else could approve at present; only when it was just set. */
            warnings?: string[];
        };
        /**
         * @description The instances of one mode in one environment.
         * @example {
         *       "environment": "production",
         *       "counts": {
         *         "online": 3,
         *         "late": 0,
         *         "offline": 0,
         *         "left": 0,
         *         "revoked": 0,
         *         "conflict": 0
         *       }
         *     }
         */
        EnvironmentCounts: {
            counts: components["schemas"]["LivenessCounts"];
            environment: components["schemas"]["EnvironmentName"];
        };
        /**
         * @description A page of environments.
         * @example {
         *       "items": [
         *         {
         *           "environment": "production",
         *           "four_eyes": []
         *         }
         *       ],
         *       "next_cursor": null
         *     }
         */
        EnvironmentList: {
            /** @description The environments. */
            items: components["schemas"]["Environment"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description The name of an environment. Used as given; there are no aliases.
         * @example production
         */
        EnvironmentName: string;
        /**
         * @description What an environment demands.
         * @example {
         *       "four_eyes": [
         *         "deployments",
         *         "policies"
         *       ]
         *     }
         */
        EnvironmentRequest: {
            four_eyes: components["schemas"]["FourEyes"];
        };
        /**
         * @description What became of whom was erased.
         * @example {
         *       "pseudonym": "erased-3f9c2a7b41d0",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "fields": 7
         *     }
         */
        Erasure: {
            /**
             * Format: uuid
             * @description The consumer, which has the pseudonym for its name; absent where it was deleted before.
             */
            consumer_id?: string;
            /** @description How many fields of the audit became the pseudonym. */
            fields: number;
            pseudonym: components["schemas"]["Slug"];
        };
        /**
         * @description Whom to erase.
         * @example {
         *       "name": "alice"
         *     }
         */
        ErasureRequest: {
            name: components["schemas"]["Slug"];
        };
        /**
         * @description For which resources it may exchange the access tokens of callers, which they were given for a gateway of the tenant (RFC 8693): it acts for them there. None when absent or empty.
         * @example [
         *       "https://orders.example.com/mcp"
         *     ]
         */
        ExchangeResources: string[];
        /**
         * @description For what a second person is demanded: `deployments` for what is exposed, `policies` for what guards it, plans and who may call without a subscription among it, `reveals` for keys, whose secrets are shown. Either of the last two has issuers wait as well that are trusted, or otherwise than before: whose tokens prove who calls is of no one environment.
         * @example [
         *       "deployments",
         *       "policies"
         *     ]
         */
        FourEyes: ("deployments" | "policies" | "reveals")[];
        /**
         * @description One instance of a runtime as operators see it.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "environment": "production",
         *       "instance_name": "kong-prod-01",
         *       "gateway_mode": "connect",
         *       "version": "0.12.0",
         *       "features": [
         *         "policies"
         *       ],
         *       "labels": {},
         *       "endpoints": {},
         *       "liveness": "online",
         *       "status": "healthy",
         *       "uptime_s": 3600,
         *       "metrics": {
         *         "requests_total": 1234
         *       },
         *       "lease_epoch": 1,
         *       "heartbeat_interval_s": 30,
         *       "registered_at": "2026-11-22T18:00:00.000Z",
         *       "last_heartbeat_at": "2026-11-22T18:24:00.000Z",
         *       "config": {
         *         "state": "in_sync",
         *         "desired_generation": 4,
         *         "acked_generation": 4
         *       },
         *       "unknown_fields": []
         *     }
         */
        Gateway: {
            config: components["schemas"]["ConfigSync"];
            endpoints: components["schemas"]["Endpoints"];
            environment: components["schemas"]["EnvironmentName"];
            /** @description What the instance can do. */
            features: string[];
            /**
             * Format: uuid
             * @description The identity of the instance.
             */
            gateway_id: string;
            gateway_mode: components["schemas"]["GatewayMode"];
            /** @description Seconds between heartbeats issued to this instance. */
            heartbeat_interval_s: number;
            instance_name: components["schemas"]["InstanceName"];
            labels: components["schemas"]["Labels"];
            last_heartbeat_at?: components["schemas"]["Timestamp"];
            /** @description Rises with each takeover. */
            lease_epoch: number;
            lease_until?: components["schemas"]["Timestamp"];
            liveness: components["schemas"]["Liveness"];
            /** @description What the last heartbeat measured. */
            metrics?: {
                [key: string]: number;
            };
            observed?: components["schemas"]["ObservedState"];
            registered_at: components["schemas"]["Timestamp"];
            status?: components["schemas"]["GatewayStatus"];
            target_gateway?: components["schemas"]["TargetGateway"];
            target_health?: components["schemas"]["TargetHealth"];
            /** @description The team of the key that it registered with last. */
            team?: components["schemas"]["Slug"];
            /** @description Fields it sends that this contract does not know. */
            unknown_fields: string[];
            /** @description Whole seconds since the process started; by its last heartbeat. */
            uptime_s?: number;
            /** @description The product version of the instance. */
            version: string;
        };
        /**
         * @description What changed in the fleet.
         * @example {
         *       "as_of": "2026-11-22T18:24:00.000Z",
         *       "counts": [],
         *       "transitions": [],
         *       "more": 0,
         *       "brakes": []
         *     }
         */
        GatewayChanges: {
            as_of: components["schemas"]["Timestamp"];
            /** @description The brakes that are on now. */
            brakes: components["schemas"]["Brake"][];
            /** @description The counts that changed, as they are now. */
            counts: components["schemas"]["PresenceCount"][];
            /** @description How many transitions there were beyond those. */
            more: number;
            /** @description The first transitions. */
            transitions: components["schemas"]["GatewayTransition"][];
        };
        /**
         * @description The whole desired state of one gateway. What is absent is to be removed. A gateway that has never been given anything gets an
         *     empty list of items, which is valid.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "generation": 0,
         *       "hash": "sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
         *       "signature": {
         *         "key_id": "9f2c1a",
         *         "algorithm": "ed25519",
         *         "value": "dGhlIHNpZ25hdHVyZQ"
         *       },
         *       "items": []
         *     }
         */
        GatewayConfig: {
            /**
             * Format: uuid
             * @description The gateway this is for.
             */
            gateway_id: string;
            /** @description Rises with every change. */
            generation: number;
            /** @description SHA-256 of the canonical JSON (RFC 8785) of `items`. */
            hash: string;
            /** @description What the gateway shall serve or configure. */
            items: components["schemas"]["ConfigItem"][];
            signature: components["schemas"]["ConfigSignature"];
        };
        /**
         * @description A gateway key without its secret.
         * @example {
         *       "key_id": "4b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "production kongs",
         *       "environments": [
         *         "production"
         *       ],
         *       "modes": [
         *         "connect"
         *       ],
         *       "hint": "stoa_gk_3q2",
         *       "state": "valid",
         *       "created_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        GatewayKey: {
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /** @description Environments it is good for; any when empty. */
            environments: components["schemas"]["EnvironmentName"][];
            expires_at?: components["schemas"]["Timestamp"];
            /** @description The first characters of the secret. */
            hint: string;
            instance_name?: components["schemas"]["InstanceName"];
            /**
             * Format: uuid
             * @description The key's id.
             */
            key_id: string;
            last_used_at?: components["schemas"]["Timestamp"];
            /** @description Modes it is good for; any when empty. */
            modes: components["schemas"]["GatewayMode"][];
            /** @description A name to recognise the key by. */
            name: string;
            revoked_at?: components["schemas"]["Timestamp"];
            state: components["schemas"]["CredentialState"];
            /** @description The team that owns it, and the gateways that register with it. */
            team?: components["schemas"]["Slug"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
        };
        /**
         * @description A page of gateway keys.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        GatewayKeyList: {
            /** @description The keys. */
            items: components["schemas"]["GatewayKey"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What a new gateway key shall be good for.
         * @example {
         *       "name": "production kongs",
         *       "environments": [
         *         "production"
         *       ],
         *       "modes": [
         *         "connect"
         *       ]
         *     }
         */
        GatewayKeyRequest: {
            /** @description Environments it is good for; any when absent or empty. */
            environments?: components["schemas"]["EnvironmentName"][];
            expires_at?: components["schemas"]["Timestamp"];
            instance_name?: components["schemas"]["InstanceName"];
            /** @description Modes it is good for; any when absent or empty. */
            modes?: components["schemas"]["GatewayMode"][];
            /** @description A name to recognise the key by. */
            name: string;
            /** @description The team that owns it, and the gateways that register with it. */
            team?: components["schemas"]["Slug"];
        };
        /**
         * @description A page of gateways.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        GatewayList: {
            /** @description The gateways. */
            items: components["schemas"]["Gateway"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description Which runtime an instance is: `edge_mcp` (Gateway), `sidecar` (Link) or `connect` (Connect). Closed: a new mode needs an ADR.
         * @example edge_mcp
         * @enum {string}
         */
        GatewayMode: "edge_mcp" | "sidecar" | "connect";
        /**
         * @description The fleet by mode.
         * @example {
         *       "as_of": "2026-11-22T18:24:00.000Z",
         *       "modes": [
         *         {
         *           "gateway_mode": "edge_mcp",
         *           "product": "STOA Gateway",
         *           "total": 0,
         *           "counts": {
         *             "online": 0,
         *             "late": 0,
         *             "offline": 0,
         *             "left": 0,
         *             "revoked": 0,
         *             "conflict": 0
         *           },
         *           "instances": [],
         *           "more": 0
         *         },
         *         {
         *           "gateway_mode": "sidecar",
         *           "product": "STOA Link",
         *           "total": 0,
         *           "counts": {
         *             "online": 0,
         *             "late": 0,
         *             "offline": 0,
         *             "left": 0,
         *             "revoked": 0,
         *             "conflict": 0
         *           },
         *           "instances": [],
         *           "more": 0
         *         },
         *         {
         *           "gateway_mode": "connect",
         *           "product": "STOA Connect",
         *           "total": 0,
         *           "counts": {
         *             "online": 0,
         *             "late": 0,
         *             "offline": 0,
         *             "left": 0,
         *             "revoked": 0,
         *             "conflict": 0
         *           },
         *           "instances": [],
         *           "more": 0
         *         }
         *       ]
         *     }
         */
        GatewayModes: {
            as_of: components["schemas"]["Timestamp"];
            /** @description Environments in which too many instances fell silent at once. */
            brakes?: components["schemas"]["Brake"][];
            /** @description The position in the log of transitions that the counts are of: follow the events after it. */
            event_id?: string;
            /** @description One entry for each of the three modes. */
            modes: components["schemas"]["GatewayModeSummary"][];
        };
        /**
         * @description One mode with its counts and its instances.
         * @example {
         *       "gateway_mode": "connect",
         *       "product": "STOA Connect",
         *       "total": 0,
         *       "counts": {
         *         "online": 0,
         *         "late": 0,
         *         "offline": 0,
         *         "left": 0,
         *         "revoked": 0,
         *         "conflict": 0
         *       },
         *       "instances": [],
         *       "more": 0
         *     }
         */
        GatewayModeSummary: {
            counts: components["schemas"]["LivenessCounts"];
            /** @description The counts of each environment; of the first 100 by name. */
            environments?: components["schemas"]["EnvironmentCounts"][];
            gateway_mode: components["schemas"]["GatewayMode"];
            /** @description The instances; 500 at most. */
            instances: components["schemas"]["Gateway"][];
            /** @description How many instances are not in this answer; list them with the filter `gateway_mode`. */
            more: number;
            /**
             * @description The product that runs in this mode.
             * @enum {string}
             */
            product: "STOA Gateway" | "STOA Link" | "STOA Connect";
            /** @description All instances of this mode. */
            total: number;
        };
        /**
         * @description What an instance says of itself. A different axis from liveness, which the Control Plane derives.
         * @example healthy
         * @enum {string}
         */
        GatewayStatus: "healthy" | "degraded" | "unhealthy";
        /**
         * @description One instance that changed. Without `was` it is new, without `liveness` it was forgotten.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "instance_name": "kong-prod-01",
         *       "gateway_mode": "connect",
         *       "environment": "production",
         *       "was": "online",
         *       "liveness": "late",
         *       "at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        GatewayTransition: {
            at: components["schemas"]["Timestamp"];
            environment: components["schemas"]["EnvironmentName"];
            /**
             * Format: uuid
             * @description The identity of the instance.
             */
            gateway_id: string;
            gateway_mode: components["schemas"]["GatewayMode"];
            instance_name: components["schemas"]["InstanceName"];
            liveness?: components["schemas"]["Liveness"];
            was?: components["schemas"]["Liveness"];
        };
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
         * @description The configuration that the instance is serving.
         * @example {
         *       "generation": 4,
         *       "hash": "sha256:1f3a",
         *       "state": "applied"
         *     }
         */
        HeartbeatConfig: {
            /** @description The generation being served; 0 before the first. */
            generation: number;
            /** @description Its hash; empty before the first. */
            hash: string;
            /**
             * @description What became of the newest generation that the instance has seen.
             * @enum {string}
             */
            state: "none" | "pending" | "applied" | "applied_with_warnings" | "rejected";
        };
        /**
         * @description The reply may be empty. Whatever is present takes effect at once.
         * @example {
         *       "heartbeat_interval_s": 30,
         *       "lease_epoch": 1,
         *       "lease_ttl_s": 100,
         *       "config_generation": 4,
         *       "signing_keys_id": "7c1f09be"
         *     }
         */
        HeartbeatReply: {
            /** @description The newest generation that waits in the config feed. */
            config_generation?: number;
            credential?: components["schemas"]["InstanceCredential"];
            /** @description Seconds until the next heartbeat. */
            heartbeat_interval_s?: number;
            /** @description The epoch in force. */
            lease_epoch?: number;
            /** @description Seconds from now until the lease is over. */
            lease_ttl_s?: number;
            /** @description The set of signing keys in force. Where registration named another one, register again, with the same `boot_id`, to learn the keys. */
            signing_keys_id?: string;
        };
        /**
         * @description What an instance says of itself. Three fields are the stable contract.
         * @example {
         *       "status": "healthy",
         *       "uptime_s": 3600,
         *       "metrics": {
         *         "requests_total": 1234
         *       }
         *     }
         */
        HeartbeatRequest: {
            config?: components["schemas"]["HeartbeatConfig"];
            /** @description The epoch that registration returned. A client that sends none is never fenced. */
            lease_epoch?: number;
            /** @description Name → number. Drop it when told that the request is too large. */
            metrics: {
                [key: string]: number;
            };
            /** @description Counts the heartbeats of this process. */
            seq?: number;
            status: components["schemas"]["GatewayStatus"];
            /** @description Seconds since the process started. */
            uptime_s: number;
        };
        /**
         * @description A credential bound to one gateway. It replaces the gateway key for that instance until it expires.
         * @example {
         *       "token": "stoa_gi_3q2-7wexample",
         *       "expires_at": "2026-11-23T18:24:00.000Z"
         *     }
         */
        InstanceCredential: {
            expires_at: components["schemas"]["Timestamp"];
            /** @description Send it as `Authorization: Bearer`. */
            token: string;
        };
        /**
         * @description The name of a gateway instance, unique within its tenant and environment.
         * @example kong-prod-01
         */
        InstanceName: string;
        /**
         * @description How gateways ask the issuer about a token; its secret is never shown.
         * @example {
         *       "client_id": "gateway"
         *     }
         */
        Introspection: {
            /** @description As whom gateways ask. */
            client_id: string;
            /** @description Where it is asked, when not where its metadata says. */
            endpoint?: string;
            when?: components["schemas"]["IntrospectionRule"];
        };
        /**
         * @description How the issuer is asked about a token (RFC 7662).
         * @example {
         *       "client_id": "gateway",
         *       "client_secret": "example-secret"
         *     }
         */
        IntrospectionItem: {
            /** @description As whom the gateway asks. */
            client_id: string;
            /** @description The secret of that client. */
            client_secret: string;
            /** @description Where it is asked, when not where its metadata says. */
            endpoint?: string;
            when?: components["schemas"]["IntrospectionRule"];
        };
        /**
         * @description How gateways ask the issuer about a token (RFC 7662), as a client that it knows.
         * @example {
         *       "client_id": "gateway",
         *       "client_secret": "example-secret"
         *     }
         */
        IntrospectionRequest: {
            /** @description As whom gateways ask. */
            client_id: string;
            /** @description The secret of that client. An update without one keeps the present one, as long as it is sent to the same place by the same name. */
            client_secret?: string;
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
         * @description A way into the tenant.
         * @example {
         *       "url": "https://stoa.example.com/join?code=stoa_in_…",
         *       "expires_at": "2026-12-07T00:00:00.000Z"
         *     }
         */
        Invitation: {
            expires_at: components["schemas"]["Timestamp"];
            /**
             * Format: uuid
             * @description By which it is revoked.
             */
            invitation_id?: string;
            /** @description The link to hand on. */
            url: string;
        };
        /**
         * @description Whom to invite, and to what.
         * @example {
         *       "email": "grace@example.com",
         *       "roles": [
         *         "publisher"
         *       ]
         *     }
         */
        InvitationRequest: {
            /** @description The one address for which the link is good. For any when absent. */
            email?: string;
            /** @description What the person will be. */
            roles: components["schemas"]["OperatorRole"][];
        };
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
         * @description `embedded` for the issuer that is a part of the Control Plane; `external` for one that `STOA_OIDC_ISSUER` names.
         * @example embedded
         * @enum {string}
         */
        IssuerKind: "embedded" | "external";
        /**
         * @description The outcome for one item.
         * @example {
         *       "id": "policy:0b0c5d0e-1111-4222-8333-444455556666",
         *       "state": "rejected",
         *       "phase": "render",
         *       "reason": "Kong cannot express a rate limit over 90 s."
         *     }
         */
        ItemAck: {
            /** @description The item's stable id. */
            id: string;
            /**
             * @description Where it failed, or where the warning arose.
             * @enum {string}
             */
            phase?: "fetch" | "validate" | "render" | "apply" | "verify";
            /** @description Why, for an operator to read. */
            reason?: string;
            state: components["schemas"]["AckState"];
        };
        /**
         * @description One place where two JSON values differ.
         * @example {
         *       "pointer": "/description",
         *       "change": "changed",
         *       "before": "Closes a ticket",
         *       "after": "Closes a ticket and mails a copy"
         *     }
         */
        JsonDifference: {
            /** @description What it is; absent of what is removed. */
            after?: unknown;
            /** @description What it was; absent of what is added. */
            before?: unknown;
            /**
             * @description What became of it.
             * @enum {string}
             */
            change: "added" | "removed" | "changed";
            /** @description The place as a JSON pointer (RFC 6901); empty for the whole. */
            pointer: string;
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
         * @description How a key is rotated.
         * @example {
         *       "overlap_s": 3600
         *     }
         */
        KeyRotationRequest: {
            expires_at?: components["schemas"]["Timestamp"];
            /**
             * @description Seconds for which the key that is replaced stays good, unless it expires sooner; 0 ends it at once.
             * @default 86400
             */
            overlap_s?: number;
        };
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
         * @description Which version of what it is, and when it is given up, in place of what was said before; `null` for nothing. What is absent stays as it is.
         * @example {
         *       "version_of": "orders",
         *       "version": "v2"
         *     }
         */
        LifecycleRequest: components["schemas"]["ApiLifecycle"] | null;
        /**
         * @description Whose calls are counted together: those of one `consumer`, as when absent; of one consumer to one tool; of all consumers to one `tool`, or to one `api`; or all that come under the policy in the `tenant`, in a plan all of its subscribers. Gateway and Link know all of them, third-party gateways the first.
         * @example tool
         * @enum {string}
         */
        LimitBy: "consumer" | "consumer_and_tool" | "tool" | "api" | "tenant";
        /**
         * @description Derived by the Control Plane when read: `online`; `late` (a beat is missing); `offline` (the lease is over); `left` (deregistered);
         *     `revoked` (decommissioned by an operator); `conflict` (several processes fight for one name).
         * @example online
         * @enum {string}
         */
        Liveness: "online" | "late" | "offline" | "left" | "revoked" | "conflict";
        /**
         * @description How many instances are in each state of liveness.
         * @example {
         *       "online": 3,
         *       "late": 0,
         *       "offline": 0,
         *       "left": 0,
         *       "revoked": 0,
         *       "conflict": 0
         *     }
         */
        LivenessCounts: {
            /** @description Names that several processes fight for. */
            conflict: number;
            /** @description Instances with a beat missing. */
            late: number;
            /** @description Instances deregistered. */
            left: number;
            /** @description Instances whose lease is over. */
            offline: number;
            /** @description Instances online. */
            online: number;
            /** @description Instances decommissioned. */
            revoked: number;
        };
        /**
         * @description Something of a document that could not be expressed.
         * @example {
         *       "where": "POST /uploads",
         *       "what": "The body is only described as multipart/form-data, which a tool cannot send.",
         *       "dropped": true
         *     }
         */
        Loss: {
            /** @description Whether the whole operation is left out. */
            dropped?: boolean;
            /** @description What is lost and what follows from it. */
            what: string;
            /** @description The operation or the place, such as `GET /orders`. */
            where: string;
        };
        /**
         * @description A tenant and the way into it.
         * @example {
         *       "tenant": {
         *         "tenant_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "payments",
         *         "platform": false,
         *         "suspended": false,
         *         "limits": {},
         *         "created_at": "2026-11-30T00:00:00.000Z"
         *       },
         *       "owner_link": {
         *         "url": "https://stoa.example.com/join?code=stoa_in_…",
         *         "expires_at": "2026-12-07T00:00:00.000Z"
         *       }
         *     }
         */
        MadeTenant: {
            owner_link?: components["schemas"]["Invitation"];
            tenant: components["schemas"]["Tenant"];
        };
        /**
         * @description Who made or changed something. Absent for what is older than the audit.
         * @example {
         *       "kind": "user",
         *       "id": "6b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "Ada"
         *     }
         */
        Maker: {
            /** @description The id of the person or the token. */
            id: string;
            /**
             * @description A person, a token, or the Control Plane itself.
             * @enum {string}
             */
            kind: "user" | "token" | "server";
            /** @description The name at that time. */
            name: string;
        };
        /**
         * @description What is approved under the same name and served meanwhile.
         * @example {
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         *       "definition": {
         *         "name": "close",
         *         "inputSchema": {
         *           "type": "object"
         *         }
         *       }
         *     }
         */
        McpApprovedDefinition: {
            /** @description The whole description. */
            definition: {
                [key: string]: unknown;
            };
            /** @description SHA-256 of the canonical JSON (RFC 8785) of `definition`. */
            sha256: string;
        };
        /**
         * @description A tool, prompt, resource or resource template as an MCP server describes it.
         * @example {
         *       "kind": "tool",
         *       "name": "close",
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         *       "definition": {
         *         "name": "close",
         *         "inputSchema": {
         *           "type": "object"
         *         }
         *       }
         *     }
         */
        McpDefinition: {
            /** @description The whole description, member by member as the server gave it. */
            definition: {
                [key: string]: unknown;
            };
            /**
             * @description What it is.
             * @enum {string}
             */
            kind: "tool" | "prompt" | "resource" | "resource_template";
            /** @description The name, URI or URI template that the server gave it, without the prefix. */
            name: string;
            /** @description SHA-256 of the canonical JSON (RFC 8785) of `definition`. */
            sha256: string;
        };
        /**
         * @description How many definitions of an MCP server are in which state.
         * @example {
         *       "approved": 3,
         *       "pending": 0,
         *       "rejected": 0
         *     }
         */
        McpDefinitionCounts: {
            /** @description Those that were let through, by an operator or by `additive`. */
            approved: number;
            /** @description Those that wait for an operator. */
            pending: number;
            /** @description Those that an operator refused and the server still offers. */
            rejected: number;
        };
        /**
         * @description A definition of an MCP server, and what it would change.
         * @example {
         *       "kind": "tool",
         *       "name": "close",
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
         *       "state": "pending",
         *       "change": "added",
         *       "definition": {
         *         "name": "close",
         *         "inputSchema": {
         *           "type": "object"
         *         }
         *       },
         *       "warnings": [],
         *       "offered_by": [
         *         "edge-01"
         *       ],
         *       "first_seen_at": "2026-11-30T18:24:00.000Z"
         *     }
         */
        McpDefinitionEntry: {
            approved?: components["schemas"]["McpApprovedDefinition"];
            /**
             * @description Against what is approved under the name: `added` where nothing is, `none` for what is approved itself.
             * @enum {string}
             */
            change: "added" | "changed" | "none";
            decided_at?: components["schemas"]["Timestamp"];
            /** @description Who approved or rejected it. */
            decided_by?: components["schemas"]["Maker"];
            /** @description The whole description, member by member as the server gave it. */
            definition: {
                [key: string]: unknown;
            };
            /** @description What of the approved one is otherwise, at most 100 places; absent where nothing is approved under the name. */
            differences?: components["schemas"]["JsonDifference"][];
            first_seen_at: components["schemas"]["Timestamp"];
            /**
             * @description What it is.
             * @enum {string}
             */
            kind: "tool" | "prompt" | "resource" | "resource_template";
            /** @description The name, URI or URI template that the server gave it, without the prefix. */
            name: string;
            /** @description Gateways that found it at the server, by name, at most ten; absent where none does now. */
            offered_by?: string[];
            /** @description SHA-256 of the canonical JSON (RFC 8785) of `definition`. */
            sha256: string;
            state: components["schemas"]["McpDefinitionState"];
            /** @description What in its texts is meant for a model and not for who reads them, and what else to know. */
            warnings: string[];
        };
        /**
         * @description A page of the definitions of an MCP server.
         * @example {
         *       "items": [],
         *       "next_cursor": null,
         *       "pending_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
        McpDefinitionList: {
            /** @description The definitions, those first that were seen first. */
            items: components["schemas"]["McpDefinitionEntry"][];
            next_cursor: components["schemas"]["NextCursor"];
            /** @description Names all that is pending, on whatever page: to decide on `all` is to decide on exactly this. */
            pending_sha256: string;
        };
        /**
         * @description A definition as it was seen.
         * @example {
         *       "kind": "tool",
         *       "name": "close",
         *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *     }
         */
        McpDefinitionRef: {
            /**
             * @description What it is.
             * @enum {string}
             */
            kind: "tool" | "prompt" | "resource" | "resource_template";
            /** @description The name, URI or URI template that the server gave it, without the prefix. */
            name: string;
            /** @description Its hash when it was seen. */
            sha256: string;
        };
        /**
         * @description What was decided.
         * @example {
         *       "decided": 1,
         *       "definitions": {
         *         "approved": 4,
         *         "pending": 0,
         *         "rejected": 0
         *       }
         *     }
         */
        McpDefinitionsDecided: {
            /** @description How many definitions are in another state by it. */
            decided: number;
            definitions: components["schemas"]["McpDefinitionCounts"];
        };
        /**
         * @description What is decided on: some definitions, each by the hash that was seen, or all that are pending, by the `pending_sha256` that was seen. One of the two.
         * @example {
         *       "definitions": [
         *         {
         *           "kind": "tool",
         *           "name": "close",
         *           "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
         *         }
         *       ]
         *     }
         */
        McpDefinitionsDecision: {
            /** @description All that are pending: the `pending_sha256` of their list. */
            all?: string;
            /** @description The definitions. */
            definitions?: components["schemas"]["McpDefinitionRef"][];
        };
        /**
         * @description `pending`: a server offers it, and it waits for an operator. `approved`: it is served. `rejected`: an operator refused it, and a server still offers it.
         * @example pending
         * @enum {string}
         */
        McpDefinitionState: "pending" | "approved" | "rejected";
        /**
         * @description How an MCP server is reached that speaks Streamable HTTP.
         * @example {
         *       "url": "https://tickets.example.com/mcp"
         *     }
         */
        McpHttp: {
            /** @description Where its credentials are sent; absent without any, and in lists. */
            credentials?: components["schemas"]["UpstreamAuthPlace"][];
            /** @description The URL of its endpoint. */
            url: string;
        };
        /**
         * @description An MCP server that speaks Streamable HTTP.
         * @example {
         *       "url": "https://tickets.example.com/mcp",
         *       "credentials": [
         *         {
         *           "header": "Authorization",
         *           "value": "Bearer example-token"
         *         }
         *       ]
         *     }
         */
        McpHttpRequest: {
            /** @description What proves the gateway to it, each in a header, by the list that an API has. Never read back. Where nothing is said of them, those that are kept stay, as long as the server stays at its place; an empty list takes them away. */
            credentials?: (components["schemas"]["UpstreamAuth"] | components["schemas"]["UpstreamCredentialRequest"] | components["schemas"]["BasicCredential"] | components["schemas"]["ClientCredentials"] | components["schemas"]["TokenExchange"] | components["schemas"]["ClientCertificate"] | components["schemas"]["CallerAssertion"])[];
            /** @description The URL of its endpoint. */
            url: string;
        };
        /**
         * @description An MCP server that speaks Streamable HTTP, of the revision 2026-07-28 or an earlier one; which, the runtime finds out.
         * @example {
         *       "url": "https://tickets.example.com/mcp"
         *     }
         */
        McpHttpTransport: {
            /** @description What proves the runtime to it, each in a header. A caller's own credential is never passed on. */
            credentials?: components["schemas"]["AnyUpstreamCredential"][];
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
         * @description A registered MCP server, whose tools, resources and prompts gateways serve beside those of the APIs.
         * @example {
         *       "mcp_server_id": "6b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "tickets",
         *       "prefix": "tickets_",
         *       "http": {
         *         "url": "https://tickets.example.com/mcp"
         *       },
         *       "pinning": "manual",
         *       "subscription_required": true,
         *       "targets": {
         *         "environments": [
         *           "production"
         *         ]
         *       },
         *       "labels": {},
         *       "definitions": {
         *         "approved": 0,
         *         "pending": 3,
         *         "rejected": 0
         *       },
         *       "state": "applied",
         *       "created_at": "2026-11-30T18:24:00.000Z",
         *       "updated_at": "2026-11-30T18:24:00.000Z"
         *     }
         */
        McpServer: {
            /** @description Seconds that a request waits for its answer or for the next progress of it; 60 when absent. */
            call_timeout_s?: number;
            /** @description The worst that gateways said of their connection to it; absent until one did. */
            connection?: components["schemas"]["McpServerState"];
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            definitions?: components["schemas"]["McpDefinitionCounts"];
            /** @description Each gateway chosen and what it says of the MCP server; only on its own page. */
            gateways?: components["schemas"]["McpServerOnGateway"][];
            http?: components["schemas"]["McpHttp"];
            labels: components["schemas"]["Labels"];
            /**
             * Format: uuid
             * @description The MCP server's id.
             */
            mcp_server_id: string;
            name: components["schemas"]["Slug"];
            pinning: components["schemas"]["McpPinning"];
            prefix: components["schemas"]["McpPrefix"];
            /**
             * @description What became of it as a whole, on its page and in lists: `unmatched` while no gateway fits its targets, else the worst of its gateways.
             * @enum {string}
             */
            state?: "unmatched" | "pending" | "applied" | "applied_with_warnings" | "rejected";
            stdio?: components["schemas"]["McpStdioTransport"];
            /** @description Whether only consumers with a subscription to it may see and use what it offers. */
            subscription_required: boolean;
            targets: components["schemas"]["TargetSelector"];
            /** @description The team that owns it. */
            team?: components["schemas"]["Slug"];
            /** @description What people call it. */
            title?: string;
            updated_at: components["schemas"]["Timestamp"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
            /** @description What is probably not meant, such as targets that no gateway fits. */
            warnings?: string[];
        };
        /**
         * @description An MCP server whose tools, resources, resource templates and prompts the runtime serves beside its own, under the names that it gave them
         *     behind a prefix. Sent only to runtimes that registered with the feature `mcp_servers`.
         * @example {
         *       "id": "mcp_server:6b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "mcp_server",
         *       "mcp_server_id": "6b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "tickets",
         *       "prefix": "tickets_",
         *       "http": {
         *         "url": "https://tickets.example.com/mcp"
         *       },
         *       "subscription_required": true,
         *       "pinning": "auto"
         *     }
         */
        McpServerItem: {
            /**
             * @description The definitions that an operator let through, as the server gave them. Unless `pinning` is `auto`, the runtime serves these and no others,
             *     and none of a name that the server no longer has.
             */
            approved?: components["schemas"]["McpDefinition"][];
            /** @description Seconds that a request waits for its answer or for the next progress of it; 60 when absent. */
            call_timeout_s?: number;
            http?: components["schemas"]["McpHttpTransport"];
            /** @description `mcp_server:` and the MCP server's id. */
            id: string;
            /**
             * @description Says that this item is an MCP server. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "mcp_server";
            /**
             * Format: uuid
             * @description The MCP server's id.
             */
            mcp_server_id: string;
            name: components["schemas"]["Slug"];
            pinning: components["schemas"]["McpPinning"];
            prefix: components["schemas"]["McpPrefix"];
            stdio?: components["schemas"]["McpStdioTransport"];
            /** @description Whether only consumers with a subscription item for it may see and use what it offers. */
            subscription_required: boolean;
            /** @description What people call it. */
            title?: string;
        };
        /**
         * @description A page of MCP servers.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        McpServerList: {
            /** @description The MCP servers. */
            items: components["schemas"]["McpServer"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What one gateway says of an MCP server.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "instance_name": "edge-01",
         *       "gateway_mode": "edge_mcp",
         *       "environment": "production",
         *       "liveness": "online",
         *       "state": "applied",
         *       "connection": "connected",
         *       "offered": 3
         *     }
         */
        McpServerOnGateway: {
            /** @description How its connection to the MCP server was when it last said so. */
            connection?: components["schemas"]["McpServerState"];
            /** @description Why it is not connected, with the words of the server where it refused. */
            connection_reason?: string;
            environment: components["schemas"]["EnvironmentName"];
            /**
             * Format: uuid
             * @description The gateway.
             */
            gateway_id: string;
            gateway_mode: components["schemas"]["GatewayMode"];
            instance_name: components["schemas"]["InstanceName"];
            liveness: components["schemas"]["Liveness"];
            /** @description How many definitions it offers there. */
            offered?: number;
            /**
             * @description Where it failed.
             * @enum {string}
             */
            phase?: "fetch" | "validate" | "render" | "apply" | "verify";
            /** @description The revision of MCP that is spoken with it. */
            protocol_version?: string;
            /** @description Why it failed. */
            reason?: string;
            /** @description When the gateway said so. */
            reported_at?: components["schemas"]["Timestamp"];
            /** @description Its `serverInfo`. */
            server_info?: {
                [key: string]: unknown;
            };
            /**
             * @description `pending` until the gateway acknowledges the newest generation.
             * @enum {string}
             */
            state: "pending" | "applied" | "applied_with_warnings" | "rejected";
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
         * @description What a runtime found at an MCP server that it serves. Replaces what it reported of it before.
         * @example {
         *       "state": "connected",
         *       "protocol_version": "2026-07-28",
         *       "definitions": []
         *     }
         */
        McpServerReport: {
            /** @description What it offers now. While it is not connected: what it offered when it was. */
            definitions: components["schemas"]["McpDefinition"][];
            /** @description Its instructions to clients. */
            instructions?: string;
            /** @description The epoch that registration returned. A client that sends none is never fenced. */
            lease_epoch?: number;
            /** @description The revision of MCP that is spoken with it. */
            protocol_version?: string;
            /** @description Why it is not connected, with the words of the server where it refused. */
            reason?: string;
            /** @description Its `serverInfo`. */
            server_info?: {
                [key: string]: unknown;
            };
            state: components["schemas"]["McpServerState"];
        };
        /**
         * @description An MCP server to register: one of `http` and `stdio` says how it is reached. A `PUT` replaces what was said before, but for credentials and a team that it says nothing of.
         * @example {
         *       "name": "tickets",
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
        McpServerRequest: {
            /** @description Seconds that a request waits for its answer or for the next progress of it; 60 when absent. */
            call_timeout_s?: number;
            http?: components["schemas"]["McpHttpRequest"];
            labels?: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
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
            /** @description Which gateways serve it, of the modes `edge_mcp` and `sidecar`. */
            targets: components["schemas"]["TargetSelector"];
            /** @description The team that owns it; `null` for none. What is absent stays as it is. */
            team?: string | null;
            /** @description What people call it. */
            title?: string;
        };
        /**
         * @description `refused` means that it answered and would not serve us.
         * @example connected
         * @enum {string}
         */
        McpServerState: "connected" | "unreachable" | "refused";
        /**
         * @description Lets one consumer use one MCP server that requires it. Sent only to runtimes that registered with the feature `mcp_servers`.
         * @example {
         *       "id": "subscription:8b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "mcp_server_subscription",
         *       "subscription_id": "8b0c5d0e-1111-4222-8333-444455556666",
         *       "mcp_server_id": "6b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666"
         *     }
         */
        McpServerSubscriptionItem: {
            /**
             * Format: uuid
             * @description The consumer that may use it.
             */
            consumer_id: string;
            /** @description `subscription:` and the subscription's id. */
            id: string;
            /**
             * @description Says that this item is a subscription to an MCP server. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "mcp_server_subscription";
            /**
             * Format: uuid
             * @description The MCP server.
             */
            mcp_server_id: string;
            /**
             * Format: uuid
             * @description The subscription's id.
             */
            subscription_id: string;
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
         * @description A new consumer key. Its secret is shown this once.
         * @example {
         *       "key": {
         *         "key_id": "3b0c5d0e-1111-4222-8333-444455556666",
         *         "hint": "stoa_ck_9af",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "secret": "stoa_ck_9af-example"
         *     }
         */
        MintedConsumerKey: {
            key: components["schemas"]["ConsumerKey"];
            /** @description The key itself; it cannot be shown again. */
            secret: string;
        };
        /**
         * @description A new gateway key. Its secret is shown this once.
         * @example {
         *       "key": {
         *         "key_id": "4b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "production kongs",
         *         "environments": [
         *           "production"
         *         ],
         *         "modes": [
         *           "connect"
         *         ],
         *         "hint": "stoa_gk_3q2",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "secret": "stoa_gk_3q2-example"
         *     }
         */
        MintedGatewayKey: {
            key: components["schemas"]["GatewayKey"];
            /** @description The key itself. It is not stored and cannot be shown again. */
            secret: string;
        };
        /**
         * @description A new operator token. Its secret is shown this once.
         * @example {
         *       "token": {
         *         "token_id": "5b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "dashboard",
         *         "role": "viewer",
         *         "roles": [
         *           "viewer"
         *         ],
         *         "kind": "service_account",
         *         "hint": "stoa_op_x1",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "secret": "stoa_op_x1-example"
         *     }
         */
        MintedOperatorToken: {
            /** @description The token itself. It is not stored and cannot be shown again. */
            secret: string;
            token: components["schemas"]["OperatorToken"];
        };
        /**
         * @description A new personal access token. Its secret is shown this once.
         * @example {
         *       "token": {
         *         "token_id": "5b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "nightly report",
         *         "hint": "stoa_pt_x1",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z",
         *         "expires_at": "2027-02-22T18:24:00.000Z"
         *       },
         *       "secret": "stoa_pt_x1-example"
         *     }
         */
        MintedPersonalToken: {
            /** @description The token itself. It is not stored and cannot be shown again. */
            secret: string;
            token: components["schemas"]["PersonalToken"];
        };
        /**
         * @description A service account with a new secret, which is shown this once.
         * @example {
         *       "service_account": {
         *         "service_account_id": "5b0c5d0e-1111-4222-8333-444455557777",
         *         "client_id": "5b0c5d0e-1111-4222-8333-444455557777",
         *         "name": "deploy-pipeline",
         *         "roles": [
         *           "publisher"
         *         ],
         *         "exchange_resources": [],
         *         "hint": "stoa_sc_x1y2",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z",
         *         "secret_changed_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "client_secret": "stoa_sc_x1y2-example"
         *     }
         */
        MintedServiceAccount: {
            /** @description The secret. It is not stored and cannot be shown again. */
            client_secret: string;
            service_account: components["schemas"]["ServiceAccount"];
        };
        /**
         * @description Pass as `cursor` to get the next page; null on the last page.
         * @example null
         */
        NextCursor: string | null;
        /**
         * @description One API found in a third-party gateway.
         * @example {
         *       "name": "orders",
         *       "upstream_url": "http://127.0.0.1:8084",
         *       "routes": 5,
         *       "managed": true
         *     }
         */
        ObservedApi: {
            /** @description Whether STOA made it. */
            managed: boolean;
            /** @description Its name there. */
            name: string;
            /** @description What the gateway knows it by, where it can be taken over. */
            object_id?: string;
            /** @description How many routes lead to it. */
            routes?: number;
            /** @description Where it leads. */
            upstream_url?: string;
        };
        /**
         * @description What Connect found in the third-party gateway. Replaces what it reported before.
         * @example {
         *       "apis": [
         *         {
         *           "name": "orders",
         *           "upstream_url": "http://127.0.0.1:8084",
         *           "routes": 5,
         *           "managed": true
         *         }
         *       ],
         *       "drift": []
         *     }
         */
        ObservedState: {
            /** @description The APIs found, ours and foreign. */
            apis: components["schemas"]["ObservedApi"][];
            /** @description Where the third-party gateway differs from what was last applied. */
            drift: components["schemas"]["Drift"][];
            /** @description What was found different lately, and what came of it. An event is told of until it is over and others have taken its place; the server keeps each once, by its id. */
            drift_history?: components["schemas"]["DriftEvent"][];
            health?: components["schemas"]["TargetHealthReport"];
            /** @description The epoch that registration returned. */
            lease_epoch?: number;
            target_gateway?: components["schemas"]["TargetGateway"];
        };
        /**
         * @description An invitation by which somebody may join still, without its link.
         * @example {
         *       "invitation_id": "5b0c5d0e-1111-4222-8333-444455556666",
         *       "email": "grace@example.com",
         *       "roles": [
         *         "publisher"
         *       ],
         *       "hint": "stoa_in_x1",
         *       "invited_by": "Ada",
         *       "created_at": "2026-11-22T18:24:00.000Z",
         *       "expires_at": "2026-11-29T18:24:00.000Z"
         *     }
         */
        OpenInvitation: {
            created_at: components["schemas"]["Timestamp"];
            /** @description Who alone may join by it. Absent where whoever has the link may. */
            email?: string;
            expires_at: components["schemas"]["Timestamp"];
            /** @description The first characters of its code. */
            hint: string;
            /**
             * Format: uuid
             * @description The invitation's id.
             */
            invitation_id: string;
            /** @description Who made it. */
            invited_by?: string;
            /** @description What the person will be. */
            roles: components["schemas"]["OperatorRole"][];
        };
        /**
         * @description A page of invitations.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        OpenInvitationList: {
            /** @description The invitations. */
            items: components["schemas"]["OpenInvitation"][];
            next_cursor: components["schemas"]["NextCursor"];
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
         * @description An operator token without its secret.
         * @example {
         *       "token_id": "5b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "dashboard",
         *       "role": "viewer",
         *       "roles": [
         *         "viewer"
         *       ],
         *       "kind": "service_account",
         *       "hint": "stoa_op_x1",
         *       "state": "valid",
         *       "created_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        OperatorToken: {
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            expires_at?: components["schemas"]["Timestamp"];
            /** @description The first characters of the secret. */
            hint: string;
            kind: components["schemas"]["OperatorTokenKind"];
            last_used_at?: components["schemas"]["Timestamp"];
            /** @description A name to recognise the token by. */
            name: string;
            revoked_at?: components["schemas"]["Timestamp"];
            /** @description The first of its roles. */
            role: components["schemas"]["OperatorRole"];
            /** @description What it may do: all that these roles give, unless `scopes` narrows them. */
            roles: components["schemas"]["OperatorRole"][];
            /** @description Of what the roles give, it has only these permissions. Absent when nothing narrows them. */
            scopes?: components["schemas"]["PermissionName"][];
            state: components["schemas"]["CredentialState"];
            /**
             * Format: uuid
             * @description The token's id.
             */
            token_id: string;
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
        };
        /**
         * @description Whose token it is: `service_account` for a machine, or for whoever was handed it; `personal` for the person who made it for himself, and whose present roles it has.
         * @example service_account
         * @enum {string}
         */
        OperatorTokenKind: "service_account" | "personal";
        /**
         * @description A page of operator tokens.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        OperatorTokenList: {
            /** @description The tokens. */
            items: components["schemas"]["OperatorToken"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What a new operator token shall be good for.
         * @example {
         *       "name": "deploy pipeline",
         *       "roles": [
         *         "publisher"
         *       ],
         *       "scopes": [
         *         "apis.write",
         *         "deployments.write"
         *       ],
         *       "expires_at": "2027-11-22T18:24:00.000Z"
         *     }
         */
        OperatorTokenRequest: {
            expires_at?: components["schemas"]["Timestamp"];
            /** @description A name to recognise the token by. */
            name: string;
            role?: components["schemas"]["OperatorRole"];
            /** @description What it may do: all that these roles give. Either this or `role`, which means one. */
            roles?: components["schemas"]["OperatorRole"][];
            /** @description Narrows the roles to these of their permissions. All of them when absent, those of later versions too. */
            scopes?: components["schemas"]["PermissionName"][];
        };
        /**
         * @description A permission, such as `apis.read`: what operations ask for in `x-stoa-permission`.
         * @example apis.read
         */
        PermissionName: string;
        /**
         * @description A personal access token without its secret. It may do what its person may when it is used, unless `scopes` narrows that.
         * @example {
         *       "token_id": "5b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "nightly report",
         *       "scopes": [
         *         "usage.read"
         *       ],
         *       "hint": "stoa_pt_x1",
         *       "state": "valid",
         *       "created_at": "2026-11-22T18:24:00.000Z",
         *       "expires_at": "2027-02-22T18:24:00.000Z"
         *     }
         */
        PersonalToken: {
            created_at: components["schemas"]["Timestamp"];
            expires_at: components["schemas"]["Timestamp"];
            /** @description The first characters of the secret. */
            hint: string;
            last_used_at?: components["schemas"]["Timestamp"];
            /** @description A name to recognise the token by. */
            name: string;
            revoked_at?: components["schemas"]["Timestamp"];
            /** @description Of what its person may do, it may do only this. Absent when nothing narrows it. */
            scopes?: components["schemas"]["PermissionName"][];
            state: components["schemas"]["CredentialState"];
            /**
             * Format: uuid
             * @description The token's id.
             */
            token_id: string;
        };
        /**
         * @description A page of personal access tokens.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        PersonalTokenList: {
            /** @description The tokens. */
            items: components["schemas"]["PersonalToken"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What a new personal access token shall be good for.
         * @example {
         *       "name": "nightly report",
         *       "scopes": [
         *         "usage.read"
         *       ],
         *       "expires_at": "2027-02-22T18:24:00.000Z"
         *     }
         */
        PersonalTokenRequest: {
            /** @description When it ends: within 366 days, after 90 when absent. */
            expires_at?: components["schemas"]["Timestamp"];
            /** @description A name to recognise the token by. */
            name: string;
            /** @description Narrows what you may do to these permissions. All of them when absent, those that you get later too. */
            scopes?: components["schemas"]["PermissionName"][];
        };
        /**
         * @description Policies and APIs that are subscribed to together. Each call of a subscriber to one of its APIs counts against its limits, whatever else lets him call: those of all his plans that hold the API, and those of the API.
         * @example {
         *       "plan_id": "9b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "gold",
         *       "description": "A hundred calls a minute",
         *       "api_ids": [
         *         "0b0c5d0e-1111-4222-8333-444455556666"
         *       ],
         *       "policy_ids": [
         *         "1b0c5d0e-1111-4222-8333-444455556666"
         *       ],
         *       "labels": {},
         *       "created_at": "2026-11-22T18:24:00.000Z",
         *       "updated_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        Plan: {
            /** @description Its APIs. */
            api_ids: string[];
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /** @description What is offered, for people. */
            description?: string;
            labels: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The plan's id.
             */
            plan_id: string;
            /** @description Its policies. */
            policy_ids: string[];
            /**
             * @description How it fares, on its page and in lists: `unmatched` while no gateway is given one of its APIs, else the worst of what those gateways say of it.
             * @enum {string}
             */
            state?: "unmatched" | "pending" | "applied" | "applied_with_warnings" | "rejected";
            updated_at: components["schemas"]["Timestamp"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
            /** @description What is probably not meant, such as a plan without APIs. */
            warnings?: string[];
        };
        /**
         * @description Policies that limit each consumer with a plan subscription item for it, counted for each of them over all its APIs. They count whatever
         *     else lets him call, beside those of his other plans and of the API. Sent only to runtimes that registered with the feature `plans`; the
         *     others are given none of its APIs.
         * @example {
         *       "id": "plan:9b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "plan",
         *       "plan_id": "9b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "gold",
         *       "api_ids": [
         *         "0b0c5d0e-1111-4222-8333-444455556666"
         *       ],
         *       "policies": [
         *         {
         *           "policy_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *           "name": "gold-limit",
         *           "policy": {
         *             "kind": "rate_limit",
         *             "config": {
         *               "limit": 100,
         *               "window_s": 60
         *             }
         *           }
         *         }
         *       ]
         *     }
         */
        PlanItem: {
            /** @description The APIs in this document that its subscribers may call. */
            api_ids: string[];
            /** @description `plan:` and the plan's id. */
            id: string;
            /**
             * @description Says that this item is a plan. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "plan";
            name: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The plan's id.
             */
            plan_id: string;
            /** @description What is demanded of each subscriber. */
            policies: components["schemas"]["PolicyOfPlan"][];
        };
        /**
         * @description A page of plans.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        PlanList: {
            /** @description The plans. */
            items: components["schemas"]["Plan"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description One object that would be written.
         * @example {
         *       "action": "put",
         *       "object": "service stoa-orders",
         *       "detail": "missing"
         *     }
         */
        PlannedWrite: {
            /**
             * @description `patch` changes what is there, and keeps what STOA does not set.
             * @enum {string}
             */
            action: "put" | "patch" | "delete";
            /** @description Why, or from what to what. */
            detail?: string;
            /** @description The config item that it is for. */
            item_id?: string;
            /** @description What is written, such as `route stoa-orders.getOrder`. */
            object: string;
        };
        /**
         * @description What to change of a plan; what is absent stays.
         * @example {
         *       "api_ids": [
         *         "0b0c5d0e-1111-4222-8333-444455556666"
         *       ]
         *     }
         */
        PlanPatch: {
            /** @description Its APIs. */
            api_ids?: string[];
            /** @description What is offered, for people; null for nothing. */
            description?: string | null;
            labels?: components["schemas"]["Labels"];
            name?: components["schemas"]["Slug"];
            /** @description Its policies, of the kinds `rate_limit` and `quota`. */
            policy_ids?: string[];
        };
        /**
         * @description A plan to define: APIs that are subscribed to together, and the policies that limit each of its subscribers.
         * @example {
         *       "name": "gold",
         *       "description": "A hundred calls a minute",
         *       "api_ids": [
         *         "0b0c5d0e-1111-4222-8333-444455556666"
         *       ],
         *       "policy_ids": [
         *         "1b0c5d0e-1111-4222-8333-444455556666"
         *       ]
         *     }
         */
        PlanRequest: {
            /** @description Its APIs; none when absent. */
            api_ids?: string[];
            /** @description What is offered, for people. */
            description?: string;
            labels?: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
            /** @description Its policies, of the kinds `rate_limit` and `quota`; none when absent. */
            policy_ids?: string[];
        };
        /**
         * @description Lets one consumer call the APIs of one plan, within its limits. Sent only to runtimes that registered with the feature `plans`.
         * @example {
         *       "id": "subscription:8b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "plan_subscription",
         *       "subscription_id": "8b0c5d0e-1111-4222-8333-444455556666",
         *       "plan_id": "9b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666"
         *     }
         */
        PlanSubscriptionItem: {
            /**
             * Format: uuid
             * @description The consumer that is subscribed.
             */
            consumer_id: string;
            /** @description `subscription:` and the subscription's id. */
            id: string;
            /**
             * @description Says that this item is a subscription to a plan. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "plan_subscription";
            /**
             * Format: uuid
             * @description The plan.
             */
            plan_id: string;
            /**
             * Format: uuid
             * @description The subscription's id.
             */
            subscription_id: string;
        };
        /**
         * @description A defined policy.
         * @example {
         *       "policy_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "orders-limit",
         *       "policy": {
         *         "kind": "rate_limit",
         *         "config": {
         *           "limit": 100,
         *           "window_s": 60
         *         }
         *       },
         *       "attached_to": [
         *         {
         *           "api_id": "0b0c5d0e-1111-4222-8333-444455556666"
         *         }
         *       ],
         *       "labels": {},
         *       "created_at": "2026-11-22T18:24:00.000Z",
         *       "updated_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        Policy: {
            /** @description What it is attached to. */
            attached_to: components["schemas"]["PolicyAttachment"][];
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            labels: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
            policy: components["schemas"]["PolicySpec"];
            /**
             * Format: uuid
             * @description The policy's id.
             */
            policy_id: string;
            /**
             * @description How it fares, on its page and in lists: `unattached` to anything, `unmatched` while no gateway is given an API that it applies to, else the worst of what those gateways say of it.
             * @enum {string}
             */
            state?: "unattached" | "unmatched" | "pending" | "applied" | "applied_with_warnings" | "rejected";
            updated_at: components["schemas"]["Timestamp"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
            /** @description What to know of it, such as which gateways will reject an API because they cannot enforce it; in the answers to writes and on its page. Absent when there is nothing. */
            warnings?: string[];
        };
        /**
         * @description What a policy is attached to: one API or one MCP server everywhere, every one in one environment, or, with both, one in one environment. A policy of a kind that is not for MCP servers applies to the APIs of an environment alone.
         * @example {
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666"
         *     }
         */
        PolicyAttachment: {
            /**
             * Format: uuid
             * @description An API's id.
             */
            api_id?: string;
            environment?: components["schemas"]["EnvironmentName"];
            /**
             * Format: uuid
             * @description An MCP server's id, in the place of an API's.
             */
            mcp_server_id?: string;
        };
        /**
         * @description A policy and the deployed APIs that it applies to.
         * @example {
         *       "id": "policy:1b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "policy",
         *       "policy_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "orders-limit",
         *       "policy": {
         *         "kind": "rate_limit",
         *         "config": {
         *           "limit": 100,
         *           "window_s": 60
         *         }
         *       },
         *       "api_ids": [
         *         "0b0c5d0e-1111-4222-8333-444455556666"
         *       ]
         *     }
         */
        PolicyItem: {
            /** @description The APIs in this document that the policy applies to. */
            api_ids: string[];
            /** @description `policy:` and the policy's id. */
            id: string;
            /**
             * @description Says that this item is a policy. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "policy";
            /** @description The MCP servers in this document that the policy applies to; none when absent. */
            mcp_server_ids?: string[];
            name: components["schemas"]["Slug"];
            policy: components["schemas"]["PolicySpec"];
            /**
             * Format: uuid
             * @description The policy's id.
             */
            policy_id: string;
        };
        /**
         * @description A page of policies.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        PolicyList: {
            /** @description The policies. */
            items: components["schemas"]["Policy"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description A policy of a plan.
         * @example {
         *       "policy_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "gold-limit",
         *       "policy": {
         *         "kind": "rate_limit",
         *         "config": {
         *           "limit": 100,
         *           "window_s": 60
         *         }
         *       }
         *     }
         */
        PolicyOfPlan: {
            name: components["schemas"]["Slug"];
            policy: components["schemas"]["PolicySpec"];
            /**
             * Format: uuid
             * @description The policy's id.
             */
            policy_id: string;
        };
        /**
         * @description A policy that guards a promoted API: `attached` to it in the environment just now, `present` there before, or `only_there` and not where it comes from.
         * @example {
         *       "policy_id": "1b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "staging-limit",
         *       "kind": "rate_limit",
         *       "action": "attached"
         *     }
         */
        PolicyPromotion: {
            /**
             * @description What became of it.
             * @enum {string}
             */
            action: "attached" | "present" | "only_there";
            /** @description Its kind. */
            kind: string;
            name: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The policy's id.
             */
            policy_id: string;
        };
        /**
         * @description A policy to define.
         * @example {
         *       "name": "orders-limit",
         *       "policy": {
         *         "kind": "rate_limit",
         *         "config": {
         *           "limit": 100,
         *           "window_s": 60
         *         }
         *       },
         *       "attached_to": [
         *         {
         *           "api_id": "0b0c5d0e-1111-4222-8333-444455556666"
         *         }
         *       ]
         *     }
         */
        PolicyRequest: {
            /** @description What it is attached to; an empty list attaches it to nothing. */
            attached_to: components["schemas"]["PolicyAttachment"][];
            labels?: components["schemas"]["Labels"];
            name: components["schemas"]["Slug"];
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
         * @description How many instances of a mode and an environment are in one state.
         * @example {
         *       "gateway_mode": "connect",
         *       "environment": "production",
         *       "liveness": "online",
         *       "count": 3
         *     }
         */
        PresenceCount: {
            /** @description How many. */
            count: number;
            environment: components["schemas"]["EnvironmentName"];
            gateway_mode: components["schemas"]["GatewayMode"];
            liveness: components["schemas"]["Liveness"];
        };
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
         * @description What a promotion made, and what is another thing in the environment than before.
         * @example {
         *       "deployment": {
         *         "deployment_id": "6b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "orders-production",
         *         "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *         "targets": {
         *           "environments": [
         *             "production"
         *           ]
         *         },
         *         "revision": 3,
         *         "created_at": "2026-11-22T18:24:00.000Z"
         *       },
         *       "from": "staging",
         *       "to": "production",
         *       "action": "updated",
         *       "revision": {
         *         "before": 2,
         *         "after": 3
         *       },
         *       "tools": {
         *         "added": [
         *           "orders_cancelOrder"
         *         ],
         *         "removed": [],
         *         "changed": []
         *       },
         *       "policies": []
         *     }
         */
        Promotion: {
            /**
             * @description What became of the deployment in the environment.
             * @enum {string}
             */
            action: "created" | "updated" | "unchanged";
            deployment: components["schemas"]["Deployment"];
            from: components["schemas"]["EnvironmentName"];
            /** @description The policies that guard the API in one of the two environments or both. */
            policies: components["schemas"]["PolicyPromotion"][];
            revision: components["schemas"]["RevisionChange"];
            to: components["schemas"]["EnvironmentName"];
            tools: components["schemas"]["ToolDifferences"];
        };
        /**
         * @description Where to promote a deployment.
         * @example {
         *       "environment": "production"
         *     }
         */
        PromotionRequest: {
            environment: components["schemas"]["EnvironmentName"];
            name?: components["schemas"]["Slug"];
        };
        /**
         * @description A public key as a JWK. What else a JWK may hold is not kept.
         * @example {
         *       "kty": "OKP",
         *       "crv": "Ed25519",
         *       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
         *     }
         */
        PublicKey: {
            /** @description The curve: P-256 or Ed25519. */
            crv?: string;
            /** @description The exponent. */
            e?: string;
            /** @description By which an assertion names it. Its thumbprint (RFC 7638) when absent. */
            kid?: string;
            /** @description Its kind: RSA, EC or OKP. */
            kty: string;
            /** @description The modulus. */
            n?: string;
            /** @description A coordinate, or the key. */
            x?: string;
            /** @description The other coordinate. */
            y?: string;
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
         * @description Calls that were refused for one reason.
         * @example {
         *       "reason": "rate_limited",
         *       "calls": 40,
         *       "address": "192.0.2.7"
         *     }
         */
        RefusedCalls: {
            /** @description From where the first of them came, where that is known. */
            address?: string;
            /** @description How many. */
            calls: number;
            /** @description The name of the policy that refused them, where one did. */
            policy?: string;
            /** @description As `stoa_calls_total` labels it, such as `rate_limited` or `unauthenticated`; of what is `forbidden` there, more is told where it is known: `address_refused`, `time_refused`, `not_permitted`, `scopes_missing`. */
            reason: string;
        };
        /**
         * @description The identity of the instance and the pace that the server wants.
         * @example {
         *       "gateway_id": "5b1a0e0a-7f1e-4a39-9d4e-3f8d6f5b0c11",
         *       "heartbeat_interval_s": 30,
         *       "lease_epoch": 1,
         *       "lease_ttl_s": 100
         *     }
         */
        RegisterReply: {
            credential?: components["schemas"]["InstanceCredential"];
            /** @description What the server can do beyond the stable contract: `config_base` means that the config feed takes `base`. */
            features?: string[];
            /**
             * Format: uuid
             * @description The identity of this instance. Registering again returns the same one.
             */
            gateway_id: string;
            /** @description Seconds between two heartbeats. The client must respect it. */
            heartbeat_interval_s: number;
            /** @description Rises by one with each takeover. An older holder is fenced. */
            lease_epoch?: number;
            /** @description Seconds after a heartbeat until the lease is over. */
            lease_ttl_s?: number;
            /** @description The keys that sign config documents for this instance. */
            signing_keys?: components["schemas"]["SigningKey"][];
            /** @description Names the set of `signing_keys`. A heartbeat that is answered with another name tells that there are others by now. */
            signing_keys_id?: string;
        };
        /**
         * @description What an instance says when it starts. Five fields are the stable contract; the others are additive. Fields this contract does not
         *     know are accepted, ignored and shown to operators by name.
         * @example {
         *       "instance_name": "kong-prod-01",
         *       "gateway_mode": "connect",
         *       "version": "0.12.0",
         *       "features": [
         *         "mcp",
         *         "policies",
         *         "metering"
         *       ],
         *       "environment": "production"
         *     }
         */
        RegisterRequest: {
            /**
             * Format: uuid
             * @description One UUID per process start. The same `boot_id` gets the same answer; a new one takes the lease over.
             */
            boot_id?: string;
            /**
             * @description The kinds of policies that it cannot enforce, whatever they say: an API that one is attached to it rejects. The server warns of that
             *     when the policy is attached; what else is rejected the acknowledgement tells.
             */
            cannot_enforce?: components["schemas"]["UnenforceableKind"][];
            endpoints?: components["schemas"]["Endpoints"];
            environment: components["schemas"]["EnvironmentName"];
            /** @description What the instance can do, as it names it. */
            features: string[];
            gateway_mode: components["schemas"]["GatewayMode"];
            instance_name: components["schemas"]["InstanceName"];
            labels?: components["schemas"]["Labels"];
            target_gateway?: components["schemas"]["TargetGateway"];
            /** @description The product version of the instance. */
            version: string;
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
         * @description Which revision of an API was exposed, and which is.
         * @example {
         *       "before": 2,
         *       "after": 3
         *     }
         */
        RevisionChange: {
            /** @description The one from now on. */
            after: number;
            /** @description The one before; absent when there was none. */
            before?: number;
        };
        /**
         * @description The key that replaces another. Its secret is shown this once.
         * @example {
         *       "key": {
         *         "key_id": "3b0c5d0e-1111-4222-8333-444455557777",
         *         "hint": "stoa_ck_7xw",
         *         "state": "valid",
         *         "created_at": "2026-11-23T18:24:00.000Z"
         *       },
         *       "secret": "stoa_ck_7xw-example",
         *       "replaced": {
         *         "key_id": "3b0c5d0e-1111-4222-8333-444455556666",
         *         "hint": "stoa_ck_9af",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z",
         *         "expires_at": "2026-11-24T18:24:00.000Z"
         *       }
         *     }
         */
        RotatedConsumerKey: {
            key: components["schemas"]["ConsumerKey"];
            replaced: components["schemas"]["ConsumerKey"];
            /** @description The key itself; it cannot be shown again. */
            secret: string;
        };
        /**
         * @description The key that replaces another. Its secret is shown this once.
         * @example {
         *       "key": {
         *         "key_id": "4b0c5d0e-1111-4222-8333-444455557777",
         *         "name": "production kongs",
         *         "environments": [
         *           "production"
         *         ],
         *         "modes": [
         *           "connect"
         *         ],
         *         "hint": "stoa_gk_7xw",
         *         "state": "valid",
         *         "created_at": "2026-11-23T18:24:00.000Z"
         *       },
         *       "secret": "stoa_gk_7xw-example",
         *       "replaced": {
         *         "key_id": "4b0c5d0e-1111-4222-8333-444455556666",
         *         "name": "production kongs",
         *         "environments": [
         *           "production"
         *         ],
         *         "modes": [
         *           "connect"
         *         ],
         *         "hint": "stoa_gk_3q2",
         *         "state": "valid",
         *         "created_at": "2026-11-22T18:24:00.000Z",
         *         "expires_at": "2026-11-24T18:24:00.000Z"
         *       }
         *     }
         */
        RotatedGatewayKey: {
            key: components["schemas"]["GatewayKey"];
            replaced: components["schemas"]["GatewayKey"];
            /** @description The key itself. It is not stored and cannot be shown again. */
            secret: string;
        };
        /**
         * @description How to rotate a secret.
         * @example {
         *       "overlap_s": 3600
         *     }
         */
        RotationRequest: {
            /**
             * @description For how many seconds the secret before stays good.
             * @default 86400
             */
            overlap_s?: number;
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
         * @description A machine that signs in at the embedded issuer, without its secret.
         * @example {
         *       "service_account_id": "5b0c5d0e-1111-4222-8333-444455557777",
         *       "client_id": "5b0c5d0e-1111-4222-8333-444455557777",
         *       "name": "deploy-pipeline",
         *       "roles": [
         *         "publisher"
         *       ],
         *       "exchange_resources": [],
         *       "hint": "stoa_sc_x1y2",
         *       "state": "valid",
         *       "created_at": "2026-11-22T18:24:00.000Z",
         *       "secret_changed_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        ServiceAccount: {
            /** @description The client that it is at the issuer: its id. */
            client_id: string;
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /** @description What it is for. */
            description?: string;
            exchange_resources: components["schemas"]["ExchangeResources"];
            expires_at?: components["schemas"]["Timestamp"];
            /** @description The first characters of the secret, or `key` and those of the name of the first key. */
            hint: string;
            last_used_at?: components["schemas"]["Timestamp"];
            /** @description Its name, one in the tenant. */
            name: string;
            /** @description Until when the secret before the last rotation is good, or was. */
            previous_secret_until?: components["schemas"]["Timestamp"];
            /** @description By which it signs in. Absent where it has a secret. */
            public_keys?: components["schemas"]["AssertionKeys"];
            /** @description What it may do: all that these roles give, unless `scopes` narrows them. */
            roles: components["schemas"]["OperatorRole"][];
            /** @description Of what the roles give, it has only these permissions. Absent when nothing narrows them. */
            scopes?: components["schemas"]["PermissionName"][];
            secret_changed_at: components["schemas"]["Timestamp"];
            /**
             * Format: uuid
             * @description The service account's id.
             */
            service_account_id: string;
            state: components["schemas"]["CredentialState"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
        };
        /**
         * @description A page of service accounts.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ServiceAccountList: {
            /** @description The service accounts. */
            items: components["schemas"]["ServiceAccount"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What to change. What is absent stays; `null` takes away.
         * @example {
         *       "roles": [
         *         "viewer"
         *       ],
         *       "scopes": null
         *     }
         */
        ServiceAccountPatch: {
            /** @description What it is for. */
            description?: string | null;
            exchange_resources?: components["schemas"]["ExchangeResources"];
            /**
             * Format: date-time
             * @description When it ends; `null` for never.
             */
            expires_at?: string | null;
            name?: components["schemas"]["Slug"];
            /** @description In place of the keys before, or of the secret, which ends. Give the key before beside the next one for as long as both shall be good. */
            public_keys?: components["schemas"]["AssertionKeys"];
            /** @description What it may do: all that these roles give. */
            roles?: components["schemas"]["OperatorRole"][];
            /** @description Narrows the roles to these of their permissions; `null` narrows nothing. */
            scopes?: components["schemas"]["PermissionName"][] | null;
        };
        /**
         * @description What a new service account shall be good for.
         * @example {
         *       "name": "deploy-pipeline",
         *       "roles": [
         *         "publisher"
         *       ],
         *       "scopes": [
         *         "apis.write",
         *         "deployments.write"
         *       ],
         *       "expires_at": "2027-11-22T18:24:00.000Z"
         *     }
         */
        ServiceAccountRequest: {
            /** @description What it is for. */
            description?: string;
            exchange_resources?: components["schemas"]["ExchangeResources"];
            expires_at?: components["schemas"]["Timestamp"];
            name: components["schemas"]["Slug"];
            /** @description Keys by which it signs in (`private_key_jwt`, RFC 7523) in place of a secret, of which it has none then. */
            public_keys?: components["schemas"]["AssertionKeys"];
            /** @description What it may do: all that these roles give. */
            roles: components["schemas"]["OperatorRole"][];
            /** @description Narrows the roles to these of their permissions. All of them when absent, those of later versions too. */
            scopes?: components["schemas"]["PermissionName"][];
        };
        /**
         * @description Who is signed in.
         * @example {
         *       "role": "operator",
         *       "roles": [
         *         "operator"
         *       ],
         *       "permissions": [
         *         "gateways.read",
         *         "gateways.write"
         *       ],
         *       "name": "dashboard",
         *       "expires_at": "2026-11-23T06:24:00.000Z"
         *     }
         */
        Session: {
            expires_at?: components["schemas"]["Timestamp"];
            /** @description The name of the person, of the token or of the session. */
            name?: string;
            /** @description What may be done: all that the roles give, as far as scopes do not narrow it. */
            permissions: components["schemas"]["PermissionName"][];
            /** @description The first of the roles. */
            role: components["schemas"]["OperatorRole"];
            /** @description The roles in the tenant: of the person, of the token, or of the token that the session comes from. */
            roles: components["schemas"]["OperatorRole"][];
            /** @description The teams of the person, and the roles there, which hold for what the team owns. Absent without any. */
            teams?: components["schemas"]["SessionTeam"][];
            tenant?: components["schemas"]["SessionTenant"];
            user?: components["schemas"]["SessionUser"];
        };
        /**
         * @description The code of a sign-in link.
         * @example {
         *       "code": "example-one-time-code"
         *     }
         */
        SessionRequest: {
            /** @description The code that the link carries. */
            code: string;
        };
        /**
         * @description What the person is in a team.
         * @example {
         *       "team": "shop",
         *       "roles": [
         *         "publisher"
         *       ]
         *     }
         */
        SessionTeam: {
            /** @description The roles there. */
            roles: components["schemas"]["OperatorRole"][];
            team: components["schemas"]["Slug"];
        };
        /**
         * @description The one tenant that the credential is good in.
         * @example {
         *       "tenant_id": "5b4f2c1e-8b53-4a55-9f1c-6f0f2f3d8a11",
         *       "name": "default"
         *     }
         */
        SessionTenant: {
            /** @description Its name. */
            name: string;
            /**
             * Format: uuid
             * @description The tenant's id.
             */
            tenant_id: string;
        };
        /**
         * @description The person who is signed in. Absent for what a token does.
         * @example {
         *       "user_id": "0d9bb1f4-30a5-4a3c-8a06-3f8a86d9a1c4",
         *       "email": "ada@example.com"
         *     }
         */
        SessionUser: {
            /** @description The address that the person signs in with. */
            email: string;
            /**
             * Format: uuid
             * @description The person's id.
             */
            user_id: string;
        };
        /**
         * @description Where people sign in.
         * @example {
         *       "issuer": "https://stoa.example.com/oidc",
         *       "client_id": "stoactl",
         *       "scopes": [
         *         "openid",
         *         "stoa:api"
         *       ],
         *       "kind": "embedded"
         *     }
         */
        SignIn: {
            /** @description The public client that the command line is there: it asks by loopback redirect or by device code, with PKCE. */
            client_id: string;
            /** @description The OpenID Connect issuer, as its tokens and its metadata spell it. */
            issuer: string;
            kind: components["schemas"]["IssuerKind"];
            /** @description What the command line asks for. */
            scopes: string[];
        };
        /**
         * @description A public key that config documents are signed with.
         * @example {
         *       "key_id": "9f2c1a",
         *       "algorithm": "ed25519",
         *       "public_key": "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"
         *     }
         */
        SigningKey: {
            /**
             * @description The signature algorithm.
             * @enum {string}
             */
            algorithm: "ed25519";
            /** @description Names the key in a signature. */
            key_id: string;
            /** @description The public key, SubjectPublicKeyInfo DER in base64url. */
            public_key: string;
        };
        /**
         * @description A link that signs one browser in, once.
         * @example {
         *       "url": "http://127.0.0.1:8080/sign-in#code=example",
         *       "expires_at": "2026-11-22T18:34:00.000Z"
         *     }
         */
        SignInLink: {
            expires_at: components["schemas"]["Timestamp"];
            /** @description Open it in a browser. */
            url: string;
        };
        /**
         * @description A name usable in URLs: lower-case letters, digits and hyphens, 63 characters at most.
         * @example orders
         */
        Slug: string;
        /**
         * @description Lets one consumer call one API, the APIs of one plan, one MCP server, or the tools of one tool set at its address. Without it the consumer sees none of their tools and calls none, unless an API is open to all consumers.
         * @example {
         *       "subscription_id": "8b0c5d0e-1111-4222-8333-444455556666",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "api_name": "orders",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_name": "support-agent",
         *       "created_at": "2026-11-29T18:24:00.000Z"
         *     }
         */
        Subscription: {
            /**
             * Format: uuid
             * @description The API that may be called; absent when it is to a plan.
             */
            api_id?: string;
            api_name?: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The consumer that may call it.
             */
            consumer_id: string;
            consumer_name: components["schemas"]["Slug"];
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /**
             * Format: uuid
             * @description The MCP server that may be used; absent when it is to something else.
             */
            mcp_server_id?: string;
            mcp_server_name?: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The plan whose APIs may be called; absent when it is to an API.
             */
            plan_id?: string;
            plan_name?: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The subscription's id.
             */
            subscription_id: string;
            /**
             * Format: uuid
             * @description The tool set whose tools may be called at its address; absent when it is to something else.
             */
            tool_set_id?: string;
            tool_set_name?: components["schemas"]["Slug"];
        };
        /**
         * @description Lets one consumer call one API that requires it. Sent only to runtimes that registered with the feature `subscriptions`.
         * @example {
         *       "id": "subscription:8b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "subscription",
         *       "subscription_id": "8b0c5d0e-1111-4222-8333-444455556666",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666"
         *     }
         */
        SubscriptionItem: {
            /**
             * Format: uuid
             * @description The API that may be called.
             */
            api_id: string;
            /**
             * Format: uuid
             * @description The consumer that may call it.
             */
            consumer_id: string;
            /** @description `subscription:` and the subscription's id. */
            id: string;
            /**
             * @description Says that this item is a subscription. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "subscription";
            /**
             * Format: uuid
             * @description The subscription's id.
             */
            subscription_id: string;
        };
        /**
         * @description A page of subscriptions.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        SubscriptionList: {
            /** @description The subscriptions. */
            items: components["schemas"]["Subscription"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description Which consumer may call which API, the APIs of which plan, which MCP server or the tools of which tool set. One of `api_id`, `plan_id`, `plan_name`, `mcp_server_id`, `mcp_server_name`, `tool_set_id` and `tool_set_name` says what is subscribed to, one of `consumer_id` and `consumer_name` by whom.
         * @example {
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_name": "support-agent"
         *     }
         */
        SubscriptionRequest: {
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id?: string;
            /**
             * Format: uuid
             * @description The consumer's id.
             */
            consumer_id?: string;
            consumer_name?: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The MCP server's id.
             */
            mcp_server_id?: string;
            mcp_server_name?: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The plan's id.
             */
            plan_id?: string;
            plan_name?: components["schemas"]["Slug"];
            /**
             * Format: uuid
             * @description The tool set's id.
             */
            tool_set_id?: string;
            tool_set_name?: components["schemas"]["Slug"];
        };
        /**
         * @description A certificate of a third-party gateway.
         * @example {
         *       "name": "certificate api.example.com",
         *       "ends_at": "2027-01-31T00:00:00.000Z"
         *     }
         */
        TargetCertificate: {
            ends_at: components["schemas"]["Timestamp"];
            /** @description What it is known by there. */
            name: string;
        };
        /**
         * @description The third-party gateway that a Link or a Connect stands beside.
         * @example {
         *       "type": "kong",
         *       "version": "3.9.3",
         *       "url": "http://127.0.0.1:8001"
         *     }
         */
        TargetGateway: {
            /** @description Its kind, such as `kong`. */
            type: string;
            /** @description The address of its admin API or its proxy. */
            url?: string;
            /** @description Its version as it reports it. */
            version?: string;
        };
        /**
         * @description How the third-party gateway beside an instance is, by its last heartbeat and its last report.
         * @example {
         *       "state": "ready",
         *       "certificates": "ending",
         *       "certificate_ends_at": "2026-12-12T00:00:00.000Z",
         *       "error_ratio": 0.002
         *     }
         */
        TargetHealth: {
            /** @description When the first of them ends. */
            certificate_ends_at?: components["schemas"]["Timestamp"];
            /**
             * @description Whether one of its certificates has ended, or does within 30 days. Absent where it gives none away.
             * @enum {string}
             */
            certificates?: "valid" | "ending" | "ended";
            /** @description Share of its answers in the last minute that were faults of a server (5xx), from 0 to 1; absent where it does not count them, or answered nothing. */
            error_ratio?: number;
            /** @description Why it is not ready. */
            reason?: string;
            /**
             * @description `unreachable` where the instance cannot work on it, `unknown` where it does not tell.
             * @enum {string}
             */
            state: "ready" | "not_ready" | "unreachable" | "unknown";
        };
        /**
         * @description What a third-party gateway tells of itself, in words. The numbers are in the metrics of heartbeats.
         * @example {
         *       "state": "ready",
         *       "certificates": [
         *         {
         *           "name": "certificate api.example.com",
         *           "ends_at": "2027-01-31T00:00:00.000Z"
         *         }
         *       ]
         *     }
         */
        TargetHealthReport: {
            /** @description Its certificates, the first to end first. Absent where its admin API gives none away. */
            certificates?: components["schemas"]["TargetCertificate"][];
            /** @description Why it is not ready. */
            reason?: string;
            /**
             * @description Whether it says that it serves; `unknown` where it does not say.
             * @enum {string}
             */
            state: "ready" | "not_ready" | "unknown";
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
         * @description People who own APIs, consumers and gateways of the tenant together.
         * @example {
         *       "name": "shop",
         *       "members": [
         *         {
         *           "user": "ada@example.com",
         *           "roles": [
         *             "publisher"
         *           ]
         *         }
         *       ],
         *       "environments": [
         *         "staging"
         *       ],
         *       "created_at": "2026-11-30T00:00:00.000Z",
         *       "updated_at": "2026-11-30T00:00:00.000Z"
         *     }
         */
        Team: {
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            /** @description What it is for, for people. */
            description?: string;
            /** @description Where a role in the team may mint gateway keys of it. */
            environments: components["schemas"]["EnvironmentName"][];
            /** @description Who belongs to it. */
            members: components["schemas"]["TeamMember"][];
            name: components["schemas"]["Slug"];
            updated_at: components["schemas"]["Timestamp"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
        };
        /**
         * @description A page of teams.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        TeamList: {
            /** @description The teams. */
            items: components["schemas"]["Team"][];
            next_cursor: components["schemas"]["NextCursor"];
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
         * @description What to change of a team. What is absent stays; `null` takes away.
         * @example {
         *       "members": [
         *         {
         *           "user": "ada@example.com",
         *           "roles": [
         *             "publisher",
         *             "consumer-admin"
         *           ]
         *         }
         *       ]
         *     }
         */
        TeamPatch: {
            /** @description What it is for, for people. */
            description?: string | null;
            /** @description Where a role in the team may mint gateway keys of it, in place of what was before. */
            environments?: components["schemas"]["EnvironmentName"][];
            /** @description Who belongs to it, in place of those before. */
            members?: components["schemas"]["TeamMember"][];
        };
        /**
         * @description A team to make.
         * @example {
         *       "name": "shop",
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
        TeamRequest: {
            /** @description What it is for, for people. */
            description?: string;
            /** @description Where a role in the team may mint gateway keys of it: whoever has such a key reads what is deployed there, of other teams too. Nowhere when absent. */
            environments?: components["schemas"]["EnvironmentName"][];
            /** @description Who belongs to it; nobody when absent. */
            members?: components["schemas"]["TeamMember"][];
            name: components["schemas"]["Slug"];
        };
        /**
         * @description Who shares a Control Plane with others, and sees nothing of them.
         * @example {
         *       "tenant_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "payments",
         *       "platform": false,
         *       "suspended": false,
         *       "limits": {},
         *       "created_at": "2026-11-30T00:00:00.000Z"
         *     }
         */
        Tenant: {
            created_at: components["schemas"]["Timestamp"];
            limits: components["schemas"]["TenantLimits"];
            name: components["schemas"]["Slug"];
            /** @description Whether it is the tenant of the platform, whose members make the others. */
            platform: boolean;
            /** @description Whether its credentials are refused. */
            suspended: boolean;
            /**
             * Format: uuid
             * @description The tenant's id.
             */
            tenant_id: string;
        };
        /**
         * @description How much a tenant may have. Without a limit here, only the bounds of the product hold. A limit below what is there takes nothing away.
         * @example {
         *       "apis": 100,
         *       "registrations_per_minute": 600
         *     }
         */
        TenantLimits: {
            /** @description APIs. */
            apis?: number;
            /** @description Keys of consumers that are good. */
            consumer_keys?: number;
            /** @description Consumers. */
            consumers?: number;
            /** @description Deployments. */
            deployments?: number;
            /** @description Environments with settings of their own. */
            environments?: number;
            /** @description Gateway keys that are good. */
            gateway_keys?: number;
            /** @description Gateways that have not left. */
            gateways?: number;
            /** @description MCP servers. */
            mcp_servers?: number;
            /** @description People who belong to it, and invitations that are open. Who comes by a group at an external issuer is not kept out. */
            people?: number;
            /** @description Plans. */
            plans?: number;
            /** @description Policies. */
            policies?: number;
            /** @description Registrations of gateways within a minute. */
            registrations_per_minute?: number;
            /** @description Service accounts. */
            service_accounts?: number;
            /** @description Subscriptions. */
            subscriptions?: number;
            /** @description Teams. */
            teams?: number;
            /** @description Tokens that are good. */
            tokens?: number;
            /** @description Tool sets. */
            tool_sets?: number;
        };
        /**
         * @description A page of tenants.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        TenantList: {
            /** @description The tenants. */
            items: components["schemas"]["Tenant"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What to change of a tenant; what is absent stays. Limits replace those before.
         * @example {
         *       "suspended": true
         *     }
         */
        TenantPatch: {
            limits?: components["schemas"]["TenantLimits"];
            name?: components["schemas"]["Slug"];
            /** @description Whether its credentials are refused. */
            suspended?: boolean;
        };
        /**
         * @description A tenant to make.
         * @example {
         *       "name": "payments",
         *       "limits": {
         *         "apis": 100
         *       }
         *     }
         */
        TenantRequest: {
            limits?: components["schemas"]["TenantLimits"];
            name: components["schemas"]["Slug"];
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
         * @description A token that the gateway gets at a token endpoint in exchange for that of the caller (RFC 8693), whose own is never passed on. It is kept for as long as it is good. Who calls by a consumer key alone has none to exchange.
         * @example {
         *       "kind": "token_exchange",
         *       "token_endpoint": "https://id.example.com/token",
         *       "client_id": "gateway",
         *       "client_secret": {
         *         "runtime": "orders-client"
         *       },
         *       "scope": "orders:read"
         *     }
         */
        TokenExchange: {
            algorithm?: components["schemas"]["AssertionAlgorithm"];
            audience?: components["schemas"]["UpstreamAudience"];
            client_auth?: components["schemas"]["ClientAuth"];
            client_id: components["schemas"]["ClientId"];
            /** @description The secret of the client, unless it signs. */
            client_secret?: components["schemas"]["UpstreamSecret"];
            header?: components["schemas"]["TokenHeader"];
            key_id?: components["schemas"]["KeyId"];
            /**
             * @description The kind of credential.
             * @constant
             */
            kind: "token_exchange";
            /** @description For `private_key_jwt`: the key in PEM (PKCS #8), of RSA, P-256, P-384 or Ed25519. */
            private_key?: components["schemas"]["UpstreamSecret"];
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
         * @description An MCP tool.
         * @example {
         *       "name": "orders_getOrder",
         *       "title": "Get an order",
         *       "input_schema": {
         *         "type": "object",
         *         "properties": {
         *           "order_id": {
         *             "type": "string"
         *           }
         *         },
         *         "required": [
         *           "order_id"
         *         ]
         *       },
         *       "annotations": {
         *         "readOnlyHint": true,
         *         "idempotentHint": true,
         *         "destructiveHint": false,
         *         "openWorldHint": true
         *       }
         *     }
         */
        Tool: {
            annotations: components["schemas"]["ToolAnnotations"];
            /** @description What the tool does; for a model to read. */
            description?: string;
            /** @description JSON Schema 2020-12 of the arguments; an object. Cycles are kept as `$defs`. */
            input_schema: {
                [key: string]: unknown;
            };
            /** @description Unique among all tools of a tenant and stable over revisions. */
            name: string;
            /** @description JSON Schema 2020-12 of the structured result; an object. */
            output_schema?: {
                [key: string]: unknown;
            };
            /** @description A name for people. */
            title?: string;
        };
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
         * @description Hints derived from the HTTP method (RFC 9110 §9.2).
         * @example {
         *       "readOnlyHint": true,
         *       "destructiveHint": false,
         *       "idempotentHint": true,
         *       "openWorldHint": true
         *     }
         */
        ToolAnnotations: {
            /** @description The call may delete or overwrite. */
            destructiveHint?: boolean;
            /** @description Repeating the call changes nothing more. */
            idempotentHint?: boolean;
            /** @description The tool speaks with something outside. */
            openWorldHint?: boolean;
            /** @description The method is safe. */
            readOnlyHint?: boolean;
        };
        /**
         * @description How the tools of two revisions differ, by their names; of each the first thousand.
         * @example {
         *       "added": [
         *         "orders_cancelOrder"
         *       ],
         *       "removed": [],
         *       "changed": []
         *     }
         */
        ToolDifferences: {
            /** @description Those that are new. */
            added: string[];
            /** @description Those of which anything is otherwise. */
            changed: string[];
            /** @description Those that are no longer there. */
            removed: string[];
        };
        /**
         * @description How a consumer reaches tools over MCP: `full` lists all that it may use; `search` lists three, by which it searches for tools, reads what one takes, and calls it.
         * @example search
         * @enum {string}
         */
        ToolExposure: "full" | "search";
        /**
         * @description A choice of operations and of tools of MCP servers, served at `/mcp/<name>` by every gateway that serves any of them.
         * @example {
         *       "tool_set_id": "9b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "helpdesk",
         *       "revision": 1,
         *       "tools": [
         *         {
         *           "api": "orders",
         *           "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *           "operation": "getOrder",
         *           "name": "look_up_order"
         *         }
         *       ],
         *       "labels": {},
         *       "created_at": "2026-12-01T03:00:00.000Z",
         *       "updated_at": "2026-12-01T03:00:00.000Z"
         *     }
         */
        ToolSet: {
            created_at: components["schemas"]["Timestamp"];
            /** @description Who made it. */
            created_by?: components["schemas"]["Maker"];
            exposure?: components["schemas"]["ToolSetExposure"];
            /** @description What a model is told of the set as a whole when it begins. */
            instructions?: string;
            labels: components["schemas"]["Labels"];
            /** @description How many bytes the list of its tools has, as far as the Control Plane knows them; only on its own page. */
            list_bytes?: number;
            /** @description About how many tokens that is: a quarter of the bytes, as of an API; only on its own page. */
            list_tokens?: number;
            name: components["schemas"]["Slug"];
            /** @description Grows with each change of what it offers. */
            revision: number;
            /** @description What people call it. */
            title?: string;
            /** @description How many tokens the list of its tools should have at most. */
            token_budget?: number;
            /**
             * Format: uuid
             * @description The tool set's id.
             */
            tool_set_id: string;
            /** @description The tools. */
            tools: components["schemas"]["ToolSetTool"][];
            updated_at: components["schemas"]["Timestamp"];
            /** @description Who changed it last. */
            updated_by?: components["schemas"]["Maker"];
            /** @description What is probably not meant, such as a tool that is not there or a budget that is exceeded; only on its own page. */
            warnings?: string[];
        };
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
         * @description A choice of tools that the runtime serves at `/mcp/<name>` besides where it serves them already. Holds only tools of APIs and MCP servers that the runtime is
         *     given. Sent only to runtimes that registered with the feature `tool_sets`.
         * @example {
         *       "id": "tool_set:9b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "tool_set",
         *       "tool_set_id": "9b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "helpdesk",
         *       "revision": 1,
         *       "tools": [
         *         {
         *           "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *           "operation": "getOrder",
         *           "name": "look_up_order"
         *         }
         *       ]
         *     }
         */
        ToolSetItem: {
            exposure?: components["schemas"]["ToolSetExposure"];
            /** @description `tool_set:` and the tool set's id. */
            id: string;
            /** @description What a model is told of the set as a whole when it begins. */
            instructions?: string;
            /**
             * @description Says that this item is a tool set. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "tool_set";
            name: components["schemas"]["Slug"];
            /** @description Grows with each change of what it offers. */
            revision: number;
            /** @description What people call it. */
            title?: string;
            /**
             * Format: uuid
             * @description The tool set's id.
             */
            tool_set_id: string;
            /** @description The tools. */
            tools: components["schemas"]["ToolSetItemTool"][];
        };
        /**
         * @description A tool of a set: of an API by its operation, or of an MCP server by its own name.
         * @example {
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "operation": "getOrder",
         *       "name": "look_up_order"
         *     }
         */
        ToolSetItemTool: {
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id?: string;
            arguments?: components["schemas"]["ToolSetArguments"];
            /** @description What models read, in the place of the tool's own description. */
            description?: string;
            examples?: components["schemas"]["ToolSetExamples"];
            /**
             * Format: uuid
             * @description The MCP server's id.
             */
            mcp_server_id?: string;
            name?: components["schemas"]["ToolSetToolName"];
            /** @description The operation, by its `operationId` or the name of its tool. */
            operation?: string;
            /** @description What people read, in the place of the tool's own title. */
            title?: string;
            /** @description The tool, by the name that the MCP server gave it. */
            tool?: string;
        };
        /**
         * @description A page of tool sets.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        ToolSetList: {
            /** @description The tool sets. */
            items: components["schemas"]["ToolSet"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description A choice of operations and of tools of MCP servers, served at an address of its own. A `PUT` replaces what was said before.
         * @example {
         *       "name": "helpdesk",
         *       "tools": [
         *         {
         *           "api": "orders",
         *           "operation": "getOrder",
         *           "name": "look_up_order"
         *         }
         *       ]
         *     }
         */
        ToolSetRequest: {
            exposure?: components["schemas"]["ToolSetExposure"];
            /** @description What a model is told of the set as a whole when it begins. */
            instructions?: string;
            labels?: components["schemas"]["Labels"];
            /** @description Names the set, and its address: `/mcp/<name>`. */
            name: components["schemas"]["Slug"];
            /** @description What people call it. */
            title?: string;
            /** @description How many tokens the list of its tools should have at most. More is a warning. */
            token_budget?: number;
            /** @description The tools, each of one API or MCP server. */
            tools: components["schemas"]["ToolSetToolRequest"][];
        };
        /**
         * @description Lets one consumer use the tools of one tool set at its address, also those of APIs that require a subscription. Sent only to runtimes that registered with the feature `tool_sets`.
         * @example {
         *       "id": "subscription:8b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "tool_set_subscription",
         *       "subscription_id": "8b0c5d0e-1111-4222-8333-444455556666",
         *       "tool_set_id": "9b0c5d0e-1111-4222-8333-444455556666",
         *       "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666"
         *     }
         */
        ToolSetSubscriptionItem: {
            /**
             * Format: uuid
             * @description The consumer that may use it.
             */
            consumer_id: string;
            /** @description `subscription:` and the subscription's id. */
            id: string;
            /**
             * @description Says that this item is a subscription to a tool set. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "tool_set_subscription";
            /**
             * Format: uuid
             * @description The subscription's id.
             */
            subscription_id: string;
            /**
             * Format: uuid
             * @description The tool set.
             */
            tool_set_id: string;
        };
        /**
         * @description A tool of a set.
         * @example {
         *       "api": "orders",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "operation": "getOrder",
         *       "name": "look_up_order"
         *     }
         */
        ToolSetTool: {
            /** @description The API, by the name that it had when the set was written. */
            api?: string;
            /**
             * Format: uuid
             * @description The API's id.
             */
            api_id?: string;
            arguments?: components["schemas"]["ToolSetArguments"];
            /** @description What models read, in the place of the tool's own description. */
            description?: string;
            examples?: components["schemas"]["ToolSetExamples"];
            /** @description The MCP server, by the name that it had when the set was written. */
            mcp_server?: string;
            /**
             * Format: uuid
             * @description The MCP server's id.
             */
            mcp_server_id?: string;
            name?: components["schemas"]["ToolSetToolName"];
            /** @description The operation, by its `operationId` or the name of its tool. */
            operation?: string;
            /** @description What people read, in the place of the tool's own title. */
            title?: string;
            /** @description The tool, by the name that the MCP server gave it. */
            tool?: string;
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
         * @description An issuer whose tokens prove who calls: gateways find a consumer by its rules, or refuse the token.
         * @example {
         *       "trusted_issuer_id": "7b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "agents",
         *       "rules": {
         *         "issuer": "https://id.example.com/realms/agents",
         *         "consumers": [
         *           {
         *             "claim": "azp",
         *             "value": "helpdesk",
         *             "consumer": "support-agent"
         *           }
         *         ]
         *       },
         *       "created_at": "2026-11-22T18:24:00.000Z",
         *       "updated_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        TrustedIssuer: {
            created_at: components["schemas"]["Timestamp"];
            introspection?: components["schemas"]["Introspection"];
            name: components["schemas"]["Slug"];
            rules: components["schemas"]["TokenRules"];
            /**
             * Format: uuid
             * @description The trusted issuer's id.
             */
            trusted_issuer_id: string;
            updated_at: components["schemas"]["Timestamp"];
            /** @description What is probably not meant, such as a consumer that does not exist. */
            warnings?: string[];
        };
        /**
         * @description An issuer whose tokens prove who calls, as consumers by its rules. Sent only to runtimes that registered with the feature `trusted_issuers`;
         *     the others know consumer keys alone.
         * @example {
         *       "id": "trusted_issuer:7b0c5d0e-1111-4222-8333-444455556666",
         *       "kind": "trusted_issuer",
         *       "trusted_issuer_id": "7b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "agents",
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
        TrustedIssuerItem: {
            /** @description `trusted_issuer:` and the issuer's id. */
            id: string;
            introspection?: components["schemas"]["IntrospectionItem"];
            /**
             * @description Says that this item is a trusted issuer. (enum property replaced by openapi-typescript)
             * @enum {string}
             */
            kind: "trusted_issuer";
            name: components["schemas"]["Slug"];
            rules: components["schemas"]["TokenRules"];
            /**
             * Format: uuid
             * @description The trusted issuer's id.
             */
            trusted_issuer_id: string;
        };
        /**
         * @description A page of trusted issuers.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        TrustedIssuerList: {
            /** @description The trusted issuers. */
            items: components["schemas"]["TrustedIssuer"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description An issuer whose tokens shall prove who calls.
         * @example {
         *       "name": "agents",
         *       "rules": {
         *         "issuer": "https://id.example.com/realms/agents",
         *         "consumers": [
         *           {
         *             "claim": "azp",
         *             "value": "helpdesk",
         *             "consumer": "support-agent"
         *           }
         *         ],
         *         "scopes": [
         *           "mcp:tools"
         *         ]
         *       }
         *     }
         */
        TrustedIssuerRequest: {
            introspection?: components["schemas"]["IntrospectionRequest"];
            name: components["schemas"]["Slug"];
            rules: components["schemas"]["TokenRules"];
        };
        /**
         * @description A kind of policies that an instance cannot enforce.
         * @example {
         *       "kind": "approval",
         *       "reason": "the open-source Kong has no call wait for a person"
         *     }
         */
        UnenforceableKind: {
            /** @description The kind, such as `approval`; the server need not know it. */
            kind: string;
            /** @description Why, as the end of a sentence. */
            reason: string;
        };
        /**
         * @description Where an API is served.
         * @example {
         *       "url": "http://127.0.0.1:8084"
         *     }
         */
        Upstream: {
            auth?: components["schemas"]["UpstreamAuth"];
            /** @description All credentials for the upstream, of which `auth` is the first that is a header. Which of them an operation gets, its `security` says. */
            credentials?: components["schemas"]["AnyUpstreamCredential"][];
            /** @description Base URL that operation paths are appended to, without a trailing slash. */
            url: string;
        };
        /**
         * @description The `audience` to ask for, as some issuers want it.
         * @example orders
         */
        UpstreamAudience: string;
        /**
         * @description A header that proves the gateway's own identity to the upstream. A caller's credential is never passed on.
         * @example {
         *       "header": "Authorization",
         *       "value": "Bearer example-token"
         *     }
         */
        UpstreamAuth: {
            /** @description The header's name. */
            header: string;
            /** @description The header's value; a secret. */
            value: string;
        };
        /**
         * @description Where a credential for the upstream is sent.
         * @example {
         *       "scheme": "key",
         *       "in": "header",
         *       "name": "X-Api-Key"
         *     }
         */
        UpstreamAuthPlace: {
            /**
             * @description The place in the request; `connection` for a client certificate.
             * @enum {string}
             */
            in: "header" | "query" | "cookie" | "connection";
            /** @description The kind of credential, where it is none that is sent as it is. */
            kind?: string;
            /** @description The name of the header, query parameter or cookie. */
            name: string;
            /** @description The security scheme of the document that it is of, where it was given by one. */
            scheme?: string;
            /** @description What else was given of it, but for secrets: of those, where runtimes have them is told. */
            settings?: {
                [key: string]: unknown;
            };
        };
        /**
         * @description Credentials for the upstream, which are never read back: a list, or one of its entries.
         * @example {
         *       "header": "Authorization",
         *       "value": "Bearer example-token"
         *     }
         */
        UpstreamAuthRequest: components["schemas"]["UpstreamAuth"] | components["schemas"]["UpstreamCredentialRequest"] | (components["schemas"]["UpstreamAuth"] | components["schemas"]["UpstreamCredentialRequest"] | components["schemas"]["BasicCredential"] | components["schemas"]["ClientCredentials"] | components["schemas"]["TokenExchange"] | components["schemas"]["ClientCertificate"] | components["schemas"]["CallerAssertion"])[];
        /**
         * @description One credential of the gateway's own for an upstream, and its place in the request.
         * @example {
         *       "scheme": "key",
         *       "in": "query",
         *       "name": "api-key",
         *       "value": "example-key"
         *     }
         */
        UpstreamCredential: {
            /** @description The HTTP authentication scheme that the runtime writes before the secret, where the secret is its own. */
            auth?: string;
            /**
             * @description The place in the request.
             * @enum {string}
             */
            in: "header" | "query" | "cookie";
            /** @description The name of the header, query parameter or cookie. */
            name: string;
            /** @description The security scheme of the document that it meets; every operation gets one without. */
            scheme?: string;
            /** @description What is sent there, such as `Bearer` and a token; a secret. */
            value: components["schemas"]["UpstreamSecret"];
        };
        /**
         * @description A credential for the upstream: its place is told by the security scheme of the document, or by `in` and `name`.
         * @example {
         *       "scheme": "key",
         *       "value": "example-key"
         *     }
         */
        UpstreamCredentialRequest: {
            /**
             * @description The place in the request, where no scheme tells it.
             * @enum {string}
             */
            in?: "header" | "query" | "cookie";
            /** @description The name of the header, query parameter or cookie, where no scheme tells it. */
            name?: string;
            /** @description The name of a security scheme of the document. */
            scheme?: string;
            /** @description The secret: a key, a token without `Bearer`, or `user:password` for HTTP Basic. */
            value: components["schemas"]["UpstreamSecret"];
        };
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
         * @description A secret: itself, or where a runtime has it.
         * @example {
         *       "runtime": "orders-key"
         *     }
         */
        UpstreamSecret: string | components["schemas"]["RuntimeSecret"];
        /**
         * @description Metering. `(gateway_id, boot_id, seq)` is the idempotency key: a batch is counted once, however often it is sent.
         * @example {
         *       "boot_id": "9a3c3f3e-4b1a-4c1c-8a51-0d1f2b3c4d5e",
         *       "seq": 7,
         *       "records": [
         *         {
         *           "window_start": "2026-11-22T18:24:00.000Z",
         *           "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *           "operation_id": "getOrder",
         *           "consumer_id": "2b0c5d0e-1111-4222-8333-444455556666",
         *           "door": "mcp",
         *           "calls": 12,
         *           "errors": 0,
         *           "denied": 0,
         *           "duration_ms": 48.2,
         *           "request_bytes": 900,
         *           "response_bytes": 8000
         *         }
         *       ]
         *     }
         */
        UsageBatch: {
            /**
             * Format: uuid
             * @description The process start that made this batch.
             */
            boot_id: string;
            /** @description The epoch that registration returned. */
            lease_epoch?: number;
            /** @description Calls added up by window, API, operation, consumer and door. */
            records: components["schemas"]["UsageRecord"][];
            /** @description Counts the batches of that process. */
            seq: number;
        };
        /**
         * @description How long the calls took that half, 95 and 99 in a hundred were not slower than, in milliseconds: estimated within the buckets in which runtimes count, so that what is beyond 30 s is told as 30,000. Absent where a runtime
         *     counted that tells none.
         * @example {
         *       "p50_ms": 3.1,
         *       "p95_ms": 8.8,
         *       "p99_ms": 9.7
         *     }
         */
        UsageLatency: {
            /** @description The median. */
            p50_ms: number;
            /** @description Of 95 in a hundred. */
            p95_ms: number;
            /** @description Of 99 in a hundred. */
            p99_ms: number;
        };
        /**
         * @description The batch is stored.
         * @example {
         *       "duplicate": false
         *     }
         */
        UsageReceipt: {
            /** @description True when this batch had been counted before; nothing was counted again. */
            duplicate: boolean;
        };
        /**
         * @description Calls of one consumer to one operation through one door in one window.
         * @example {
         *       "window_start": "2026-11-22T18:24:00.000Z",
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "operation_id": "getOrder",
         *       "door": "mcp",
         *       "calls": 12,
         *       "errors": 0,
         *       "denied": 0,
         *       "duration_ms": 48.2
         *     }
         */
        UsageRecord: {
            /**
             * Format: uuid
             * @description The API called; the nil UUID where an identified consumer asked for what no API has.
             */
            api_id: string;
            /** @description Calls decided upon, allowed or not. */
            calls: number;
            /**
             * Format: uuid
             * @description Who called; absent where nobody was identified.
             */
            consumer_id?: string;
            /** @description Calls that the runtime refused: by a policy, for their arguments, for their size, or because nothing may be called so. */
            denied: number;
            door: components["schemas"]["DoorName"];
            /** @description Sum of the durations in milliseconds. */
            duration_ms: number;
            /** @description Calls that the upstream failed. */
            errors: number;
            /** @description The calls by how long they took: at most 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 and 30 s, each without those before it, and longer. */
            latency?: number[];
            /** @description Keys of the consumer by which some of these calls came and which this process has not told of before, by the `key_id` of configuration. The first use of each is recorded once, whoever tells of it. */
            new_key_ids?: string[];
            /** @description The operation called; empty where there was none. */
            operation_id: string;
            /** @description Why calls were refused, for the audit. A record of no calls tells only of these: of somebody unknown who asked for nothing that there is. */
            refusals?: components["schemas"]["RefusedCalls"][];
            /** @description Sum of the request bodies sent upstream in bytes. */
            request_bytes?: number;
            /** @description Sum of the response bodies received in bytes. */
            response_bytes?: number;
            window_start: components["schemas"]["Timestamp"];
        };
        /**
         * @description Calls added up by what was asked for; by API, operation, consumer and door unless told otherwise.
         * @example {
         *       "from": "2026-11-21T18:24:00.000Z",
         *       "to": "2026-11-22T18:24:00.000Z",
         *       "items": []
         *     }
         */
        UsageReport: {
            from: components["schemas"]["Timestamp"];
            /** @description The sums: by time, and those of one time with the most calls first. */
            items: components["schemas"]["UsageSum"][];
            to: components["schemas"]["Timestamp"];
        };
        /**
         * @description Calls that have in common what was asked for. What was not asked for is absent.
         * @example {
         *       "api_id": "0b0c5d0e-1111-4222-8333-444455556666",
         *       "api": "orders",
         *       "operation_id": "getOrder",
         *       "door": "mcp",
         *       "calls": 12,
         *       "errors": 0,
         *       "denied": 0,
         *       "duration_ms": 48.2,
         *       "request_bytes": 900,
         *       "response_bytes": 8000,
         *       "latency": {
         *         "p50_ms": 3.1,
         *         "p95_ms": 8.8,
         *         "p99_ms": 9.7
         *       }
         *     }
         */
        UsageSum: {
            /** @description Its name; absent where there is none, or none any more. */
            api?: string;
            /**
             * Format: uuid
             * @description The API called; the nil UUID where a consumer asked for what no API has.
             */
            api_id?: string;
            /** @description Calls decided upon. */
            calls: number;
            /** @description The name of the consumer; absent where there is none, or none any more. */
            consumer?: string;
            /**
             * Format: uuid
             * @description Who called; absent where nobody was identified.
             */
            consumer_id?: string;
            /** @description Calls that the runtime refused: by a policy, for their arguments, for their size, or because nothing may be called so. */
            denied: number;
            door?: components["schemas"]["DoorName"];
            /** @description Sum of the durations in milliseconds, to a tenth of one. */
            duration_ms: number;
            /** @description Calls that the upstream failed: it did not answer, or with 5xx. */
            errors: number;
            /** @description The name of the instance; absent when it was forgotten. */
            gateway?: string;
            /**
             * Format: uuid
             * @description The instance that was called.
             */
            gateway_id?: string;
            latency?: components["schemas"]["UsageLatency"];
            /** @description The operation called; empty where there was none. */
            operation_id?: string;
            /** @description Sum of the request bodies sent upstream in bytes. */
            request_bytes: number;
            /** @description Sum of the response bodies received in bytes. */
            response_bytes: number;
            /**
             * Format: date-time
             * @description Of the hour or day, where an interval was asked for.
             */
            start?: string;
        };
        /**
         * @description A person, as what belongs to the tenant.
         * @example {
         *       "user_id": "5b0c5d0e-1111-4222-8333-444455556666",
         *       "name": "Grace",
         *       "email": "grace@example.com",
         *       "roles": [
         *         "publisher"
         *       ],
         *       "state": "active",
         *       "issuer": "embedded",
         *       "joined_at": "2026-11-22T18:24:00.000Z"
         *     }
         */
        User: {
            /** @description Who invited the person. Absent for who came by a group at an external issuer, or by the link of a start. */
            created_by?: components["schemas"]["Maker"];
            /** @description The address with which the person signs in, or what an external issuer calls the person. */
            email: string;
            issuer: components["schemas"]["IssuerKind"];
            joined_at: components["schemas"]["Timestamp"];
            /** @description The name that the person chose or the issuer tells. */
            name: string;
            /** @description What the person is in this tenant. */
            roles: components["schemas"]["OperatorRole"][];
            state: components["schemas"]["UserState"];
            /** @description Who changed last what the person is here. */
            updated_by?: components["schemas"]["Maker"];
            /**
             * Format: uuid
             * @description The person's id.
             */
            user_id: string;
        };
        /**
         * @description A page of people.
         * @example {
         *       "items": [],
         *       "next_cursor": null
         *     }
         */
        UserList: {
            /** @description The people. */
            items: components["schemas"]["User"][];
            next_cursor: components["schemas"]["NextCursor"];
        };
        /**
         * @description What to change of a person's membership.
         * @example {
         *       "roles": [
         *         "publisher",
         *         "operator"
         *       ]
         *     }
         */
        UserPatch: {
            /** @description What the person is from now on, in place of the roles before. */
            roles?: components["schemas"]["OperatorRole"][];
            state?: components["schemas"]["UserState"];
        };
        /**
         * @description `disabled` for somebody who may do nothing in this tenant until he is `active` again.
         * @example active
         * @enum {string}
         */
        UserState: "active" | "disabled";
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
        /**
         * @description What a Gateway or a Link that counts with its replicas does while it cannot: let every call through, or none that it had not taken ahead. When absent, it lets its share of the limit through. Third-party gateways do not read it.
         * @example fail_closed
         * @enum {string}
         */
        WithoutStore: "fail_open" | "fail_closed";
    };
    responses: {
        /** @description Nothing was done yet: an environment demands a second person for it. What was asked for is kept whole, and is done when he approves. */
        AwaitsApproval: {
            headers: {
                /** @description The approval. */
                Location?: string;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Approval"];
            };
        };
        /** @description The request is invalid; every fault is listed. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request contradicts the present state, such as a name already taken, or `stale_epoch`: a newer process holds the lease. */
        Conflict: {
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
        /** @description The instance was decommissioned by an operator. Stop, keep serving the last good configuration. */
        Gone: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description An error of the server. The log has the request id. */
        InternalError: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It was changed meanwhile: `If-Match` names another state than the present one. */
        PreconditionFailed: {
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
        /** @description The request is well-formed but makes no sense, such as a document that is no OpenAPI. */
        Unprocessable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body is not of a media type that this operation reads. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description The API's id. */
        ApiId: string;
        /** @description The approval's id. */
        ApprovalId: string;
        /** @description The hash of the state at hand, as a manifest named it; that of nothing is the SHA-256 of the empty text. */
        ConfigBase: string;
        /** @description The consumer's id. */
        ConsumerId: string;
        /** @description The `next_cursor` of the page before. */
        Cursor: string;
        /** @description The deployment's id. */
        DeploymentId: string;
        /** @description Answers as the call would, with the same faults, and saves nothing. */
        DryRun: boolean;
        /** @description The environment. */
        Environment: components["schemas"]["EnvironmentName"];
        /** @description The gateway's id. */
        GatewayId: string;
        /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
        IfMatch: string;
        /** @description The invitation's id. */
        InvitationId: string;
        /** @description The item's hash as the manifest names it. */
        ItemHash: string;
        /** @description The key's id. */
        KeyId: string;
        /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
        Label: string[];
        /** @description The epoch that registration returned. A client that sends none is never fenced. */
        LeaseEpoch: number;
        /** @description How many items a page has at most. */
        Limit: number;
        /** @description The MCP server's id. */
        McpServerId: string;
        /** @description The plan's id. */
        PlanId: string;
        /** @description The policy's id. */
        PolicyId: string;
        /** @description The number of the revision. */
        Revision: number;
        /** @description Only where the name holds this text, in either case. */
        Search: string;
        /** @description The service account's id. */
        ServiceAccountId: string;
        /** @description The subscription's id. */
        SubscriptionId: string;
        /** @description The team. */
        Team: components["schemas"]["Slug"];
        /** @description Only what this team owns. */
        TeamFilter: components["schemas"]["Slug"];
        /** @description The tenant's id. */
        TenantId: string;
        /** @description The token's id. */
        TokenId: string;
        /** @description The tool set's id. */
        ToolSetId: string;
        /** @description The trusted issuer's id. */
        TrustedIssuerId: string;
        /** @description The person's id. */
        UserId: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
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
    getControlPlaneMetrics: {
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
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
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
    listApis: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
                label?: components["parameters"]["Label"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only this name. */
                name?: components["schemas"]["Slug"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
                /** @description Only what this team owns. */
                team?: components["parameters"]["TeamFilter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of APIs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createApi: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiRequest"];
                "multipart/form-data": components["schemas"]["ApiUpload"];
            };
        };
        responses: {
            /** @description The API. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Api"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getApi: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The API's id. */
                api_id: components["parameters"]["ApiId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The API. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Api"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateApi: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The API's id. */
                api_id: components["parameters"]["ApiId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiRequest"];
                "multipart/form-data": components["schemas"]["ApiUpload"];
            };
        };
        responses: {
            /** @description The API. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Api"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteApi: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The API's id. */
                api_id: components["parameters"]["ApiId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["AwaitsApproval"];
            /** @description The API is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    editApi: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The API's id. */
                api_id: components["parameters"]["ApiId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiPatch"];
                "application/merge-patch+json": components["schemas"]["ApiPatch"];
            };
        };
        responses: {
            /** @description The API. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Api"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listApiRevisions: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path: {
                /** @description The API's id. */
                api_id: components["parameters"]["ApiId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The revisions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiRevisionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getApiRevision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The API's id. */
                api_id: components["parameters"]["ApiId"];
                /** @description The number of the revision. */
                revision: components["parameters"]["Revision"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The revision. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiRevision"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listApprovals: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only for this environment. */
                environment?: string;
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only in this state. */
                state?: "pending" | "approved" | "applied" | "denied" | "expired" | "failed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of approvals. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovalList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createApproval: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalRequest"];
            };
        };
        responses: {
            /** @description The approval that was asked for before, and waits still. */
            200: {
                headers: {
                    /** @description Where the approval is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            /** @description The approval, which waits. */
            201: {
                headers: {
                    /** @description Where the approval is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getApproval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval's id. */
                approval_id: components["parameters"]["ApprovalId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The approval. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    approveApproval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval's id. */
                approval_id: components["parameters"]["ApprovalId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalDecision"];
            };
        };
        responses: {
            /** @description The approval. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    denyApproval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The approval's id. */
                approval_id: components["parameters"]["ApprovalId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApprovalDecision"];
            };
        };
        responses: {
            /** @description The approval. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Approval"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description Only this operation, by its operationId, or this step of signing in; 400 for what is neither and was never recorded. */
                action?: string;
                /** @description Only what this person, token or key did: its id or its name. */
                actor?: string;
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only this kind. */
                kind?: components["schemas"]["AuditKind"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only what was done to this thing: its id, its name, or its kind. */
                object?: string;
                /** @description Only with this outcome. */
                outcome?: components["schemas"]["AuditOutcome"];
                /** @description Start, included. */
                since?: components["schemas"]["Timestamp"];
                /** @description End, excluded. */
                until?: components["schemas"]["Timestamp"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditRecordList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    exportAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lines, as they are read. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAuditKeys: {
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
                    "application/json": components["schemas"]["AuditKeyList"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    verifyAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. An audit that was tampered with is an answer, and no error. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerification"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getClientRule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientRule"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    setClientRule: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClientRule"];
            };
        };
        responses: {
            /** @description The rule. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientRule"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listConsumers: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only those of which a good key ends before this instant. */
                keys_expire_before?: components["schemas"]["Timestamp"];
                /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
                label?: components["parameters"]["Label"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only this name. */
                name?: components["schemas"]["Slug"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
                /** @description Only what this team owns. */
                team?: components["parameters"]["TeamFilter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of consumers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsumerList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createConsumer: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsumerRequest"];
            };
        };
        responses: {
            /** @description The consumer. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consumer"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getConsumer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The consumer's id. */
                consumer_id: components["parameters"]["ConsumerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The consumer. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consumer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteConsumer: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The consumer's id. */
                consumer_id: components["parameters"]["ConsumerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The consumer is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    editConsumer: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The consumer's id. */
                consumer_id: components["parameters"]["ConsumerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsumerPatch"];
                "application/merge-patch+json": components["schemas"]["ConsumerPatch"];
            };
        };
        responses: {
            /** @description The consumer. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Consumer"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listConsumerKeys: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the hint holds this text, in either case: a key has no name. */
                search?: string;
            };
            header?: never;
            path: {
                /** @description The consumer's id. */
                consumer_id: components["parameters"]["ConsumerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsumerKeyList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createConsumerKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The consumer's id. */
                consumer_id: components["parameters"]["ConsumerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsumerKeyRequest"];
            };
        };
        responses: {
            /** @description The key and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedConsumerKey"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeConsumerKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The consumer's id. */
                consumer_id: components["parameters"]["ConsumerId"];
                /** @description The key's id. */
                key_id: components["parameters"]["KeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateConsumerKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The consumer's id. */
                consumer_id: components["parameters"]["ConsumerId"];
                /** @description The key's id. */
                key_id: components["parameters"]["KeyId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyRotationRequest"];
            };
        };
        responses: {
            /** @description The new key and its secret, and the key that it replaces. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedConsumerKey"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    eraseConsumer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ErasureRequest"];
            };
        };
        responses: {
            /** @description It is erased. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erasure"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listDeployments: {
        parameters: {
            query?: {
                /** @description Only of this API. */
                api_id?: string;
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only this name. */
                name?: components["schemas"]["Slug"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deployments. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createDeployment: {
        parameters: {
            query?: {
                /** @description Saves nothing, and answers within 10 s with what each gateway would do, asked of the running runtimes where they can tell. */
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeploymentRequest"];
            };
        };
        responses: {
            /** @description What a dry run found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeploymentDryRun"];
                };
            };
            /** @description The deployment. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The deployment's id. */
                deployment_id: components["parameters"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The deployment. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteDeployment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The deployment's id. */
                deployment_id: components["parameters"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["AwaitsApproval"];
            /** @description The deployment has ended. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateDeployment: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The deployment's id. */
                deployment_id: components["parameters"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DeploymentPatch"];
            };
        };
        responses: {
            /** @description The deployment. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deployment"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    promoteDeployment: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The deployment's id. */
                deployment_id: components["parameters"]["DeploymentId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromotionRequest"];
            };
        };
        responses: {
            /** @description What was promoted, and what it changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Promotion"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listEnvironments: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The environments. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The environment. */
                environment: components["parameters"]["Environment"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The environment. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    setEnvironment: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The environment. */
                environment: components["parameters"]["Environment"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnvironmentRequest"];
            };
        };
        responses: {
            /** @description The environment. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listGatewayKeys: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
                /** @description Only what this team owns. */
                team?: components["parameters"]["TeamFilter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GatewayKeyList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createGatewayKey: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GatewayKeyRequest"];
            };
        };
        responses: {
            /** @description The key and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedGatewayKey"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeGatewayKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                key_id: components["parameters"]["KeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateGatewayKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The key's id. */
                key_id: components["parameters"]["KeyId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyRotationRequest"];
            };
        };
        responses: {
            /** @description The new key and its secret, and the key that it replaces. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedGatewayKey"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listGateways: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only this environment. */
                environment?: components["schemas"]["EnvironmentName"];
                /** @description Only this mode. */
                gateway_mode?: components["schemas"]["GatewayMode"];
                /** @description Whether instances that have left are listed. */
                include_left?: boolean;
                /** @description Only this name. */
                instance_name?: components["schemas"]["InstanceName"];
                /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
                label?: components["parameters"]["Label"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only in this state of liveness. */
                liveness?: components["schemas"]["Liveness"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
                /** @description `registered`: oldest first. `worst`: conflicts first, then offline, late, online, decommissioned and left ones, each by name. A cursor is of one order. */
                sort?: "registered" | "worst";
                /** @description Only what this team owns. */
                team?: components["parameters"]["TeamFilter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of gateways. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GatewayList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getGateway: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The gateway. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Gateway"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    decommissionGateway: {
        parameters: {
            query?: {
                /** @description Also forget the instance, so that its name may register anew. */
                forget?: boolean;
            };
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The gateway is decommissioned. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    adoptService: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdoptionRequest"];
            };
        };
        responses: {
            /** @description The API and its deployment. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Adoption"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getGatewayDrift: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriftList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    releaseBrake: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The environment. */
                environment: components["schemas"]["EnvironmentName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The brake is released. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    streamGatewayEvents: {
        parameters: {
            query?: {
                /** @description The same for the first connection, such as the `event_id` of the fleet by mode. The header is stronger. */
                after?: string;
                /** @description Seconds after which the stream ends; browsers connect anew by themselves. */
                max_s?: number;
            };
            header?: {
                /** @description The id of the last event received: those after it follow. Browsers send it when they connect anew. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getGatewayModes: {
        parameters: {
            query?: {
                /** @description Whether instances are listed beside the counts. */
                instances?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The fleet by mode. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GatewayModes"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deregisterGateway: {
        parameters: {
            query?: {
                /** @description The epoch that registration returned. A client that sends none is never fenced. */
                lease_epoch?: components["parameters"]["LeaseEpoch"];
            };
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance has left. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    askCallApproval: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CallApprovalQuestion"];
            };
        };
        responses: {
            /** @description What became of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallApprovalAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getGatewayConfig: {
        parameters: {
            query?: {
                /** @description The hash of the state at hand, as a manifest named it; that of nothing is the SHA-256 of the empty text. */
                base?: components["parameters"]["ConfigBase"];
                /** @description How many seconds to wait for a change, when `If-None-Match` is still true. */
                wait_s?: number;
            };
            header?: {
                /** @description The `ETag` of the configuration at hand. */
                "If-None-Match"?: string;
            };
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The desired state, or what differs from the state of the hash `base`. */
            200: {
                headers: {
                    /** @description Names this generation; send it back as `If-None-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GatewayConfig"];
                    "application/jsonl": components["schemas"]["ConfigDifference"];
                };
            };
            /** @description Nothing newer. */
            304: {
                headers: {
                    /** @description The generation at hand. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            410: components["responses"]["Gone"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    ackGatewayConfig: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigAck"];
            };
        };
        responses: {
            /** @description The outcome is stored. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getConfigItem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
                /** @description The item's hash as the manifest names it. */
                hash: components["parameters"]["ItemHash"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Exactly the bytes of the item. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DesiredItem"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            410: components["responses"]["Gone"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    takeDryRun: {
        parameters: {
            query?: {
                /** @description The epoch that registration returned. A client that sends none is never fenced. */
                lease_epoch?: components["parameters"]["LeaseEpoch"];
                /** @description How many seconds to wait for a question. */
                wait_s?: number;
            };
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state to compare with what the gateway holds. Nothing of it is to be written. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DryRunQuestion"];
                };
            };
            /** @description Nobody asks. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    answerDryRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DryRunAnswer"];
            };
        };
        responses: {
            /** @description The answer is taken. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    heartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HeartbeatRequest"];
            };
        };
        responses: {
            /** @description The heartbeat is stored. The body may be empty. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeartbeatReply"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reportMcpServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
                /** @description The MCP server's id. */
                mcp_server_id: components["parameters"]["McpServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["McpServerReport"];
            };
        };
        responses: {
            /** @description The report is stored. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reportObservedState: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ObservedState"];
            };
        };
        responses: {
            /** @description The report is stored. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    reportUsage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The gateway's id. */
                gateway_id: components["parameters"]["GatewayId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UsageBatch"];
            };
        };
        responses: {
            /** @description The batch is stored. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReceipt"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    registerGateway: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterRequest"];
            };
        };
        responses: {
            /** @description The instance is registered. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisterReply"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            410: components["responses"]["Gone"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listInvitations: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of invitations. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenInvitationList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["InvitationRequest"];
            };
        };
        responses: {
            /** @description The link, which is never shown again. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The invitation's id. */
                invitation_id: components["parameters"]["InvitationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invitation is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMcpServers: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
                label?: components["parameters"]["Label"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
                /** @description Only what this team owns. */
                team?: components["parameters"]["TeamFilter"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of MCP servers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpServerList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createMcpServer: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["McpServerRequest"];
            };
        };
        responses: {
            /** @description The MCP server. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpServer"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getMcpServer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The MCP server's id. */
                mcp_server_id: components["parameters"]["McpServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The MCP server. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpServer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateMcpServer: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The MCP server's id. */
                mcp_server_id: components["parameters"]["McpServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["McpServerRequest"];
            };
        };
        responses: {
            /** @description The MCP server. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpServer"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteMcpServer: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The MCP server's id. */
                mcp_server_id: components["parameters"]["McpServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["AwaitsApproval"];
            /** @description The MCP server is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    approveMcpDefinitions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The MCP server's id. */
                mcp_server_id: components["parameters"]["McpServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["McpDefinitionsDecision"];
            };
        };
        responses: {
            /** @description What was decided. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpDefinitionsDecided"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listMcpDefinitions: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only those in this state; `pending` when absent. */
                state?: components["schemas"]["McpDefinitionState"];
            };
            header?: never;
            path: {
                /** @description The MCP server's id. */
                mcp_server_id: components["parameters"]["McpServerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of definitions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpDefinitionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    rejectMcpDefinitions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The MCP server's id. */
                mcp_server_id: components["parameters"]["McpServerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["McpDefinitionsDecision"];
            };
        };
        responses: {
            /** @description What was decided. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["McpDefinitionsDecided"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listOperatorTokens: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorTokenList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createOperatorToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OperatorTokenRequest"];
            };
        };
        responses: {
            /** @description The token and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedOperatorToken"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOperatorToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                token_id: components["parameters"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorToken"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeOperatorToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                token_id: components["parameters"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listPlans: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
                label?: components["parameters"]["Label"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of plans. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createPlan: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanRequest"];
            };
        };
        responses: {
            /** @description The plan. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPlan: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The plan's id. */
                plan_id: components["parameters"]["PlanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The plan. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deletePlan: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The plan's id. */
                plan_id: components["parameters"]["PlanId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["AwaitsApproval"];
            /** @description The plan is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    editPlan: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The plan's id. */
                plan_id: components["parameters"]["PlanId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlanPatch"];
                "application/merge-patch+json": components["schemas"]["PlanPatch"];
            };
        };
        responses: {
            /** @description The plan. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listPolicies: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
                label?: components["parameters"]["Label"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of policies. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createPolicy: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyRequest"];
            };
        };
        responses: {
            /** @description The policy. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The policy's id. */
                policy_id: components["parameters"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    updatePolicy: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The policy's id. */
                policy_id: components["parameters"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyRequest"];
            };
        };
        responses: {
            /** @description The policy. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deletePolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The policy's id. */
                policy_id: components["parameters"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: components["responses"]["AwaitsApproval"];
            /** @description The policy is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listServiceAccounts: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of service accounts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccountList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createServiceAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceAccountRequest"];
            };
        };
        responses: {
            /** @description The service account and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedServiceAccount"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getServiceAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The service account's id. */
                service_account_id: components["parameters"]["ServiceAccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The service account. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteServiceAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The service account's id. */
                service_account_id: components["parameters"]["ServiceAccountId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The service account is gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    editServiceAccount: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The service account's id. */
                service_account_id: components["parameters"]["ServiceAccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceAccountPatch"];
                "application/merge-patch+json": components["schemas"]["ServiceAccountPatch"];
            };
        };
        responses: {
            /** @description The service account. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceAccount"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateServiceAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The service account's id. */
                service_account_id: components["parameters"]["ServiceAccountId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RotationRequest"];
            };
        };
        responses: {
            /** @description The service account and its new secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedServiceAccount"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed in. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description Signed in. */
            201: {
                headers: {
                    /** @description The session. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out. */
            204: {
                headers: {
                    /** @description Clears the session. */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The issuer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignIn"];
                };
            };
        };
    };
    createSignInLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInLink"];
                };
            };
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSubscriptions: {
        parameters: {
            query?: {
                /** @description Only to this API. */
                api_id?: string;
                /** @description Only of this consumer. */
                consumer_id?: string;
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only to this MCP server. */
                mcp_server_id?: string;
                /** @description Only to this plan. */
                plan_id?: string;
                /** @description Only where the name of the API, the plan, the MCP server, the tool set or the consumer holds this text, in either case. */
                search?: string;
                /** @description Only to this tool set. */
                tool_set_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of subscriptions. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createSubscription: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SubscriptionRequest"];
            };
        };
        responses: {
            /** @description The subscription. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSubscription: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The subscription's id. */
                subscription_id: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Subscription"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteSubscription: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The subscription's id. */
                subscription_id: components["parameters"]["SubscriptionId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The subscription is withdrawn. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTeams: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of teams. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TeamList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createTeam: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamRequest"];
            };
        };
        responses: {
            /** @description The team. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTeam: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The team. */
                team: components["parameters"]["Team"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The team. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteTeam: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The team. */
                team: components["parameters"]["Team"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The team is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    editTeam: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The team. */
                team: components["parameters"]["Team"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TeamPatch"];
                "application/merge-patch+json": components["schemas"]["TeamPatch"];
            };
        };
        responses: {
            /** @description The team. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Team"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTenants: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tenants. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createTenant: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantRequest"];
            };
        };
        responses: {
            /** @description The tenant, and the link, which is never shown again. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeTenant"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant's id. */
                tenant_id: components["parameters"]["TenantId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tenant. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteTenant: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The tenant's id. */
                tenant_id: components["parameters"]["TenantId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tenant is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    editTenant: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The tenant's id. */
                tenant_id: components["parameters"]["TenantId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TenantPatch"];
                "application/merge-patch+json": components["schemas"]["TenantPatch"];
            };
        };
        responses: {
            /** @description The tenant. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createOwnerLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tenant's id. */
                tenant_id: components["parameters"]["TenantId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link, which is never shown again. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listToolSets: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only with this label, as `key=value`. May be repeated: all of them must fit. */
                label?: components["parameters"]["Label"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tool sets. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolSetList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createToolSet: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ToolSetRequest"];
            };
        };
        responses: {
            /** @description The tool set. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolSet"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getToolSet: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The tool set's id. */
                tool_set_id: components["parameters"]["ToolSetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tool set. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolSet"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateToolSet: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The tool set's id. */
                tool_set_id: components["parameters"]["ToolSetId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ToolSetRequest"];
            };
        };
        responses: {
            /** @description The tool set. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolSet"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteToolSet: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The tool set's id. */
                tool_set_id: components["parameters"]["ToolSetId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The tool set is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTrustedIssuers: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of trusted issuers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustedIssuerList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createTrustedIssuer: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrustedIssuerRequest"];
            };
        };
        responses: {
            /** @description The trusted issuer. */
            201: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustedIssuer"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTrustedIssuer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The trusted issuer's id. */
                trusted_issuer_id: components["parameters"]["TrustedIssuerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The trusted issuer. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustedIssuer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateTrustedIssuer: {
        parameters: {
            query?: {
                /** @description Answers as the call would, with the same faults, and saves nothing. */
                dry_run?: components["parameters"]["DryRun"];
            };
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The trusted issuer's id. */
                trusted_issuer_id: components["parameters"]["TrustedIssuerId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrustedIssuerRequest"];
            };
        };
        responses: {
            /** @description The trusted issuer. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrustedIssuer"];
                };
            };
            202: components["responses"]["AwaitsApproval"];
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteTrustedIssuer: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The trusted issuer's id. */
                trusted_issuer_id: components["parameters"]["TrustedIssuerId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is trusted no more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description Only this API. */
                api_id?: string;
                /** @description Only this consumer. */
                consumer_id?: string;
                /** @description Start, included. */
                from?: components["schemas"]["Timestamp"];
                /** @description What is told apart, by commas: `api`, `operation` (which tells its API, too), `consumer`, `door`, `gateway`; `api,operation,consumer,door` when absent. */
                group_by?: string;
                /** @description Tells the hours or days apart as well, in UTC. */
                interval?: "hour" | "day";
                /** @description End, excluded. */
                to?: components["schemas"]["Timestamp"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sums. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageReport"];
                    "text/csv": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of people. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id. */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    removeUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id. */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person belongs to the tenant no more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    editUser: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the state that the change was made up from. Another state by now is answered with 412. Without it the change is made in any case. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The person's id. */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserPatch"];
                "application/merge-patch+json": components["schemas"]["UserPatch"];
            };
        };
        responses: {
            /** @description The person. */
            200: {
                headers: {
                    /** @description Names this state, for `If-Match`. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createResetLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The person's id. */
                user_id: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link, which is never shown again. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    listPersonalTokens: {
        parameters: {
            query?: {
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description How many items a page has at most. */
                limit?: components["parameters"]["Limit"];
                /** @description Only where the name holds this text, in either case. */
                search?: components["parameters"]["Search"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of tokens. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonalTokenList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    createPersonalToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PersonalTokenRequest"];
            };
        };
        responses: {
            /** @description The token and its secret. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedPersonalToken"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokePersonalToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The token's id. */
                token_id: components["parameters"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is revoked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            500: components["responses"]["InternalError"];
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
