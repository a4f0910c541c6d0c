//! Passkeys at the door: a sign-in by one touch, the second factor, and a first one that is added. JSON for the script of the pages.
//! Must never happen: an answer for another sign-in than this browser's; a passkey that adds itself to an account that a mail was asked for.
use crate::{
    Coming, Front, Next,
    decide::Step,
    factor::ways_of,
    flow::Flow,
    http::put,
    live::{self, Browser, Live},
    settle::{First, begin, by, go_on},
    store,
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use devices::KeyProof;
use factors::passkeys::{NewKey, NewPasskey, PasskeyProof, Place, Shown, Started};
use ground::{
    Failure, Visitor,
    db::{self, Tx},
    form::{self, Query},
    visitor::Wants,
};
use kernel::{AuthenticatorKind, CeremonyId, Deployment, Method, Methods, Reason};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the passkey is for.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Purpose {
    /// To sign in.
    Door,
    /// As the second factor.
    Factor,
    /// To be added.
    Enrol,
}

/// The address's part.
#[derive(Deserialize)]
pub(crate) struct For {
    #[serde(rename = "for")]
    purpose: Purpose,
}

/// What the script sends along, from the fields of its page.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Extras {
    shared_device: bool,
    next: Option<String>,
    name: Option<String>,
    device_key: String,
    device_proof: String,
}

/// What the script sends at the end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    ceremony: CeremonyId,
    credential: Value,
    #[serde(default)]
    shared_device: bool,
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    device_key: String,
    #[serde(default)]
    device_proof: String,
}

/// Where the script goes on.
#[derive(Serialize)]
struct Leads {
    next: String,
}

fn problem(status: StatusCode, reason: Reason) -> Failure {
    Failure::plain(Wants::Api, status, reason)
}

fn refused(reason: Reason) -> Failure {
    problem(StatusCode::UNPROCESSABLE_ENTITY, reason)
}

fn away(visitor: &Visitor, error: &db::Error) -> Failure {
    let mut visitor = visitor.clone();
    visitor.wants = Wants::Api;
    Failure::store(&visitor, error)
}

/// POST `/sign-in/passkey/start`.
pub(crate) async fn start(
    State(front): State<Front>,
    visitor: Visitor,
    Query(For { purpose }): Query<For>,
    extras: form::Json<Extras>,
) -> Result<Response, Failure> {
    extras.open()?;
    let (held, from, browser) = (front.clone(), visitor.client.address, Browser::of(&visitor, None));
    let work = move |tx: &mut Tx| -> db::Result<Result<Started, Reason>> {
        let (passkeys, now) = (&held.passkeys, browser.now);
        if purpose == Purpose::Door {
            return passkeys.start_sign_in(tx, from, now);
        }
        let Some(live) = live::look(tx, &browser)?.filter(|live| stands(live, purpose)) else {
            return Ok(Err(Reason::SignInStaleFlow));
        };
        let binding = &live.row.browser_hash;
        if purpose == Purpose::Factor {
            return passkeys.start_confirm(tx, live.person.id, binding, now);
        }
        let new = NewKey {
            person: &live.person,
            models: &live.policies.aaguids,
            binding,
        };
        passkeys.start_enrol(tx, &new, now)
    };
    let started = front.house.ground.store.write(work).await;
    let started = started.map_err(|error| away(&visitor, &error))?.map_err(refused)?;
    Ok(Json(started).into_response())
}

/// Whether the sign-in stands where this is asked for.
fn stands(live: &Live, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Door => true,
        Purpose::Factor => ways_of(live.step).contains(AuthenticatorKind::Passkey),
        Purpose::Enrol => {
            matches!(live.step, Step::Enrol { needs_mail: false, .. })
                && live.allowed.contains(AuthenticatorKind::Passkey)
        }
    }
}

/// POST `/sign-in/passkey/finish`.
pub(crate) async fn finish(
    State(front): State<Front>,
    visitor: Visitor,
    Query(For { purpose }): Query<For>,
    answer: form::Json<Answer>,
) -> Result<Response, Failure> {
    let answer = answer.open()?;
    if !visitor.has_any_cookie() {
        return Err(refused(Reason::SignInNoCookie));
    }
    let proof = KeyProof::read(&visitor, &answer.device_key, &answer.device_proof);
    let coming = Coming::draw(&visitor, Browser::of(&visitor, proof));
    let flow = Flow::of(&visitor, answer.next.as_deref());
    let next = match purpose {
        Purpose::Door => enter(&front, &visitor, answer, &coming).await?,
        Purpose::Factor | Purpose::Enrol => {
            let looking = coming.browser.clone();
            let found = front
                .house
                .ground
                .store
                .read(move |view| live::look(view, &looking))
                .await;
            let live = found.map_err(|error| away(&visitor, &error))?;
            match live {
                None => Next::Gone,
                Some(live) if !stands(&live, purpose) => Next::Step(live.step),
                Some(live) if purpose == Purpose::Factor => prove(&front, &visitor, answer, &live, &coming).await?,
                Some(live) => add(&front, &visitor, answer, &live, &coming).await?,
            }
        }
    };
    let (next, fresh) = front.leads(next, &flow, &coming);
    let mut response = Json(Leads { next }).into_response();
    for cookie in fresh {
        put(response.headers_mut(), cookie);
    }
    Ok(response)
}

