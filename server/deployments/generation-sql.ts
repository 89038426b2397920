/**
 * What each gateway shall serve and what it said of that, for a statement to join as `c`: the one place where a gateway's generation is made up.
 * A gateway that was not given a state yet has no hash.
 */
export const gatewayDesired = `(
  SELECT c.gateway_id, c.state_id, s.key, s.hash, s.whole_hash, COALESCE(s.generation, 0) + c.generation_offset AS generation,
    c.acked_generation, c.acked_hash, c.acked_state, c.acked_items, c.acked_unlisted, c.acked_at
  FROM gateway_config c LEFT JOIN config_state s ON s.id = c.state_id)`;
