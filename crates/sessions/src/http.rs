//! The pages of one's own sessions: My security, sign-out, stay.
use crate::{
    COOKIE_LIVES_FOR, Opened,
    account::{self, Change},
    api,
    device_card::DeviceCard,
    of_person,
    page::SecurityPage,
    password, step_up, store, switch, unlock,
    ways::{self, WaysCard},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use factors::{Passkeys, Prover};
pub(crate) use ground::page::see_other;
use ground::{
    Ask, Caller, Failure, Guard, House, Permit, Routes, Visitor, cookies,
    db::{self, Tx, View},
    form::{Form, Query},
    journal,
    page::{Entry, Errors, HouseShell, Notice, html},
};
use kernel::{Action, Deployment, Event, EventKind, Outcome, Reason, SessionId, Stream, Time, act};
use serde::Deserialize;

/// The state of these routes.
#[derive(Clone)]
pub struct Sessions {
    pub(crate) house: House,
    pub(crate) prover: Prover,
    pub(crate) passkeys: Passkeys,
}

impl Sessions {
    /// On the house, with what checks passwords, codes and passkeys.
    pub fn new(house: House, prover: Prover, passkeys: Passkeys) -> Self {
        Self {
            house,
            prover,
            passkeys,
        }
    }
}

/// The routes.
pub fn routes(state: Sessions) -> Routes {
    Routes::new()
        .get("/app/security", Guard::Person(Action::SeeOwn), my_security)
        .post("/app/security/name", Guard::Person(Action::ChangeOwn), rename)
        .post(
            "/app/security/language",
            Guard::Person(Action::ChangeOwn),
            account::change_language,
        )
        .post(
            "/app/security/password",
            Guard::Person(Action::ChangeOwn),
            password::change,
        )
        .post(
            "/app/security/sign-out",
            Guard::Person(Action::ChangeOwn),
            sign_out_some,
        )
        .get("/app/unlock", Guard::Locked(Action::SeeOwn), unlock::show)
        .post("/app/unlock", Guard::Locked(Action::ChangeOwn), unlock::unlock)
        .post(
            "/app/unlock/passkey/start",
            Guard::Locked(Action::ChangeOwn),
            unlock::start_passkey,
        )
        .post(
            "/app/unlock/passkey/finish",
            Guard::Locked(Action::ChangeOwn),
            unlock::finish_passkey,
        )
        .get("/app/step-up", Guard::Enrol(Action::SeeOwn, None), step_up::show)
        .post("/app/step-up", Guard::Enrol(Action::ChangeOwn, None), step_up::step_up)
        .post(
            "/app/step-up/passkey/start",
            Guard::Enrol(Action::ChangeOwn, None),
            step_up::start_passkey,
        )
        .post(
            "/app/step-up/passkey/finish",
            Guard::Enrol(Action::ChangeOwn, None),
            step_up::finish_passkey,
        )
        .post("/app/stay", Guard::Person(Action::ChangeOwn), stay)
        .post("/sign-out", Guard::Anyone("session.end"), sign_out)
        .get("/api/v1/me", Guard::Person(Action::SeeOwn), api::me)
        .patch("/api/v1/me", Guard::Person(Action::ChangeOwn), api::change_me)
        .get("/api/v1/me/sessions", Guard::Person(Action::SeeOwn), api::list)
        .delete("/api/v1/me/sessions", Guard::Person(Action::ChangeOwn), api::end_others)
        .delete(
            "/api/v1/me/sessions/{id}",
            Guard::Person(Action::ChangeOwn),
            api::end_one,
        )
        .merge(ways::routes())
        .merge(switch::routes())
        .with_state(state)
}

/// What was just done, by the word in the address; anything else says nothing.
#[derive(Deserialize, Default)]
struct Came {
    done: Option<String>,
}

fn told(done: Option<&str>) -> Option<Notice> {
    let words = match done? {
        "name" => "Your name is saved.",
        "language" => "From now on your mails come in this language.",
        "password" => "Your password is changed. All your other sessions have ended.",
        "sessions" => "Signed out.",
        "devices" => "Your devices are changed.",
        "way" => "Added. From now on we ask for it when you sign in.",
        "way-name" => "The name is saved.",
        "way-removed" => "Removed. It lets nobody in any more.",
        "reviewed" => "Thank you. We ask again in half a year.",
        "codes" => "Your recovery codes are saved. Keep them where you find them without your phone.",
        "passkey" => "Your passkey is added. Next time, sign in with one touch.",
        "email" => "We have sent a link to the new address. Open it there to confirm the change.",
        _ => return None,
    };
    Some(Notice::done(words))
}

/// GET `/app/security`.
async fn my_security(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let (permit, mine) = state
        .house
        .read(&ask, |view, permit| mine(view, permit.caller(), permit.now()))
        .await?;
    let notice = came.ok().and_then(|Query(came)| told(came.done.as_deref()));
    Ok(html(
        StatusCode::OK,
        page(permit.caller(), permit.now(), mine, Errors::none(), notice),
    ))
}

/// What My security shows of a person.
pub(crate) struct Mine {
    devices: DeviceCard,
    shortest: usize,
    longer_password_due: Option<Time>,
    ways: WaysCard,
}

/// The caller's sessions and ways to sign in, on one snapshot.
pub(crate) fn mine(view: &mut View, caller: &Caller, now: Time) -> db::Result<Mine> {
    let (found, counting) = ways::of_caller(view, caller, now)?;
    let listed = of_person(view, caller.person, now)?;
    Ok(Mine {
        devices: DeviceCard::of(view, caller, listed, now)?,
        shortest: crate::password::shortest(view, caller)?,
        longer_password_due: crate::longer_password_due(view, caller.person)?,
        ways: WaysCard::of(found, counting, caller.factor_due, now),
    })
}

pub(crate) fn page(caller: &Caller, now: Time, mine: Mine, errors: Errors, notice: Option<Notice>) -> SecurityPage {
    SecurityPage {
        shell: HouseShell::new("My security", Entry::Security, caller, now),
        notice,
        errors,
        devices: mine.devices,
        ways: mine.ways,
        name: caller.name.clone(),
        email: caller.email.clone(),
        language: caller.language,
        shortest: u32::try_from(mine.shortest).unwrap_or(u32::MAX),
        longer_password_due: mine.longer_password_due,
    }
}

/// My security again, with what was refused.
pub async fn refused<A: kernel::Act>(house: &House, ask: &Ask<A>, errors: Errors) -> Result<Response, Failure> {
    let (permit, mine) = house
        .read(ask, |view, permit| mine(view, permit.caller(), permit.now()))
        .await?;
    Ok(html(
        StatusCode::UNPROCESSABLE_ENTITY,
        page(permit.caller(), permit.now(), mine, errors, None),
    ))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NameForm {
    name: String,
}

/// POST `/app/security/name`.
async fn rename(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<NameForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let name = match organisations::check_name("name", &form.name, Reason::NameInvalid) {
        Ok(name) => name,
        Err(error) => return refused(&state.house, &ask, Errors::from(vec![error])).await,
    };
    let change = Change {
        name: Some(name),
        ..Change::default()
    };
    account::settle(&state, &ask, change).await?;
    Ok(see_other("/app/security?done=name"))
}

/// An event about the caller, into the log of their home organisation.
pub(crate) fn own_event<A: kernel::Act>(
    tx: &mut Tx,
    permit: &Permit<A>,
    kind: EventKind,
    outcome: Outcome,
    chance: &kernel::Chance,
) -> db::Result<Event> {
    let caller = permit.caller();
    let home =
        people::person(tx, Deployment, caller.person)?.map_or(caller.organisation, |person| person.home_organisation);
    let event = Event::new(Stream::Organisation(home), permit.now(), kind, outcome, chance).by(caller.person);
    Ok(event.from(caller.device, &caller.device_label, &caller.network))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignOutForm {
    session: String,
}

/// POST `/app/security/sign-out`: one session by its id, or `others`.
async fn sign_out_some(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<SignOutForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    if form.session == "others" {
        end_others(&state, &ask).await?;
        return Ok(see_other("/app/security?done=sessions"));
    }
    let Ok(id) = form.session.parse::<SessionId>() else {
        state.house.read(&ask, |_, _| Ok(())).await?;
        return Err(ask.not_found());
    };
    let was_own = end_one(&state, &ask, id).await?;
    Ok(see_other(if was_own {
        "/sign-in"
    } else {
        "/app/security?done=sessions"
    }))
}

/// Ends all the caller's sessions but this one.
pub(crate) async fn end_others(state: &Sessions, ask: &Ask<act::ChangeOwn>) -> Result<u64, Failure> {
    let chance = state.house.ground.chance.clone();
    let (_, ended) = state
        .house
        .write(ask, None, move |tx, permit| {
            let caller = permit.caller();
            let ended = store::end_others(
                tx,
                Deployment,
                caller.person,
                Some(caller.session),
                Reason::SessionSignedOut,
                permit.now(),
            )?;
            if ended > 0 {
                let mut event = own_event(tx, permit, EventKind::SessionEnded, Outcome::Done, &chance)?
                    .because(Reason::SessionSignedOut);
                event.count = u32::try_from(ended).unwrap_or(u32::MAX);
                journal::append(tx, &event)?;
            }
            Ok(ended)
        })
        .await?;
    Ok(ended)
}

/// Ends one of the caller's sessions; whose it is not, or what is not there, is the same 404. Answers whether it was this one.
pub(crate) async fn end_one(state: &Sessions, ask: &Ask<act::ChangeOwn>, id: SessionId) -> Result<bool, Failure> {
    let chance = state.house.ground.chance.clone();
    let (permit, ended) = state
        .house
        .write(ask, None, move |tx, permit| {
            let ended = store::end(
                tx,
                Deployment,
                permit.caller().person,
                id,
                Reason::SessionSignedOut,
                permit.now(),
            )?;
            if ended {
                let event = own_event(tx, permit, EventKind::SessionEnded, Outcome::Done, &chance)?
                    .because(Reason::SessionSignedOut);
                journal::append(tx, &event)?;
            }
            Ok(ended)
        })
        .await?;
    if ended {
        Ok(permit.caller().session == id)
    } else {
        Err(ask.not_found())
    }
}

/// POST `/app/stay`: a person says that they are still there.
async fn stay(State(state): State<Sessions>, ask: Ask<act::ChangeOwn>) -> Result<Response, Failure> {
    let (permit, locks_in) = state
        .house
        .write(&ask, None, |tx, permit| {
            let caller = permit.caller();
            store::touch(tx, Deployment, caller.session, &caller.network, permit.now())?;
            let listed = of_person(tx, caller.person, permit.now())?;
            let idle = organisations::standing(tx, kernel::Organisation(caller.organisation))?
                .map(|standing| standing.sessions.lock_for);
            let is_here = listed.iter().any(|line| line.session.id == caller.session);
            Ok(if is_here { idle } else { None })
        })
        .await?;
    let accepts = ask
        .visitor
        .headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if !accepts.contains("application/json") {
        return Ok(see_other("/app"));
    }
    let left = (permit.caller().ends_at - permit.now()).seconds_up();
    let idle = locks_in.map_or(0, |span| {
        if permit.caller().is_shared {
            span.min(crate::decide::SHARED_IDLE)
        } else {
            span
        }
        .seconds_up()
    });
    Ok(Json(serde_json::json!({ "locks_in": idle.min(left), "ends_in": left })).into_response())
}

/// POST `/sign-out`: ends whatever session this browser brings, clears what is kept of it, and leads to the door. Never an error.
async fn sign_out(State(state): State<Sessions>, visitor: Visitor) -> Result<Response, Failure> {
    use sha2::{Digest, Sha256};
    let ground = &state.house.ground;
    let tokens: Vec<[u8; 32]> = visitor
        .session_tokens()
        .iter()
        .map(|token| Sha256::digest(token.as_bytes()).into())
        .collect();
    let (now, chance, network) = (ground.now(), ground.chance.clone(), visitor.network());
    let ended = ground
        .store
        .write(move |tx| {
            let (mut was_shared, mut events) = (false, Vec::new());
            for token in &tokens {
                let Some(session) = crate::end_by_token(tx, token, Reason::SessionSignedOut, now)? else {
                    continue;
                };
                was_shared |= session.is_shared;
                let home = people::person(tx, Deployment, session.person)?
                    .map_or(session.organisation, |person| person.home_organisation);
                let event = Event::new(
                    Stream::Organisation(home),
                    now,
                    EventKind::SignedOut,
                    Outcome::Done,
                    &chance,
                );
                events.push(
                    event
                        .by(session.person)
                        .from(session.device, &session.device_label, &network)
                        .because(Reason::SessionSignedOut),
                );
            }
            journal::append_all(tx, &events)?;
            Ok::<_, db::Error>(was_shared)
        })
        .await
        .map_err(|error| Failure::store(&visitor, &error))?;
    let mut response = see_other("/sign-in");
    let headers = response.headers_mut();
    if let Some(cookie) = ground.cookies.remove(cookies::SESSION) {
        headers.append(header::SET_COOKIE, cookie);
    }
    // "cookies" never: it would sign out other applications of the domain and forget the device. "storage" only on a shared device.
    let clears = if ended { "\"cache\", \"storage\"" } else { "\"cache\"" };
    headers.insert("clear-site-data", HeaderValue::from_static(clears));
    Ok(response)
}

/// The session's new token goes with the answer; on a shared device the cookie ends with the browser.
pub(crate) fn with_token(state: &Sessions, mut response: Response, opened: &Opened, is_shared: bool) -> Response {
    let lives_for = (!is_shared).then_some(COOKIE_LIVES_FOR);
    if let Some(cookie) = state
        .house
        .ground
        .cookies
        .set(cookies::SESSION, &opened.token, lives_for)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
