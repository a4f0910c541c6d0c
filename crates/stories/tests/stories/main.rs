//! One test program: what people and programs outside may rely on, told as stories against the whole server, on both engines.
//! For whoever changes anything: a fixed fault is a story first. Stories know the surface only, never a capability's tables.
//! `cargo test -p stories` tells them on SQLite, and on PostgreSQL where `DOORWARD_TEST_POSTGRES` names a server.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a story stops where it breaks"
)]
mod activity;
mod agents;
mod api;
mod api_keys;
mod bounces;
mod delivery;
mod devices;
mod email_change;
mod enumeration;
mod factors;
mod house;
mod import;
mod lanes;
mod languages;
mod lost_factors;
mod mended;
mod notices;
mod organisations;
mod pages;
mod parallel;
mod people;
mod policies;
mod postfix;
mod program;
mod recovery;
mod recovery_limits;
mod recovery_mail;
mod recovery_security;
mod roles;
mod security;
mod sessions;
mod setup;
mod sign_in;
mod statements;
mod straight;
mod text_messages;

/// The far ends by script that delivery's own tests use.
#[path = "../../../ground/src/delivery/tests/server.rs"]
#[expect(dead_code, reason = "stories need a part of it")]
mod mail_server;
#[path = "../../../ground/src/delivery/tests/dns.rs"]
mod name_server;
#[path = "../../../ground/src/delivery/tests/gateway.rs"]
mod text_gateway;
