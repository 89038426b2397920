-- The record of what was done, chained by hash in each tenant. It outlives what it is about: nothing here is tied to other rows by foreign keys.
CREATE TABLE "audit_record" (
  "tenant_id" UUID NOT NULL,
  "seq" BIGINT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "kind" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  "outcome" TEXT NOT NULL,
  "actor_kind" TEXT NOT NULL,
  "actor_id" TEXT,
  "token_id" TEXT,
  "object_kind" TEXT,
  "object_id" TEXT,
  "object_name" TEXT,
  "before" JSONB,
  "after" JSONB,
  "detail" JSONB,
  "request_id" TEXT,
  "commitments" JSONB NOT NULL,
  "previous" TEXT NOT NULL,
  "hash" TEXT NOT NULL,
  CONSTRAINT "audit_record_pkey" PRIMARY KEY ("tenant_id", "seq")
);
CREATE INDEX "audit_record_tenant_id_kind_seq_idx" ON "audit_record"("tenant_id", "kind", "seq");
CREATE INDEX "audit_record_tenant_id_action_seq_idx" ON "audit_record"("tenant_id", "action", "seq");
CREATE INDEX "audit_record_tenant_id_actor_id_seq_idx" ON "audit_record"("tenant_id", "actor_id", "seq");
CREATE INDEX "audit_record_tenant_id_object_id_seq_idx" ON "audit_record"("tenant_id", "object_id", "seq");
CREATE INDEX "audit_record_tenant_id_at_idx" ON "audit_record"("tenant_id", "at");

CREATE TABLE "audit_personal" (
  "tenant_id" UUID NOT NULL,
  "seq" BIGINT NOT NULL,
  "field" TEXT NOT NULL,
  "subject" TEXT,
  "salt" TEXT,
  "value" TEXT NOT NULL,
  CONSTRAINT "audit_personal_pkey" PRIMARY KEY ("tenant_id", "seq", "field")
);
CREATE INDEX "audit_personal_tenant_id_subject_idx" ON "audit_personal"("tenant_id", "subject");
CREATE INDEX "audit_personal_value_idx" ON "audit_personal" USING HASH ("value");

CREATE TABLE "audit_head" (
  "tenant_id" UUID NOT NULL,
  "seq" BIGINT NOT NULL,
  "hash" TEXT NOT NULL,
  CONSTRAINT "audit_head_pkey" PRIMARY KEY ("tenant_id")
);

CREATE TABLE "audit_checkpoint" (
  "tenant_id" UUID NOT NULL,
  "seq" BIGINT NOT NULL,
  "cut" BOOLEAN NOT NULL,
  "hash" TEXT NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "key_id" TEXT NOT NULL,
  "signature" TEXT NOT NULL,
  CONSTRAINT "audit_checkpoint_pkey" PRIMARY KEY ("tenant_id", "seq", "cut")
);

CREATE TABLE "audit_sink" (
  "sink" TEXT NOT NULL,
  "tenant_id" UUID NOT NULL,
  "seq" BIGINT NOT NULL,
  CONSTRAINT "audit_sink_pkey" PRIMARY KEY ("sink", "tenant_id")
);

CREATE TABLE "audit_sink_holder" (
  "sink" TEXT NOT NULL,
  "holder" UUID NOT NULL,
  "until" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "audit_sink_holder_pkey" PRIMARY KEY ("sink")
);

-- Records are added, and that is all. Two functions may do more, each one thing: they alone set the name of it, for as long as they run.
CREATE FUNCTION "audit_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('stoa.audit_upkeep', true) = 'retention' THEN RETURN NULL; END IF;
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_personal' AND current_setting('stoa.audit_upkeep', true) = 'erasure' THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'The audit is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER "audit_record_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_record" FOR EACH STATEMENT EXECUTE FUNCTION "audit_append_only"();
CREATE TRIGGER "audit_personal_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_personal" FOR EACH STATEMENT EXECUTE FUNCTION "audit_append_only"();
CREATE TRIGGER "audit_checkpoint_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_checkpoint" FOR EACH STATEMENT EXECUTE FUNCTION "audit_append_only"();
CREATE TRIGGER "audit_head_append_only" BEFORE DELETE OR TRUNCATE ON "audit_head" FOR EACH STATEMENT EXECUTE FUNCTION "audit_append_only"();

-- Not by SET of the function: only a superuser may name a setting of ours there, and the owner of a database need not be one.
-- What names these subjects becomes a pseudonym. The commitments stay, and the chain is of them.
CREATE FUNCTION "audit_erase"(of_tenant uuid, of_subjects text[], pseudonym text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE erased bigint;
BEGIN
  PERFORM set_config('stoa.audit_upkeep', 'erasure', true);
  UPDATE audit_personal SET salt = NULL, value = to_json(pseudonym)::text WHERE tenant_id = of_tenant AND subject = ANY (of_subjects) AND salt IS NOT NULL;
  GET DIAGNOSTICS erased = ROW_COUNT;
  PERFORM set_config('stoa.audit_upkeep', '', true);
  RETURN erased;
END $$;

-- Deletes the oldest records of a tenant, up to a cut that a checkpoint was made of, so many at most. Answers how many it were.
CREATE FUNCTION "audit_forget"(of_tenant uuid, at_most int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE cut_at bigint; last_gone bigint; gone bigint := 0;
BEGIN
  -- The owner, as whom this runs, is held by row-level security too.
  PERFORM set_config('stoa.audit_upkeep', 'retention', true), set_config('stoa.owner', 'on', true);
  SELECT max(seq) INTO cut_at FROM audit_checkpoint WHERE tenant_id = of_tenant AND cut;
  SELECT max(seq) INTO last_gone FROM (SELECT seq FROM audit_record WHERE tenant_id = of_tenant AND seq <= cut_at ORDER BY seq LIMIT at_most) oldest;
  IF last_gone IS NULL THEN
    DELETE FROM audit_checkpoint WHERE tenant_id = of_tenant AND (seq < cut_at OR (seq = cut_at AND NOT cut));
  ELSE
    DELETE FROM audit_personal WHERE tenant_id = of_tenant AND seq <= last_gone;
    DELETE FROM audit_record WHERE tenant_id = of_tenant AND seq <= last_gone;
    GET DIAGNOSTICS gone = ROW_COUNT;
  END IF;
  PERFORM set_config('stoa.audit_upkeep', '', true), set_config('stoa.owner', '', true);
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION "audit_erase"(uuid, text[], text), "audit_forget"(uuid, int) FROM PUBLIC;

-- When a key was first used. What was used before this release is known to have been.
ALTER TABLE "gateway_key" ADD COLUMN "first_used_at" TIMESTAMPTZ(3);
ALTER TABLE "operator_token" ADD COLUMN "first_used_at" TIMESTAMPTZ(3);
UPDATE "gateway_key" SET "first_used_at" = "last_used_at";
UPDATE "operator_token" SET "first_used_at" = "last_used_at";

-- Who made what people make, and who changed it last: the kind of actor, its id and its name at that time.
ALTER TABLE "api" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
ALTER TABLE "policy" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
ALTER TABLE "consumer" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
ALTER TABLE "subscription" ADD COLUMN "created_by" JSONB;
ALTER TABLE "deployment" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
ALTER TABLE "gateway_key" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
ALTER TABLE "consumer_key" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
ALTER TABLE "operator_token" ADD COLUMN "created_by" JSONB, ADD COLUMN "updated_by" JSONB;
