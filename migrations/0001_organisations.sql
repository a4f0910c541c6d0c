-- The deployment, its organisations (each may have customers below it), their sites and policies.
CREATE TABLE deployment (
  id BIGINT NOT NULL PRIMARY KEY,
  epoch BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  owner_at BIGINT,
  key_fingerprint BYTEA NOT NULL,
  CONSTRAINT deployment_is_one CHECK (id = 1)
);

CREATE TABLE sealed_secret (
  name TEXT NOT NULL,
  id BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  made_at BIGINT NOT NULL,
  CONSTRAINT sealed_secret_pkey PRIMARY KEY (name, id)
);

CREATE TABLE setup_link (
  hash BYTEA NOT NULL PRIMARY KEY,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL
);

CREATE TABLE organisation (
  id UUID NOT NULL PRIMARY KEY,
  parent UUID REFERENCES organisation (id),
  name TEXT NOT NULL,
  contact TEXT NOT NULL,
  logo BYTEA,
  logo_kind TEXT,
  made_at BIGINT NOT NULL
);
CREATE INDEX organisation_parent ON organisation (parent);

CREATE TABLE site (
  organisation UUID NOT NULL REFERENCES organisation (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  CONSTRAINT site_pkey PRIMARY KEY (organisation, id)
);

-- A value that is NULL is inherited, or the default of the product.
CREATE TABLE policy (
  organisation UUID NOT NULL PRIMARY KEY REFERENCES organisation (id),
  lock_minutes BIGINT,
  end_minutes BIGINT,
  password_min_length BIGINT,
  changed_at BIGINT NOT NULL
);
