//! Settings, Messages: the queue, what failed and why, a test message, sending again. What programs and gateways reach is in `api`, the
//! development outbox in `dev`. Must never happen: what a message says on a page of anybody's; another organisation's messages.
mod api;
mod dev;

pub use api::openapi;

use super::{
    Filter, Letter, Patience, Purpose,
    decide::{self, TESTS_WINDOW},
    gateway::{Gateway, Twilio},
    page::{Done, HistoryPage, MessagesPage, TestLetter},
    post, store,
};
use crate::{
    Ask, Caller, Failure, Guard, House, Permit, Routes,
    db::{Lock, View},
    form::{Form, Query},
    journal,
    page::{Entry, HouseShell, html, see_other},
};
use askama::Template as _;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use kernel::{Action, Event, EventKind, MessageId, Organisation, Outcome, Reason, Span, Stream, Time, act};
use serde::Deserialize;
use std::sync::Arc;

const PAGE: u32 = 50;
const HERE: &str = "/app/settings/messages";

/// The state of these routes.
#[derive(Clone)]
struct Delivery {
    house: House,
    twilio: Option<Arc<Twilio>>,
}

/// The routes.
pub fn routes(house: House) -> Routes {
    // A gateway that cannot be used is told of at the start, by the postman; without it no callback is believed.
    let twilio = match Gateway::parse(
        house.ground.config.sms.as_ref().map(|sms| &sms.url),
        Patience::default().gateway,
    ) {
        Ok(Gateway::Twilio(twilio)) => Some(Arc::new(twilio)),
        _ => None,
    };
    let state = Delivery { house, twilio };
    Routes::new()
        .get(HERE, Guard::Person(Action::SeeSettings), show)
        .get("/app/settings/messages/{id}", Guard::Person(Action::SeeSettings), one)
        .post(
            "/app/settings/messages/test",
            Guard::Person(Action::ChangeSettings),
            test,
        )
        .post(
            "/app/settings/messages/resend",
            Guard::Person(Action::ChangeSettings),
            resend,
        )
        .get("/api/v1/messages", Guard::Person(Action::SeeSettings), api::list)
        .post(
            "/api/v1/messages/bounces",
            Guard::Person(Action::ChangeSettings),
            api::bounce,
        )
        .post(
            "/delivery/twilio/status",
            Guard::Anyone("delivery.callback"),
            api::twilio_status,
        )
        .get("/dev/outbox", Guard::Anyone("dev.outbox"), dev::list)
        .get("/dev/outbox/{name}", Guard::Anyone("dev.outbox"), dev::one)
        .with_state(state)
}

/// What is asked of a list.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    show: Option<String>,
    cursor: Option<String>,
    limit: Option<u32>,
    organisation: Option<String>,
    done: Option<Done>,
}

impl Asked {
    fn filter(&self) -> Option<Filter> {
        match self.show.as_deref() {
            None | Some("") => Some(Filter::All),
            Some(name) => Filter::from_name(name),
        }
    }
    /// The place behind which the list goes on.
    fn before(&self) -> Result<Option<(Time, MessageId)>, BadCursor> {
        let Some(text) = self.cursor.as_deref() else {
            return Ok(None);
        };
        let place = || {
            let (at, id) = text.split_once('-')?;
            Some((Time::from_micros(at.parse().ok()?), id.parse().ok()?))
        };
        place().map(Some).ok_or(BadCursor)
    }
}

/// A cursor that is none of ours.
#[derive(Debug, PartialEq, Eq)]
struct BadCursor;

fn cursor((at, id): (Time, MessageId)) -> String {
    format!("{}-{}", at.micros(), id.0.simple())
}

fn malformed<A: kernel::Act>(ask: &Ask<A>) -> Failure {
    ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed)
}

/// One page of a list: the rows, and the cursor of the next page.
type Rows = (Vec<store::Listed>, Option<String>);

fn rows(
    view: &mut View,
    of: Organisation,
    filter: Filter,
    before: Option<(Time, MessageId)>,
    now: Time,
    most: u32,
) -> crate::db::Result<Rows> {
    let mut rows = store::list(view, of, filter, before, now, most + 1)?;
    let has_more = rows.len() > most as usize;
    rows.truncate(most as usize);
    let next = rows
        .last()
        .filter(|_| has_more)
        .map(|last| cursor((last.made_at, last.id)));
    Ok((rows, next))
}

/// GET `/app/settings/messages`.
async fn show(
    State(state): State<Delivery>,
    ask: Ask<act::SeeSettings>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (Some(filter), Ok(before), None, None) = (asked.filter(), asked.before(), &asked.organisation, asked.limit)
    else {
        return Err(malformed(&ask));
    };
    let facts = move |view: &mut View, permit: &Permit<act::SeeSettings>| {
        let (of, now) = (Organisation(permit.caller().organisation), permit.now());
        let listed = rows(view, of, filter, before, now, PAGE)?;
        let counts = store::counts(view, of, now - Span::days(1))?;
        Ok((listed, counts, store::probe(view)?))
    };
    let (permit, ((rows, next), counts, probe)) = state.house.read(&ask, facts).await?;
    let config = &state.house.ground.config;
    let page = MessagesPage {
        shell: HouseShell::new("Messages", Entry::Settings, permit.caller(), permit.now()),
        notice: asked.done.map(|done| done.notice(&permit.caller().email)),
        may_change: permit.may(Action::ChangeSettings),
        filter,
        rows,
        counts,
        probe,
        has_mail: config.mail.is_some(),
        has_sms: config.sms.is_some(),
        older: next.map(|next| format!("{HERE}?show={}&cursor={next}", filter.name())),
        newest: asked.cursor.is_some().then(|| format!("{HERE}?show={}", filter.name())),
    };
    Ok(html(StatusCode::OK, page))
}

