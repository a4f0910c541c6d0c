-- When the administrators were last told that a device waits for them: once a device and hour, and of few devices of one person.
CREATE TABLE device_waits_told (
  person UUID NOT NULL REFERENCES person (id),
  device UUID NOT NULL,
  told_at BIGINT NOT NULL,
  CONSTRAINT device_waits_told_pkey PRIMARY KEY (person, device)
);
CREATE INDEX device_waits_told_told_at ON device_waits_told (told_at);
-- People whose next device is let in by a code from their mailbox, once, because the operator said so on the command line.
CREATE TABLE device_expected (
  person UUID NOT NULL PRIMARY KEY REFERENCES person (id),
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE INDEX device_expected_ends_at ON device_expected (ends_at);
