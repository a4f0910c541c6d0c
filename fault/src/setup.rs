//! A kill amid set-up: several browsers post the printed link at once and the server dies. One owner at most, and every link is worth nothing afterwards.
//! Must never happen: a link used twice, an owner lost, or a deployment that can neither be entered nor set up.
use crate::{
    client::{FLOW, is_welcome},
    http::{Outcome, Request},
    observe::must,
    people::PASSWORD,
    program::Place,
    seed::Seed,
};
use anyhow::{Context as _, Result};
use std::{path::Path, thread, time::Duration};

/// Browsers that post at once.
const BROWSERS: usize = 3;

/// One round on a fresh store. Answers what is wrong.
pub fn round(program: &Path, folder: &Path, database_url: String, seed: &mut Seed) -> Result<Vec<String>> {
    std::fs::create_dir_all(folder)?;
    let place = Place::new(program, folder, folder.join("data"), database_url)?;
    let server = place.start()?;
    let first = link(&server.printed(), &place).context("no set-up link was printed")?;
    let lives_for = Duration::from_millis(5 + seed.below(150));
    let outcomes = thread::scope(|scope| {
        let posting: Vec<_> = (0..BROWSERS)
            .map(|number| {
                scope.spawn({
                    let (place, first) = (&place, &first);
                    move || place.line("192.0.2.1").ask(&form(first, number))
                })
            })
            .collect();
        thread::sleep(lives_for);
        let killed = server.kill();
        killed.map(|()| {
            posting
                .into_iter()
                .map(|posted| posted.join().unwrap_or(Outcome::NotSent))
                .collect::<Vec<_>>()
        })
    })?;
    let mut wrong = Vec::new();
    let acknowledged = acknowledged(&outcomes);
    if acknowledged.len() > 1 {
        wrong.push("one set-up link made two owners".to_owned());
    }
    let server = place.start()?;
    let second = link(&server.printed(), &place);
    let mut owners = owners(&place)?;
    for number in &acknowledged {
        if !owners.contains(&email(*number)) {
            wrong.push("lost: an owner was acknowledged and is not there".to_owned());
        }
    }
    match (&second, owners.len()) {
        (None, 1) => {}
        (Some(link), 0) => {
            let answer = must(&mut place.line("192.0.2.2"), &form(link, BROWSERS))?;
            if answer.status != 303 {
                wrong.push(format!("a fresh set-up link is answered {}", answer.status));
            }
            owners.push(email(BROWSERS));
        }
        (link, count) => wrong.push(format!(
            "{count} owners, and a new link was printed: {}",
            link.is_some()
        )),
    }
    wrong.extend(links_are_dead(&place, [Some(&first), second.as_ref()])?);
    wrong.extend(owner_enters(&place, owners.first())?);
    place.run(&["audit", "verify"], "").context("the chain is not whole")?;
    Ok(wrong)
}

/// Which browsers were told that they made the owner.
fn acknowledged(outcomes: &[Outcome]) -> Vec<usize> {
    let made = outcomes.iter().enumerate().filter(|(_, outcome)| is_made(outcome));
    made.map(|(number, _)| number).collect()
}

fn email(number: usize) -> String {
    format!("owner{number}@northwind.example")
}

fn form(path: &str, number: usize) -> Request {
    let (organisation, email) = (format!("Northwind {number}"), email(number));
    let fields = [
        ("organisation", organisation.as_str()),
        ("name", "Olive Owner"),
        ("email", &email),
        ("password", PASSWORD),
    ];
    Request::form(path, &fields)
}

/// Path and query of the printed link.
fn link(printed: &str, place: &Place) -> Option<String> {
    let link = printed.lines().find_map(|line| line.strip_prefix("set-up link: "))?;
    link.strip_prefix(&place.origin).map(str::to_owned)
}

fn is_made(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Answered(answer) if answer.status == 303)
}

fn owners(place: &Place) -> Result<Vec<String>> {
    let said = place.run(&["person", "list", "--json"], "")?;
    let people: serde_json::Value = serde_json::from_str(&said).context("`person list --json` is not JSON")?;
    let emails = people.as_array().into_iter().flatten().filter_map(|person| {
        person
            .pointer("/email")
            .and_then(serde_json::Value::as_str)
            .map(str::to_owned)
    });
    Ok(emails.collect())
}

fn links_are_dead(place: &Place, links: [Option<&String>; 2]) -> Result<Vec<String>> {
    let mut line = place.line("192.0.2.3");
    let mut wrong = Vec::new();
    for link in links.into_iter().flatten() {
        for request in [Request::new("GET", link.clone()), form(link, BROWSERS + 1)] {
            let status = must(&mut line, &request)?.status;
            if status != 404 {
                wrong.push(format!("a set-up link is answered {status} after there was an owner"));
            }
        }
    }
    Ok(wrong)
}

fn owner_enters(place: &Place, owner: Option<&String>) -> Result<Option<String>> {
    let Some(owner) = owner else { return Ok(None) };
    let request = Request::form("/sign-in", &[("email", owner), ("password", PASSWORD)]).with(FLOW, "stale");
    let answer = must(&mut place.line("192.0.2.4"), &request)?;
    Ok((!is_welcome(&answer)).then(|| format!("the owner that set-up made is answered {} at the door", answer.status)))
}
