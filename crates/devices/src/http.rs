//! The addresses of devices: the challenge for a browser's key, one's own devices, approvals, and the administrators' page.
mod administrators;
mod api;
mod approvals;
mod own;

pub use api::openapi;

use crate::{Live, Token, store, tell::From, tokens};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Failure, Guard, House, Permit, Routes, Visitor,
    db::{Result as Stored, Tx, View},
};
use kernel::{Act, Action, Deployment, Freshness};
use people::Person;
use serde::Serialize;

/// The state of these routes.
#[derive(Clone)]
pub struct Devices {
    house: House,
    live: Live,
}

impl Devices {
    /// On the house, with the streams of this node.
    pub fn new(house: House, live: Live) -> Self {
        Self { house, live }
    }
}

/// The routes.
pub fn routes(state: Devices) -> Routes {
    let (see, change) = (Guard::Person(Action::SeeOwn), Guard::Person(Action::ChangeOwn));
    let answer = Guard::Fresh(Action::ApproveDevices, Freshness::Factor);
    Routes::new()
        .get("/device-key", Guard::Anyone("device.prove"), challenge)
        .post("/app/security/devices/{id}/name", change, own::rename)
        .post("/app/security/devices/{id}/move", change, own::shift)
        .post("/app/security/devices/{id}/trust", change, own::revoke_trust)
        .post("/app/security/devices/{id}/forget", change, own::forget)
        .get("/app/security/approvals", see, approvals::show)
        .get("/app/security/approvals/events", see, approvals::events)
        .post("/app/security/approvals/{id}", change, approvals::answer)
        .get(
            "/app/devices",
            Guard::Person(Action::ApproveDevices),
            administrators::show,
        )
        .post("/app/devices/answer", answer, administrators::answer)
        .post("/app/devices/revoke", answer, administrators::revoke)
        .get("/api/v1/me/devices", see, api::list)
        .put("/api/v1/me/devices", change, api::order)
        .delete("/api/v1/me/devices/{id}", change, api::forget)
        .with_state(state)
}

/// What a browser's script is told.
#[derive(Serialize)]
struct Challenge {
    /// To be signed; nothing where the browser sent no cookie of ours.
    #[expect(clippy::struct_field_names, reason = "the names are the surface of the script")]
    challenge: Option<String>,
    /// What the browser signs, besides the challenge, to be read by this server only.
    origin: String,
    /// The device has a key already: a browser that has none says so.
    has_key: bool,
}

/// GET `/device-key`: a challenge for the key of this browser. Not in a page, so that pages stay the same for all.
async fn challenge(State(state): State<Devices>, visitor: Visitor) -> Result<Response, Failure> {
    let ground = &state.house.ground;
    let tokens = tokens(&visitor);
    let has_key = if tokens.is_empty() {
        false
    } else {
        let read = ground.store.read(move |view| has_key(view, &tokens)).await;
        read.map_err(|error| Failure::store(&visitor, &error))?
    };
    let told = Challenge {
        challenge: crate::challenge(&visitor),
        origin: ground.config.public_url.as_str().to_owned(),
        has_key,
    };
    Ok(Json(told).into_response())
}

fn has_key(view: &mut View, tokens: &[Token]) -> Stored<bool> {
    for token in tokens {
        if store::has_key(view, Deployment, token)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The caller as a person, and where they are. None: their account has just gone.
fn caller<A: Act>(tx: &mut Tx, permit: &Permit<A>) -> Stored<Option<(Person, From)>> {
    let caller = permit.caller();
    let person = people::person(tx, Deployment, caller.person)?;
    Ok(person.map(|person| (person, From::caller(caller, permit.now()))))
}

fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
