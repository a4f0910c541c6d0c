//! "This was not me": the link of a notice. Safe to open; its button ends every session of the person, makes the password useless, and goes on
//! to a new one. Whoever holds the link could set a password anyway, so this gives them nothing more; the owner gets in by mail.
use crate::{
    Recovery,
    decide::LIVES_FOR,
    http::{Nothing, Question, Token, dead, question, see_other},
    link::Draw,
    store,
};
use axum::{extract::State, response::Response};
use ground::{
    Failure, Ground, Visitor,
    db::{self, Tx},
    form::{Form, Query},
    journal,
};
use kernel::{Deployment, Event, EventKind, Outcome, Reason, Stream, Time};
use people::notices;

/// GET `/not-me`.
pub(crate) async fn show(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Token>,
) -> Result<Response, Failure> {
    let door = state.door(&visitor).await?;
    let (token, now) = (link.token.clone(), state.house.ground.now());
    let found = state
        .house
        .ground
        .store
        .read(move |view| notices::find_alarm(view, &token, now))
        .await;
    if found.map_err(|error| Failure::store(&visitor, &error))?.is_none() {
        return Ok(dead(&door, Reason::AlarmLinkDead, "/forgot", "Set a new password"));
    }
    let text = "This ends all your sessions, on every device. The password that you have now opens nothing any more, and you set a new one at once. \
                Nothing has happened yet.";
    Ok(question(
        &door,
        Question {
            title: "Was this not you?",
            text: text.into(),
            action: action(&link.token),
            button: "End all sessions",
        },
    ))
}

fn action(token: &str) -> String {
    format!("/not-me?token={}", ground::failure::encode(token))
}

/// POST `/not-me`.
pub(crate) async fn raise(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Token>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open()?;
    let ground = state.house.ground.clone();
    let (draw, now, network) = (Draw::new(ground.now(), &ground.chance), ground.now(), visitor.network());
    let (path, held) = (draw.path(), ground.clone());
    let label = devices::label(&visitor.user_agent());
    let done = ground
        .store
        .write(move |tx| raised(tx, &link.token, &draw, (&label, &network), now, &held))
        .await;
    if done.map_err(|error| Failure::store(&visitor, &error))? {
        // Whoever holds the mail may set the password: the same proof as the link of a reset.
        return Ok(see_other(&path));
    }
    let door = state.door(&visitor).await?;
    Ok(dead(&door, Reason::AlarmLinkDead, "/forgot", "Set a new password"))
}

fn raised(
    tx: &mut Tx,
    token: &str,
    draw: &Draw,
    (label, network): (&str, &str),
    now: Time,
    ground: &Ground,
) -> db::Result<bool> {
    let Some(id) = notices::claim_alarm(tx, token, now)? else {
        return Ok(false);
    };
    let Some(person) = people::person(tx, Deployment, id)?.filter(|person| person.disabled_at.is_none()) else {
        return Ok(false);
    };
    sessions::end_others(tx, Deployment, id, None, Reason::SessionAlarm, now)?;
    // Whoever it was may have made keys that outlive every session.
    tokens::end_of_person(tx, Deployment, id)?;
    // Whoever it was may know it.
    factors::store::void_password(tx, id, now)?;
    store::void_all(tx, Deployment, id)?;
    store::void_changes(tx, Deployment, id)?;
    store::void_lost_link(tx, Deployment, id)?;
    notices::void_alarms(tx, id)?;
    devices::forget_all(tx, Deployment, id)?;
    store::insert(
        tx,
        Deployment,
        &draw.kept_without_code(ground, id),
        now,
        now + LIVES_FOR,
    )?;
    let stream = Stream::Organisation(person.home_organisation);
    let event = Event::new(stream, now, EventKind::AlarmRaised, Outcome::Done, &ground.chance).about(id);
    journal::append(tx, &event.from(None, label, network).because(Reason::SessionAlarm))?;
    Ok(true)
}
