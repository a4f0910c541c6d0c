-- Passwords and the lanes that count failures.
-- work: KiB that argon2 writes in all, so that the slowest class is found without reading them.
CREATE TABLE password (
  person UUID NOT NULL PRIMARY KEY REFERENCES person (id),
  hash TEXT NOT NULL,
  pepper BIGINT NOT NULL,
  work BIGINT NOT NULL,
  version BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX password_work ON password (work);

-- One row a lane: kind is device, address or network; key names it (for addresses an HMAC, so that unknown ones behave alike).
-- run: failures of the present run, forgotten after 24 h without one. total: since the last success that counts.
-- unreported: failures not yet in an aggregated event. person: whose device or address it is, if anybody.
-- One row of kind strangers gathers the failures that concern nobody.
CREATE TABLE lane (
  kind TEXT NOT NULL,
  key BYTEA NOT NULL,
  run BIGINT NOT NULL,
  total BIGINT NOT NULL,
  rounds BIGINT NOT NULL,
  window_at BIGINT NOT NULL,
  failed_at BIGINT NOT NULL,
  locked_until BIGINT,
  lock_told BOOLEAN NOT NULL,
  unreported BIGINT NOT NULL,
  reported_at BIGINT NOT NULL,
  person UUID,
  CONSTRAINT lane_pkey PRIMARY KEY (kind, key)
);
CREATE INDEX lane_failed_at ON lane (failed_at);
CREATE INDEX lane_untold ON lane (locked_until) WHERE NOT lock_told;
CREATE INDEX lane_unreported ON lane (reported_at) WHERE unreported > 0;
CREATE INDEX lane_unknown ON lane (failed_at) WHERE kind = 'address' AND person IS NULL;
CREATE INDEX lane_person ON lane (person);
