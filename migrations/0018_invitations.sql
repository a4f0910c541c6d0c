-- Invitations into an organisation, what its list of people is looked up by, and what is left to do of an erasure.
-- membership.sort_name: the name, folded, in the order of its bytes. search: name and address, folded. Both are kept by the program; what is
-- there before gets what the database can do of it.
ALTER TABLE membership ADD COLUMN sort_name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE membership ADD COLUMN search TEXT NOT NULL DEFAULT '';
ALTER TABLE membership ADD COLUMN is_disabled BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE membership SET
  sort_name = (SELECT lower(person.name) FROM person WHERE person.id = membership.person),
  search = (SELECT lower(person.name) || ' ' || person.email_canonical FROM person WHERE person.id = membership.person),
  is_disabled = (SELECT person.disabled_at IS NOT NULL FROM person WHERE person.id = membership.person);
CREATE INDEX membership_list ON membership (organisation, sort_name, person, is_disabled, search);
CREATE INDEX membership_disabled ON membership (organisation, sort_name, person, search) WHERE is_disabled;

-- removed_at: taken out of its home organisation for good; the address is free again, the row stays for the log. erased_at: nothing is kept of it.
ALTER TABLE person ADD COLUMN removed_at BIGINT;
ALTER TABLE person ADD COLUMN erased_at BIGINT;

-- id: becomes the id of the account that is made with it. code_hash: of the code in the mail, until it was tried too often; opened_hash: of the
-- link that the right code opened. sent: mails so far. invited_by has to be able to give what is given when it is taken up.
CREATE TABLE invitation (
  organisation UUID NOT NULL REFERENCES organisation (id),
  id UUID NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_canonical TEXT NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  search TEXT NOT NULL,
  language TEXT NOT NULL,
  invited_by UUID NOT NULL,
  link_hash BYTEA NOT NULL,
  code_hash BYTEA,
  code_tries BIGINT NOT NULL,
  opened_hash BYTEA,
  message UUID,
  sent BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  CONSTRAINT invitation_pkey PRIMARY KEY (organisation, id)
);
CREATE UNIQUE INDEX invitation_address ON invitation (organisation, email_canonical);
CREATE UNIQUE INDEX invitation_link_hash ON invitation (link_hash);
CREATE UNIQUE INDEX invitation_opened_hash ON invitation (opened_hash);
CREATE INDEX invitation_email ON invitation (email_canonical);
CREATE INDEX invitation_list ON invitation (organisation, sort_name, id, search);
CREATE INDEX invitation_ends_at ON invitation (ends_at);

-- Without foreign keys to roles, customers and sites: what is gone by then is left out when the invitation is taken up.
CREATE TABLE invitation_grant (
  organisation UUID NOT NULL,
  invitation UUID NOT NULL,
  role UUID NOT NULL,
  scope_kind TEXT NOT NULL,
  scope UUID NOT NULL,
  CONSTRAINT invitation_grant_pkey PRIMARY KEY (organisation, invitation, role, scope_kind, scope),
  CONSTRAINT invitation_grant_invitation FOREIGN KEY (organisation, invitation) REFERENCES invitation (organisation, id)
);

-- An invitation that somebody took up with the account that they had: the log names it by the id of the invitation, so erasing has to know both.
CREATE TABLE invitation_taken (
  person UUID NOT NULL REFERENCES person (id),
  invitation UUID NOT NULL,
  CONSTRAINT invitation_taken_pkey PRIMARY KEY (person, invitation)
);

-- What went to somebody, for the file of what is known of them and for erasing it.
CREATE INDEX message_person ON message (person, made_at, id) WHERE person IS NOT NULL;

-- Lines of the log whose personal part is still to be erased: of whom, and the last stream that is done.
CREATE TABLE erasure (
  subject UUID NOT NULL PRIMARY KEY,
  after_stream UUID,
  asked_at BIGINT NOT NULL
);
