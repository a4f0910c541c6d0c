//! Proving a code, the one way for every place that takes one: counted and judged in one transaction, spent in the caller's commit.
//! For sign-in's second step, unlock and step-up. What was typed says by its form of which kind it is.
//! Must never happen: a code looked at and not counted; one that lets in twice, also at the same instant; a pause that another challenge gets round.
use crate::{
    Fault, Full, Password, Prover,
    authenticators::{self, By, person_lock, released, tell, words},
    code::Typed,
    decide::{
        State,
        app::{Drift, Found},
        pause::{self, Run},
    },
    store::{
        authenticators::{self as store, Row},
        recovery_codes, texts,
    },
    text,
};
use ground::{
    Ground,
    db::{self, Lock, Tx},
    journal,
};
use kernel::{
    AuthenticatorId, AuthenticatorKind, Deployment, DeviceId, Event, EventKind, Kinds, Method, OrganisationId, Outcome,
    PersonId, Reason, Secret, Time,
};
use people::{Person, notices::Notice, way::Way};
use std::net::IpAddr;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// What the caller knows of who tries, read in the transaction that counts.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Who.
    pub person: PersonId,
    /// Whose log tells of it.
    pub home: OrganisationId,
    /// The kinds that policy lets in.
    pub allowed: Kinds,
    /// Hash of the sign-in or session that a text message's code must have been sent for.
    pub request: Option<[u8; 32]>,
    /// The device, where it has signed in as this person before.
    pub known_device: Option<DeviceId>,
    /// The device in words.
    pub device_label: String,
    /// The network.
    pub network: String,
}

impl Gate {
    fn by(&self, at: Time) -> By {
        By {
            actor: None,
            device: self.known_device,
            label: self.device_label.clone(),
            network: self.network.clone(),
            at,
        }
    }
}

/// What a code came to.
#[expect(clippy::large_enum_variant, reason = "made once a try, and taken apart at once")]
pub enum CodeProved {
    /// It is right; the caller commits.
    Right(CodeAttempt),
    /// It is not; counted and told.
    Wrong(CodeRefusal),
    /// All that it could be of is paused or shut; nothing was looked at.
    Paused {
        /// Which of the two.
        reason: Reason,
        /// Until when; none: until it is set up anew.
        until: Option<Time>,
    },
    /// The gate said no.
    Nothing,
    /// No slot for the hash of a recovery code.
    Full(Full),
}

/// Why a code was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeRefusal {
    /// Why.
    pub reason: Reason,
    /// What the code says about the phone's clock.
    pub drift: Option<Drift>,
}

impl CodeRefusal {
    pub(crate) const fn plain(reason: Reason) -> Self {
        Self { reason, drift: None }
    }
}

/// What is spent in the commit.
#[derive(Debug, Clone)]
enum Spend {
    Step { step: i64, drift: i64, is_pair: bool },
    Text { id: Uuid, request: [u8; 32] },
    Recovery { hash: Vec<u8> },
}

/// A try that was counted at an authenticator.
#[derive(Debug, Clone)]
struct Counted {
    row: Row,
    before: Run,
    after: Run,
}

/// A code that is right, to be spent in the commit.
#[derive(Debug, Clone)]
pub struct CodeAttempt {
    gate: Gate,
    kind: AuthenticatorKind,
    id: AuthenticatorId,
    name: String,
    spend: Spend,
    counted: Vec<Counted>,
}

/// Counted, and of which authenticators.
#[expect(clippy::large_enum_variant, reason = "made once a try, and taken apart at once")]
enum Opened {
    Tries(Vec<Counted>),
    Answer(CodeProved),
}

impl Typed {
    const fn kind(&self) -> AuthenticatorKind {
        match self {
            Self::App(_) | Self::Pair(..) => AuthenticatorKind::App,
            Self::Text(_) => AuthenticatorKind::Phone,
            Self::Recovery(_) => AuthenticatorKind::RecoveryCodes,
        }
    }
}

