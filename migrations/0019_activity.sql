-- Where an organisation's activity is sent, how long it is kept, and what Home counts by.
-- webhook.kind: webhook (HTTPS) or syslog. place: where it goes, in words; sealed: the whole address and the secret that it is signed with.
-- sent_seq, sent_checkpoint: the last line and the last checkpoint that arrived. next_at: when it is looked at next, or when the lease ends.
-- failing_since: since when nothing arrives. left_out_told: that events were left out stands in the log.
CREATE TABLE webhook (
  organisation UUID NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  place TEXT NOT NULL,
  sealed BYTEA NOT NULL,
  is_on BOOLEAN NOT NULL,
  made_at BIGINT NOT NULL,
  sent_seq BIGINT NOT NULL,
  sent_checkpoint BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  failing_since BIGINT,
  left_out_told BOOLEAN NOT NULL,
  said TEXT NOT NULL,
  delivered_at BIGINT,
  tested_at BIGINT,
  lease UUID,
  CONSTRAINT webhook_pkey PRIMARY KEY (organisation, id),
  CONSTRAINT webhook_kind CHECK (kind IN ('webhook', 'syslog'))
);
CREATE INDEX webhook_due ON webhook (next_at) WHERE is_on;

-- What became of each delivery. outcome: delivered, failed or left-out.
CREATE TABLE webhook_delivery (
  organisation UUID NOT NULL,
  webhook UUID NOT NULL,
  id UUID NOT NULL,
  at BIGINT NOT NULL,
  is_test BOOLEAN NOT NULL,
  first_seq BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  said TEXT NOT NULL,
  took_ms BIGINT NOT NULL,
  CONSTRAINT webhook_delivery_pkey PRIMARY KEY (organisation, webhook, id),
  CONSTRAINT webhook_delivery_outcome CHECK (outcome IN ('delivered', 'failed', 'left-out'))
);
CREATE INDEX webhook_delivery_at ON webhook_delivery (at);

-- For how many days an organisation keeps its activity; without a row the default of the product holds.
CREATE TABLE retention (
  organisation UUID NOT NULL PRIMARY KEY,
  days BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- Home counts people by what they prove themselves with, and shows who is locked out.
CREATE INDEX person_home_factors ON person (home_organisation, disabled_at, factors);
CREATE INDEX lane_locked ON lane (locked_until) WHERE person IS NOT NULL;
