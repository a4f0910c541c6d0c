-- Lost second factors. person.factors_lost_at: they were removed because they were lost, and no new one has been added yet: until then there is no grace.
ALTER TABLE person ADD COLUMN factors_lost_at BIGINT;
-- The link that an administrator has sent to somebody who lost them: one a person, a new one replaces it, it works once.
CREATE TABLE factor_reset (
  person UUID NOT NULL PRIMARY KEY REFERENCES person (id),
  link_hash BYTEA NOT NULL,
  started_by UUID NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX factor_reset_link_hash ON factor_reset (link_hash);
CREATE INDEX factor_reset_ends_at ON factor_reset (ends_at);
