-- password.short_since: since when it is known that it has fewer characters than are asked for. None: it has enough, or nobody has typed it since.
ALTER TABLE password ADD COLUMN short_since BIGINT;
-- sign_in_flow.password_length: characters of the password that passed, up to what any policy asks for, gone with the row.
-- has_put_off: its person sets a longer one another day.
ALTER TABLE sign_in_flow ADD COLUMN password_length BIGINT;
ALTER TABLE sign_in_flow ADD COLUMN has_put_off BOOLEAN NOT NULL DEFAULT FALSE;
