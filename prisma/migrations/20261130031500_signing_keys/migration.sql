-- The newest signing key that a gateway was told at its last registration: what it is given is signed with that one. Null for a registration of before.
ALTER TABLE "gateway" ADD COLUMN "signing_key" TEXT;
