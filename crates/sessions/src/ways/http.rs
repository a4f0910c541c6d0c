//! The routes and pages of one's ways to sign in.
use super::{
    api,
    page::{AddPage, AppPage, CodesPage, PasskeyPage, Way, WayPage},
    phone,
    settle::{Confirming, needs_mail, of_caller, policies},
};
use crate::{Sessions, http::see_other};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::app;
use ground::{
    Ask, Caller, Failure, Guard, Routes,
    failure::retry_after,
    form::{Form, Path, Query, is_ticked},
    page::{Entry, Errors, HouseShell, Notice, html},
};
use kernel::{Act, Action, AuthenticatorId, AuthenticatorKind, Deployment, Freshness, Kinds, Reason, Time, act};
use serde::Deserialize;

/// Reading a page that leads to a change, and the change itself, want the same proof: so nobody fills in a form in vain.
const FRESH: Option<Freshness> = Some(Freshness::Factor);

/// The routes.
pub(crate) fn routes() -> Routes<Sessions> {
    let (see, change) = (
        Guard::Enrol(Action::SeeOwn, FRESH),
        Guard::Enrol(Action::ChangeOwn, FRESH),
    );
    Routes::new()
        .get("/app/security/add", Guard::Enrol(Action::SeeOwn, None), add)
        .post("/app/security/add", change, confirm_mail)
        .post("/app/security/app", change, start_app)
        .get("/app/security/app/{id}", see, show_app)
        .post("/app/security/app/{id}", change, confirm_app)
        .get("/app/security/phone", see, phone::show_phone)
        .post("/app/security/phone", change, phone::start_phone)
        .get("/app/security/phone/{id}", see, phone::show_phone_code)
        .post("/app/security/phone/{id}", change, phone::confirm_phone)
        .get("/app/security/passkey", see, show_passkey)
        .get("/app/security/codes", see, show_codes)
        .post("/app/security/codes", change, keep_codes)
        .get("/app/security/ways/{id}", see, show_way)
        .post("/app/security/ways/{id}", change, rename)
        .post("/app/security/ways/{id}/remove", change, remove)
        .get(
            "/api/v1/me/authenticators",
            Guard::Enrol(Action::SeeOwn, None),
            api::list,
        )
        .get(
            "/api/v1/me/authenticators/{id}",
            Guard::Enrol(Action::SeeOwn, None),
            api::one,
        )
        .delete("/api/v1/me/authenticators/{id}", change, api::remove)
        .patch("/api/v1/me/authenticators/{id}", change, api::rename)
        .post("/api/v1/me/authenticators/totp", change, api::start_app)
        .post("/api/v1/me/authenticators/recovery-codes", change, api::make_codes)
        .post("/api/v1/me/authenticators/phone", change, api::start_phone)
        .post("/api/v1/me/authenticators/passkeys", change, api::start_passkey)
        .post("/api/v1/me/authenticators/passkeys/finish", change, api::finish_passkey)
        .post("/api/v1/me/authenticators/{id}/confirm", change, api::confirm)
}

pub(super) fn shell(title: &str, caller: &Caller, now: Time) -> HouseShell {
    HouseShell::new(title, Entry::Security, caller, now)
}

