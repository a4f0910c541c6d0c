-- Where a stream of the activity log begins, once its oldest lines are gone: a checkpoint, signed once more as the place of the cut.
CREATE TABLE journal_cut (
  stream UUID NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  at BIGINT NOT NULL,
  key_id BYTEA NOT NULL,
  signature BYTEA NOT NULL
);
-- Each way to search has an index that ends in (at, seq). The least selective one is made anew, so that it comes last.
DROP INDEX event_at;
CREATE INDEX event_network ON event (stream, network, at, seq);
CREATE INDEX event_outcome ON event (stream, outcome, at, seq);
CREATE INDEX event_at ON event (stream, at, seq);
