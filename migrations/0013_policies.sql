-- What an organisation asks of those who enter it. A value that is NULL is inherited, or the default of the product.
-- Lists are words with a space between them, an empty text is an empty list. factors_since says when more was asked for the last time.
ALTER TABLE policy ADD COLUMN factors_require TEXT;
ALTER TABLE policy ADD COLUMN factors_since BIGINT;
ALTER TABLE policy ADD COLUMN grace_hours BIGINT;
ALTER TABLE policy ADD COLUMN factors_allowed BIGINT;
ALTER TABLE policy ADD COLUMN passkey_aaguids TEXT;
ALTER TABLE policy ADD COLUMN devices_mode TEXT;
ALTER TABLE policy ADD COLUMN trust_days BIGINT;
ALTER TABLE policy ADD COLUMN device_limit BIGINT;
ALTER TABLE policy ADD COLUMN networks_people TEXT;
ALTER TABLE policy ADD COLUMN networks_agents TEXT;
ALTER TABLE policy ADD COLUMN sms_allowed BOOLEAN;
ALTER TABLE policy ADD COLUMN sms_countries TEXT;
