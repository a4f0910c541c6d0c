//! The settings page of an organisation, and its logo at the door.
use crate::{
    decide::{check_contact, check_logo, check_name},
    page::SettingsPage,
    store,
};
use axum::{
    extract::{FromRequest, Multipart, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Caller, Failure, Guard, House, Routes, Visitor,
    db::{self, Lock, Tx},
    form::Form,
    journal,
    page::{Entry, Errors, HouseShell, html, see_other},
};
use kernel::{Action, Deployment, Event, EventKind, FieldError, Organisation, Outcome, Reason, Stream, Time, act};
use serde::Deserialize;

/// The state of these routes.
#[derive(Clone)]
pub struct Settings {
    house: House,
}

impl Settings {
    /// On the house.
    pub fn new(house: House) -> Self {
        Self { house }
    }
}

/// The routes.
pub fn routes(state: Settings) -> Routes {
    Routes::new()
        .get("/logo", Guard::Anyone("door.logo"), logo)
        .get("/app/settings", Guard::Person(Action::SeeSettings), show)
        .post("/app/settings", Guard::Person(Action::ChangeSettings), change)
        .post("/app/settings/logo", Guard::Person(Action::ChangeSettings), change_logo)
        .post(
            "/app/settings/logo/remove",
            Guard::Person(Action::ChangeSettings),
            remove_logo,
        )
        .with_state(state)
}

/// GET `/logo`: what stands at the door.
async fn logo(State(state): State<Settings>, visitor: Visitor) -> Result<Response, Failure> {
    let found = state
        .house
        .ground
        .store
        .read(|view| store::logo(view, Deployment))
        .await;
    let (kind, bytes) = found
        .map_err(|error| Failure::store(&visitor, &error))?
        .ok_or_else(|| Failure::new(&visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound))?;
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    Ok((headers, bytes).into_response())
}

/// GET `/app/settings`.
async fn show(State(state): State<Settings>, ask: Ask<act::SeeSettings>) -> Result<Response, Failure> {
    let (permit, row) = state
        .house
        .read(&ask, |view, permit| {
            store::settings(view, Organisation(permit.caller().organisation))
        })
        .await?;
    Ok(html(
        StatusCode::OK,
        page(permit.caller(), permit.now(), row, Errors::none()),
    ))
}

fn page(caller: &Caller, now: Time, row: store::SettingsRow, errors: Errors) -> SettingsPage {
    SettingsPage {
        shell: HouseShell::new("Settings", Entry::Settings, caller, now),
        notice: None,
        errors,
        name: row.name,
        contact: row.contact,
        logo: row.has_logo.then(|| "/logo".to_owned()),
        may_change: caller.may.contains(Action::ChangeSettings),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct SettingsForm {
    name: String,
    contact: String,
}

/// POST `/app/settings`.
async fn change(
    State(state): State<Settings>,
    ask: Ask<act::ChangeSettings>,
    form: Form<SettingsForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let name = check_name("name", &form.name, Reason::OrganisationNameInvalid);
    let contact = check_contact(&form.contact);
    let (name, contact) = match (name, contact) {
        (Ok(name), Ok(contact)) => (name, contact),
        (name, contact) => {
            let errors: Vec<FieldError> = [name.err(), contact.err()].into_iter().flatten().collect();
            return refused(&state, &ask, Some(form), errors).await;
        }
    };
    write(&state, &ask, "name and contact", move |tx, organisation| {
        store::change_settings(tx, organisation, &name, &contact)
    })
    .await
}

/// The page again, with what was typed and what is wrong.
async fn refused(
    state: &Settings,
    ask: &Ask<act::ChangeSettings>,
    typed: Option<SettingsForm>,
    errors: Vec<FieldError>,
) -> Result<Response, Failure> {
    let (permit, mut row) = state
        .house
        .read(ask, |view, permit| {
            store::settings(view, Organisation(permit.caller().organisation))
        })
        .await?;
    if let Some(form) = typed {
        (row.name, row.contact) = (form.name, form.contact);
    }
    Ok(html(
        StatusCode::UNPROCESSABLE_ENTITY,
        page(permit.caller(), permit.now(), row, Errors::from(errors)),
    ))
}

/// One change of the settings, with its event, under the organisation's lock.
async fn write(
    state: &Settings,
    ask: &Ask<act::ChangeSettings>,
    what: &'static str,
    work: impl Fn(&mut Tx, Organisation) -> db::Result<()> + Send + 'static,
) -> Result<Response, Failure> {
    let chance = state.house.ground.chance.clone();
    state
        .house
        .write(ask, Some(Lock::on("settings", b"")), move |tx, permit| {
            let caller = permit.caller();
            work(tx, Organisation(caller.organisation))?;
            let stream = Stream::Organisation(caller.organisation);
            let mut event = Event::new(stream, permit.now(), EventKind::SettingsChanged, Outcome::Done, &chance)
                .by(caller.person)
                .from(caller.device, &caller.device_label, &caller.network);
            what.clone_into(&mut event.detail);
            journal::append(tx, &event)
        })
        .await?;
    Ok(see_other("/app/settings"))
}

/// POST `/app/settings/logo`: one file, named `logo`.
async fn change_logo(
    State(state): State<Settings>,
    ask: Ask<act::ChangeSettings>,
    request: Request,
) -> Result<Response, Failure> {
    // Who is not let in hears that, and nothing of the form.
    state.house.admit(&ask).await?;
    let bytes = match picture(request).await {
        Ok(bytes) => bytes,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => {
            return Err(ask.failure(StatusCode::PAYLOAD_TOO_LARGE, Reason::LogoInvalid));
        }
        Err(status) => return Err(ask.failure(status, Reason::RequestMalformed)),
    };
    match check_logo(&bytes) {
        Ok(kind) => {
            write(&state, &ask, "logo", move |tx, organisation| {
                store::change_logo(tx, organisation, Some((kind, bytes.clone())))
            })
            .await
        }
        Err(error) => refused(&state, &ask, None, vec![error]).await,
    }
}

async fn picture(request: Request) -> Result<Vec<u8>, StatusCode> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    while let Some(field) = form.next_field().await.map_err(|e| e.status())? {
        if field.name() == Some("logo") {
            return field.bytes().await.map(|bytes| bytes.to_vec()).map_err(|e| e.status());
        }
    }
    Err(StatusCode::BAD_REQUEST)
}

/// POST `/app/settings/logo/remove`.
async fn remove_logo(State(state): State<Settings>, ask: Ask<act::ChangeSettings>) -> Result<Response, Failure> {
    write(&state, &ask, "logo removed", |tx, organisation| {
        store::change_logo(tx, organisation, None)
    })
    .await
}
