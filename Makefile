# `make up` runs the system, `make test` proves it. `make help` lists the rest.
# Node 24 comes with the packages, whatever the machine has; npm scripts find it first on their PATH.
SHELL := /bin/sh
.DEFAULT_GOAL := help
NODE := node_modules/.bin/node
STAMP := node_modules/.stoa-installed

.PHONY: help up build test laws foreign machine mutants conform-package conformance clients clients-test clients-auth keycloak-test packages-test console-test connect-packages package-repo images images-test charts check format generate bench experiments screenshot clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

up: build ## Run the whole system with an example API; Ctrl-C stops it
	@$(NODE) examples/up/main.ts

test: build ## Check everything and run every test
	@npm run --silent check
	@npm run --silent test -- --exclude tests/generated.test.ts # It is a part of check.

keycloak-test: $(STAMP) ## Sign in at a real Keycloak; needs Java 17 and Maven, fetches Keycloak
	@$(NODE) tests/keycloak/main.ts

clients-test: $(STAMP) ## Have the Python and Go clients of MCP read every kind of answer; needs python3 and go, fetches them
	@$(NODE) tests/clients/main.ts

clients-auth: $(STAMP) ## Have MCP clients of four languages sign in at three issuers, a Keycloak among them; needs python3, go, cargo, Java 17 and Maven, and fetches the rest
	@$(NODE) node_modules/vitest/vitest.mjs run --config tests/clients-auth/vitest.config.ts

conformance: $(STAMP) ## Run the official suite of MCP against two servers, directly and through a Gateway and a Link; fetches the suite, the results are in dist/conformance.json
	@$(NODE) node_modules/vitest/vitest.mjs run --config conformance/mcp/vitest.config.ts

clients: $(STAMP) ## Have the MCP clients of TypeScript, 1.x and 2.x, use two servers through a Gateway and a Link; the results are in dist/clients.json
	@$(NODE) node_modules/vitest/vitest.mjs run --config conformance/clients/vitest.config.ts

packages-test: build ## Make the packages, and install, update, remove and serve them in roots of their own, one of which has a Caddy; needs a Debian and root
	@$(NODE) node_modules/vitest/vitest.mjs run --config tests/packages/vitest.config.ts

console-test: $(STAMP) ## Take every page of the Console in both themes and three widths, with what axe finds; pictures in dist/console; CONSOLE_PAGES="home usage" takes some
	@$(NODE) node_modules/vitest/vitest.mjs run --config tests/console/matrix/vitest.config.ts

laws: $(STAMP) ## Try the laws of Connect on every vendor with 5,000 cases each; LAW_CASES=n takes others
	@LAW_CASES=$${LAW_CASES:-5000} $(NODE) node_modules/vitest/vitest.mjs run runtimes/connect/laws

foreign: $(STAMP) ## Hold clients in shell and Python against the registration contract, and our runtimes against a Control Plane in Python; runs what curl and python3 are there for
	@$(NODE) conformance/foreign/main.ts

machine: $(STAMP) ## Try 10,000 lives of an instance against the model of the protocol; MACHINE_SEQUENCES=n takes others, MACHINE_SEED=n repeats one
	@MACHINE_SEQUENCES=$${MACHINE_SEQUENCES:-10000} $(NODE) node_modules/vitest/vitest.mjs run conformance/machine

mutants: $(STAMP) ## Run the conformance kit against faulty servers and clients, and remake conformance/mutants.json; takes minutes
	@$(NODE) conformance/mutants/main.ts

conform-package: $(STAMP) ## Make an npm package of the conformance kit in dist/conform
	@$(NODE) build/conform-package.ts

check: $(STAMP) ## Formatting, generated files, types, lint, the contract's rules and its gate; no tests
	@npm run --silent check

format: $(STAMP) ## Format the sources
	@npm run --silent format

generate: $(STAMP) ## Remake generated/ from openapi/ and prisma/
	@npm run --silent generate

build: $(STAMP) ## Bundle the programs and the Console
	@npm run --silent build

connect-packages: $(STAMP) ## Make .deb, .rpm, tarballs, formulas and the npm package of stoa-connect and stoactl in dist/packages; PACKAGES="--arch amd64" makes some
	@$(NODE) build/packages/main.ts $(PACKAGES)

package-repo: $(STAMP) ## Make of dist/packages signed repositories for apt, dnf and brew; needs PACKAGE_REPO_URL and PACKAGE_REPO_KEY_FILE
	@$(NODE) build/packages/repository/main.ts

images: build ## Make OCI images of the programs in dist/images, without Docker; IMAGES="--image gateway --arch amd64" makes some
	@$(NODE) build/images/main.ts $(IMAGES)

images-test: build ## Make the images twice, hold them equal to the byte, and start what is in them in roots of their own; needs a Debian and root
	@$(NODE) node_modules/vitest/vitest.mjs run --config tests/images/vitest.config.ts

charts: $(STAMP) ## Lint, render, judge, test and package the Helm charts in dist/charts; needs helm (3 or 4), and judges by kubeconform, KUBERNETES_OPENAPI or KUBECONFIG
	@$(NODE) build/charts/main.ts
	@$(NODE) node_modules/vitest/vitest.mjs run --config tests/charts/vitest.config.ts

bench: build ## Measure against named peers and an older build; BENCH="scale herd" runs some; the results are in bench/results
	@$(NODE) bench/main.ts $(BENCH)

experiments: build ## Do faults to a running system; EXPERIMENTS="id id" runs some; the results are in dist/experiments.json
	@$(NODE) experiments/main.ts $(EXPERIMENTS)

screenshot: build ## Take the README's screenshot from the running system
	@$(NODE) docs/screenshot.ts

clean: ## Remove what was built; the data in .stoa stays
	rm -rf dist clients/web/dist coverage

$(STAMP): package-lock.json package.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20 or newer, which brings it." >&2; exit 1; }
	@echo "Installing packages (one to three minutes the first time) …"
	@npm ci --no-audit --no-fund --loglevel=error
	@test -x $(NODE) || { node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 21) ? 0 : 1)' \
		&& ln -s "$$(command -v node)" $(NODE); } \
		|| { echo "npm has no Node.js 24 for this platform: install Node.js 24 and run make again." >&2; exit 1; }
	@touch $(STAMP)
