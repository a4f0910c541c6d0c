//! What must hold of the whole deployment after every fault: the chain is whole, the file is sound, nobody gets in with what is no credential.
use crate::{
    client::{DEVICE, SESSION, me},
    http::Request,
    observe::must,
    people::{OWNER, PASSWORD},
    program::Place,
};
use anyhow::{Context as _, Result};
use rusqlite::{Connection, OpenFlags};
use std::time::Duration;

/// Ready at the latest so long after the start, on a machine that has its processors for it.
pub const READY_WITHIN: Duration = Duration::from_secs(2);

/// A limit as it holds now: where more programs want the processors than there are, everything takes as many times longer.
pub fn under_this_load(limit: Duration) -> Duration {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = text.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    limit.mul_f64((load / f64::from(u32::try_from(cores).unwrap_or(1))).clamp(1.0, 10.0))
}

/// All that is not about one person. Answers what is wrong.
pub fn whole(place: &Place, round: u64) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    if let Err(error) = place.run(&["audit", "verify"], "") {
        wrong.push(format!("the chain is not whole: {error:#}"));
    }
    if place.database_url == "sqlite" {
        let said = integrity(place)?;
        if said != "ok" {
            wrong.push(format!("integrity_check: {said}"));
        }
    }
    wrong.extend(strangers_stay_out(place, round)?);
    Ok(wrong)
}

/// Beside the running server, which has recovered the file itself.
fn integrity(place: &Place) -> Result<String> {
    let file = place.data_dir.join("doorward.db");
    let store = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .context("the database file does not open")?;
    store.busy_timeout(Duration::from_secs(5))?;
    store.create_collation("C", |a, b| a.as_bytes().cmp(b.as_bytes()))?;
    Ok(store.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)
}

/// Made-up sessions, made-up devices, wrong passwords, and a set-up link where there is an owner.
fn strangers_stay_out(place: &Place, round: u64) -> Result<Vec<String>> {
    // Each round from another network, so that its own lane does not answer for the others.
    let mut line = place.line(&format!("198.51.{}.{}", (round >> 8) & 255, round & 255));
    let made_up = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let sign_in = |email: &str, password: &str| {
        let request = Request::form("/sign-in", &[("email", email), ("password", password)]);
        request.with(DEVICE, made_up).with(SESSION, made_up)
    };
    let asked = [
        (me(made_up), 401, "a made-up session"),
        (sign_in("nobody@northwind.example", PASSWORD), 422, "an unknown address"),
        (
            sign_in(OWNER, &PASSWORD.to_uppercase()),
            422,
            "the owner's password in capitals",
        ),
        (
            Request::new("GET", format!("/setup?token={made_up}")),
            404,
            "a made-up set-up link",
        ),
    ];
    let mut wrong = Vec::new();
    for (request, wanted, what) in asked {
        let status = must(&mut line, &request)?.status;
        if status != wanted {
            wrong.push(format!("{what} is answered {status} and should be {wanted}"));
        }
    }
    Ok(wrong)
}
