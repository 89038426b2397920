-- Objects that were on a gateway before, by which a deployment exposes revision 1 of its API.
ALTER TABLE "deployment" ADD COLUMN "adopted" JSONB;