/// GET `/app/settings/messages/{id}`: one message and its history.
async fn one(
    State(state): State<Delivery>,
    ask: Ask<act::SeeSettings>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id: Option<MessageId> = id.parse().ok();
    let facts = move |view: &mut View, permit: &Permit<act::SeeSettings>| {
        let of = Organisation(permit.caller().organisation);
        let Some(id) = id else { return Ok(None) };
        let Some(message) = store::listed(view, of, id, permit.now())? else {
            return Ok(None);
        };
        Ok(Some((message, store::history(view, of, id)?)))
    };
    let (permit, found) = state.house.read(&ask, facts).await?;
    let Some((message, history)) = found else {
        return Err(ask.not_found());
    };
    let page = HistoryPage {
        shell: HouseShell::new("Message", Entry::Settings, permit.caller(), permit.now()),
        may_change: permit.may(Action::ChangeSettings),
        message,
        history,
    };
    Ok(html(StatusCode::OK, page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// POST `/app/settings/messages/test`: a mail to whoever asks, by the way that all mail goes.
async fn test(
    State(state): State<Delivery>,
    ask: Ask<act::ChangeSettings>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    form.open_for(&state.house, &ask).await?;
    let ground = state.house.ground.clone();
    let id = MessageId::new(ground.now(), &ground.chance);
    let work = move |tx: &mut crate::db::Tx, permit: &Permit<act::ChangeSettings>| {
        let (caller, now) = (permit.caller(), permit.now());
        let (of, since) = (Organisation(caller.organisation), now - TESTS_WINDOW);
        let (of_person, of_all, first) = store::tests_since(tx, of, caller.person, since)?;
        let verdict = decide::may_test(of_person, of_all);
        if !verdict.outcome {
            let wait = first.unwrap_or(now) + TESTS_WINDOW - now;
            return Ok(verdict.reasons.first().map(|reason| (*reason, wait)));
        }
        post(
            tx,
            &ground,
            &test_letter(caller, id, now, ground.config.public_url.as_str()),
        )?;
        journal::append(tx, &event(&ground, caller, EventKind::TestMessageSent, now))?;
        Ok(None)
    };
    // They are counted before they are sent, so they come one after the other.
    let lock = Lock::on("test-message", &[]);
    match state.house.write(&ask, Some(lock), work).await? {
        (_, None) => Ok(go("?done=test")),
        (_, Some((reason, wait))) => Err(ask.failure(StatusCode::TOO_MANY_REQUESTS, reason).retry_after(wait)),
    }
}

fn test_letter(caller: &Caller, id: MessageId, now: Time, public_url: &str) -> Letter {
    let letter = TestLetter::new(caller.language, &caller.name, public_url, now);
    Letter {
        id,
        to: caller.email.clone(),
        organisation: Some(caller.organisation),
        person: Some(caller.person),
        asked_by: caller.device,
        purpose: Purpose::Test,
        text: letter.text(),
        html: letter.render().unwrap_or_default(),
        subject: letter.subject,
        at: now,
        ends_at: None,
    }
}

fn event(ground: &crate::Ground, caller: &Caller, kind: EventKind, now: Time) -> Event {
    let stream = Stream::Organisation(caller.organisation);
    Event::new(stream, now, kind, Outcome::Done, &ground.chance)
        .by(caller.person)
        .from(caller.device, &caller.device_label, &caller.network)
}

fn go(query: &str) -> Response {
    see_other(&format!("{HERE}{query}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResendForm {
    message: String,
}

/// POST `/app/settings/messages/resend`: to the head of the queue.
async fn resend(
    State(state): State<Delivery>,
    ask: Ask<act::ChangeSettings>,
    form: Form<ResendForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let id: Option<MessageId> = form.message.parse().ok();
    let ground = state.house.ground.clone();
    let work = move |tx: &mut crate::db::Tx, permit: &Permit<act::ChangeSettings>| {
        let (caller, now) = (permit.caller(), permit.now());
        let Some(id) = id else { return Ok(false) };
        let is_done = store::resend(tx, Organisation(caller.organisation), id, now)?;
        if is_done {
            let mut event = event(&ground, caller, EventKind::MessageSentAgain, now);
            event.detail = id.to_string();
            journal::append(tx, &event)?;
        }
        Ok(is_done)
    };
    let (_, is_done) = state.house.write(&ask, None, work).await?;
    Ok(go(if is_done { "?done=again" } else { "?done=gone" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nothing_else_is_taken_for_one() {
        let place = (
            Time::from_micros(1_795_511_642_000_007),
            MessageId(uuid::Uuid::from_u128(7)),
        );
        let asked = |text: &str| Asked {
            cursor: Some(text.into()),
            ..Asked::default()
        };
        assert_eq!(asked(&cursor(place)).before(), Ok(Some(place)));
        assert_eq!(Asked::default().before(), Ok(None));
        for bad in ["", "-", "1", "x-00000000000000000000000000000007", "1-x", "1-2-3"] {
            assert_eq!(asked(bad).before(), Err(BadCursor), "{bad:?}");
        }
    }
}
