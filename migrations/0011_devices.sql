-- Devices that are known: the key that a browser proves, its own name and place in the person's order, and how far it is trusted.
-- device.public_key: SubjectPublicKeyInfo of the browser's P-256 key, once it has shown one.
ALTER TABLE device ADD COLUMN public_key BYTEA;
CREATE INDEX device_seen_at ON device (seen_at);
CREATE INDEX session_device ON session (device);
-- known_device.rank: the person's own order, from 1; none where they gave it no place. is_proven: at its last sign-in it proved its key.
-- approved_at: since when it was let in, by the administrator approved_by, or (none) because the policy of that time asked for none.
ALTER TABLE known_device ADD COLUMN name TEXT;
ALTER TABLE known_device ADD COLUMN rank BIGINT;
ALTER TABLE known_device ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE known_device ADD COLUMN is_proven BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE known_device ADD COLUMN trusted_until BIGINT;
ALTER TABLE known_device ADD COLUMN revoked_at BIGINT;
ALTER TABLE known_device ADD COLUMN approved_at BIGINT;
ALTER TABLE known_device ADD COLUMN approved_by UUID;
-- Whoever was known before is as trusted as a new policy makes a device that signs in: 30 days from when it was last here.
UPDATE known_device SET approved_at = first_at, trusted_until = last_at + 2592000000000;
CREATE INDEX known_device_last_at ON known_device (last_at);

-- A device that wants to be verified, one row a sign-in: a code by mail, or the answer of a trusted device. state: waiting, verified, denied, done.
-- digits: the two that the new device shows. answered_by: the trusted device.
CREATE TABLE device_check (
  flow BYTEA NOT NULL PRIMARY KEY,
  id UUID NOT NULL,
  person UUID NOT NULL REFERENCES person (id),
  label TEXT NOT NULL,
  network TEXT NOT NULL,
  state TEXT NOT NULL,
  code_hash BYTEA,
  code_tries BIGINT NOT NULL,
  message UUID,
  sent BIGINT NOT NULL,
  sent_at BIGINT,
  digits BIGINT,
  digit_tries BIGINT NOT NULL,
  answered_by UUID,
  made_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX device_check_id ON device_check (id);
CREATE INDEX device_check_person ON device_check (person, made_at);
CREATE INDEX device_check_made_at ON device_check (made_at);

-- Wrong codes and digits of one person, over all sign-ins.
CREATE TABLE device_lane (
  person UUID NOT NULL PRIMARY KEY REFERENCES person (id),
  run BIGINT NOT NULL,
  failed_at BIGINT NOT NULL,
  locked_until BIGINT
);
CREATE INDEX device_lane_failed_at ON device_lane (failed_at);

-- Devices that wait for an administrator, and those that one has answered and that have not come back yet. state: waiting, admitted, refused.
CREATE TABLE device_admission (
  person UUID NOT NULL REFERENCES person (id),
  device UUID NOT NULL REFERENCES device (id),
  label TEXT NOT NULL,
  network TEXT NOT NULL,
  state TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  answered_at BIGINT,
  answered_by UUID,
  CONSTRAINT device_admission_pkey PRIMARY KEY (person, device)
);
CREATE INDEX device_admission_device ON device_admission (device);
CREATE INDEX device_admission_asked_at ON device_admission (asked_at);
