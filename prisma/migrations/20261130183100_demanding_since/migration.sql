-- Since when an environment demands a second person: who joined afterwards stands for who invited him for some days. Of one that demands it already it is not known
-- since when: nobody in it shall stand for himself because of this migration.
ALTER TABLE "environment_setting" ADD COLUMN "demanding_since" TIMESTAMPTZ(3) NOT NULL DEFAULT 'epoch';
ALTER TABLE "environment_setting" ALTER COLUMN "demanding_since" SET DEFAULT CURRENT_TIMESTAMP;
