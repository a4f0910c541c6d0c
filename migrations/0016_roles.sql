-- Roles of an organisation's own, roles that are limited to a customer or a site, and groups of people who hold roles together.
-- role.permissions: a bit for each permission, by its place in the program's list; built-in roles have theirs in the program.
ALTER TABLE role ADD COLUMN permissions BIGINT NOT NULL DEFAULT 0;
ALTER TABLE role ADD COLUMN description TEXT NOT NULL DEFAULT '';

-- scope_kind: everything (scope is the organisation), customer or site. It takes the place of membership_role.
CREATE TABLE membership_grant (
  organisation UUID NOT NULL,
  person UUID NOT NULL,
  role UUID NOT NULL,
  scope_kind TEXT NOT NULL,
  scope UUID NOT NULL,
  CONSTRAINT membership_grant_pkey PRIMARY KEY (organisation, person, role, scope_kind, scope),
  CONSTRAINT membership_grant_membership FOREIGN KEY (organisation, person) REFERENCES membership (organisation, person),
  CONSTRAINT membership_grant_role FOREIGN KEY (organisation, role) REFERENCES role (organisation, id)
);
CREATE INDEX membership_grant_role ON membership_grant (organisation, role, scope_kind, person);
CREATE INDEX membership_grant_scope ON membership_grant (scope);
INSERT INTO membership_grant (organisation, person, role, scope_kind, scope)
  SELECT organisation, person, role, 'everything', organisation FROM membership_role;
DROP TABLE membership_role;

CREATE TABLE people_group (
  organisation UUID NOT NULL REFERENCES organisation (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  CONSTRAINT people_group_pkey PRIMARY KEY (organisation, id)
);
CREATE UNIQUE INDEX people_group_name ON people_group (organisation, name);

CREATE TABLE group_member (
  organisation UUID NOT NULL,
  person UUID NOT NULL,
  people_group UUID NOT NULL,
  CONSTRAINT group_member_pkey PRIMARY KEY (organisation, person, people_group),
  CONSTRAINT group_member_membership FOREIGN KEY (organisation, person) REFERENCES membership (organisation, person),
  CONSTRAINT group_member_group FOREIGN KEY (organisation, people_group) REFERENCES people_group (organisation, id)
);
CREATE INDEX group_member_group ON group_member (organisation, people_group, person);

CREATE TABLE group_grant (
  organisation UUID NOT NULL,
  people_group UUID NOT NULL,
  role UUID NOT NULL,
  scope_kind TEXT NOT NULL,
  scope UUID NOT NULL,
  CONSTRAINT group_grant_pkey PRIMARY KEY (organisation, people_group, role, scope_kind, scope),
  CONSTRAINT group_grant_group FOREIGN KEY (organisation, people_group) REFERENCES people_group (organisation, id),
  CONSTRAINT group_grant_role FOREIGN KEY (organisation, role) REFERENCES role (organisation, id)
);
CREATE INDEX group_grant_role ON group_grant (organisation, role, scope_kind, people_group);
CREATE INDEX group_grant_scope ON group_grant (scope);
