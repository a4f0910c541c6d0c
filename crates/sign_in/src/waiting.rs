//! How the device's step stands, for the page that waits: told as it changes (server-sent events), or when it is asked.
//! Must never happen: a page that waits counted as activity; anything told to another browser than the one that signs in.
use crate::{
    Front,
    decide::Step,
    device::is_refused,
    flow,
    live::{self, Browser},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use devices::verify::{self, Answer};
use ground::{
    Failure, Visitor,
    db::{self, View},
};
use kernel::{Deployment, PersonId, Reason, Span};
use serde::Serialize;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// How the step stands, for the script of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Standing {
    state: &'static str,
}

const OVER: Standing = Standing { state: "over" };

/// Where the sign-in of this browser stands, and whose it is; none where there is none (any more).
fn look(view: &mut View, browser: &Browser) -> db::Result<(Standing, Option<PersonId>)> {
    let Some(live) = live::look(view, browser)? else {
        return Ok((OVER, None));
    };
    let check = verify::state(view, Deployment, &live.row.browser_hash, browser.now)?;
    let state = match (live.step, check.map(|check| check.answer)) {
        (Step::Waits, _) if is_refused(view, &live, browser)? => "denied",
        (Step::Device, None | Some(Answer::Waiting)) | (Step::Waits, _) => "waiting",
        (Step::Device, Some(Answer::Denied)) => "denied",
        _ => "ready",
    };
    Ok((Standing { state }, Some(live.row.person)))
}

/// A browser that signs in; whoever shows no secret of a sign-in is told nothing.
fn signing_in(visitor: &Visitor) -> Result<Browser, Failure> {
    if flow::stored_hashes(visitor).is_empty() {
        return Err(Failure::new(visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound));
    }
    Ok(Browser::of(visitor, None))
}

/// GET `/sign-in/device/state`: for browsers without streams, and where there are too many.
pub(crate) async fn state(State(front): State<Front>, visitor: Visitor) -> Result<Response, Failure> {
    let browser = signing_in(&visitor)?;
    let seen = front.house.ground.store.read(move |view| look(view, &browser)).await;
    let (standing, _) = seen.map_err(|error| Failure::store(&visitor, &error))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(standing)).into_response())
}

/// GET `/sign-in/device/events`: the same, as it changes. Ends when the sign-in is over.
pub(crate) async fn events(State(front): State<Front>, visitor: Visitor) -> Result<Response, Failure> {
    let (browser, ground) = (signing_in(&visitor)?, front.house.ground.clone());
    let first = browser.clone();
    let seen = ground.store.read(move |view| look(view, &first)).await;
    let (_, Some(person)) = seen.map_err(|error| Failure::store(&visitor, &error))? else {
        return Err(Failure::new(&visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound));
    };
    let is_told = Arc::new(AtomicBool::new(false));
    let stream = front.streams.open_at_the_door(person, move || {
        let (ground, browser, is_told) = (ground.clone(), browser.clone(), is_told.clone());
        async move {
            let browser = Browser {
                now: ground.now(),
                ..browser
            };
            let seen = ground.store.read(move |view| look(view, &browser)).await;
            let (standing, _) = seen.ok()?;
            if standing == OVER && is_told.swap(true, Ordering::Relaxed) {
                return None;
            }
            serde_json::to_string(&standing).ok()
        }
    });
    stream.ok_or_else(|| Failure::busy(&visitor, Reason::ServerBusy, Span::seconds(30)))
}
