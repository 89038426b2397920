-- People who sign in at the embedded issuer, what they belong to, and what the issuer keeps.
CREATE TABLE "app_user" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "totp_secret" BYTEA NOT NULL,
    "totp_step" BIGINT NOT NULL DEFAULT 0,
    "second_factor_failures" INTEGER NOT NULL DEFAULT 0,
    "second_factor_failed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user"("email");

CREATE TABLE "recovery_code" (
    "user_id" UUID NOT NULL,
    "hmac" BYTEA NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_code_pkey" PRIMARY KEY ("user_id","hmac")
);
ALTER TABLE "recovery_code" ADD CONSTRAINT "recovery_code_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "membership" (
    "user_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "roles" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("user_id","tenant_id")
);
CREATE INDEX "membership_tenant_id_created_at_user_id_idx" ON "membership"("tenant_id", "created_at", "user_id");
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "membership" ADD CONSTRAINT "membership_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "invitation" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "tenant_id" UUID NOT NULL,
    "email" TEXT,
    "roles" TEXT[],
    "first_owner" BOOLEAN NOT NULL DEFAULT false,
    "hmac" BYTEA NOT NULL,
    "hint" TEXT NOT NULL,
    "invited_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "invitation_hmac_key" ON "invitation"("hmac");
CREATE INDEX "invitation_tenant_id_created_at_id_idx" ON "invitation"("tenant_id", "created_at", "id");
ALTER TABLE "invitation" ADD CONSTRAINT "invitation_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "oidc_payload" (
    "model" TEXT NOT NULL,
    "id" BYTEA NOT NULL,
    "payload" BYTEA NOT NULL,
    "grant_id" BYTEA,
    "user_code" BYTEA,
    "uid" BYTEA,
    "user_id" UUID,
    "tenant_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),

    CONSTRAINT "oidc_payload_pkey" PRIMARY KEY ("model","id")
);
CREATE INDEX "oidc_payload_grant_id_idx" ON "oidc_payload"("grant_id");
CREATE INDEX "oidc_payload_user_code_idx" ON "oidc_payload"("user_code");
CREATE INDEX "oidc_payload_uid_idx" ON "oidc_payload"("uid");
CREATE INDEX "oidc_payload_user_id_idx" ON "oidc_payload"("user_id");
CREATE INDEX "oidc_payload_expires_at_idx" ON "oidc_payload"("expires_at");
ALTER TABLE "oidc_payload" ADD CONSTRAINT "oidc_payload_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A Console session of a person is bound to him, and ends when nobody used it for a while.
ALTER TABLE "operator_token" ADD COLUMN "user_id" UUID,
ADD COLUMN "issuer_session" BYTEA,
ADD COLUMN "browser" TEXT,
ADD COLUMN "last_used_at" TIMESTAMPTZ(3);
CREATE INDEX "operator_token_user_id_idx" ON "operator_token"("user_id");
ALTER TABLE "operator_token" ADD CONSTRAINT "operator_token_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
