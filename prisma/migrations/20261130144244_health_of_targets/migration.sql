-- What lists of gateways show of the third-party gateways beside them, apart from the rest of a report, which may be a megabyte.
ALTER TABLE "gateway_observed"
  ADD COLUMN "target_version" TEXT GENERATED ALWAYS AS ("observed" -> 'target_gateway' ->> 'version') STORED,
  ADD COLUMN "health" JSONB GENERATED ALWAYS AS ("observed" -> 'health') STORED;
