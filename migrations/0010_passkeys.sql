-- Passkeys: what stands behind an authenticator of that kind, and the ceremonies that are under way.
-- credential: public key and all that was registered, sealed for its person, so that whoever can write here cannot plant a key.
-- sign_count: the last one seen. transports: the words of the browser, for the next question.
CREATE TABLE passkey (
  authenticator UUID NOT NULL PRIMARY KEY REFERENCES authenticator (id) ON DELETE CASCADE,
  person UUID NOT NULL REFERENCES person (id),
  credential_id BYTEA NOT NULL,
  credential BYTEA NOT NULL,
  model UUID NOT NULL,
  transports TEXT NOT NULL,
  sign_count BIGINT NOT NULL
);
CREATE UNIQUE INDEX passkey_credential_id ON passkey (credential_id);
CREATE INDEX passkey_person ON passkey (person);

-- kind: enrol, sign-in or confirm. key: the network that asks, or the person where one is known. binding: the session or flow it belongs to.
CREATE TABLE passkey_ceremony (
  id UUID NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  key BYTEA NOT NULL,
  binding BYTEA NOT NULL,
  state BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE INDEX passkey_ceremony_key ON passkey_ceremony (kind, key, made_at);
CREATE INDEX passkey_ceremony_ends_at ON passkey_ceremony (ends_at);
