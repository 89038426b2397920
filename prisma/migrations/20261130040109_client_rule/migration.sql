-- Which clients that are none of ours the people of a tenant may let in at its gateways.
ALTER TABLE "tenant" ADD COLUMN "client_rule" TEXT NOT NULL DEFAULT 'everybody';
