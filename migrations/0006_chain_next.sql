-- PostgreSQL only: SQLite has this function from the program. A link of the chain is the SHA-256 of the last link and the digest.
CREATE FUNCTION chain_next(last BYTEA, digest BYTEA) RETURNS BYTEA LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT sha256(last || digest)';
