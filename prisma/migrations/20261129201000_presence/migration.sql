-- What registrations, operators and time make of each gateway, written at transitions only.
CREATE TABLE "gateway_presence" (
    "gateway_id" UUID NOT NULL,
    "tenant_id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "instance_name" TEXT NOT NULL,
    "gateway_mode" TEXT NOT NULL,
    "liveness" TEXT NOT NULL,
    "rank" SMALLINT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gateway_presence_pkey" PRIMARY KEY ("gateway_id"),
    CONSTRAINT "gateway_presence_gateway_id_fkey" FOREIGN KEY ("gateway_id") REFERENCES "gateway"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "gateway_presence_tenant_id_rank_instance_name_gateway_id_idx" ON "gateway_presence"("tenant_id", "rank", "instance_name", "gateway_id");

CREATE TABLE "presence_count" (
    "tenant_id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "gateway_mode" TEXT NOT NULL,
    "liveness" TEXT NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "presence_count_pkey" PRIMARY KEY ("tenant_id", "environment", "gateway_mode", "liveness")
);

CREATE TABLE "presence_clock" (
    "tenant_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "presence_clock_pkey" PRIMARY KEY ("tenant_id")
);

CREATE TABLE "gateway_transition" (
    "tenant_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "environment" TEXT NOT NULL,
    "gateway_id" UUID,
    "instance_name" TEXT,
    "gateway_mode" TEXT,
    "liveness" TEXT,
    "was_mode" TEXT,
    "was" TEXT,

    CONSTRAINT "gateway_transition_pkey" PRIMARY KEY ("tenant_id", "seq")
);

CREATE TABLE "presence_brake" (
    "tenant_id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "engaged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "held" INTEGER NOT NULL,
    "released_at" TIMESTAMPTZ(3),

    CONSTRAINT "presence_brake_pkey" PRIMARY KEY ("tenant_id", "environment")
);

-- The rank follows from the liveness: what is wrong comes first.
CREATE FUNCTION "rank_presence"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.rank := coalesce(array_position(ARRAY['conflict', 'offline', 'late', 'online', 'revoked', 'left'], NEW.liveness), 7);
  RETURN NEW;
END $$;
CREATE TRIGGER "rank_presence" BEFORE INSERT OR UPDATE OF liveness ON "gateway_presence" FOR EACH ROW EXECUTE FUNCTION "rank_presence"();

-- What is there already. Whoever was good when the Control Plane was last alive is not over for its being away.
INSERT INTO "gateway_presence" (gateway_id, tenant_id, environment, instance_name, gateway_mode, liveness, rank)
SELECT g.id, g.tenant_id, g.environment, g.instance_name, g.gateway_mode,
  CASE WHEN g.revoked_at IS NOT NULL THEN 'revoked' WHEN g.left_at IS NOT NULL THEN 'left'
    WHEN l.lease_until > coalesce((SELECT updated_at FROM control_plane_state WHERE key = 'alive'), now()) THEN 'online' ELSE 'offline' END, 0
FROM "gateway" g JOIN "gateway_lease" l ON l.gateway_id = g.id;
INSERT INTO "presence_count" (tenant_id, environment, gateway_mode, liveness, count)
SELECT tenant_id, environment, gateway_mode, liveness, count(*) FROM "gateway_presence" GROUP BY 1, 2, 3, 4;

-- Takes as many numbers of a tenant's log as are asked for and answers the last of them. The row stays locked until the transaction ends, so that numbers are committed in
-- their order and without gaps: whoever has read one has missed none before it.
CREATE FUNCTION "advance_presence_clock"(tenant UUID, steps BIGINT) RETURNS BIGINT LANGUAGE sql AS $$
  INSERT INTO presence_clock AS c (tenant_id, seq) VALUES (tenant, steps) ON CONFLICT (tenant_id) DO UPDATE SET seq = c.seq + excluded.seq RETURNING c.seq
$$;

-- Counts and logs every transition in the transaction that makes it, whoever makes it.
CREATE FUNCTION "note_transitions"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changes gateway_transition[];
  tenant UUID;
  steps BIGINT;
  last BIGINT;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(ROW(n.tenant_id, 0, now(), n.environment, n.gateway_id, n.instance_name, n.gateway_mode, n.liveness, NULL, NULL)::gateway_transition) INTO changes FROM new_rows n;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(ROW(n.tenant_id, 0, now(), n.environment, n.gateway_id, n.instance_name, n.gateway_mode, n.liveness, o.gateway_mode, o.liveness)::gateway_transition) INTO changes
    FROM new_rows n JOIN old_rows o ON o.gateway_id = n.gateway_id WHERE (n.liveness, n.gateway_mode) IS DISTINCT FROM (o.liveness, o.gateway_mode);
  ELSE
    SELECT array_agg(ROW(o.tenant_id, 0, now(), o.environment, o.gateway_id, o.instance_name, o.gateway_mode, NULL, o.gateway_mode, o.liveness)::gateway_transition) INTO changes FROM old_rows o;
  END IF;
  IF changes IS NULL THEN RETURN NULL; END IF;
  FOR tenant, steps IN SELECT c.tenant_id, count(*) FROM unnest(changes) c GROUP BY 1 ORDER BY 1 LOOP
    last := advance_presence_clock(tenant, steps);
    INSERT INTO presence_count AS k (tenant_id, environment, gateway_mode, liveness, count)
    SELECT tenant, environment, mode, kind, sum(delta) FROM (
      SELECT c.environment, c.gateway_mode AS mode, c.liveness AS kind, 1 AS delta FROM unnest(changes) c WHERE c.tenant_id = tenant AND c.liveness IS NOT NULL
      UNION ALL SELECT c.environment, c.was_mode, c.was, -1 FROM unnest(changes) c WHERE c.tenant_id = tenant AND c.was IS NOT NULL) d
    GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0
    ON CONFLICT (tenant_id, environment, gateway_mode, liveness) DO UPDATE SET count = k.count + excluded.count;
    INSERT INTO gateway_transition (tenant_id, seq, at, environment, gateway_id, instance_name, gateway_mode, liveness, was_mode, was)
    SELECT tenant, last - steps + row_number() OVER (), c.at, c.environment, c.gateway_id, c.instance_name, c.gateway_mode, c.liveness, c.was_mode, c.was
    FROM unnest(changes) c WHERE c.tenant_id = tenant;
    PERFORM pg_notify('stoa_presence', tenant::text);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER "note_new" AFTER INSERT ON "gateway_presence" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "note_transitions"();
CREATE TRIGGER "note_changed" AFTER UPDATE ON "gateway_presence" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "note_transitions"();
CREATE TRIGGER "note_gone" AFTER DELETE ON "gateway_presence" REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION "note_transitions"();
