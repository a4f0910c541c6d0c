//! The stories of all capabilities against the whole server: see `tests/stories`. Nothing lives here; the crate exists for its one test program.