impl Prover {
    /// Counts and judges what was typed. `gate` runs under the person's lock, in the transaction that counts: it counts the challenge's own tries,
    /// and answers None where there is nothing to prove any more.
    pub async fn prove_code(
        &self,
        from: IpAddr,
        person: PersonId,
        typed: &str,
        gate: impl Fn(&mut Tx) -> db::Result<Option<Gate>> + Send + 'static,
    ) -> Result<CodeProved, Fault> {
        let Some(typed) = Typed::read(typed) else {
            return Ok(CodeProved::Wrong(CodeRefusal::plain(Reason::CodeMalformed)));
        };
        if let Typed::Recovery(code) = typed {
            return self.prove_recovery(from, person, &code, gate).await;
        }
        let (ground, now) = (self.ground().clone(), self.ground().now());
        let proved = self
            .ground()
            .store
            .write_holding(person_lock(person), move |tx| {
                let Some(gate) = gate(tx)?.filter(|gate| gate.person == person) else {
                    return Ok::<_, db::Error>(CodeProved::Nothing);
                };
                match count(tx, &ground, &gate, typed.kind(), now)? {
                    Opened::Answer(answer) => Ok(answer),
                    Opened::Tries(counted) => judge(tx, &ground, gate, &typed, counted, now),
                }
            })
            .await?;
        Ok(proved)
    }

    /// Admission, then count → hash → judge: a recovery code is hashed as a password is.
    async fn prove_recovery(
        &self,
        from: IpAddr,
        person: PersonId,
        code: &Secret<String>,
        gate: impl Fn(&mut Tx) -> db::Result<Option<Gate>> + Send + 'static,
    ) -> Result<CodeProved, Fault> {
        let Ok(password) = Password::parse(code.expose()) else {
            return Ok(CodeProved::Wrong(CodeRefusal::plain(Reason::CodeMalformed)));
        };
        let mut slot = match self.admit(None, from).await {
            Ok(slot) => slot,
            Err(full) => return Ok(CodeProved::Full(full)),
        };
        let (ground, now) = (self.ground().clone(), self.ground().now());
        let reserved = self
            .ground()
            .store
            .write_holding(person_lock(person), move |tx| {
                reserve_recovery(tx, &ground, person, &gate, now)
            })
            .await?;
        let (gate, counted, recipe, hashes) = match reserved {
            Ok(reserved) => reserved,
            Err(answer) => return Ok(answer),
        };
        let digest = slot.digest(password, recipe).await?;
        drop(slot);
        let found = hashes
            .into_iter()
            .find(|hash| bool::from(digest.as_slice().ct_eq(hash)));
        if let (Some(hash), Some(set)) = (found, counted.first()) {
            let (id, name) = (set.row.id, set.row.name.clone());
            return Ok(CodeProved::Right(CodeAttempt {
                gate,
                kind: AuthenticatorKind::RecoveryCodes,
                id,
                name,
                spend: Spend::Recovery { hash },
                counted,
            }));
        }
        let (ground, refusal) = (self.ground().clone(), CodeRefusal::plain(Reason::CodeWrong));
        let told = move |tx: &mut Tx| {
            let events = refused(tx, &ground, &gate, &counted, refusal, now)?;
            journal::append_all(tx, &events)
        };
        self.ground().store.write_holding(person_lock(person), told).await?;
        Ok(CodeProved::Wrong(refusal))
    }
}

type Reserved = (Gate, Vec<Counted>, crate::Recipe, Vec<Vec<u8>>);

fn reserve_recovery(
    tx: &mut Tx,
    ground: &Ground,
    person: PersonId,
    gate: &impl Fn(&mut Tx) -> db::Result<Option<Gate>>,
    now: Time,
) -> db::Result<Result<Reserved, CodeProved>> {
    let Some(gate) = gate(tx)?.filter(|gate| gate.person == person) else {
        return Ok(Err(CodeProved::Nothing));
    };
    let counted = match count(tx, ground, &gate, AuthenticatorKind::RecoveryCodes, now)? {
        Opened::Answer(answer) => return Ok(Err(answer)),
        Opened::Tries(counted) => counted,
    };
    // A person has one set.
    let recipe = match counted.first() {
        Some(set) => recovery_codes::recipe(tx, Deployment, set.row.id)?,
        None => None,
    };
    let (Some(recipe), Some(set)) = (recipe, counted.first()) else {
        return Ok(Err(CodeProved::Wrong(CodeRefusal::plain(Reason::CodeKindAbsent))));
    };
    let hashes = recovery_codes::hashes(tx, Deployment, set.row.id)?;
    Ok(Ok((gate, counted, recipe, hashes)))
}

fn what(row: &Row) -> String {
    row.kind().map_or_else(String::new, |kind| words(kind, &row.name))
}

