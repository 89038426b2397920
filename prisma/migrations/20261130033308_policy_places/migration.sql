-- A policy is attached to an API, to every API in an environment, or, with both, to an API in an environment.
ALTER TABLE "policy_attachment" DROP CONSTRAINT "policy_attachment_one_target";
ALTER TABLE "policy_attachment" ADD CONSTRAINT "policy_attachment_some_target" CHECK (num_nonnulls("api_id", "environment") > 0);
