-- Keys that machines are paired with. hash: HMAC of the key's 80 bits under a key outside the store. os: linux, windows or macos; empty: any.
-- network: a range (CIDR); empty: any. unseen_hours: its agents end by themselves once unseen for so long; nought: never.
CREATE TABLE installation_key (
  organisation UUID NOT NULL,
  id UUID NOT NULL,
  hash BYTEA NOT NULL,
  hint TEXT NOT NULL,
  site UUID NOT NULL,
  note TEXT NOT NULL,
  uses BIGINT NOT NULL,
  used BIGINT NOT NULL,
  is_preapproved BOOLEAN NOT NULL,
  network TEXT NOT NULL,
  os TEXT NOT NULL,
  unseen_hours BIGINT NOT NULL,
  made_by UUID NOT NULL,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT,
  revoked_by UUID,
  CONSTRAINT installation_key_pkey PRIMARY KEY (organisation, id),
  CONSTRAINT installation_key_uses CHECK (used BETWEEN 0 AND uses)
);
CREATE UNIQUE INDEX installation_key_hash ON installation_key (hash);
CREATE INDEX installation_key_site ON installation_key (organisation, site, id);
CREATE INDEX installation_key_ends_at ON installation_key (ends_at);

-- Refused tries with a key that is known, added up by key, network and cause. A fixed number of rows a key.
CREATE TABLE pairing_refusal (
  organisation UUID NOT NULL,
  installation_key UUID NOT NULL,
  network TEXT NOT NULL,
  reason TEXT NOT NULL,
  count BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  told_at BIGINT NOT NULL,
  CONSTRAINT pairing_refusal_pkey PRIMARY KEY (organisation, installation_key, network, reason)
);

-- Programs on managed machines. state: waiting, active, refused, revoked, cloned. thumbprint: SHA-256 of the public key as a JWK (RFC 7638).
-- former_thumbprint: of the key before, so that a lost answer of a rotation is no lost agent. machine, hardware: what tells it from other machines, as
-- it was paired (hardware: JSON). facts: the whole of what it told then, as JSON. successor_of: an older entry that seems to be the same machine.
-- sort_name: the folded name. search: folded name, host name and system. user_code: HMAC of the short code of these ten minutes.
CREATE TABLE agent (
  organisation UUID NOT NULL,
  id UUID NOT NULL,
  site UUID NOT NULL,
  name TEXT NOT NULL,
  sort_name TEXT COLLATE "C" NOT NULL,
  search TEXT NOT NULL,
  os TEXT NOT NULL,
  system TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  installation_key UUID NOT NULL,
  public_key BYTEA NOT NULL,
  thumbprint BYTEA NOT NULL,
  former_thumbprint BYTEA,
  key_made_at BIGINT NOT NULL,
  rotation_asked_at BIGINT,
  user_code BYTEA,
  user_code_ends_at BIGINT,
  machine TEXT NOT NULL,
  hardware TEXT NOT NULL,
  facts TEXT NOT NULL,
  network TEXT NOT NULL,
  successor_of UUID,
  unseen_hours BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_at BIGINT,
  decided_by UUID,
  ended_at BIGINT,
  CONSTRAINT agent_pkey PRIMARY KEY (organisation, id)
);
CREATE UNIQUE INDEX agent_thumbprint ON agent (thumbprint);
CREATE UNIQUE INDEX agent_user_code ON agent (user_code);
CREATE INDEX agent_machine ON agent (organisation, machine, id);
CREATE INDEX agent_hardware ON agent (organisation, hardware, id);
CREATE INDEX agent_site ON agent (organisation, site, sort_name, id);
CREATE INDEX agent_state ON agent (organisation, state, sort_name, id);
CREATE INDEX agent_list ON agent (organisation, sort_name, id);

-- The ratchet of each agent that ever got a token. anchoring, step: the newest value that was given; an anchoring makes all values before it worthless.
-- attempt: whoever got it. holder: the marks that it was got with, JSON. from_…: the value that the newest anchoring was reached from.
-- fork: empty, waits, refused, aside or restored; fork_…: which old value was seen then, when, with which marks, from which network.
-- picked: which of two machines a person let go on, first or second; empty once that is done.
CREATE TABLE agent_ratchet (
  organisation UUID NOT NULL,
  agent UUID NOT NULL,
  anchoring BIGINT NOT NULL,
  step BIGINT NOT NULL,
  attempt BYTEA NOT NULL,
  holder TEXT NOT NULL,
  holder_network TEXT NOT NULL,
  stepped_at BIGINT NOT NULL,
  from_anchoring BIGINT NOT NULL,
  from_step BIGINT NOT NULL,
  fork TEXT NOT NULL,
  fork_anchoring BIGINT NOT NULL,
  fork_step BIGINT NOT NULL,
  fork_at BIGINT,
  fork_marks TEXT NOT NULL,
  fork_network TEXT NOT NULL,
  picked TEXT NOT NULL,
  CONSTRAINT agent_ratchet_pkey PRIMARY KEY (organisation, agent)
);

-- When each agent was last seen. It is written in batches; the last state wins. inventory_hash: as the agent says it, of the inventory that is kept.
CREATE TABLE agent_seen (
  organisation UUID NOT NULL,
  agent UUID NOT NULL,
  seen_at BIGINT NOT NULL,
  network TEXT NOT NULL,
  version TEXT NOT NULL,
  clock_millis BIGINT,
  inventory_hash TEXT NOT NULL,
  CONSTRAINT agent_seen_pkey PRIMARY KEY (organisation, agent)
);

-- What each agent said of its machine last, as JSON. Apart from when it was seen, which is written every minute.
CREATE TABLE agent_inventory (
  organisation UUID NOT NULL,
  agent UUID NOT NULL,
  inventory TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  CONSTRAINT agent_inventory_pkey PRIMARY KEY (organisation, agent)
);
-- What the minute's sweep looks for: those that end by themselves once unseen for long, that wait, that were refused.
CREATE INDEX agent_unseen ON agent (organisation, id) WHERE unseen_hours > 0;
CREATE INDEX agent_waiting ON agent (asked_at) WHERE state = 'waiting';
CREATE INDEX agent_refused ON agent (organisation, id) WHERE state = 'refused';

-- The organisation's own words for its procedure, for the pages about agents and for /pair.
ALTER TABLE organisation ADD COLUMN pairing_words TEXT NOT NULL DEFAULT '';

-- The history of one agent: events about agents alone are in it, so that those about people cost nothing more.
CREATE INDEX event_agent ON event (stream, device, at, seq) WHERE substr(kind, 1, 6) = 'agent-';
