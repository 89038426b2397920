-- How long calls took, as counts by bucket. Usage of before has none.
ALTER TABLE "usage_sum" ADD COLUMN "latency" BIGINT[];

CREATE FUNCTION add_counts(a BIGINT[], b BIGINT[]) RETURNS BIGINT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a IS NULL THEN b WHEN b IS NULL THEN a
    ELSE (SELECT array_agg(coalesce(x, 0) + coalesce(y, 0) ORDER BY i) FROM unnest(a, b) WITH ORDINALITY AS t (x, y, i)) END $$;

CREATE AGGREGATE sum_counts(BIGINT[]) (SFUNC = add_counts, STYPE = BIGINT[], PARALLEL = SAFE, COMBINEFUNC = add_counts);
