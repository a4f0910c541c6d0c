//! The routes of the door. Signing in itself is in `enter`.
use crate::{
    decide::read_form,
    enter::Answer,
    flow::Flow,
    page::{LockedPage, SignInPage},
    setup,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode},
    response::Response,
};
use factors::Prover;
use ground::{
    Failure, Guard, House, Routes, Visitor,
    cookies::{self, put},
    db::{self, View},
    failure::retry_after,
    form::{Form, Query, is_ticked},
    page::{DoorShell, Errors, Notice, html, see_other},
};
use kernel::{Deployment, FieldError, Reason, Time};
use organisations::AtTheDoor;
use serde::Deserialize;
use sessions::Opener;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The door's state.
#[derive(Clone)]
pub struct Front {
    pub(crate) house: House,
    pub(crate) prover: Prover,
    pub(crate) opener: Arc<Opener>,
}

impl Front {
    /// Takes the one opener of sessions.
    pub fn new(house: House, prover: Prover, opener: Opener) -> Self {
        Self {
            house,
            prover,
            opener: Arc::new(opener),
        }
    }
}

/// The routes of the door.
pub fn routes(front: Front) -> Routes {
    Routes::new()
        .get("/setup", Guard::Anyone("setup.see"), setup::show)
        .post("/setup", Guard::Anyone("setup.create"), setup::create)
        .nothing_else("/setup")
        .get("/sign-in", Guard::Anyone("door.see"), show)
        .post("/sign-in", Guard::Anyone("door.sign-in"), sign_in)
        .with_state(front)
}

