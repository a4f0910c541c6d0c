-- The activity log. A stream is an organisation, or the nil UUID for the deployment. The chain holds salted digests only.
CREATE TABLE chain (
  stream UUID NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash BYTEA NOT NULL
);

-- salt: 16 bytes until the personal part is erased. erased: from then on the digest of what stood there.
CREATE TABLE event (
  stream UUID NOT NULL,
  seq BIGINT NOT NULL,
  id UUID NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  outcome TEXT NOT NULL,
  actor UUID,
  subject UUID,
  device UUID,
  device_label TEXT NOT NULL,
  network TEXT NOT NULL,
  reason TEXT,
  count BIGINT NOT NULL,
  detail TEXT NOT NULL,
  salt BYTEA,
  erased BYTEA,
  digest BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  CONSTRAINT event_pkey PRIMARY KEY (stream, seq),
  CONSTRAINT event_salt_or_erased CHECK ((salt IS NULL) <> (erased IS NULL))
);
-- SQLite without statistics takes the earlier of two indexes that promise alike, so the least selective one comes last.
CREATE INDEX event_kind ON event (stream, kind, at, seq, count);
CREATE INDEX event_subject ON event (stream, subject, at, seq);
CREATE INDEX event_actor ON event (stream, actor, at, seq);
CREATE INDEX event_at ON event (stream, at, seq);

CREATE TABLE checkpoint (
  stream UUID NOT NULL,
  seq BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  at BIGINT NOT NULL,
  key_id BYTEA NOT NULL,
  signature BYTEA NOT NULL,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (stream, seq)
);

-- Signals lie in a fixed number of slots, so that nobody can fill the table: a new one may take the place of an old one.
CREATE TABLE signal (
  slot BIGINT NOT NULL PRIMARY KEY,
  id UUID NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  key BYTEA NOT NULL,
  reason TEXT,
  network TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX signal_at ON signal (at);
CREATE INDEX signal_key ON signal (kind, key, at);
