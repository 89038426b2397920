-- Where third-party gateways expose the API of a deployment: prefix, host and strip; null for the paths of its upstream.
ALTER TABLE "deployment" ADD COLUMN "public_path" JSONB;
