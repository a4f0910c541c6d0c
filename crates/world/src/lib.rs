//! The world of a story: the whole server in this process on a free loopback port, a clock that stands still, seeded chance, either engine,
//! and browsers with cookie jars of their own. For tests only; nothing of the product may import it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken world must stop its story at once, where it broke"
)]
mod agent;
mod app;
pub mod browser;
pub mod clock;
pub mod database;
mod device_key;
pub mod html;
mod import;
pub mod jar;
pub mod mailbox;
mod maker;
mod organisations;
pub mod page;
mod passkeys;
mod people;
pub mod phone;
mod policy;
mod program;
pub mod raw;
mod real_agent;
mod roles;
mod server;
mod soft_passkey;
mod wire;

pub use agent::{AgentKey, PROTOCOL, SoftAgent, drawn, marks_of};
pub use app::App;
pub use browser::{Asking, Browser};
pub use clock::StandingClock;
pub use database::{Database, Engine, postgres_url};
pub use device_key::DeviceKey;
pub use kernel::{Scope, Span, Time};
pub use mailbox::Mail;
pub use maker::Maker;
pub use page::Page;
pub use people::{ORGANISATION, OWNER, PASSWORD, Person};
pub use program::Program;
pub use real_agent::{Done, RealAgent, Running, agent_program};
pub use reqwest::Method;
pub use roles::Elsewhere;
pub use server::World;
pub use soft_passkey::SoftPasskey;
pub use wire::Wire;

/// Runs one story on one engine, in a world of its own. Without a PostgreSQL the story says that it was skipped.
///
/// # Panics
/// Where the story fails, or has not ended after three minutes.
pub fn tell<F: Future<Output = ()>>(engine: Engine, name: &str, story: impl FnOnce(World) -> F) {
    if engine == Engine::Postgres && postgres_url().is_none() {
        eprintln!("skipped: {name} on PostgreSQL: DOORWARD_TEST_POSTGRES names no server");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let world = World::start(engine, name).await;
        let told = tokio::time::timeout(std::time::Duration::from_mins(3), story(world.clone())).await;
        world.stop().await;
        assert!(told.is_ok(), "{name} has not ended after three minutes");
    });
}

/// Stories: each is told once on either engine, as `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! stories {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {
        $($(#[$meta])* async fn $name($world: $crate::World) $body)+
        mod sqlite { $(#[test] fn $name() { $crate::tell($crate::Engine::Sqlite, stringify!($name), super::$name); })+ }
        mod postgres { $(#[test] fn $name() { $crate::tell($crate::Engine::Postgres, stringify!($name), super::$name); })+ }
    };
}
