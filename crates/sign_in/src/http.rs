//! The routes of the door, and the sign-in page. Signing in itself is in `enter`, what follows in `settle`.
use crate::{
    Coming, Next,
    decide::{Step, read_form},
    device, enrol,
    enter::Answer,
    factor,
    flow::{self, Flow},
    live::Browser,
    page::{LockedPage, SignInPage},
    passkey, renew, setup, store, waiting,
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode},
    response::Response,
};
use devices::{KeyProof, Live};
use factors::{Passkeys, Prover};
use ground::{
    Failure, Guard, House, Routes, Visitor, cookies,
    db::{self, View},
    failure::retry_after,
    form::{Form, Query, is_ticked},
    page::{Errors, Notice, html},
};
pub(crate) use ground::{cookies::put, page::see_other};
use kernel::{Deployment, FieldError, Reason, Time};
use organisations::AtTheDoor;
use serde::Deserialize;
use sessions::Opener;
pub(crate) use sessions::door_shell as shell;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The door's state.
#[derive(Clone)]
pub struct Front {
    pub(crate) house: House,
    pub(crate) prover: Prover,
    pub(crate) passkeys: Passkeys,
    pub(crate) opener: Arc<Opener>,
    /// The streams of this node.
    pub(crate) streams: Live,
}

impl Front {
    /// Takes the one opener of sessions.
    pub fn new(house: House, prover: Prover, passkeys: Passkeys, opener: Opener, streams: Live) -> Self {
        Self {
            house,
            prover,
            passkeys,
            opener: Arc::new(opener),
            streams,
        }
    }

    /// Where to go after a step, and the cookies that go along.
    pub(crate) fn leads(&self, next: Next, flow: &Flow, coming: &Coming) -> (String, Vec<Option<HeaderValue>>) {
        let ground = &self.house.ground;
        if let Next::Begun(Step::Device | Step::Waits) | Next::Step(Step::Device | Step::Waits) = next {
            // The devices that are asked see it at once.
            self.streams.ring();
        }
        match next {
            Next::Open { is_shared } => {
                let lives_for = (!is_shared).then_some(sessions::COOKIE_LIVES_FOR);
                let session = ground.cookies.set(cookies::SESSION, &coming.opened.token, lives_for);
                let kept = devices::cookie_value(ground, &coming.token);
                let device = ground
                    .cookies
                    .set(cookies::DEVICE, &kept, Some(devices::COOKIE_LIVES_FOR));
                let flow_ends = ground.cookies.remove(cookies::FLOW);
                let device = device.filter(|_| !is_shared);
                (flow.next.clone(), vec![session, device, flow_ends])
            }
            Next::Begun(step) => {
                let stored = flow.stored(ground, &coming.secret);
                let cookie = ground.cookies.set(cookies::FLOW, &stored, None);
                (step.path().to_owned(), vec![cookie, self.waiting(step, coming)])
            }
            Next::Step(step) => (step.path().to_owned(), vec![self.waiting(step, coming)]),
            Next::Gone => (begin_again(flow), Vec::new()),
            Next::Shut => (with_word(flow, "shut"), Vec::new()),
        }
    }
    /// A device that waits for an administrator is known again by its cookie.
    fn waiting(&self, step: Step, coming: &Coming) -> Option<HeaderValue> {
        let ground = &self.house.ground;
        let kept = devices::cookie_value(ground, &coming.token);
        let cookie = ground
            .cookies
            .set(cookies::DEVICE, &kept, Some(devices::COOKIE_LIVES_FOR));
        cookie.filter(|_| step == Step::Waits)
    }
    /// The same as an answer to a form.
    pub(crate) fn lead(&self, next: Next, flow: &Flow, coming: &Coming) -> Response {
        let (to, fresh) = self.leads(next, flow, coming);
        let mut response = see_other(&to);
        for cookie in fresh {
            put(response.headers_mut(), cookie);
        }
        response
    }
}

/// The sign-in page for somebody whose sign-in is over; it says so, and keeps where they were going.
pub(crate) fn begin_again(flow: &Flow) -> String {
    with_word(flow, "ended")
}

/// The sign-in page with a word that says why somebody stands here.
fn with_word(flow: &Flow, word: &str) -> String {
    let address = flow.address("/sign-in");
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}done={word}")
}

/// The routes of the door.
pub fn routes(front: Front) -> Routes {
    Routes::new()
        .get("/setup", Guard::Anyone("setup.see"), setup::show)
        .post("/setup", Guard::Anyone("setup.create"), setup::create)
        .nothing_else("/setup")
        .get("/sign-in", Guard::Anyone("door.see"), show)
        .post("/sign-in", Guard::Anyone("door.sign-in"), sign_in)
        .get("/sign-in/factor", Guard::Anyone("door.see"), factor::show)
        .post("/sign-in/factor", Guard::Anyone("door.factor"), factor::confirm)
        .get("/sign-in/lost", Guard::Anyone("door.see"), factor::lost)
        .get("/sign-in/device", Guard::Anyone("door.see"), device::show)
        .post("/sign-in/device", Guard::Anyone("door.device"), device::confirm)
        .get("/sign-in/device/state", Guard::Anyone("door.state"), waiting::state)
        .get("/sign-in/device/events", Guard::Anyone("door.state"), waiting::events)
        .get("/sign-in/enrol", Guard::Anyone("door.see"), enrol::show)
        .post("/sign-in/enrol", Guard::Anyone("door.enrol"), enrol::confirm)
        .get("/sign-in/password", Guard::Anyone("door.see"), renew::show)
        .post("/sign-in/password", Guard::Anyone("door.password"), renew::confirm)
        .post("/sign-in/passkey/start", Guard::Anyone("door.passkey"), passkey::start)
        .post(
            "/sign-in/passkey/finish",
            Guard::Anyone("door.passkey"),
            passkey::finish,
        )
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
    device_key: String,
    device_proof: String,
}

