//! Entering: one try at the door, from admission to the next step. Reserve → hash → commit, as every place that takes a password.
//! Must never happen: a step on anything but a confirmed attempt; a difference that tells a stranger whether there is an account.
use crate::{
    Front,
    decide::Typed,
    live::Browser,
    settle::{Coming, First, Next, begin},
};
use factors::{Attempt, Proved, Source, StoredHash};
use ground::{
    Failure, Visitor,
    db::{self, Tx, View},
    journal,
};
use kernel::{Deployment, Event, EventKind, Method, Methods, Outcome, Reason, Stream, Time};

/// What a try came to.
pub(crate) enum Answer {
    /// The password is right: what follows, and what was drawn for it.
    Right(Next, Box<Coming>),
    Wrong {
        tries_left: Option<u32>,
    },
    /// The password is right, and the organisation lets nobody in.
    Shut,
    Locked {
        reason: Reason,
        until: Time,
    },
}

impl Front {
    /// Admission, then reserve → hash → commit: a slot first, so that few tries are under way; the try is counted before its hash is computed.
    pub(crate) async fn try_password(
        &self,
        visitor: &Visitor,
        browser: Browser,
        typed: Typed,
        is_shared: bool,
    ) -> Result<Answer, Failure> {
        let (tokens, address) = (browser.tokens.clone(), visitor.client.address);
        let known = tokens.first().map(|token| token.hash().to_vec());
        let (canonical, length) = (typed.email.canonical, typed.password.characters());
        let source = Source {
            canonical: canonical.clone(),
            address,
            device_label: browser.label.clone(),
        };
        let find = move |view: &mut View| sessions::subject_at(view, &canonical, &tokens);
        let shut = self.prover.shut_network(address, find.clone()).await;
        if let Some((reason, until)) = shut.map_err(|error| Failure::store(visitor, &error))? {
            return Ok(Answer::Locked { reason, until });
        }
        let mut slot = self
            .prover
            .admit(known, address)
            .await
            .map_err(|full| factors::busy(visitor, &full))?;
        let count = move |tx: &mut Tx| find(tx);
        let proved = self.prover.prove(&mut slot, source, typed.password, count).await;
        drop(slot);
        match proved.map_err(|fault| fault.into_failure(visitor))? {
            Proved::Locked { reason, until } => Ok(Answer::Locked { reason, until }),
            Proved::Wrong { attempt } => self.refuse(visitor, attempt).await,
            Proved::Right { attempt, rehash } => {
                let coming = Coming {
                    password_length: Some(length),
                    ..Coming::draw(visitor, browser)
                };
                self.pass(visitor, attempt, rehash, coming, is_shared).await
            }
        }
    }

    /// Commit: everything is checked once more, the lanes are settled, and the sign-in goes on to its next step.
    async fn pass(
        &self,
        visitor: &Visitor,
        attempt: Attempt,
        rehash: Option<StoredHash>,
        coming: Coming,
        is_shared: bool,
    ) -> Result<Answer, Failure> {
        let (front, lock, tried, step) = (self.clone(), attempt.lock(), attempt.clone(), coming.clone());
        let done = self
            .house
            .ground
            .store
            .write_holding(lock, move |tx| {
                commit(tx, &front, &attempt, rehash.as_ref(), &step, is_shared)
            })
            .await;
        match done.map_err(|error| Failure::store(visitor, &error))? {
            Next::Gone => {
                tried.pad().await;
                Ok(Answer::Wrong { tries_left: None })
            }
            Next::Shut => Ok(Answer::Shut),
            next => Ok(Answer::Right(next, Box::new(coming))),
        }
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

/// The commit of a right password. [`Next::Gone`]: something changed meanwhile, and nothing was done.
fn commit(
    tx: &mut Tx,
    front: &Front,
    attempt: &Attempt,
    rehash: Option<&StoredHash>,
    coming: &Coming,
    is_shared: bool,
) -> db::Result<Next> {
    let (ground, browser, now) = (&front.house.ground, &coming.browser, coming.browser.now);
    let Some(subject) = attempt.subject() else {
        return Ok(Next::Gone);
    };
    let Some(person) = people::person(tx, Deployment, subject.person)? else {
        return Ok(Next::Gone);
    };
    let events = match attempt.confirm(tx, now, ground)? {
        Ok(events) => events,
        Err(reason) => {
            let stream = Stream::Organisation(subject.home);
            let event = Event::new(stream, now, EventKind::SignInRefused, Outcome::Stopped, &ground.chance)
                .about(subject.person)
                .because(reason);
            journal::append(tx, &event.from(subject.known_device, &browser.label, &browser.network))?;
            return Ok(Next::Gone);
        }
    };
    let mut password_version = attempt.version();
    if let (Some(hash), Some(version)) = (rehash, attempt.version()) {
        factors::store::renew_hash(tx, subject.person, hash, version)?;
        password_version = factors::store::find_password(tx, subject.person)?.map(|stored| stored.version);
    }
    let first = First {
        person,
        password_version,
        methods: Methods::only(Method::Password),
        is_shared,
    };
    begin(tx, front, &first, coming, events)
}
