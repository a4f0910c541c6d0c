-- What people were refused lately, a row for a person and an action: told as an event at most once a minute. waiting: how many since then;
-- told: how many the last event stands for. Swept a minute later.
CREATE TABLE access_refusal (
  organisation UUID NOT NULL,
  person UUID NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  device UUID,
  device_label TEXT NOT NULL,
  network TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  waiting BIGINT NOT NULL,
  told BIGINT NOT NULL,
  CONSTRAINT access_refusal_pkey PRIMARY KEY (organisation, person, action)
);
CREATE INDEX access_refusal_told_at ON access_refusal (told_at);
