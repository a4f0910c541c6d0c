-- Messages on their way: mail and text messages, one row each, and what happened to them. Deployment-wide.
-- next_at: when it is tried next, or when the lease of who tries it now ends. Nothing once its way has ended.
-- sealed: what the message says. Erased as soon as it is not needed any more.
CREATE TABLE message (
  id UUID NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  purpose TEXT NOT NULL,
  is_urgent BOOLEAN NOT NULL,
  recipient TEXT NOT NULL,
  organisation UUID,
  person UUID,
  asked_by UUID,
  sealed BYTEA,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  state_at BIGINT NOT NULL,
  said TEXT NOT NULL,
  taken_by TEXT NOT NULL,
  tries BIGINT NOT NULL,
  next_at BIGINT,
  lease UUID,
  CONSTRAINT message_kind CHECK (kind IN ('mail', 'text')),
  CONSTRAINT message_state CHECK (state IN ('queued', 'deferred', 'taken', 'refused', 'bounced', 'given-up'))
);
CREATE INDEX message_due ON message (kind, is_urgent, next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX message_organisation ON message (organisation, made_at, id);
CREATE INDEX message_made_at ON message (made_at);
CREATE INDEX message_sealed ON message (ends_at) WHERE sealed IS NOT NULL AND next_at IS NULL;

CREATE TABLE message_step (
  message UUID NOT NULL REFERENCES message (id),
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  what TEXT NOT NULL,
  said TEXT NOT NULL,
  CONSTRAINT message_step_pkey PRIMARY KEY (message, seq)
);

-- The minute's look at the mail server. One row.
CREATE TABLE mail_probe (
  id BIGINT NOT NULL PRIMARY KEY,
  asked_at BIGINT NOT NULL,
  told_at BIGINT,
  since BIGINT,
  is_up BOOLEAN NOT NULL,
  place TEXT NOT NULL,
  said TEXT NOT NULL
);
