-- Customers: organisations below another one. Shut ones let nobody in; deleted ones can be brought back until purged_at, after which only the row
-- itself stays, for the log. name_folded is the name in small letters, for lists and search.
ALTER TABLE organisation ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN suspended_at BIGINT;
ALTER TABLE organisation ADD COLUMN deleted_at BIGINT;
ALTER TABLE organisation ADD COLUMN purged_at BIGINT;
CREATE INDEX organisation_deleted ON organisation (deleted_at);
ALTER TABLE site ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';

-- Members who come from the organisation above: its id. NULL: they are the customer's own.
ALTER TABLE membership ADD COLUMN via UUID REFERENCES organisation (id);
CREATE INDEX membership_via ON membership (via, organisation);
