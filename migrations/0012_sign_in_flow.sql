-- Sign-ins under way after their first factor: ten minutes each, bound to one browser by a secret of which only the hash is here.
-- No password, no code and no address lies in a row; whatever it goes on for is looked at again with each step.
CREATE TABLE sign_in_flow (
  id UUID NOT NULL PRIMARY KEY,
  browser_hash BYTEA NOT NULL,
  person UUID NOT NULL REFERENCES person (id),
  organisation UUID NOT NULL REFERENCES organisation (id),
  epoch BIGINT NOT NULL,
  deployment_epoch BIGINT NOT NULL,
  password_version BIGINT,
  methods TEXT NOT NULL,
  is_shared BOOLEAN NOT NULL,
  device UUID,
  device_key BYTEA,
  is_key_fresh BOOLEAN NOT NULL,
  device_label TEXT NOT NULL,
  network TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  has_proved_mail BOOLEAN NOT NULL,
  is_device_verified BOOLEAN NOT NULL,
  enrolment UUID,
  mail_hash BYTEA,
  mail_sent_at BIGINT,
  mails BIGINT NOT NULL,
  mail_tries BIGINT NOT NULL
);
CREATE UNIQUE INDEX sign_in_flow_browser_hash ON sign_in_flow (browser_hash);
CREATE INDEX sign_in_flow_person ON sign_in_flow (person, made_at);
CREATE INDEX sign_in_flow_ends_at ON sign_in_flow (ends_at);
