-- People have one home organisation, which alone owns their credentials. Memberships and roles lead with the organisation.
CREATE TABLE person (
  id UUID NOT NULL PRIMARY KEY,
  home_organisation UUID NOT NULL REFERENCES organisation (id),
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_canonical TEXT NOT NULL,
  email_skeleton TEXT NOT NULL,
  language TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  first_sign_in_at BIGINT,
  disabled_at BIGINT
);
CREATE UNIQUE INDEX person_email_canonical ON person (email_canonical);
CREATE UNIQUE INDEX person_email_skeleton ON person (email_skeleton);
CREATE INDEX person_home_organisation ON person (home_organisation, id);

CREATE TABLE membership (
  organisation UUID NOT NULL REFERENCES organisation (id),
  person UUID NOT NULL REFERENCES person (id),
  joined_at BIGINT NOT NULL,
  CONSTRAINT membership_pkey PRIMARY KEY (organisation, person)
);
CREATE INDEX membership_person ON membership (person);

CREATE TABLE role (
  organisation UUID NOT NULL REFERENCES organisation (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  is_built_in BOOLEAN NOT NULL,
  CONSTRAINT role_pkey PRIMARY KEY (organisation, id)
);
CREATE UNIQUE INDEX role_name ON role (organisation, name);

CREATE TABLE membership_role (
  organisation UUID NOT NULL,
  person UUID NOT NULL,
  role UUID NOT NULL,
  CONSTRAINT membership_role_pkey PRIMARY KEY (organisation, person, role),
  CONSTRAINT membership_role_membership FOREIGN KEY (organisation, person) REFERENCES membership (organisation, person),
  CONSTRAINT membership_role_role FOREIGN KEY (organisation, role) REFERENCES role (organisation, id)
);
