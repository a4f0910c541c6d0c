//! Lost second factors: an administrator of the home organisation starts it, the person gets a link by mail, and its button removes what was lost.
//! Must never happen: an administrator who learns or sets a secret of somebody; a GET that removes anything; a link that works twice, or after
//! another one was sent; a person who is not told.
use crate::{
    Recovery,
    http::{Nothing, Question, Token, dead, question, see_other},
    link::hash,
    store,
};
use axum::{extract::State, response::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use factors::By;
use ground::{
    Caller, Failure, Ground, Visitor,
    db::{self, Tx},
    delivery::{self, Purpose},
    form::{Form, Query},
    journal,
};
use kernel::{Chance, Deployment, Event, EventKind, MessageId, Organisation, Outcome, Reason, Span, Stream, Time};
use people::{
    Person,
    letters::{self, Envelope, From},
};

/// The link in the mail works so long.
const LIVES_FOR: Span = Span::hours(24);

/// What is drawn outside the transaction for one mail.
#[derive(Clone)]
pub struct Draw {
    message: MessageId,
    token: String,
}

impl Draw {
    /// A fresh id and link.
    pub fn new(now: Time, chance: &Chance) -> Self {
        Self {
            message: MessageId::new(now, chance),
            token: URL_SAFE_NO_PAD.encode(chance.bytes::<32>()),
        }
    }
}

/// Why it is not started.
pub(crate) fn why_not(view: &mut db::View, caller: &Caller, person: &Person) -> db::Result<Option<Reason>> {
    if person.disabled_at.is_some() {
        return Ok(Some(Reason::LostDisabled));
    }
    let home = Organisation(person.home_organisation);
    let (is_owner, has_others) = roles::ownership(view, home, person.id)?;
    let is_by_owner = caller
        .roles
        .iter()
        .any(|grant| grant.is_built_in && grant.name == roles::OWNER);
    Ok(match (is_owner, has_others) {
        (true, false) => Some(Reason::LostLastOwner),
        (true, true) if !is_by_owner => Some(Reason::LostAboveYou),
        _ => None,
    })
}

/// Starts it: the link goes to the person, and to nobody else. Answers when it ends.
pub(crate) fn start(
    tx: &mut Tx,
    ground: &Ground,
    caller: &Caller,
    person: &Person,
    draw: &Draw,
    now: Time,
) -> db::Result<Time> {
    let ends_at = now + LIVES_FOR;
    store::keep_lost_link(
        tx,
        Deployment,
        person.id,
        &hash(&draw.token),
        caller.person,
        now,
        ends_at,
    )?;
    let from = From::the_door(tx, ground)?;
    let path = format!("/lost-factors?token={}", draw.token);
    let by = (caller.name.as_str(), caller.organisation_name.as_str());
    let words = crate::letters::lost(person.language, by, path, LIVES_FOR);
    let envelope = Envelope {
        id: draw.message,
        to: None,
        asked_by: None,
        purpose: Purpose::Reset,
        at: now,
        ends_at: Some(ends_at),
    };
    delivery::post(tx, ground, &letters::write(&from, person, &words, envelope))?;
    let stream = Stream::Organisation(person.home_organisation);
    let mut event = Event::new(
        stream,
        now,
        EventKind::FactorResetStarted,
        Outcome::Done,
        &ground.chance,
    )
    .about(person.id)
    .from(caller.device, &caller.device_label, &caller.network);
    event.actor = Some(caller.person);
    journal::append(tx, &event)?;
    Ok(ends_at)
}

/// GET `/lost-factors`: a form, nothing else.
pub(crate) async fn show(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Token>,
) -> Result<Response, Failure> {
    let door = state.door(&visitor).await?;
    let (hash, now) = (hash(&link.token), state.house.ground.now());
    let found = state
        .house
        .ground
        .store
        .read(move |view| store::find_lost_link(view, Deployment, &hash, now))
        .await;
    if found.map_err(|error| Failure::store(&visitor, &error))?.is_none() {
        return Ok(dead(&door, Reason::LostLinkDead, "/sign-in", "Go to the sign-in page"));
    }
    let text = "This removes every second factor of your account, the trust of your devices, and ends all your sessions. Then you sign in with \
                your password and add a new factor. Nothing has happened yet.";
    Ok(question(
        &door,
        Question {
            title: "Remove your lost second factors?",
            text: text.into(),
            action: format!("/lost-factors?token={}", ground::failure::encode(&link.token)),
            button: "Remove my second factors",
        },
    ))
}

/// POST `/lost-factors`.
pub(crate) async fn remove(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Token>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open()?;
    let (ground, hash) = (state.house.ground.clone(), hash(&link.token));
    let by = By {
        actor: None,
        device: None,
        label: devices::label(&visitor.user_agent()),
        network: visitor.network(),
        at: ground.now(),
    };
    let held = ground.clone();
    let done = ground.store.write(move |tx| by_link(tx, &held, &hash, &by)).await;
    if done.map_err(|error| Failure::store(&visitor, &error))? {
        return Ok(see_other("/sign-in?done=factors"));
    }
    let door = state.door(&visitor).await?;
    Ok(dead(&door, Reason::LostLinkDead, "/sign-in", "Go to the sign-in page"))
}

/// False: the link is dead, or its person is disabled.
fn by_link(tx: &mut Tx, ground: &Ground, link_hash: &[u8; 32], by: &By) -> db::Result<bool> {
    let Some(id) = store::find_lost_link(tx, Deployment, link_hash, by.at)? else {
        return Ok(false);
    };
    // INVARIANT: the person's lock before any row of theirs.
    tx.lock(factors::person_lock(id))?;
    let Some(person) = people::person(tx, Deployment, id)?.filter(|person| person.disabled_at.is_none()) else {
        return Ok(false);
    };
    if store::claim_lost_link(tx, Deployment, link_hash, by.at)?.is_none() {
        return Ok(false);
    }
    let by = By {
        actor: Some(person.id),
        ..by.clone()
    };
    let events = take_away(tx, ground, &person, &by)?;
    journal::append_all(tx, &events)?;
    Ok(true)
}

/// Removes all second factors and the trust of all devices, ends every session. Answers the events for the end of the transaction.
fn take_away(tx: &mut Tx, ground: &Ground, person: &Person, by: &By) -> db::Result<Vec<Event>> {
    let now = by.at;
    let (_, mut events) = factors::authenticators::remove_all(tx, ground, by, person.id)?;
    people::mark_factors_lost(tx, Deployment, person.id, now)?;
    devices::revoke_all_trust(tx, Deployment, person.id, now)?;
    sessions::end_others(tx, Deployment, person.id, None, Reason::SessionFactorsReset, now)?;
    store::void_lost_link(tx, Deployment, person.id)?;
    let stream = Stream::Organisation(person.home_organisation);
    let mut event = Event::new(stream, now, EventKind::FactorsReset, Outcome::Done, &ground.chance)
        .about(person.id)
        .from(by.device, &by.label, &by.network)
        .because(Reason::SessionFactorsReset);
    event.actor = by.actor;
    events.push(event);
    Ok(events)
}

/// Removes them at once: `doorward person reset-factors`. It stands in the deployment's log, too: for a last owner nobody else could have done it.
/// Nor could anybody else let a device of theirs in, where policy asks for that: the next one is let in by a mail.
pub async fn remove_by_operator(ground: &Ground, person: &Person, detail: &'static str) -> db::Result<()> {
    let (held, person) = (ground.clone(), person.clone());
    let by = By {
        actor: None,
        device: None,
        label: String::new(),
        network: String::new(),
        at: ground.now(),
    };
    ground
        .store
        .write_holding(factors::person_lock(person.id), move |tx| {
            let mut events = take_away(tx, &held, &person, &by)?;
            devices::admission::expect(tx, Deployment, person.id, by.at)?;
            let whole = Event::new(
                Stream::Deployment,
                by.at,
                EventKind::FactorsReset,
                Outcome::Done,
                &held.chance,
            );
            events.push(whole.about(person.id).because(Reason::SessionFactorsReset));
            for event in events.iter_mut().filter(|event| event.detail.is_empty()) {
                detail.clone_into(&mut event.detail);
            }
            journal::append_all(tx, &events)
        })
        .await
}