/// What the door shows and knows of who comes.
struct Seen {
    door: AtTheDoor,
    is_set_up: bool,
    is_signed_in: bool,
    over: Option<Reason>,
    /// The sign-in that is under way in this browser.
    under_way: Option<[u8; 32]>,
}

fn look(view: &mut View, tokens: &[[u8; 32]], flows: &[[u8; 32]], now: Time) -> db::Result<Seen> {
    let mut seen = Seen {
        door: organisations::at_the_door(view, Deployment)?,
        is_set_up: organisations::has_had_owner(view, Deployment)?,
        is_signed_in: sessions::is_signed_in(view, tokens, now)?,
        over: None,
        under_way: None,
    };
    for token in tokens {
        seen.over = seen.over.or(sessions::why_over(view, token, now)?);
    }
    for hash in flows {
        if seen.under_way.is_none() && store::find(view, Deployment, hash, now)?.is_some() {
            seen.under_way = Some(*hash);
        }
    }
    Ok(seen)
}

/// GET `/sign-in`: always sets a cookie, so that a form that comes back without one tells that the browser keeps none.
async fn show(State(front): State<Front>, visitor: Visitor, Query(going): Query<Going>) -> Result<Response, Failure> {
    let ground = &front.house.ground;
    let flow = Flow::of(&visitor, going.next.as_deref());
    let (tokens, flows, now) = (token_hashes(&visitor), flow::stored_hashes(&visitor), ground.now());
    let seen = ground
        .store
        .read(move |view| look(view, &tokens, &flows, now))
        .await
        .map_err(|error| Failure::store(&visitor, &error))?;
    if seen.is_signed_in {
        let mut response = see_other(&flow.next);
        // Whoever is in already has arrived: the flow does not lead there again.
        let home = Flow::home(now).seal(ground);
        put(response.headers_mut(), ground.cookies.set(cookies::FLOW, &home, None));
        return Ok(response);
    }
    let told = notice(&seen, going.done.as_deref());
    let mut page = front.page(&seen.door, &flow, "", false, Errors::none(), told);
    page.is_under_way = seen.under_way.is_some();
    let mut response = html(StatusCode::OK, page);
    // What is under way in another tab stays so.
    let secret = seen.under_way.and_then(|hash| flow::secret_of(&visitor, &hash));
    let cookie = secret.map_or_else(|| flow.seal(ground), |secret| flow.stored(ground, &secret));
    let headers = response.headers_mut();
    put(headers, ground.cookies.set(cookies::FLOW, &cookie, None));
    if !visitor.session_tokens().is_empty() {
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
    match done {
        Some("email") => {
            return Some(Notice::done(
                "Your e-mail address is changed. Sign in with the new one.",
            ));
        }
        Some("factors") => {
            return Some(Notice::done(
                "Your second factors are removed. Sign in with your password and add a new one.",
            ));
        }
        Some("ended") if seen.under_way.is_none() => {
            let why = Reason::SignInStaleFlow;
            return Some(Notice::warn(why.person(), why.next()));
        }
        Some("shut") => {
            let why = Reason::OrganisationShut;
            return Some(Notice::warn(why.person(), why.next()));
        }
        _ => {}
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
    let door = front.door(&visitor).await?;
    let is_shared = is_ticked(form.shared_device.as_deref());
    let again = |errors: Vec<FieldError>, notice: Option<Notice>| {
        let page = front.page(&door, &flow, &form.email, is_shared, Errors::from(errors), notice);
        html(StatusCode::UNPROCESSABLE_ENTITY, page)
    };
    if !visitor.has_any_cookie() {
        let ground = &front.house.ground;
        let mut response = again(Vec::new(), Some(Notice::refused(Reason::SignInNoCookie)));
        let cookie = ground.cookies.set(cookies::FLOW, &flow.seal(ground), None);
        put(response.headers_mut(), cookie);
        return Ok(response);
    }
    let typed = match read_form(&form.email, &form.password) {
        Ok(typed) => typed,
        Err(errors) => return Ok(again(errors, None)),
    };
    let browser = Browser::of(&visitor, KeyProof::read(&visitor, &form.device_key, &form.device_proof));
    match front.try_password(&visitor, browser, typed, is_shared).await? {
        Answer::Right(next, coming) => Ok(front.lead(next, &flow, &coming)),
        Answer::Shut => Ok(again(Vec::new(), Some(Notice::refused(Reason::OrganisationShut)))),
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

impl Front {
    pub(crate) async fn door(&self, visitor: &Visitor) -> Result<AtTheDoor, Failure> {
        let store = &self.house.ground.store;
        let door = store.read(|view| organisations::at_the_door(view, Deployment)).await;
        door.map_err(|error| Failure::store(visitor, &error))
    }

    fn page(
        &self,
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
            action: flow.address("/sign-in"),
            email: email.to_owned(),
            shared_device: is_shared,
            has_passkeys: self.passkeys.is_available(),
            is_under_way: false,
        }
    }
}

fn locked(door: &AtTheDoor, flow: &Flow, reason: Reason, until: Time, now: Time) -> Response {
    let wait = until - now;
    let page = LockedPage {
        shell: shell("Please wait a little", door),
        reason,
        wait,
        until,
        action: flow.address("/sign-in"),
    };
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    retry_after(&mut response, wait);
    response
}

pub(crate) fn token_hashes(visitor: &Visitor) -> Vec<[u8; 32]> {
    visitor
        .session_tokens()
        .iter()
        .map(|token| Sha256::digest(token.as_bytes()).into())
        .collect()
}
