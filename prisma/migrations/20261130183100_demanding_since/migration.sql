-- Since when an environment demands a second person: who joined afterwards stands for who invited him for some days.
ALTER TABLE "environment_setting" ADD COLUMN "demanding_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;
