//! A longer password before the session: where policy asks for more than the one that was typed has, since it was changed or since a second factor
//! went. It can be put off for some days; the page says until when.
//! Must never happen: a password that was set by anybody but whoever has just proved the old one and everything else in this very sign-in.
use crate::{
    Coming, Front, Next,
    decide::Step,
    flow::Flow,
    http::shell,
    live::{self, Live},
    page::steps::LongerPage,
    settle::{by, go_on},
    stand::Stand,
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::{Context, StoredHash};
use ground::{
    Failure, Visitor,
    db::{self, Tx},
    form::Form,
    page::{Errors, html},
};
use kernel::{Deployment, Event, EventKind, FieldError, Outcome, Reason, Stream};
use serde::Deserialize;

const PATH: &str = "/sign-in/password";

/// GET `/sign-in/password`.
pub(crate) async fn show(State(front): State<Front>, visitor: Visitor) -> Result<Response, Failure> {
    Ok(match front.stand(&visitor, PATH).await? {
        Ok(stand) => html(StatusCode::OK, page(&stand, Errors::none())),
        Err(elsewhere) => elsewhere,
    })
}

fn page(stand: &Stand, errors: Errors) -> LongerPage {
    let live = &stand.live;
    let can_wait = matches!(live.step, Step::Password { can_wait: true });
    LongerPage {
        shell: shell("Set a longer password", &stand.door),
        email: live.person.email.clone(),
        organisation: live.organisation_name.clone(),
        shortest: u32::try_from(live.length.shortest).unwrap_or(u32::MAX),
        waits_until: live.length.due_at.filter(|_| can_wait),
        errors,
    }
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LongerForm {
    password: String,
    later: Option<String>,
}

/// POST `/sign-in/password`.
pub(crate) async fn confirm(
    State(front): State<Front>,
    visitor: Visitor,
    form: Form<LongerForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let stand = match front.stand(&visitor, PATH).await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let refused = |errors| Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page(&stand, errors)));
    let hash = match (&form.later, form.password.as_str()) {
        (Some(_), _) => None,
        (None, "") => return refused(missing()),
        (None, typed) => match front.hash(&visitor, &stand.live, typed).await? {
            Ok(hash) => Some(hash),
            Err(errors) => return refused(Errors::from(errors)),
        },
    };
    let coming = Coming::draw(&visitor, stand.browser.clone());
    let (held, step, flow) = (front.clone(), coming.clone(), stand.live.row.browser_hash);
    let work = move |tx: &mut Tx| try_step(tx, &held, &flow, hash.as_ref(), &step);
    let lock = factors::address_lock(&stand.live.person.email_canonical);
    let next = front.house.ground.store.write_holding(lock, work).await;
    match next.map_err(|error| Failure::store(&visitor, &error))? {
        // It cannot be put off any more.
        Next::Step(Step::Password { .. }) => refused(missing()),
        next => Ok(front.lead(next, &Flow::of(&visitor, None), &coming)),
    }
}

fn missing() -> Errors {
    Errors::from(vec![FieldError::new("password", Reason::SignInFieldMissing)])
}

impl Front {
    /// Held against the rules of this moment, then hashed, outside any transaction.
    async fn hash(
        &self,
        visitor: &Visitor,
        live: &Live,
        typed: &str,
    ) -> Result<Result<StoredHash, Vec<FieldError>>, Failure> {
        let person = &live.person;
        let context = Context::new(&live.organisation_name, &person.name, &person.email);
        let hashed = self
            .prover
            .new_password(visitor.client.address, typed, live.length.shortest, &context)
            .await;
        match hashed {
            Ok(hash) => Ok(Ok(hash)),
            Err(refused) => Ok(Err(refused.into_errors(visitor, "password")?)),
        }
    }
}

/// Sets the new password, or puts it off where there is none; then the sign-in goes on.
fn try_step(
    tx: &mut Tx,
    front: &Front,
    flow: &[u8; 32],
    hash: Option<&StoredHash>,
    coming: &Coming,
) -> db::Result<Next> {
    let Some(live) = live::find(tx, &coming.browser, flow)? else {
        return Ok(Next::Gone);
    };
    let mut events = Vec::new();
    match (live.step, hash) {
        (Step::Password { .. }, Some(hash)) => events.push(set(tx, front, &live, hash, coming)?),
        (Step::Password { can_wait: true }, None) => store::put_off(tx, Deployment, live.row.id)?,
        _ => {}
    }
    go_on(tx, front, flow, coming, events)
}

fn set(tx: &mut Tx, front: &Front, live: &Live, hash: &StoredHash, coming: &Coming) -> db::Result<Event> {
    let (ground, by) = (&front.house.ground, by(live, coming));
    let facts = people::notices::Facts::new(by.at, &by.label, &by.network);
    // All sessions end but the one that this sign-in is about to open.
    let version = sessions::take_password(tx, ground, &live.person, hash, coming.opened.id, &facts)?;
    store::renew_password(tx, Deployment, live.row.id, version)?;
    let stream = Stream::Organisation(live.person.home_organisation);
    let event = Event::new(stream, by.at, EventKind::PasswordChanged, Outcome::Done, &ground.chance);
    Ok(event.by(live.person.id).from(by.device, &by.label, &by.network))
}
