-- Keys that programs call the API with. A key is of one member of one organisation, and is judged with every call by what that member may then.
-- hash: SHA-256 of the key, which is 256 bits of chance. permissions: a bit for each, as in role. scope_kind: everything, customer or site.
-- There are no references: a key whose maker or organisation is gone opens nothing, and is swept a month after its end.
CREATE TABLE api_key (
  organisation UUID NOT NULL,
  id UUID NOT NULL,
  person UUID NOT NULL,
  hash BYTEA NOT NULL,
  name TEXT NOT NULL,
  permissions BIGINT NOT NULL,
  scope_kind TEXT NOT NULL,
  scope UUID NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  used_at BIGINT,
  used_from TEXT NOT NULL,
  CONSTRAINT api_key_pkey PRIMARY KEY (organisation, id)
);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
CREATE INDEX api_key_person ON api_key (person, organisation, id);
CREATE INDEX api_key_ends_at ON api_key (ends_at);
