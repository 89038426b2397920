-- Who made and changed what people make. Nobody is known of what is older.
ALTER TABLE "plan" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
ALTER TABLE "invitation" ADD COLUMN "created_by" JSONB;
ALTER TABLE "membership" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