/// Counts the try at every authenticator that it could be of and that is open; ends of pauses are told.
fn count(tx: &mut Tx, ground: &Ground, gate: &Gate, kind: AuthenticatorKind, now: Time) -> db::Result<Opened> {
    let mut rows = store::of_person(tx, Deployment, gate.person)?;
    rows.retain(|row| row.kind() == Some(kind) && gate.allowed.contains(kind));
    if rows.is_empty() {
        let refusal = CodeRefusal::plain(Reason::CodeKindAbsent);
        return Ok(Opened::Answer(CodeProved::Wrong(refusal)));
    }
    let (mut counted, mut events, mut until) = (Vec::new(), Vec::new(), None::<Time>);
    for row in rows {
        let before = row.run();
        match pause::state(&before, now) {
            State::Open => {}
            State::Locked(end) => {
                until = Some(until.map_or(end, |other| other.min(end)));
                continue;
            }
            State::Shut => continue,
        }
        if let (Some(end), Some(person)) = (before.untold_end(now), people::person(tx, Deployment, gate.person)?) {
            events.push(released(ground, &person, end, &what(&row)));
        }
        let after = pause::count(&before, now);
        store::save_run(tx, Deployment, row.id, &after)?;
        counted.push(Counted { row, before, after });
    }
    journal::append_all(tx, &events)?;
    if counted.is_empty() {
        let reason = if until.is_some() {
            Reason::CodePaused
        } else {
            Reason::CodeShut
        };
        return Ok(Opened::Answer(CodeProved::Paused { reason, until }));
    }
    Ok(Opened::Tries(counted))
}

fn judge(
    tx: &mut Tx,
    ground: &Ground,
    gate: Gate,
    typed: &Typed,
    counted: Vec<Counted>,
    now: Time,
) -> db::Result<CodeProved> {
    let found = match typed {
        Typed::Text(code) => judge_text(tx, ground, &gate, code.expose(), &counted, now)?,
        _ => judge_apps(tx, ground, typed, &counted, now)?,
    };
    let (row, spend) = match found {
        Ok((id, spend)) => (counted.iter().find(|one| one.row.id == id), spend),
        Err(refusal) => {
            let events = refused(tx, ground, &gate, &counted, refusal, now)?;
            journal::append_all(tx, &events)?;
            return Ok(CodeProved::Wrong(refusal));
        }
    };
    let Some(Counted { row, .. }) = row else {
        return Ok(CodeProved::Wrong(CodeRefusal::plain(Reason::AuthenticatorGone)));
    };
    Ok(CodeProved::Right(CodeAttempt {
        kind: typed.kind(),
        id: row.id,
        name: row.name.clone(),
        spend,
        gate,
        counted,
    }))
}

type Judged = Result<(AuthenticatorId, Spend), CodeRefusal>;

fn judge_text(
    tx: &mut Tx,
    ground: &Ground,
    gate: &Gate,
    typed: &str,
    counted: &[Counted],
    now: Time,
) -> db::Result<Judged> {
    let phones: Vec<AuthenticatorId> = counted.iter().map(|one| one.row.id).collect();
    let request = gate.request.unwrap_or_default();
    let found = text::judge(tx, ground, &phones, gate.request.as_ref(), typed, now)?;
    let spend = |code: texts::TextCode| (code.authenticator, Spend::Text { id: code.id, request });
    Ok(found.map(spend).map_err(CodeRefusal::plain))
}

fn judge_apps(tx: &mut Tx, ground: &Ground, typed: &Typed, counted: &[Counted], now: Time) -> db::Result<Judged> {
    let mut refusal = CodeRefusal::plain(Reason::CodeWrong);
    for (n, Counted { row, .. }) in counted.iter().enumerate() {
        let verdict = crate::app::judge(tx, ground, row, typed, now)?;
        match verdict.outcome {
            Found::Right { step, drift } => {
                let is_pair = matches!(typed, Typed::Pair(..));
                return Ok(Ok((row.id, Spend::Step { step, drift, is_pair })));
            }
            Found::Wrong { drift, burn } => {
                if let Some(step) = burn {
                    store::burn(tx, Deployment, row.id, step)?;
                }
                let reason = verdict.reasons.first().copied().unwrap_or(Reason::CodeWrong);
                // Of several apps the one that knows the code says why.
                if n == 0 || drift.is_some() || reason == Reason::CodeSpent {
                    refusal = CodeRefusal { reason, drift };
                }
            }
        }
    }
    Ok(Err(refusal))
}

