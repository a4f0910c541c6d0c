//! The routes of roles: pages, API, and what they share: the state, the answers to refusals, and the events.
mod api;
mod decisions;
mod group_api;
mod group_pages;
mod role_pages;
mod settle;
mod show;

pub use api::openapi;

use crate::{giving::Settled, told::status};
use axum::http::StatusCode;
use ground::{
    Ask, Failure, Guard, House, Permit, Routes,
    db::{Result as Stored, Tx},
};
use kernel::{Act, Action, Event, EventKind, FieldError, Freshness, Outcome, Reason, Stream};

/// The state of these routes.
#[derive(Clone)]
pub struct Desk {
    pub(crate) house: House,
}

impl Desk {
    /// On the house.
    pub fn new(house: House) -> Self {
        Self { house }
    }
}

/// The routes.
pub fn routes(desk: Desk) -> Routes {
    let (see, change) = (
        Guard::Person(Action::SeeRoles),
        Guard::Fresh(Action::ChangeRoles, Freshness::Factor),
    );
    Routes::new()
        .get("/app/roles", see, show::show)
        .get("/app/roles/new", Guard::Person(Action::ChangeRoles), role_pages::new)
        .post("/app/roles/new", change, role_pages::make)
        .get("/app/roles/{id}", see, role_pages::show)
        .post("/app/roles/{id}", change, role_pages::change)
        .post("/app/roles/{id}/remove", change, role_pages::remove)
        .post("/app/roles/groups", change, group_pages::make)
        .get("/app/roles/groups/{id}", see, group_pages::show)
        .post("/app/roles/groups/{id}", change, group_pages::change)
        .get("/api/v1/permissions", see, api::permissions)
        .get("/api/v1/permissions/{name}/people", see, decisions::who)
        .get("/api/v1/roles", see, api::list)
        .post("/api/v1/roles", change, api::make)
        .put("/api/v1/roles/{id}", change, api::change)
        .delete("/api/v1/roles/{id}", change, api::remove)
        .post("/api/v1/decisions", see, decisions::decide)
        .get("/api/v1/groups", see, group_api::list)
        .post("/api/v1/groups", change, group_api::make)
        .get("/api/v1/groups/{id}", see, group_api::one)
        .put("/api/v1/groups/{id}", change, group_api::change)
        .delete("/api/v1/groups/{id}", change, group_api::remove)
        .with_state(desk)
}

/// What the caller did, as an event of their organisation.
fn event<A: Act>(permit: &Permit<A>, desk: &Desk, kind: EventKind, detail: String) -> Event {
    let caller = permit.caller();
    let stream = Stream::Organisation(caller.organisation);
    let mut event = Event::new(stream, permit.now(), kind, Outcome::Done, &desk.house.ground.chance)
        .by(caller.person)
        .from(caller.device, &caller.device_label, &caller.network);
    event.subject = None;
    event.detail = detail;
    event
}

/// The field that a refusal is about, as forms and the API name it.
const fn field(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::RoleNameTaken | Reason::RoleNameInvalid | Reason::GroupNameTaken => Some("name"),
        Reason::RoleTextInvalid => Some("description"),
        Reason::PermissionUnknown | Reason::GrantBeyondYou => Some("permissions"),
        Reason::RoleUnknown | Reason::RoleNotForGroup | Reason::ScopeUnknown => Some("roles"),
        _ => None,
    }
}

/// A refusal as the API answers it, told where a right was lacking.
async fn refuse<A: Act>(desk: &Desk, ask: &Ask<A>, permit: &Permit<A>, reason: Reason) -> Failure {
    let code = StatusCode::from_u16(status(reason)).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    match code {
        StatusCode::FORBIDDEN => desk.house.forbid(ask, permit, reason, reason.admin()).await,
        StatusCode::UNPROCESSABLE_ENTITY => {
            let errors = field(reason).map(|field| FieldError::new(field, reason));
            ask.failure(code, Reason::RequestRefused)
                .with_errors(errors.into_iter().collect())
        }
        _ => ask.failure(code, reason),
    }
}

/// One change and its answer: what was done, or the refusal as the API answers it.
async fn write<A: Act, T: Send + 'static>(
    desk: &Desk,
    ask: &Ask<A>,
    work: impl Fn(&mut Tx, &Permit<A>) -> Stored<Settled<T>> + Send + 'static,
) -> Result<T, Failure> {
    let (permit, settled) = desk.house.write(ask, None, work).await?;
    match settled {
        Ok(done) => Ok(done),
        Err(reason) => Err(refuse(desk, ask, &permit, reason).await),
    }
}
