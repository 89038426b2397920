-- A token has roles, which its scopes may narrow; `*` stands for all that the roles give. A browser session has those of the token that it comes from.
ALTER TABLE "operator_token"
  ADD COLUMN "roles" TEXT[],
  ADD COLUMN "scopes" TEXT[] DEFAULT ARRAY['*']::TEXT[];
-- Until now an administrator could do everything, and the token of the first start was the first of them: it becomes the owner's.
UPDATE "operator_token" SET "roles" = ARRAY[CASE WHEN "role" = 'admin' AND "name" = 'first administrator' THEN 'owner' ELSE "role" END];
-- Replicas of the last release, until they are updated, read one role and write one. To them, whatever is minted from now on may read.
ALTER TABLE "operator_token" ALTER COLUMN "role" SET DEFAULT 'viewer';
CREATE FUNCTION operator_token_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.roles := ARRAY[NEW.role];
  RETURN NEW;
END $$;
CREATE TRIGGER operator_token_roles BEFORE INSERT ON "operator_token" FOR EACH ROW WHEN (NEW."roles" IS NULL) EXECUTE FUNCTION operator_token_roles();
