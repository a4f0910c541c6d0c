//! Entering: one try at the door, from admission to the session. Reserve → hash → commit, as every place that takes a password.
//! Must never happen: a session on anything but a confirmed attempt; a difference that tells a stranger whether there is an account.
use crate::{Front, decide::Typed, http::token_hashes};
use axum::http::HeaderValue;
use devices::Token;
use factors::{Attempt, Proved, Source, StoredHash, Subject};
use ground::{
    Failure, Ground, Visitor, cookies,
    db::{self, Tx, View},
    journal,
};
use kernel::{Deployment, DeviceId, Event, EventKind, Outcome, Reason, Stream, Time};
use people::notices::{self, Draw, Facts, Notice};
use sessions::{Opened, Opener, Proof};

/// What a try came to.
pub(crate) enum Answer {
    Open(Vec<Option<HeaderValue>>),
    Wrong { tries_left: Option<u32> },
    Locked { reason: Reason, until: Time },
}

/// What stays the same through one sign-in, drawn before any transaction.
#[derive(Clone)]
struct Coming {
    token: Token,
    fresh_device: DeviceId,
    label: String,
    network: String,
    is_shared: bool,
    opened: Opened,
    replaces: Vec<[u8; 32]>,
    now: Time,
}

impl Front {
    fn coming(&self, visitor: &Visitor, tokens: &[Token], is_shared: bool) -> Coming {
        let (now, chance) = (self.house.ground.now(), &self.house.ground.chance);
        Coming {
            token: tokens.first().copied().unwrap_or_else(|| Token::new(chance.bytes())),
            fresh_device: DeviceId::new(now, chance),
            label: devices::label(&visitor.user_agent()),
            network: visitor.network(),
            is_shared,
            opened: Opened::draw(now, chance),
            replaces: token_hashes(visitor),
            now,
        }
    }

    /// Admission, then reserve → hash → commit: a slot first, so that few tries are under way; the try is counted before its hash is computed.
    pub(crate) async fn try_password(
        &self,
        visitor: &Visitor,
        typed: Typed,
        is_shared: bool,
    ) -> Result<Answer, Failure> {
        let tokens = devices::tokens(visitor);
        let known = tokens.first().map(|token| token.hash().to_vec());
        let mut slot = self
            .prover
            .admit(known, visitor.client.address)
            .await
            .map_err(|full| factors::busy(visitor, &full))?;
        let coming = self.coming(visitor, &tokens, is_shared);
        let canonical = typed.email.canonical;
        let source = Source {
            canonical: canonical.clone(),
            address: visitor.client.address,
            device_label: coming.label.clone(),
        };
        let find = move |tx: &mut Tx| subject(tx, &canonical, &tokens);
        let proved = self.prover.prove(&mut slot, source, typed.password, find).await;
        drop(slot);
        match proved.map_err(|fault| fault.into_failure(visitor))? {
            Proved::Locked { reason, until } => Ok(Answer::Locked { reason, until }),
            Proved::Right { attempt, rehash } => self.open(visitor, attempt, rehash, coming).await,
            Proved::Wrong { attempt } => self.refuse(visitor, attempt).await,
        }
    }

    /// Commit: everything is checked once more, the lanes are settled, the device is remembered, the session opened, the event appended.
    async fn open(
        &self,
        visitor: &Visitor,
        attempt: Attempt,
        rehash: Option<StoredHash>,
        coming: Coming,
    ) -> Result<Answer, Failure> {
        let ground = &self.house.ground;
        let (opener, held, lock, tried) = (self.opener.clone(), ground.clone(), attempt.lock(), attempt.clone());
        let step = coming.clone();
        let done = ground
            .store
            .write_holding(lock, move |tx| {
                commit(tx, &opener, &attempt, rehash.as_ref(), &step, &held)
            })
            .await;
        let is_open = done.map_err(|error| Failure::store(visitor, &error))?;
        if !is_open {
            tried.pad().await;
            return Ok(Answer::Wrong { tries_left: None });
        }
        let session = ground.cookies.set(
            cookies::SESSION,
            &coming.opened.token,
            (!coming.is_shared).then_some(sessions::COOKIE_LIVES_FOR),
        );
        let device = devices::cookie_value(ground, &coming.token);
        let device = if coming.is_shared {
            None
        } else {
            ground
                .cookies
                .set(cookies::DEVICE, &device, Some(devices::COOKIE_LIVES_FOR))
        };
        Ok(Answer::Open(vec![
            session,
            device,
            ground.cookies.remove(cookies::FLOW),
        ]))
    }

