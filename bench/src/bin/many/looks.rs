//! The lists, asked through the whole router as a browser with a session would, and how long each took.
use crate::{made::Made, say};
use anyhow::{Result, ensure};
use axum::{body::Body, http::Request};
use bench::crowd::id_of;
use doorward::App;
use http_body_util::BodyExt;
use std::time::{Duration, Instant};
use tower::ServiceExt;

const TIMES: usize = 60;
const WARM: usize = 5;
/// What a list may take.
const AIM: Duration = Duration::from_millis(20);

/// Asks each list, and tells what it took.
pub async fn measure(app: &App, made: &Made) -> Result<()> {
    say("| list | answers | middle, ms | slowest of 60, ms | aim 20 ms |\n| --- | ---: | ---: | ---: | --- |")?;
    for (name, path) in lists(app, made).await? {
        let (status, bytes) = ask(app, made, &path).await?;
        ensure!(
            status == 200,
            "{path} is answered {status}: {}",
            String::from_utf8_lossy(&bytes)
        );
        for _ in 0..WARM {
            ask(app, made, &path).await?;
        }
        let mut took = Vec::new();
        for _ in 0..TIMES {
            let began = Instant::now();
            ask(app, made, &path).await?;
            took.push(began.elapsed());
        }
        took.sort_unstable();
        let middle = took.get(TIMES / 2).copied().unwrap_or_default();
        let most = took.last().copied().unwrap_or_default();
        let items = serde_json::from_slice::<serde_json::Value>(&bytes)
            .ok()
            .and_then(|value| Some(value.get("items")?.as_array()?.len()));
        let items = items.map_or_else(|| "a page".to_owned(), |count| count.to_string());
        let word = if middle <= AIM { "kept" } else { "MISSED" };
        say(&format!(
            "| {name} | {items} | {:.1} | {:.1} | {word} |",
            millis(middle),
            millis(most)
        ))?;
    }
    say("")
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}

async fn ask(app: &App, made: &Made, path: &str) -> Result<(u16, Vec<u8>)> {
    let host = app.ground().config.public_url.authority().to_owned();
    let request = Request::get(path)
        .header("host", host)
        .header("cookie", format!("doorward_session={}", made.token))
        // So that no request writes "last seen".
        .header("doorward-poll", "1")
        .body(Body::empty())?;
    let answer = app.router().oneshot(request).await?;
    let status = answer.status().as_u16();
    Ok((status, answer.into_body().collect().await?.to_bytes().to_vec()))
}

async fn json(app: &App, made: &Made, path: &str) -> Result<serde_json::Value> {
    Ok(serde_json::from_slice(&ask(app, made, path).await?.1)?)
}

fn text(value: &serde_json::Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(|value| value.as_str())
        .unwrap_or_default()
        .to_owned()
}

async fn lists(app: &App, made: &Made) -> Result<Vec<(&'static str, String)>> {
    let newest = json(app, made, "/api/v1/events").await?;
    let (event, cursor) = (text(&newest, "/items/0/id"), text(&newest, "/next"));
    let roles = json(app, made, "/api/v1/roles?limit=200").await?;
    let role = roles.pointer("/items").and_then(|items| items.as_array());
    let role = role.and_then(|roles| {
        roles
            .iter()
            .find(|role| role.get("name").is_some_and(|name| name == "Help desk"))
    });
    let role = role.map(|role| text(role, "/id")).unwrap_or_default();
    let people = json(app, made, "/api/v1/people").await?;
    let customer = made.organisations.last().map(ToString::to_string).unwrap_or_default();
    let own = made.organisations.first().map(ToString::to_string).unwrap_or_default();
    let past = (made.now - kernel::Span::days(90)).rfc3339();
    let person = id_of(made.people / 2);
    let events = |query: &str| format!("/api/v1/events?{query}");
    let mut lists = vec![
        ("events, newest", events("")),
        ("events, the second page", events(&format!("cursor={cursor}"))),
        ("events by kind", events("kind=sign-in-refused")),
        ("events by a rare kind", events("kind=policy-changed")),
        ("events of a kind that is not there", events("kind=webhook-made")),
        ("events by answer", events("outcome=stopped")),
        ("events by person", events(&format!("person={person}"))),
        (
            "events by person and kind",
            events(&format!("person={person}&kind=sign-in-refused")),
        ),
        ("events by network", events("network=198.51.7.9")),
        ("events by time", events(&format!("to={past}"))),
        (
            "events by kind and time",
            events(&format!("kind=policy-changed&to={past}")),
        ),
        ("one event", format!("/api/v1/events/{event}")),
        ("people, the first page", "/api/v1/people".to_owned()),
        (
            "people, the second page",
            format!("/api/v1/people?cursor={}", text(&people, "/next")),
        ),
        ("people by name", "/api/v1/people?q=fontaine+7777".to_owned()),
        ("people by a name that many have", "/api/v1/people?q=Chidi".to_owned()),
        ("people by address", "/api/v1/people?q=person-0001234".to_owned()),
        ("people by state", "/api/v1/people?state=disabled".to_owned()),
        ("people by role", format!("/api/v1/people?role={role}")),
        ("organisations", "/api/v1/organisations".to_owned()),
        ("organisations by name", "/api/v1/organisations?search=0777".to_owned()),
        ("sites", format!("/api/v1/organisations/{own}/sites")),
        ("Home, the whole page", "/app".to_owned()),
    ];
    if made.organisations.len() > 1 {
        lists.push(("one organisation", format!("/api/v1/organisations/{customer}")));
    }
    Ok(lists)
}
