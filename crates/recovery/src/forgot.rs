//! Asking for a mail. The answer is the same for every address; only a device that this person has signed in from hears more.
//! Must never happen: a question that voids a link, fills a mailbox, or takes longer for an address that has an account.
use crate::{
    Recovery,
    decide::{self, Facts, LIVES_FOR, Outcome, WINDOW},
    flow::Flow,
    http::{put, see_other, shell},
    letters,
    link::{self, Draw},
    page::{ForgotPage, Truth},
    store,
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use devices::Token;
use ground::{
    Failure, Ground, Visitor, cookies,
    db::{self, Lock, Tx, View},
    delivery::{self, Purpose},
    form::Form,
    journal::{self, Signal},
    page::{Errors, html},
};
use kernel::{
    Deployment, DeviceId, Event, EventKind, FieldError, MessageId, Outcome as Told, Reason, Span, Stream, Time,
};
use people::{
    Person,
    letters::{Envelope, From},
};
use serde::Deserialize;
use std::time::Instant;
use uuid::Uuid;

/// GET `/forgot`.
pub(crate) async fn show(State(state): State<Recovery>, visitor: Visitor) -> Result<Response, Failure> {
    let door = state.door(&visitor).await?;
    Ok(html(
        StatusCode::OK,
        ForgotPage {
            shell: shell("Forgot your password?", &door),
            notice: None,
            errors: Errors::none(),
            email: String::new(),
        },
    ))
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ForgotForm {
    email: String,
}

/// POST `/forgot`.
pub(crate) async fn ask(
    State(state): State<Recovery>,
    visitor: Visitor,
    form: Form<ForgotForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let began = Instant::now();
    let ground = state.house.ground.clone();
    let email = match people::canonical_email(&form.email) {
        Ok(email) => email,
        Err(error) => return again(&state, &visitor, &form.email, error).await,
    };
    let asking = Asking::draw(&ground, &visitor, &email.canonical, &email.written);
    // A network that asks without end costs a look, not a place among the writers; the count that holds is made under the lock.
    let (network, now) = (asking.network_key.clone(), asking.now);
    let full = ground.store.read(move |view| full_until(view, &network, now)).await;
    if let Some(until) = full.map_err(|error| Failure::store(&visitor, &error))? {
        return Err(too_often(&visitor, until - now));
    }
    let (mut flow, lock) = (asking.flow.clone(), factors::address_lock(&email.canonical));
    let before = asking.before.as_ref().map(|before| before.message);
    let done = ground.store.write_holding(lock, move |tx| asking.settle(tx)).await;
    match done.map_err(|error| Failure::store(&visitor, &error))? {
        Answer::Sent => {}
        // The page goes on to tell of the mail that was sent before.
        Answer::Enough => flow.message = before.unwrap_or(flow.message),
        Answer::TooOften(until) => {
            return Err(too_often(&visitor, until - state.house.ground.now()));
        }
    }
    factors::pad_to_step(began).await;
    let ground = &state.house.ground;
    let mut response = see_other("/reset");
    put(
        response.headers_mut(),
        ground
            .cookies
            .set(cookies::RECOVERY, &flow.seal(ground), Some(LIVES_FOR)),
    );
    Ok(response)
}

fn too_often(visitor: &Visitor, wait: Span) -> Failure {
    Failure::new(visitor, StatusCode::TOO_MANY_REQUESTS, Reason::RecoveryTooOften).retry_after(wait)
}

/// Until when this network has asked often enough.
fn full_until(view: &mut View, network: &[u8], now: Time) -> db::Result<Option<Time>> {
    let (asks, first) = store::asks(view, Deployment, "network", network, now - WINDOW)?;
    Ok(first
        .filter(|_| asks >= decide::NETWORK_ASKS)
        .map(|first| first + WINDOW))
}

async fn again(state: &Recovery, visitor: &Visitor, email: &str, error: FieldError) -> Result<Response, Failure> {
    let door = state.door(visitor).await?;
    let page = ForgotPage {
        shell: shell("Forgot your password?", &door),
        notice: None,
        errors: Errors::from(vec![error]),
        email: email.to_owned(),
    };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

/// What a question came to. The visitor is told only of the last.
enum Answer {
    /// A mail was posted, or would have been, had the address an account.
    Sent,
    /// The mails that were sent before are enough.
    Enough,
    /// The network asks too often, until then.
    TooOften(Time),
}

/// What stays the same through one question, drawn before its transaction.
struct Asking {
    ground: Ground,
    /// What this browser asked for the same address before.
    before: Option<Flow>,
    flow: Flow,
    draw: Draw,
    tokens: Vec<Token>,
    label: String,
    network: String,
    network_key: Vec<u8>,
    mailbox_key: Vec<u8>,
    ids: [Uuid; 3],
    now: Time,
}

impl Asking {
    fn draw(ground: &Ground, visitor: &Visitor, canonical: &str, written: &str) -> Self {
        let (now, chance) = (ground.now(), &ground.chance);
        let before = Flow::of(visitor).filter(|flow| flow.canonical == canonical);
        Self {
            flow: Flow::new(ground, written, canonical, MessageId::new(now, chance), before.as_ref()),
            before,
            draw: Draw::new(now, chance),
            tokens: devices::tokens(visitor),
            label: devices::label(&visitor.user_agent()),
            network: visitor.network(),
            network_key: factors::network_key(visitor.client.address),
            mailbox_key: ground.keys.hmac("reset-mailbox", canonical.as_bytes()).to_vec(),
            ids: std::array::from_fn(|_| kernel::id::version_7(now, chance)),
            now,
            ground: ground.clone(),
        }
    }

    /// Facts → decide → commit.
    fn settle(&self, tx: &mut Tx) -> db::Result<Answer> {
        tx.lock(Lock::on("reset-network", &self.network_key))?;
        let person =
            people::by_email(tx, Deployment, &self.flow.canonical)?.filter(|person| person.disabled_at.is_none());
        let device = known_device(tx, &self.tokens, person.as_ref())?;
        let (facts, first) = self.facts(tx, person.as_ref(), device)?;
        let verdict = decide::decide(facts);
        if verdict.outcome == Outcome::TooOften {
            return Ok(Answer::TooOften(first.unwrap_or(self.now) + WINDOW));
        }
        let [ask, ..] = self.ids;
        store::count_ask(tx, Deployment, ask, "network", &self.network_key, self.now)?;
        // The letter is written for every address, so that none takes longer; it is posted where there is somebody to read it.
        let letter = self.letter(tx, person.as_ref(), device)?;
        match person {
            None => self.note_unknown(tx).map(|()| Answer::Sent),
            Some(_) if verdict.outcome == Outcome::Enough => Ok(Answer::Enough),
            Some(person) => self.send(tx, &person, device, &letter).map(|()| Answer::Sent),
        }
    }

    /// What the decision is made of; and when the oldest question of this network was that still counts.
    fn facts(
        &self,
        tx: &mut Tx,
        person: Option<&Person>,
        device: Option<DeviceId>,
    ) -> db::Result<(Facts, Option<Time>)> {
        let (now, since) = (self.now, self.now - WINDOW);
        let (network_asks, first) = store::asks(tx, Deployment, "network", &self.network_key, since)?;
        let alive = match person {
            Some(person) => {
                let since = link::good_since(tx, person.id)?;
                store::alive(tx, Deployment, person.id, device, since, now)?
            }
            None => 0,
        };
        let (mails, _) = store::asks(tx, Deployment, "mailbox", &self.mailbox_key, since)?;
        let facts = Facts {
            network_asks,
            is_known_device: device.is_some(),
            alive,
            mails,
        };
        Ok((facts, first))
    }

    /// A question about an address that nobody has leaves a short-lived signal, no event.
    fn note_unknown(&self, tx: &mut Tx) -> db::Result<()> {
        let [.., signal] = self.ids;
        journal::note(
            tx,
            &Signal {
                id: signal,
                at: self.now,
                kind: "reset-asked".into(),
                key: self.mailbox_key.clone(),
                reason: Some(Reason::SignInWrong),
                network: self.network.clone(),
                detail: String::new(),
            },
        )
    }

    fn send(
        &self,
        tx: &mut Tx,
        person: &Person,
        device: Option<DeviceId>,
        letter: &delivery::Letter,
    ) -> db::Result<()> {
        let (now, [_, mail, _]) = (self.now, self.ids);
        if device.is_none() {
            store::count_ask(tx, Deployment, mail, "mailbox", &self.mailbox_key, now)?;
        }
        let kept = self.draw.kept(
            &self.ground,
            person.id,
            self.flow.browser_hash(),
            device,
            Some(self.flow.message),
        );
        store::insert(tx, Deployment, &kept, now, now + LIVES_FOR)?;
        delivery::post(tx, &self.ground, letter)?;
        let stream = Stream::Organisation(person.home_organisation);
        let event = Event::new(stream, now, EventKind::ResetAsked, Told::Done, &self.ground.chance).about(person.id);
        journal::append(tx, &event.from(device, &self.label, &self.network))
    }

    fn letter(&self, tx: &mut Tx, person: Option<&Person>, device: Option<DeviceId>) -> db::Result<delivery::Letter> {
        let from = From::the_door(tx, &self.ground)?;
        let nobody = Person::nobody();
        let person = person.unwrap_or(&nobody);
        let draw = &self.draw;
        let words = letters::reset(person.language, draw.path(), &draw.code, &self.label, &self.network);
        let envelope = Envelope {
            id: self.flow.message,
            to: None,
            asked_by: device,
            purpose: Purpose::Reset,
            at: self.now,
            ends_at: Some(self.now + LIVES_FOR),
        };
        Ok(people::letters::write(&from, person, &words, envelope))
    }
}

/// The device, where it has signed in as this person before.
pub(crate) fn known_device(view: &mut View, tokens: &[Token], person: Option<&Person>) -> db::Result<Option<DeviceId>> {
    let Some(person) = person else { return Ok(None) };
    Ok(devices::known_of(view, Deployment, tokens, person.id)?.map(|device| device.id))
}

/// The truth about the mail: its own state for a device that this person has signed in from; for everybody else the mail server's, which is the
/// same for every address.
pub(crate) fn truth(view: &mut View, flow: &Flow, tokens: &[Token], now: Time) -> db::Result<Truth> {
    let person = people::by_email(view, Deployment, &flow.canonical)?;
    let own = match known_device(view, tokens, person.as_ref())? {
        Some(_) => delivery::state(view, flow.message)?,
        None => None,
    };
    Ok(match own {
        Some(state) => Truth::of_message(&state, now),
        None => Truth::of_server(&delivery::probe(view)?, now),
    })
}

/// GET `/forgot/state`: the truth as it is now, for the page that shows it live. Never counts as activity.
pub(crate) async fn state(State(state): State<Recovery>, visitor: Visitor) -> Result<Response, Failure> {
    let Some(flow) = Flow::of(&visitor) else {
        return Err(Failure::new(&visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound));
    };
    let (tokens, now) = (devices::tokens(&visitor), state.house.ground.now());
    let truth = state
        .house
        .ground
        .store
        .read(move |view| truth(view, &flow, &tokens, now))
        .await;
    let truth = truth.map_err(|error| Failure::store(&visitor, &error))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(truth)).into_response())
}

/// How long the page may say "just now".
pub(crate) const JUST_NOW: Span = Span::seconds(3);