fn place(coming: &Coming) -> Place {
    Place {
        device: None,
        label: coming.browser.label.clone(),
        network: coming.browser.network.clone(),
    }
}

/// A sign-in by passkey alone: it verified its person, so it is both factors.
async fn enter(front: &Front, visitor: &Visitor, answer: Answer, coming: &Coming) -> Result<Next, Failure> {
    let is_shared = answer.shared_device;
    let shown = Shown {
        ceremony: answer.ceremony,
        credential: answer.credential,
    };
    let proved = front.passkeys.finish_sign_in(shown, &place(coming)).await;
    let proof = proved.map_err(|error| away(visitor, &error))?.map_err(refused)?;
    let (held, step, lock) = (front.clone(), coming.clone(), proof.lock());
    let work = move |tx: &mut Tx| -> db::Result<Result<Next, Reason>> {
        let events = match proof.confirm(tx, step.browser.now, &held.house.ground)? {
            Ok(events) => events,
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(person) = people::person(tx, Deployment, proof.subject().person)? else {
            return Ok(Err(Reason::SignInMoved));
        };
        let first = First {
            person,
            password_version: None,
            methods: Methods::only(Method::Passkey),
            is_shared,
        };
        Ok(Ok(begin(tx, &held, &first, &step, events)?))
    };
    let done = front.house.ground.store.write_holding(lock, work).await;
    done.map_err(|error| away(visitor, &error))?.map_err(refused)
}

/// The second factor.
async fn prove(
    front: &Front,
    visitor: &Visitor,
    answer: Answer,
    live: &Live,
    coming: &Coming,
) -> Result<Next, Failure> {
    let shown = Shown {
        ceremony: answer.ceremony,
        credential: answer.credential,
    };
    let hash = live.row.browser_hash;
    let finished = front
        .passkeys
        .finish_confirm(shown, live.person.id, hash.to_vec(), &place(coming))
        .await;
    let proof: PasskeyProof = finished.map_err(|error| away(visitor, &error))?.map_err(refused)?;
    let (held, step, lock) = (front.clone(), coming.clone(), proof.lock());
    let work = move |tx: &mut Tx| -> db::Result<Result<Next, Reason>> {
        let Some(live) = live::find(tx, &step.browser, &hash)? else {
            return Ok(Ok(Next::Gone));
        };
        if !stands(&live, Purpose::Factor) {
            return Ok(Ok(Next::Step(live.step)));
        }
        let events = match proof.confirm(tx, step.browser.now, &held.house.ground)? {
            Ok(events) => events,
            Err(reason) => return Ok(Err(reason)),
        };
        let methods = live.methods.with(Method::Passkey);
        store::set_methods(tx, Deployment, live.row.id, &methods.text())?;
        Ok(Ok(go_on(tx, &held, &hash, &step, events)?))
    };
    let done = front.house.ground.store.write_holding(lock, work).await;
    done.map_err(|error| away(visitor, &error))?.map_err(refused)
}

/// A first second factor: it is kept, and has proved itself with that.
async fn add(front: &Front, visitor: &Visitor, answer: Answer, live: &Live, coming: &Coming) -> Result<Next, Failure> {
    let (hash, name, models) = (live.row.browser_hash, answer.name, live.policies.aaguids.clone());
    let shown = Shown {
        ceremony: answer.ceremony,
        credential: answer.credential,
    };
    let finished = front
        .passkeys
        .finish_enrol(shown, live.person.id, hash.to_vec(), &models)
        .await;
    let new: NewPasskey = finished.map_err(|error| away(visitor, &error))?.map_err(refused)?;
    let (held, step, lock) = (front.clone(), coming.clone(), factors::person_lock(live.person.id));
    let work = move |tx: &mut Tx| -> db::Result<Result<Next, Reason>> {
        let Some(live) = live::find(tx, &step.browser, &hash)? else {
            return Ok(Ok(Next::Gone));
        };
        if !stands(&live, Purpose::Enrol) {
            return Ok(Ok(Next::Step(live.step)));
        }
        let kept = new.keep(tx, &held.house.ground, &live.person, name.as_deref(), &by(&live, &step))?;
        let events = match kept {
            Ok((_, events)) => events,
            Err(reason) => return Ok(Err(reason)),
        };
        let methods = live.methods.with(Method::Passkey);
        store::set_methods(tx, Deployment, live.row.id, &methods.text())?;
        Ok(Ok(go_on(tx, &held, &hash, &step, events)?))
    };
    let done = front.house.ground.store.write_holding(lock, work).await;
    done.map_err(|error| away(visitor, &error))?.map_err(refused)
}
