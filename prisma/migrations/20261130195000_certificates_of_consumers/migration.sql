-- Names of client certificates that prove a consumer.
ALTER TABLE "consumer" ADD COLUMN "certificates" TEXT[] DEFAULT ARRAY[]::TEXT[];
