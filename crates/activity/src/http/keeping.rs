//! How long activity is kept: one number, by the page and by the API.
use super::{done, malformed};
use crate::{
    http::{Activity, places},
    retention, store,
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure, House, Permit,
    db::{self, Tx},
    form::{Form, Json as Body, Query},
    journal,
    page::{Errors, see_other},
};
use kernel::{EventKind, FieldError, Organisation, Reason, act};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeepForm {
    days: String,
}

/// POST `/app/activity/retention`.
pub(super) async fn save(
    State(state): State<Activity>,
    ask: Ask<act::ChangePolicies>,
    form: Form<KeepForm>,
) -> Result<Response, Failure> {
    let typed = form.open_for(&state.house, &ask).await?.days;
    let days = typed.trim().parse().ok().filter(|days| retention::DAYS.contains(days));
    let Some(days) = days else {
        let errors = Errors::from(vec![FieldError::new("days", Reason::RetentionInvalid)]);
        return places::kept_wrongly(&state, &ask, typed, errors).await;
    };
    keep(&state.house, &ask, days).await?;
    // Whoever may not see where activity goes is shown the activity.
    let (permit, ()) = state.house.read(&ask, |_, _| Ok(())).await?;
    let may_see = permit.may(kernel::Action::ChangeWebhooks);
    Ok(see_other(if may_see {
        "/app/activity/places?done=kept"
    } else {
        "/app/activity"
    }))
}

async fn keep(house: &House, ask: &Ask<act::ChangePolicies>, days: i64) -> Result<(), Failure> {
    let ground = house.ground.clone();
    let work = move |tx: &mut Tx, permit: &Permit<act::ChangePolicies>| {
        let (of, now) = (Organisation(permit.caller().organisation), permit.now());
        let before = retention::days(tx, of)?;
        if before == days {
            return Ok(());
        }
        store::retention::set_days(tx, of, days, now)?;
        let detail = format!("{before} days before, {days} days now");
        journal::append(
            tx,
            &done(&ground, permit.caller(), EventKind::RetentionChanged, now, detail),
        )?;
        Ok::<_, db::Error>(())
    };
    house.write(ask, None, work).await?;
    Ok(())
}

/// How long activity is kept.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Retention {
    /// Days, 30 to 2557. What is older goes at the next signed checkpoint; what is left still verifies.
    days: i64,
}

/// How long the organisation's activity is kept.
#[utoipa::path(get, path = "/api/v1/events/retention", params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = Retention), (status = 403, description = "Not allowed")))]
pub(super) async fn get(
    State(house): State<House>,
    ask: Ask<act::ReadEvents>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let (permit, days) = house
        .read(&ask, |view, permit| {
            retention::days(view, Organisation(permit.caller().organisation))
        })
        .await?;
    let about = about.map_err(|_| malformed(&ask, Vec::new()))?.0;
    ask.own_only(permit.caller(), about.organisation.as_deref())?;
    Ok(Json(Retention { days }).into_response())
}

/// Changes it.
#[utoipa::path(put, path = "/api/v1/events/retention", request_body = Retention, params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = Retention), (status = 401, description = "A step-up is needed"), (status = 403, description = "Not allowed"), (status = 422, description = "`days` is out of its range")))]
pub(super) async fn put(
    State(house): State<House>,
    ask: Ask<act::ChangePolicies>,
    about: Result<Query<About>, Failure>,
    body: Body<Retention>,
) -> Result<Response, Failure> {
    house.admit_about(&ask, about).await?;
    let wanted = body.open()?;
    if !retention::DAYS.contains(&wanted.days) {
        let error = FieldError::new("days", Reason::RetentionInvalid);
        return Err(ask
            .failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
            .with_errors(vec![error]));
    }
    keep(&house, &ask, wanted.days).await?;
    Ok(Json(wanted).into_response())
}
