-- Devices (a browser or app) and the people they are known to; sessions.
CREATE TABLE device (
  id UUID NOT NULL PRIMARY KEY,
  secret_hash BYTEA NOT NULL,
  label TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX device_secret_hash ON device (secret_hash);

CREATE TABLE known_device (
  person UUID NOT NULL REFERENCES person (id),
  device UUID NOT NULL REFERENCES device (id),
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  CONSTRAINT known_device_pkey PRIMARY KEY (person, device)
);
CREATE INDEX known_device_device ON known_device (device);

CREATE TABLE session (
  id UUID NOT NULL PRIMARY KEY,
  token_hash BYTEA NOT NULL,
  person UUID NOT NULL REFERENCES person (id),
  organisation UUID NOT NULL REFERENCES organisation (id),
  device UUID REFERENCES device (id),
  device_label TEXT NOT NULL,
  network TEXT NOT NULL,
  is_shared BOOLEAN NOT NULL,
  deployment_epoch BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  proved_at BIGINT NOT NULL,
  methods TEXT NOT NULL,
  unlock_failures BIGINT NOT NULL,
  ended_at BIGINT,
  ended_why TEXT
);
CREATE UNIQUE INDEX session_token_hash ON session (token_hash);
CREATE INDEX session_person ON session (person, opened_at);
CREATE INDEX session_organisation ON session (organisation, opened_at);
CREATE INDEX session_ended_at ON session (ended_at);
CREATE INDEX session_opened_at ON session (opened_at);
CREATE INDEX session_alive ON session (id) WHERE ended_at IS NULL;
