//! What the store promises, held against both engines. PostgreSQL where `DOORWARD_TEST_POSTGRES` names a server in which databases can be
//! made; else those parts say on stderr that they were skipped. What can race runs in parallel, since SQLite alone cannot fail it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash;
mod exact;
mod faults;
mod marks;
mod migrations;
mod names;
mod place;
mod portable;
mod speed;
mod tls;