/// The address's part: where to go afterwards.
#[derive(Deserialize, Default)]
struct Going {
    next: Option<String>,
    /// What was just done elsewhere, for the notice.
    done: Option<String>,
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct SignInForm {
    email: String,
    password: String,
    shared_device: Option<String>,
}

/// What the door shows and knows of who comes.
struct Seen {
    door: AtTheDoor,
    is_set_up: bool,
    is_signed_in: bool,
    over: Option<Reason>,
}

fn look(view: &mut View, tokens: &[[u8; 32]], now: Time) -> db::Result<Seen> {
    let mut seen = Seen {
        door: organisations::at_the_door(view, Deployment)?,
        is_set_up: organisations::has_had_owner(view, Deployment)?,
        is_signed_in: sessions::is_signed_in(view, tokens, now)?,
        over: None,
    };
    for token in tokens {
        seen.over = seen.over.or(sessions::why_over(view, token, now)?);
    }
    Ok(seen)
}

/// GET `/sign-in`: always sets a cookie, so that a form that comes back without one tells that the browser keeps none.
async fn show(State(front): State<Front>, visitor: Visitor, Query(going): Query<Going>) -> Result<Response, Failure> {
    let ground = &front.house.ground;
    let flow = Flow::of(&visitor, going.next.as_deref());
    let (tokens, now) = (token_hashes(&visitor), ground.now());
    let seen = ground
        .store
        .read(move |view| look(view, &tokens, now))
        .await
        .map_err(|error| Failure::store(&visitor, &error))?;
    let mut response = if seen.is_signed_in {
        see_other(&flow.next)
    } else {
        html(
            StatusCode::OK,
            page(
                &seen.door,
                &flow,
                "",
                false,
                Errors::none(),
                notice(&seen, going.done.as_deref()),
            ),
        )
    };
    let headers = response.headers_mut();
    // Whoever is in already has arrived: the flow does not lead there again.
    let flow = if seen.is_signed_in {
        Flow::home(ground.now())
    } else {
        flow
    };
    put(headers, ground.cookies.set(cookies::FLOW, &flow.seal(ground), None));
    if !seen.is_signed_in && !visitor.session_tokens().is_empty() {
        put(headers, ground.cookies.remove(cookies::SESSION));
    }
    Ok(response)
}

/// Why somebody stands here again, in words.
fn notice(seen: &Seen, done: Option<&str>) -> Option<Notice> {
    if !seen.is_set_up {
        let text =
            "Open the set-up link that the server printed when it started, or run “doorward setup-link” for a new one.";
        return Some(Notice::warn("This server has no owner yet", text));
    }
    if done == Some("email") {
        return Some(Notice::done(
            "Your e-mail address is changed. Sign in with the new one.",
        ));
    }
    let why = seen.over.filter(|why| *why != Reason::SessionSignedOut)?;
    Some(Notice::warn(why.person(), why.next()))
}

/// POST `/sign-in`.
async fn sign_in(
    State(front): State<Front>,
    visitor: Visitor,
    Query(going): Query<Going>,
    form: Form<SignInForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let flow = Flow::of(&visitor, going.next.as_deref());
    let door = front
        .house
        .ground
        .store
        .read(|view| organisations::at_the_door(view, Deployment))
        .await;
    let door = door.map_err(|error| Failure::store(&visitor, &error))?;
    let is_shared = is_ticked(form.shared_device.as_deref());
    let again = |errors: Vec<FieldError>, notice: Option<Notice>| {
        let page = page(&door, &flow, &form.email, is_shared, Errors::from(errors), notice);
        html(StatusCode::UNPROCESSABLE_ENTITY, page)
    };
    if !visitor.has_any_cookie() {
        let mut response = again(Vec::new(), Some(Notice::refused(Reason::SignInNoCookie)));
        put(
            response.headers_mut(),
            front
                .house
                .ground
                .cookies
                .set(cookies::FLOW, &flow.seal(&front.house.ground), None),
        );
        return Ok(response);
    }
    let typed = match read_form(&form.email, &form.password) {
        Ok(typed) => typed,
        Err(errors) => return Ok(again(errors, None)),
    };
    match front.try_password(&visitor, typed, is_shared).await? {
        Answer::Open(cookies) => Ok(welcome(&flow, cookies)),
        Answer::Wrong { tries_left } => Ok(again(Vec::new(), Some(wrong(tries_left)))),
        Answer::Locked { reason, until } => Ok(locked(&door, &flow, reason, until, front.house.ground.now())),
    }
}

fn wrong(tries_left: Option<u32>) -> Notice {
    match tries_left {
        Some(left @ 1..=5) => {
            let more = format!(
                "{left} {} left on this device.",
                if left == 1 { "try is" } else { "tries are" }
            );
            Notice::refused(Reason::SignInTriesLeft).and(&more)
        }
        _ => Notice::refused(Reason::SignInWrong),
    }
}

fn page(
    door: &AtTheDoor,
    flow: &Flow,
    email: &str,
    is_shared: bool,
    errors: Errors,
    notice: Option<Notice>,
) -> SignInPage {
    SignInPage {
        shell: shell("Sign in", door),
        errors,
        notice,
        action: action(flow),
        email: email.to_owned(),
        shared_device: is_shared,
    }
}

fn locked(door: &AtTheDoor, flow: &Flow, reason: Reason, until: Time, now: Time) -> Response {
    let wait = until - now;
    let page = LockedPage {
        shell: shell("Please wait a little", door),
        reason,
        wait,
        until,
        action: action(flow),
    };
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    retry_after(&mut response, wait);
    response
}

fn welcome(flow: &Flow, fresh: Vec<Option<HeaderValue>>) -> Response {
    let mut response = see_other(&flow.next);
    for cookie in fresh {
        put(response.headers_mut(), cookie);
    }
    response
}

/// The form carries where somebody is going, so that it is not lost with a cookie.
fn action(flow: &Flow) -> String {
    if flow.next == "/app" {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={}", ground::failure::encode(&flow.next))
    }
}

fn shell(title: &str, door: &AtTheDoor) -> DoorShell {
    DoorShell::new(title).of(
        door.name.clone(),
        door.has_logo.then(|| "/logo".to_owned()),
        door.contact.clone(),
    )
}

pub(crate) fn token_hashes(visitor: &Visitor) -> Vec<[u8; 32]> {
    visitor
        .session_tokens()
        .iter()
        .map(|token| Sha256::digest(token.as_bytes()).into())
        .collect()
}