/// What is told of a wrong code: an event, and where the pauses begin an event and a mail for each authenticator.
fn refused(
    tx: &mut Tx,
    ground: &Ground,
    gate: &Gate,
    counted: &[Counted],
    refusal: CodeRefusal,
    now: Time,
) -> db::Result<Vec<Event>> {
    let Some(person) = people::person(tx, Deployment, gate.person)? else {
        return Ok(Vec::new());
    };
    let by = gate.by(now);
    let names: Vec<String> = counted.iter().map(|one| what(&one.row)).collect();
    let event = by.event(
        ground,
        &person,
        EventKind::CodeRefused,
        Outcome::Stopped,
        &names.join(", "),
    );
    let mut events = vec![event.because(refusal.reason)];
    for (Counted { row, before, after }, name) in counted.iter().zip(&names) {
        let Some(until) = after.locked_until.filter(|_| after.locked_until != before.locked_until) else {
            continue;
        };
        let detail = format!("{name}, until {}", until.rfc3339());
        let event = by.event(
            ground,
            &person,
            EventKind::AuthenticatorPaused,
            Outcome::Stopped,
            &detail,
        );
        events.push(event.because(if after.run >= pause::MOST_IN_A_ROW {
            Reason::CodeShut
        } else {
            Reason::CodePaused
        }));
        if let (true, Some(kind)) = (pause::has_begun(after), row.kind()) {
            let name = row.name.clone();
            let what = Way { kind, name };
            tell(tx, ground, &by, &person, &Notice::CodesRefused { what })?;
        }
    }
    Ok(events)
}

impl CodeAttempt {
    /// What the session has proved.
    pub const fn method(&self) -> Method {
        self.kind.method()
    }
    /// With which authenticator.
    pub const fn authenticator(&self) -> AuthenticatorId {
        self.id
    }
    /// Whose it is.
    pub const fn person(&self) -> PersonId {
        self.gate.person
    }
    /// The lock that the commit holds, from its beginning; after the account's, where that is held too.
    pub fn lock(&self) -> Lock {
        person_lock(self.gate.person)
    }

    /// Spends the code, once. Its authenticator's wrong codes are forgotten; the tries at others are taken back. Answers the events for the end of
    /// the transaction. Err: it was spent or removed meanwhile, and nothing was changed.
    pub fn confirm(&self, tx: &mut Tx, now: Time, ground: &Ground) -> db::Result<Result<Vec<Event>, Reason>> {
        let id = self.id;
        let is_spent = match &self.spend {
            Spend::Step { step, drift, .. } => store::spend_step(tx, Deployment, id, *step, *drift)?,
            Spend::Text { id, request } => texts::claim(tx, Deployment, *id, request, now)?,
            Spend::Recovery { hash } => recovery_codes::claim(tx, Deployment, id, hash)?,
        };
        let rows = store::of_person(tx, Deployment, self.gate.person)?;
        let mine = rows.iter().find(|row| row.id == id);
        let (true, Some(mine)) = (is_spent, mine) else {
            return Ok(Err(if mine.is_some() {
                Reason::CodeSpent
            } else {
                Reason::AuthenticatorGone
            }));
        };
        store::touch(tx, Deployment, id, now)?;
        for Counted { row, before, after } in self.counted.iter().filter(|one| one.row.id != id) {
            if let Some(present) = rows.iter().find(|present| present.id == row.id) {
                let refunded = pause::refund(&present.run(), before, after);
                store::save_run(tx, Deployment, row.id, &refunded)?;
            }
        }
        let left = u32::try_from(mine.left).unwrap_or(0);
        match people::person(tx, Deployment, self.gate.person)? {
            Some(person) => Ok(Ok(self.told(tx, ground, &person, left, now)?)),
            None => Ok(Err(Reason::AuthenticatorGone)),
        }
    }

    /// What its owner is told beyond the sign-in itself.
    fn told(&self, tx: &mut Tx, ground: &Ground, person: &Person, left: u32, now: Time) -> db::Result<Vec<Event>> {
        let by = By {
            actor: Some(person.id),
            ..self.gate.by(now)
        };
        Ok(match &self.spend {
            Spend::Step {
                is_pair: true, drift, ..
            } => {
                let seconds = drift * crate::decide::app::STEP_SECONDS;
                let detail = format!("{}, {seconds} seconds", words(self.kind, &self.name));
                let (kind, name) = (self.kind, self.name.clone());
                let what = Way { kind, name };
                tell(tx, ground, &by, person, &Notice::AppResynchronised { what })?;
                vec![by.event(ground, person, EventKind::AppResynchronised, Outcome::Done, &detail)]
            }
            Spend::Recovery { .. } => {
                if left == 0 {
                    authenticators::recount(tx, Deployment, person.id)?;
                }
                tell(tx, ground, &by, person, &Notice::RecoveryCodeUsed { left })?;
                let detail = format!("{left} left");
                vec![by.event(ground, person, EventKind::RecoveryCodeUsed, Outcome::Allowed, &detail)]
            }
            Spend::Step { .. } | Spend::Text { .. } => Vec::new(),
        })
    }
}
