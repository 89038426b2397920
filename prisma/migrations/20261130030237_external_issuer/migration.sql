-- People whom an external issuer vouches for: they have neither password nor authenticator here, and are known by issuer and subject.
ALTER TABLE "app_user" ALTER COLUMN "email" DROP NOT NULL,
ALTER COLUMN "password_hash" DROP NOT NULL,
ALTER COLUMN "totp_secret" DROP NOT NULL,
ADD COLUMN "issuer" TEXT,
ADD COLUMN "subject" TEXT,
ADD COLUMN "login" TEXT;
CREATE UNIQUE INDEX "app_user_issuer_subject_key" ON "app_user"("issuer", "subject");

-- Their sessions ask the issuer again.
ALTER TABLE "operator_token" ADD COLUMN "issuer_refresh" BYTEA,
ADD COLUMN "issuer_asked_at" TIMESTAMPTZ(3);