/// An id of the address; what is none is not there.
pub(super) async fn id_of<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    id: Result<Path<String>, Failure>,
) -> Result<AuthenticatorId, Failure> {
    if let Some(id) = id.ok().and_then(|Path(id)| id.parse().ok()) {
        return Ok(id);
    }
    // Whoever is not let in hears that first.
    state.house.read(ask, |_, _| Ok(())).await?;
    Err(ask.not_found())
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Came {
    required: Option<String>,
    sent: Option<String>,
    proof: Option<String>,
}

/// GET `/app/security/add`.
async fn add(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let came = came.map(|Query(came)| came).unwrap_or_default();
    let mut page = add_page(&state, &ask, came.proof).await?;
    page.is_mailed = came.sent.is_some();
    page.notice = match (&came.required, &came.sent) {
        (_, Some(_)) => Some(Notice::done(format!("We have sent the link to {}.", page.email))),
        (Some(_), None) => Some(Notice::refused(Reason::SessionFactorNeeded)),
        (None, None) => None,
    };
    Ok(html(StatusCode::OK, page))
}

async fn add_page<A: Act>(state: &Sessions, ask: &Ask<A>, proof: Option<String>) -> Result<AddPage, Failure> {
    let (permit, offers) = state
        .house
        .read(ask, |view, permit| {
            Ok(policies(view, permit.caller())?.factors.counting(Kinds::ALL))
        })
        .await?;
    let (caller, now) = (permit.caller(), permit.now());
    let offers = if state.passkeys.is_available() {
        offers
    } else {
        offers.without(AuthenticatorKind::Passkey)
    };
    Ok(AddPage {
        shell: shell("Add a way to sign in", caller, now),
        notice: None,
        due_at: caller.factor_due.filter(|due_at| *due_at > now),
        offers,
        needs_mail: needs_mail(caller),
        is_mailed: false,
        proof,
        email: caller.email.clone(),
    })
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct MailForm {
    send: Option<String>,
    proof: String,
}

/// POST `/app/security/add`: sends the link, or takes what it carried. The GET that the link leads to acts on nothing.
async fn confirm_mail(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<MailForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    if form.send.is_some() {
        return match state.send_proof(&ask).await? {
            Ok(()) => Ok(see_other("/app/security/add?sent")),
            Err(until) => enough(&state, &ask, until).await,
        };
    }
    if state.take_proof(&ask, &form.proof).await? {
        Ok(see_other("/app/security/add"))
    } else {
        Err(ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::EnrolLinkDead))
    }
}

/// The page again: no more mails until then.
async fn enough(state: &Sessions, ask: &Ask<act::ChangeOwn>, until: Time) -> Result<Response, Failure> {
    let mut page = add_page(state, ask, None).await?;
    let wait = until - state.house.ground.now();
    page.is_mailed = true;
    page.notice = Some(Notice::refused(Reason::EnrolMailsEnough).wait(wait, until));
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    retry_after(&mut response, wait);
    Ok(response)
}

/// POST `/app/security/app`: a fresh secret, and on to its page.
async fn start_app(State(state): State<Sessions>, ask: Ask<act::ChangeOwn>) -> Result<Response, Failure> {
    match state.start_app(&ask).await? {
        Ok(enrolment) => Ok(see_other(&format!("/app/security/app/{}", enrolment.id))),
        Err(reason) => Ok(back_to_choice(&ask, reason)),
    }
}

/// Where something cannot be begun, its reason is told where one chooses.
fn back_to_choice<A: Act>(ask: &Ask<A>, reason: Reason) -> Response {
    use axum::response::IntoResponse;
    match reason {
        Reason::EnrolNeedsMail => see_other("/app/security/add"),
        reason => ask.failure(StatusCode::UNPROCESSABLE_ENTITY, reason).into_response(),
    }
}

/// GET `/app/security/app/{id}`.
async fn show_app(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    let id = id_of(&state, &ask, id).await?;
    app_page(&state, &ask, id, StatusCode::OK, String::new(), Errors::none(), None).await
}

async fn app_page<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    id: AuthenticatorId,
    status: StatusCode,
    name: String,
    errors: Errors,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let ground = state.house.ground.clone();
    let (permit, pending) = state
        .house
        .read(ask, move |view, permit| {
            app::pending(view, &ground, Deployment, permit.caller().person, id)
        })
        .await?;
    let Some(enrolment) = pending else {
        // Confirmed already, perhaps by a second click, or swept: the list says what there is.
        return Ok(see_other("/app/security"));
    };
    let page = AppPage {
        shell: shell("Add an authenticator app", permit.caller(), permit.now()),
        notice,
        errors,
        id,
        qr: enrolment.qr_svg,
        secret: enrolment.secret,
        uri: enrolment.uri,
        name,
    };
    Ok(html(status, page))
}

/// POST `/app/security/app/{id}`.
async fn confirm_app(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<ConfirmForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let id = id_of(&state, &ask, id).await?;
    let typed = form.read();
    match state.confirm(&ask, id, &typed).await? {
        Ok(()) => Ok(see_other(done(&state, &ask).await?)),
        Err(refused) => {
            let (status, name) = (StatusCode::UNPROCESSABLE_ENTITY, form.name);
            app_page(&state, &ask, id, status, name, Errors::none(), Some(refused.notice())).await
        }
    }
}

/// After the first factor on to recovery codes; else back to the list.
pub(super) async fn done<A: Act>(state: &Sessions, ask: &Ask<A>) -> Result<&'static str, Failure> {
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    let has_codes = permit.caller().kinds.contains(AuthenticatorKind::RecoveryCodes);
    Ok(if has_codes {
        "/app/security?done=way"
    } else {
        "/app/security/codes"
    })
}

