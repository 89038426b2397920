-- The keys that secrets at rest are sealed with: one of each tenant, and those of what belongs to no tenant. Each is kept wrapped alone: by the master
-- key, by a KMS, or by two of them while one is exchanged for the other.
CREATE TABLE "data_key" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID,
    "purpose" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "name" TEXT,
    "proof" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "data_key_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "data_key_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "data_key_tenant_id_purpose_version_key" ON "data_key"("tenant_id", "purpose", "version");

CREATE TABLE "data_key_wrap" (
    "data_key_id" UUID NOT NULL,
    "wrapper" TEXT NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "data_key_wrap_pkey" PRIMARY KEY ("data_key_id", "wrapper"),
    CONSTRAINT "data_key_wrap_data_key_id_fkey" FOREIGN KEY ("data_key_id") REFERENCES "data_key"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What is sealed names the key that it was sealed with, and the database holds it to that: a key cannot be deleted while anything needs it, and nothing
-- can be stored that needs one which is gone, whatever a server believes that has been away. Null for what older releases sealed.
CREATE FUNCTION "sealed_by"("sealed" BYTEA) RETURNS UUID LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN substring(sealed FROM 1 FOR 8) = '\x73746f612d76323a'::bytea THEN encode(substring(sealed FROM 9 FOR 16), 'hex')::uuid END
$$;

-- The sealed value leaves the JSON, so that it is held to its key like all others. It stays there too until it is sealed anew, for servers of the release before.
ALTER TABLE "control_plane_state" ADD COLUMN "sealed" BYTEA;
UPDATE "control_plane_state" SET "sealed" = decode("value"->>'sealed', 'base64') WHERE "key" = 'issuer_keys';

ALTER TABLE "app_user" ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("totp_secret")) STORED,
  ADD CONSTRAINT "app_user_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "oidc_payload" ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("payload")) STORED,
  ADD CONSTRAINT "oidc_payload_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "api" ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("upstream_auth")) STORED,
  ADD CONSTRAINT "api_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "api_revision" ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("upstream_auth")) STORED,
  ADD CONSTRAINT "api_revision_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "consumer_key" ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("sealed")) STORED,
  ADD CONSTRAINT "consumer_key_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
ALTER TABLE "control_plane_state" ADD COLUMN "sealed_by" UUID GENERATED ALWAYS AS ("sealed_by"("sealed")) STORED,
  ADD CONSTRAINT "control_plane_state_sealed_by_fkey" FOREIGN KEY ("sealed_by") REFERENCES "data_key"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;
CREATE INDEX "app_user_sealed_by_idx" ON "app_user"("sealed_by");
CREATE INDEX "oidc_payload_sealed_by_idx" ON "oidc_payload"("sealed_by");
CREATE INDEX "api_sealed_by_idx" ON "api"("sealed_by");
CREATE INDEX "api_revision_sealed_by_idx" ON "api_revision"("sealed_by");
CREATE INDEX "consumer_key_sealed_by_idx" ON "consumer_key"("sealed_by");
CREATE INDEX "control_plane_state_sealed_by_idx" ON "control_plane_state"("sealed_by");
