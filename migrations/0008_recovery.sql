-- Getting back in: resets (a link and a code each), who asked how often, changes of address, and the links that end everything.
CREATE TABLE reset (
  id UUID NOT NULL PRIMARY KEY,
  person UUID NOT NULL REFERENCES person (id),
  link_hash BYTEA NOT NULL,
  code_hash BYTEA NOT NULL,
  browser_hash BYTEA NOT NULL,
  device UUID,
  message UUID,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  code_tries BIGINT NOT NULL
);
CREATE UNIQUE INDEX reset_link_hash ON reset (link_hash);
CREATE INDEX reset_person ON reset (person, made_at);
CREATE INDEX reset_browser_hash ON reset (browser_hash);
CREATE INDEX reset_ends_at ON reset (ends_at);

-- One row a question: for the limits of a network and of a mailbox. key is an HMAC or a network's prefix.
CREATE TABLE reset_ask (
  id UUID NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  key BYTEA NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX reset_ask_key ON reset_ask (kind, key, at);
CREATE INDEX reset_ask_at ON reset_ask (at);

CREATE TABLE email_change (
  id UUID NOT NULL PRIMARY KEY,
  person UUID NOT NULL REFERENCES person (id),
  old_email TEXT NOT NULL,
  new_email TEXT NOT NULL,
  confirm_hash BYTEA NOT NULL,
  undo_hash BYTEA,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  undo_ends_at BIGINT
);
CREATE UNIQUE INDEX email_change_confirm_hash ON email_change (confirm_hash);
CREATE UNIQUE INDEX email_change_undo_hash ON email_change (undo_hash);
CREATE INDEX email_change_person ON email_change (person, made_at);

CREATE TABLE alarm_link (
  hash BYTEA NOT NULL PRIMARY KEY,
  person UUID NOT NULL REFERENCES person (id),
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE INDEX alarm_link_person ON alarm_link (person);
CREATE INDEX alarm_link_ends_at ON alarm_link (ends_at);
