-- What people prove themselves with beside the password: one row each, of every kind. What a passkey or a set of codes has more of stands in
-- tables of their own, which go with it.
-- sealed: the secret of an app, the number of a phone. number_key: HMAC of the number, for what is counted over people.
-- confirmed_at: before it nobody gets in with it. reviewed_at: when its owner last looked whether it is still right.
-- run: wrong codes in a row, over challenges, restarts and nodes. locked_until: the end of the latest pause. pause_told: whether that end stands in the log.
-- drift: steps by which the app runs ahead, as learned. last_step: the last step that was spent.
CREATE TABLE authenticator (
  id UUID NOT NULL PRIMARY KEY,
  person UUID NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  hint TEXT NOT NULL DEFAULT '',
  made_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  used_at BIGINT,
  reviewed_at BIGINT NOT NULL,
  sealed BYTEA,
  number_key BYTEA,
  run BIGINT NOT NULL DEFAULT 0,
  failed_at BIGINT,
  locked_until BIGINT,
  pause_told BOOLEAN NOT NULL DEFAULT TRUE,
  drift BIGINT NOT NULL DEFAULT 0,
  last_step BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT authenticator_kind CHECK (kind IN ('totp', 'phone', 'passkey', 'recovery-codes'))
);
CREATE INDEX authenticator_person ON authenticator (person, made_at, id);
CREATE INDEX authenticator_untold ON authenticator (locked_until) WHERE NOT pause_told;
CREATE INDEX authenticator_unconfirmed ON authenticator (made_at) WHERE confirmed_at IS NULL;

-- Steps of the future whose code was shown to us: they count as spent when their time comes.
CREATE TABLE burned_step (
  authenticator UUID NOT NULL REFERENCES authenticator (id) ON DELETE CASCADE,
  step BIGINT NOT NULL,
  CONSTRAINT burned_step_pkey PRIMARY KEY (authenticator, step)
);
CREATE INDEX burned_step_step ON burned_step (step);

-- Recovery codes: argon2id of each, all of a set with one salt. A code that was used is gone.
CREATE TABLE recovery_code_set (
  authenticator UUID NOT NULL PRIMARY KEY REFERENCES authenticator (id) ON DELETE CASCADE,
  recipe TEXT NOT NULL,
  pepper BIGINT NOT NULL
);
CREATE TABLE recovery_code (
  authenticator UUID NOT NULL REFERENCES authenticator (id) ON DELETE CASCADE,
  hash BYTEA NOT NULL,
  CONSTRAINT recovery_code_pkey PRIMARY KEY (authenticator, hash)
);

-- Codes on their way to a phone. request: hash of the sign-in or session that asked; the code is good there alone.
CREATE TABLE text_code (
  id UUID NOT NULL PRIMARY KEY,
  authenticator UUID NOT NULL REFERENCES authenticator (id) ON DELETE CASCADE,
  request BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  message UUID NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE INDEX text_code_request ON text_code (request, made_at);
CREATE INDEX text_code_authenticator ON text_code (authenticator);
CREATE INDEX text_code_ends_at ON text_code (ends_at);

-- Who sent how many text messages of late: person, number (HMAC) and organisation. Kept for a day, whatever becomes of the phone.
CREATE TABLE text_sent (
  id UUID NOT NULL PRIMARY KEY,
  person UUID NOT NULL,
  number_key BYTEA NOT NULL,
  organisation UUID NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX text_sent_person ON text_sent (person, at);
CREATE INDEX text_sent_number ON text_sent (number_key, at);
CREATE INDEX text_sent_organisation ON text_sent (organisation, at);
CREATE INDEX text_sent_at ON text_sent (at);
