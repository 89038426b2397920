-- Names of client certificates that prove a consumer.
ALTER TABLE "consumer" ADD COLUMN "certificates" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