/// What confirms.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConfirmForm {
    code: String,
    name: String,
    keep_sessions: Option<String>,
    pub(super) send: Option<String>,
}

impl ConfirmForm {
    pub(super) fn read(&self) -> Confirming {
        Confirming {
            code: self.code.clone(),
            name: Some(self.name.trim().to_owned()).filter(|name| !name.is_empty()),
            keep_sessions: is_ticked(self.keep_sessions.as_deref()),
        }
    }
}

/// GET `/app/security/passkey`.
async fn show_passkey(State(state): State<Sessions>, ask: Ask<act::SeeOwn>) -> Result<Response, Failure> {
    let (permit, ()) = state.house.read(&ask, |_, _| Ok(())).await?;
    if needs_mail(permit.caller()) {
        return Ok(see_other("/app/security/add"));
    }
    let page = PasskeyPage {
        shell: shell("Add a passkey", permit.caller(), permit.now()),
        name: permit.caller().device_label.clone(),
    };
    Ok(html(StatusCode::OK, page))
}

/// GET `/app/security/codes`: fresh codes. They count once the person says that they are kept; until then the earlier ones do.
async fn show_codes(State(state): State<Sessions>, ask: Ask<act::SeeOwn>) -> Result<Response, Failure> {
    codes_page(&state, &ask, StatusCode::OK, None).await
}

async fn codes_page<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    let caller = permit.caller();
    let (codes, sealed) = state.draw_codes(caller, permit.now());
    let page = CodesPage {
        shell: shell("Recovery codes", caller, permit.now()),
        notice,
        codes,
        sealed,
        replaces: caller.kinds.contains(AuthenticatorKind::RecoveryCodes),
        email: caller.email.clone(),
    };
    Ok(html(status, page))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct CodesForm {
    sealed: String,
}

/// POST `/app/security/codes`.
async fn keep_codes(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<CodesForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let (permit, ()) = state.house.read(&ask, |_, _| Ok(())).await?;
    let Some(codes) = state.open_codes(permit.caller(), &form.sealed, permit.now()) else {
        let notice = Notice::warn("These codes were open for too long", "Here are fresh ones; keep these.");
        return codes_page(&state, &ask, StatusCode::UNPROCESSABLE_ENTITY, Some(notice)).await;
    };
    state.keep_codes(&ask, &codes).await?;
    Ok(see_other("/app/security?done=codes"))
}

/// GET `/app/security/ways/{id}`.
async fn show_way(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    let id = id_of(&state, &ask, id).await?;
    way_page(&state, &ask, id, StatusCode::OK, None, Errors::none(), None).await
}

async fn way_page<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    id: AuthenticatorId,
    status: StatusCode,
    name: Option<String>,
    errors: Errors,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let (permit, (found, allowed)) = state
        .house
        .read(ask, |view, permit| of_caller(view, permit.caller(), permit.now()))
        .await?;
    let Some(found) = found.into_iter().find(|found| found.id == id) else {
        return Err(ask.not_found());
    };
    let page = WayPage {
        shell: shell(found.kind.words(), permit.caller(), permit.now()),
        notice,
        errors,
        way: Way::of(&found, allowed, false, permit.now()),
        name: name.unwrap_or(found.name),
    };
    Ok(html(status, page))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NameForm {
    name: String,
}

/// POST `/app/security/ways/{id}`: another name.
async fn rename(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<NameForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let id = id_of(&state, &ask, id).await?;
    match state.rename(&ask, id, &form.name).await? {
        Ok(()) => Ok(see_other("/app/security?done=way-name")),
        Err(error) => {
            let (status, errors) = (StatusCode::UNPROCESSABLE_ENTITY, Errors::from(vec![error]));
            way_page(&state, &ask, id, status, Some(form.name), errors, None).await
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RemoveForm {
    keep_sessions: Option<String>,
}

/// POST `/app/security/ways/{id}/remove`.
async fn remove(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<RemoveForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let id = id_of(&state, &ask, id).await?;
    let keeps = is_ticked(form.keep_sessions.as_deref());
    match state.remove(&ask, id, keeps).await? {
        Ok(()) => Ok(see_other("/app/security?done=way-removed")),
        Err(reason) => {
            let (status, notice) = (StatusCode::CONFLICT, Notice::refused(reason));
            way_page(&state, &ask, id, status, None, Errors::none(), Some(notice)).await
        }
    }
}
