-- What people have to prove themselves with, and what their sessions have proved.
-- person.factors: the kinds of confirmed authenticators as bits, kept beside the rows that it counts, because every request asks for it.
ALTER TABLE person ADD COLUMN factors BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN last_sign_in_at BIGINT;
-- membership.grace_from: the first sign-in under the policy that demands a second factor; its grace counts from here.
ALTER TABLE membership ADD COLUMN grace_from BIGINT;
-- session.fresh: what was proved last, at proved_at. session.was_away: the person had not signed in for so long that a first factor needs a mail.
ALTER TABLE session ADD COLUMN fresh TEXT NOT NULL DEFAULT 'pwd';
ALTER TABLE session ADD COLUMN was_away BOOLEAN NOT NULL DEFAULT FALSE;