    async fn refuse(&self, visitor: &Visitor, attempt: Attempt) -> Result<Answer, Failure> {
        let (ground, now, tried) = (self.house.ground.clone(), self.house.ground.now(), attempt.clone());
        let told = move |tx: &mut Tx| sessions::tell_failure(tx, &tried, Vec::new(), now, &ground);
        let done = self.house.ground.store.write_holding(attempt.lock(), told).await;
        done.map_err(|error| Failure::store(visitor, &error))?;
        attempt.pad().await;
        Ok(Answer::Wrong {
            tries_left: attempt.tries_left(),
        })
    }
}

/// The commit of a sign-in. False: something changed meanwhile, and nothing was done.
fn commit(
    tx: &mut Tx,
    opener: &Opener,
    attempt: &Attempt,
    rehash: Option<&StoredHash>,
    coming: &Coming,
    ground: &Ground,
) -> db::Result<bool> {
    let now = coming.now;
    let Some(subject) = attempt.subject() else {
        return Ok(false);
    };
    let Some(person) = people::person(tx, Deployment, subject.person)? else {
        return Ok(false);
    };
    let told = |kind, outcome| Event::new(Stream::Organisation(subject.home), now, kind, outcome, &ground.chance);
    let mut events = match attempt.confirm(tx, now, ground)? {
        Ok(events) => events,
        Err(reason) => {
            let event = told(EventKind::SignInRefused, Outcome::Stopped)
                .about(subject.person)
                .because(reason);
            journal::append(tx, &event.from(subject.known_device, &coming.label, &coming.network))?;
            return Ok(false);
        }
    };
    if let (Some(hash), Some(version)) = (rehash, attempt.version()) {
        factors::store::renew_hash(tx, subject.person, hash, version)?;
    }
    let device = settle_session(tx, opener, subject, coming)?;
    let event = told(EventKind::SignedIn, Outcome::Allowed)
        .by(subject.person)
        .because(Reason::SignInAllowed);
    events.push(event.from(device, &coming.label, &coming.network));
    // The very first sign-in tells nothing: there is nobody else who could have had the account.
    if subject.known_device.is_none() && person.first_sign_in_at.is_some() {
        let facts = Facts::new(now, &coming.label, &coming.network);
        let draw = Draw::new(now, &ground.chance);
        notices::post(tx, ground, &person, &Notice::NewDevice, &facts, &draw)?;
    }
    journal::append_all(tx, &events)?;
    Ok(true)
}

/// The device is remembered (unless shared), earlier sessions of this browser end, the new one begins.
fn settle_session(tx: &mut Tx, opener: &Opener, subject: &Subject, coming: &Coming) -> db::Result<Option<DeviceId>> {
    let now = coming.now;
    let device = if coming.is_shared {
        None
    } else {
        Some(devices::remember(
            tx,
            Deployment,
            &coming.token,
            coming.fresh_device,
            &coming.label,
            subject.person,
            now,
        )?)
    };
    for token in &coming.replaces {
        sessions::end_by_token(tx, token, Reason::SessionSignedOut, now)?;
    }
    people::mark_first_sign_in(tx, Deployment, subject.person, now)?;
    let proof = Proof {
        person: subject.person,
        organisation: subject.home,
        device,
        device_label: coming.label.clone(),
        network: coming.network.clone(),
        is_shared: coming.is_shared,
        methods: "pwd",
    };
    opener.open(tx, &proof, &coming.opened, now)?;
    Ok(device)
}

/// The person of this address, and whether the device is known to them.
fn subject(view: &mut View, canonical: &str, tokens: &[Token]) -> db::Result<Option<Subject>> {
    let Some(person) = people::by_email(view, Deployment, canonical)? else {
        return Ok(None);
    };
    let device = devices::known_of(view, Deployment, tokens, person.id)?;
    Ok(Some(Subject {
        person: person.id,
        home: person.home_organisation,
        is_enabled: person.disabled_at.is_none(),
        epoch: person.epoch,
        known_device: device.map(|device| device.id),
    }))
}
