//! Changing one's address: asked for with the password, confirmed at the new address, told to the old one, which can undo it for seven days.
//! Must never happen: a change that was not confirmed at the new address; two changes at once of which the wrong one is confirmed.
use crate::{
    Recovery,
    decide::{LIVES_FOR, MAILS, WINDOW},
    http::{Nothing, Question, Token, dead, question, see_other},
    letters::{self, Place},
    link::{self, Draw, hash},
    store::{self, Change, NewChange},
};
use axum::{extract::State, http::StatusCode, response::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use factors::{Attempt, Password, Proved};
use ground::{
    Ask, Failure, Ground, Permit, Visitor,
    db::{self, Lock, Tx},
    delivery::{self, Purpose},
    failure::retry_after,
    form::{Form, Query},
    journal,
    page::Errors,
};
use kernel::{Deployment, Event, EventKind, FieldError, MessageId, Outcome, Reason, Span, Stream, Time, act};
use people::{
    Email, Person,
    letters::{Envelope, From},
    notices::{self, Facts, Notice},
};
use serde::Deserialize;

/// The link to the new address works so long.
const CONFIRM_LIVES_FOR: Span = Span::hours(24);
/// The old address can undo the change so long.
const UNDO_LIVES_FOR: Span = Span::days(7);

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EmailForm {
    email: String,
    email_password: String,
}

/// POST `/app/security/email`: asks for the change.
pub(crate) async fn ask(
    State(state): State<Recovery>,
    ask: Ask<act::ChangeOwn>,
    form: Form<EmailForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let permit = state.house.admit(&ask).await?;
    let caller = permit.caller().clone();
    let again = |errors: Vec<FieldError>| sessions::refused(&state.house, &ask, Errors::from(errors));
    let (email, current) = match check(&form, &caller.email) {
        Ok(checked) => checked,
        Err(errors) => return again(errors).await,
    };
    let Some((_, proved)) = sessions::prove_own(&state.prover, &ask, &caller, current, |_| Ok(true)).await? else {
        return Err(ask.not_found());
    };
    match proved {
        Proved::Right { attempt, .. } => {
            if settle_ask(&state, &ask, attempt, email).await? {
                return Ok(see_other("/app/security?done=email"));
            }
            again(vec![FieldError::new("email", Reason::EmailTooOften)]).await
        }
        Proved::Wrong { attempt } => {
            let (ground, held) = (state.house.ground.clone(), attempt.clone());
            let told = move |tx: &mut Tx, permit: &Permit<act::ChangeOwn>| {
                sessions::tell_failure(tx, &held, Vec::new(), permit.now(), &ground)
            };
            state.house.write(&ask, Some(attempt.lock()), told).await?;
            attempt.pad().await;
            again(vec![FieldError::new("email_password", Reason::PasswordCurrentWrong)]).await
        }
        Proved::Locked { reason, until } => {
            let mut response = again(vec![FieldError::new("email_password", reason)]).await?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            retry_after(&mut response, until - state.house.ground.now());
            Ok(response)
        }
    }
}

fn check(form: &EmailForm, own: &str) -> Result<(Email, Password), Vec<FieldError>> {
    let email = people::canonical_email(&form.email).map_err(|error| FieldError {
        field: "email",
        ..error
    });
    let is_same = |email: &Email| people::canonical_email(own).is_ok_and(|own| own.canonical == email.canonical);
    let email = email.and_then(|email| {
        if is_same(&email) {
            Err(FieldError::new("email", Reason::EmailSame))
        } else {
            Ok(email)
        }
    });
    let current = Password::parse(&form.email_password)
        .map_err(|_| FieldError::new("email_password", Reason::PasswordCurrentWrong));
    let current = current.and_then(|current| {
        if current.is_empty() {
            Err(FieldError::new("email_password", Reason::SignInFieldMissing))
        } else {
            Ok(current)
        }
    });
    match (email, current) {
        (Ok(email), Ok(current)) => Ok((email, current)),
        (email, current) => Err([email.err(), current.err()].into_iter().flatten().collect()),
    }
}

/// Whether or not the new address has an account here, the answer is the same: who owns it hears of it, nobody else.
/// False: this person asked too often, and no mail was sent.
async fn settle_ask(
    state: &Recovery,
    ask: &Ask<act::ChangeOwn>,
    attempt: Attempt,
    email: Email,
) -> Result<bool, Failure> {
    let ground = state.house.ground.clone();
    let (now, token) = (ground.now(), URL_SAFE_NO_PAD.encode(ground.chance.bytes::<32>()));
    let [id, counted] = std::array::from_fn(|_| kernel::id::version_7(now, &ground.chance));
    let message = MessageId::new(now, &ground.chance);
    let lock = attempt.lock();
    let (_, is_sent) = state
        .house
        .write(ask, Some(lock), move |tx, permit| {
            let caller = permit.caller();
            let Ok(mut events) = attempt.confirm(tx, now, &ground)? else {
                return Ok(false);
            };
            let Some(person) = people::person(tx, Deployment, caller.person)? else {
                return Ok(false);
            };
            let asker = person.id.0.as_bytes();
            let (asks, _) = store::asks(tx, Deployment, "email-change", asker, now - WINDOW)?;
            if asks >= MAILS {
                journal::append_all(tx, &events)?;
                return Ok(false);
            }
            store::count_ask(tx, Deployment, counted, "email-change", asker, now)?;
            let (old_email, new_email) = (person.email.clone(), email.written.clone());
            let new = NewChange {
                id,
                person: person.id,
                old_email,
                new_email,
                confirm_hash: hash(&token),
            };
            store::insert_change(tx, Deployment, &new, now, now + CONFIRM_LIVES_FOR)?;
            let letter = confirm_letter(tx, &ground, &person, &email, &token, message, now)?;
            delivery::post(tx, &ground, &letter)?;
            let stream = Stream::Organisation(person.home_organisation);
            let event =
                Event::new(stream, now, EventKind::EmailChangeAsked, Outcome::Done, &ground.chance).by(person.id);
            events.push(event.from(caller.device, &caller.device_label, &caller.network));
            journal::append_all(tx, &events)?;
            Ok(true)
        })
        .await?;
    Ok(is_sent)
}

fn confirm_letter(
    tx: &mut Tx,
    ground: &Ground,
    person: &Person,
    email: &Email,
    token: &str,
    id: MessageId,
    now: Time,
) -> db::Result<delivery::Letter> {
    let from = From::the_door(tx, ground)?;
    let path = format!("/email/confirm?token={token}");
    let words = letters::confirm(person.language, &email.written, path, CONFIRM_LIVES_FOR);
    let to = Some(email.written.clone());
    let ends_at = Some(now + CONFIRM_LIVES_FOR);
    let envelope = Envelope {
        id,
        to,
        asked_by: None,
        purpose: Purpose::EmailConfirm,
        at: now,
        ends_at,
    };
    Ok(people::letters::write(&from, person, &words, envelope))
}

/// GET `/email/confirm`.
pub(crate) async fn show_confirm(
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
        .read(move |view| store::find_change(view, Deployment, &hash, now))
        .await;
    let Some(change) = found.map_err(|error| Failure::store(&visitor, &error))? else {
        return Ok(dead(&door, Reason::EmailLinkDead, "/app/security", "Go to My security"));
    };
    Ok(question(
        &door,
        Question {
            title: "Confirm your new address",
            text: format!(
                "{} becomes the address that you sign in with, instead of {}.",
                change.new_email, change.old_email
            ),
            action: format!("/email/confirm?token={}", ground::failure::encode(&link.token)),
            button: "Confirm this address",
        },
    ))
}

/// What stays the same through one confirmation.
struct Confirming {
    ground: Ground,
    confirm_hash: [u8; 32],
    undo: String,
    draws: [notices::Draw; 2],
    undo_message: MessageId,
    label: String,
    network: String,
    now: Time,
}

/// POST `/email/confirm`.
pub(crate) async fn confirm(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Token>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open()?;
    let ground = state.house.ground.clone();
    let now = ground.now();
    let confirming = Confirming {
        confirm_hash: hash(&link.token),
        undo: URL_SAFE_NO_PAD.encode(ground.chance.bytes::<32>()),
        draws: std::array::from_fn(|_| notices::Draw::new(now, &ground.chance)),
        undo_message: MessageId::new(now, &ground.chance),
        label: devices::label(&visitor.user_agent()),
        network: visitor.network(),
        now,
        ground: ground.clone(),
    };
    let done = ground.store.write(move |tx| confirming.settle(tx)).await;
    if done.map_err(|error| Failure::store(&visitor, &error))? {
        return Ok(see_other("/sign-in?done=email"));
    }
    let door = state.door(&visitor).await?;
    Ok(dead(&door, Reason::EmailLinkDead, "/app/security", "Go to My security"))
}

impl Confirming {
    /// False: the link is dead, the address is taken, or it is not any more what was asked for.
    fn settle(&self, tx: &mut Tx) -> db::Result<bool> {
        let now = self.now;
        let Some(Change { person, .. }) = store::find_change(tx, Deployment, &self.confirm_hash, now)? else {
            return Ok(false);
        };
        tx.lock(Lock::on("person-email", person.0.as_bytes()))?;
        let claimed = store::confirm_change(
            tx,
            Deployment,
            &self.confirm_hash,
            &hash(&self.undo),
            now + UNDO_LIVES_FOR,
            now,
        )?;
        let Some(Change {
            old_email,
            new_email,
            made_at,
            ..
        }) = claimed.filter(|change| change.person == person)
        else {
            return Ok(false);
        };
        let since = link::good_since(tx, person)?;
        let is_as_asked = |p: &Person| p.disabled_at.is_none() && p.email == old_email && made_at >= since;
        let Some(before) = people::person(tx, Deployment, person)?.filter(is_as_asked) else {
            return Ok(false);
        };
        let Ok(email) = people::canonical_email(&new_email) else {
            return Ok(false);
        };
        if !people::change_email(tx, Deployment, person, &email)? {
            return Ok(false);
        }
        store::void_all(tx, Deployment, person)?;
        store::void_changes(tx, Deployment, person)?;
        store::void_lost_link(tx, Deployment, person)?;
        notices::void_alarms(tx, person)?;
        sessions::end_others(tx, Deployment, person, None, Reason::SessionEmailChanged, now)?;
        let facts = Facts {
            at: now,
            device: self.label.clone(),
            network: self.network.clone(),
        };
        let notice = Notice::EmailChanged { to: new_email.clone() };
        let [to_new, _] = &self.draws;
        notices::post_to(tx, &self.ground, &before, Some(new_email), &notice, &facts, to_new)?;
        let undo = self.undo_letter(tx, &before, &email)?;
        delivery::post(tx, &self.ground, &undo)?;
        let stream = Stream::Organisation(before.home_organisation);
        let event = Event::new(stream, now, EventKind::EmailChanged, Outcome::Done, &self.ground.chance).about(person);
        journal::append(tx, &event.from(None, &self.label, &self.network))?;
        Ok(true)
    }

    fn undo_letter(&self, tx: &mut Tx, before: &Person, email: &Email) -> db::Result<delivery::Letter> {
        let from = From::the_door(tx, &self.ground)?;
        let place = Place {
            at: self.now,
            device: &self.label,
            network: &self.network,
        };
        let path = format!("/email/undo?token={}", self.undo);
        let words = letters::undo(before.language, &email.written, path, UNDO_LIVES_FOR, &place);
        let ends_at = Some(self.now + UNDO_LIVES_FOR);
        let envelope = Envelope {
            id: self.undo_message,
            to: None,
            asked_by: None,
            purpose: Purpose::EmailUndo,
            at: self.now,
            ends_at,
        };
        Ok(people::letters::write(&from, before, &words, envelope))
    }
}

/// Gives a person another address at once, as their home organisation may: what was sent to the old one is void, all sessions end, both addresses
/// are told, the old one without a link, since its mailbox may be the reason. False: the address is taken, and nothing happened.
pub fn change_address(
    tx: &mut Tx,
    ground: &Ground,
    before: &Person,
    email: &Email,
    draw: &notices::Draw,
    (device, network): (&str, &str),
    now: Time,
) -> db::Result<bool> {
    let person = before.id;
    if !people::change_email(tx, Deployment, person, email)? {
        return Ok(false);
    }
    store::void_all(tx, Deployment, person)?;
    store::void_changes(tx, Deployment, person)?;
    store::void_lost_link(tx, Deployment, person)?;
    notices::void_alarms(tx, person)?;
    sessions::end_others(tx, Deployment, person, None, Reason::SessionEmailChanged, now)?;
    let facts = Facts::new(now, device, network);
    let to = email.written.clone();
    let notice = Notice::EmailChanged { to: to.clone() };
    notices::post_to(tx, ground, before, Some(to), &notice, &facts, draw)?;
    let from = From::the_door(tx, ground)?;
    let words = letters::moved(
        before.language,
        &email.written,
        &Place {
            at: now,
            device,
            network,
        },
    );
    let envelope = Envelope {
        id: draw.second(),
        to: None,
        asked_by: None,
        purpose: Purpose::Notice,
        at: now,
        ends_at: None,
    };
    delivery::post(tx, ground, &people::letters::write(&from, before, &words, envelope))?;
    Ok(true)
}

/// GET `/email/undo`.
pub(crate) async fn show_undo(
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
        .read(move |view| store::find_undo(view, Deployment, &hash, now))
        .await;
    let Some(change) = found.map_err(|error| Failure::store(&visitor, &error))? else {
        return Ok(dead(&door, Reason::EmailLinkDead, "/forgot", "Set a new password"));
    };
    Ok(question(
        &door,
        Question {
            title: "Undo the change of address",
            text: format!(
                "{} becomes your address again, all sessions end, and you set a new password.",
                change.old_email
            ),
            action: format!("/email/undo?token={}", ground::failure::encode(&link.token)),
            button: "Undo the change",
        },
    ))
}

/// POST `/email/undo`.
pub(crate) async fn undo(
    State(state): State<Recovery>,
    visitor: Visitor,
    Query(link): Query<Token>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open()?;
    let ground = state.house.ground.clone();
    let (now, held, network) = (ground.now(), ground.clone(), visitor.network());
    let draw = Draw::new(now, &ground.chance);
    let (path, undo_hash) = (draw.path(), hash(&link.token));
    let done = ground
        .store
        .write(move |tx| undone(tx, &undo_hash, &draw, &network, now, &held))
        .await;
    if done.map_err(|error| Failure::store(&visitor, &error))? {
        return Ok(see_other(&path));
    }
    let door = state.door(&visitor).await?;
    Ok(dead(&door, Reason::EmailLinkDead, "/forgot", "Set a new password"))
}

fn undone(
    tx: &mut Tx,
    undo_hash: &[u8; 32],
    draw: &Draw,
    network: &str,
    now: Time,
    ground: &Ground,
) -> db::Result<bool> {
    let Some(Change { person, .. }) = store::find_undo(tx, Deployment, undo_hash, now)? else {
        return Ok(false);
    };
    tx.lock(Lock::on("person-email", person.0.as_bytes()))?;
    let Some(Change {
        old_email,
        confirmed_at: Some(since),
        ..
    }) = store::claim_undo(tx, Deployment, undo_hash, now)?
    else {
        return Ok(false);
    };
    let Some(kept) = people::person(tx, Deployment, person)?.filter(|person| person.disabled_at.is_none()) else {
        return Ok(false);
    };
    let Ok(email) = people::canonical_email(&old_email) else {
        return Ok(false);
    };
    if !people::change_email(tx, Deployment, person, &email)? {
        return Ok(false);
    }
    store::void_all(tx, Deployment, person)?;
    store::void_changes(tx, Deployment, person)?;
    store::void_lost_link(tx, Deployment, person)?;
    // INVARIANT: whoever held an address in between has no link left that leads in.
    store::void_undos_since(tx, Deployment, person, since)?;
    notices::void_alarms_since(tx, person, since)?;
    sessions::end_others(tx, Deployment, person, None, Reason::SessionAlarm, now)?;
    store::insert(
        tx,
        Deployment,
        &draw.kept_without_code(ground, person),
        now,
        now + LIVES_FOR,
    )?;
    let stream = Stream::Organisation(kept.home_organisation);
    let event = Event::new(stream, now, EventKind::EmailChangeUndone, Outcome::Done, &ground.chance).about(person);
    journal::append(tx, &event.from(None, "", network))?;
    Ok(true)
}
