//! `doorward person …`: who is there, and first aid.
use super::{End, commands::existing_ground, out, refused};
use crate::operate::{self, Line};
use anyhow::Context as _;
use ground::{Ground, config::Config};
use people::Person;

pub(super) async fn list(config: Config, is_json: bool) -> Result<(), End> {
    let ground = existing_ground(config).await?;
    let mut all: Vec<Line> = Vec::new();
    loop {
        let lines = operate::people_after(&ground, all.last().map(|line| line.person.id)).await?;
        if lines.is_empty() {
            break;
        }
        all.extend(lines);
    }
    ground.store.close().await;
    if is_json {
        return Ok(out::say_json(&all.iter().map(as_json).collect())?);
    }
    let rows: Vec<_> = all.iter().map(|line| cells(line).to_vec()).collect();
    Ok(out::say(&out::table(
        &["EMAIL", "NAME", "ORGANISATION", "STATE"],
        &rows,
    ))?)
}

fn state(line: &Line) -> &'static str {
    match (line.person.disabled_at, line.is_locked) {
        (Some(_), _) => "disabled",
        (None, true) => "locked",
        (None, false) => "active",
    }
}

fn cells(line: &Line) -> [String; 4] {
    let person = &line.person;
    // A name comes from people: in a terminal it must not do anything but be read.
    [&person.email, &person.name, &person.organisation, state(line)]
        .map(|cell| cell.chars().filter(|c| !c.is_control()).collect())
}

fn as_json(line: &Line) -> serde_json::Value {
    let person = &line.person;
    serde_json::json!({
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "organisation": person.organisation,
        "state": state(line),
    })
}

pub(super) async fn unlock(config: Config, email: &str) -> Result<(), End> {
    let ground = existing_ground(config).await?;
    let person = find(&ground, email).await?;
    let done = operate::unlock(&ground, &person).await;
    ground.store.close().await;
    done?;
    Ok(out::say(&format!(
        "unlocked {}: the next try counts as the first",
        person.email
    ))?)
}

pub(super) async fn sign_out(config: Config, email: &str) -> Result<(), End> {
    let ground = existing_ground(config).await?;
    let person = find(&ground, email).await?;
    let ended = operate::sign_out(&ground, &person).await;
    ground.store.close().await;
    let ended = ended?;
    let sessions = if ended == 1 { "session" } else { "sessions" };
    Ok(out::say(&format!("ended {ended} {sessions} of {}", person.email))?)
}

pub(super) async fn reset_factors(config: Config, email: &str) -> Result<(), End> {
    let ground = existing_ground(config).await?;
    let person = find(&ground, email).await?;
    let done = operate::reset_factors(&ground, &person).await;
    ground.store.close().await;
    done?;
    Ok(out::say(&format!(
        "removed the second factors of {} and ended all sessions; where policy asks for a factor, the next sign-in adds one; where it lets in \
         approved devices only, one more is let in within {} by a code from their mail",
        person.email,
        devices::admission::EXPECTED_FOR.words()
    ))?)
}

pub(super) async fn reset_link(config: Config, email: &str) -> Result<(), End> {
    let ground = existing_ground(config).await?;
    let person = find(&ground, email).await?;
    let made = recovery::make_link(&ground, &person).await;
    ground.store.close().await;
    let link = made.context("the link could not be made")?;
    Ok(out::say(&format!("reset link: {link}"))?)
}

async fn find(ground: &Ground, email: &str) -> Result<Person, End> {
    let found = operate::find(ground, email).await?;
    found.ok_or_else(|| {
        refused(format!(
            "nobody here has the address {email}; `doorward person list` shows everybody"
        ))
    })
}
