-- A link by which a person who has an account sets a new password and authenticator: an invitation for this person alone.
ALTER TABLE "invitation" ADD COLUMN "user_id" UUID, ADD CONSTRAINT "invitation_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "invitation_user_id_idx" ON "invitation"("user_id");
