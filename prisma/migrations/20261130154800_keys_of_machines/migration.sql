-- Public keys by which a service account signs in, in place of a secret.
ALTER TABLE "operator_token" ADD COLUMN "public_keys" JSONB;
