//! The lanes: facts -> decide -> commit under their locks, so that parallel tries count exactly on both engines.
//! Must never happen: a try that is looked at and not counted, or two that take the last place of a lane.
use crate::{
    Lanes,
    decide::{self, Answer, Counted, Facts, Kind, Lane, Report, Reserve, State},
    lanes::{device_key, network_words},
};
use ground::db::{Lock, Result, Tx, View};
use kernel::{DeviceId, PersonId, Time, Verdict};

/// A row of the table.
pub(super) struct Row {
    pub run: u32,
    pub total: u32,
    pub rounds: u32,
    pub window_at: Time,
    pub failed_at: Time,
    pub locked_until: Option<Time>,
    pub lock_told: bool,
}
ground::from_row!(Row {
    run,
    total,
    rounds,
    window_at,
    failed_at,
    locked_until,
    lock_told
});

impl Row {
    const fn lane(&self) -> Lane {
        Lane {
            run: self.run,
            total: self.total,
            rounds: self.rounds,
            window_at: self.window_at,
            failed_at: self.failed_at,
            locked_until: self.locked_until,
            is_end_told: self.lock_told,
        }
    }
}

/// Whom a lane is about, for its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A known device of this person.
    Device(PersonId, DeviceId),
    /// Strangers at this person's address.
    Address(PersonId),
    /// A network, in words.
    Network(String),
}

impl Subject {
    /// None where nobody is to be told: the lane of an address that is nobody's.
    pub(super) fn of(kind: Kind, key: &[u8], person: Option<PersonId>) -> Option<Self> {
        match kind {
            Kind::Device => Some(Self::Device(person?, device_of(key)?)),
            Kind::Address => Some(Self::Address(person?)),
            Kind::Network => Some(Self::Network(network_words(key))),
        }
    }
}

/// The end of a lock, to be told as an event dated then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Whose.
    pub subject: Subject,
    /// When.
    pub at: Time,
}

/// A try that was counted or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// Whether the password is looked at.
    pub answer: Answer,
    /// Where it was counted; handed back to [`succeed`] or [`fail`].
    pub counted: Vec<Counted>,
    /// Locks that ended before and are to be told now.
    pub ended: Vec<Ended>,
}

/// What is to be told of a failure or a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failed {
    /// How many refusals the event stands for that is to be written now; none: they are told later, together.
    pub tell: Option<u32>,
    /// Lanes that this try locked, and until when.
    pub locked: Vec<(Subject, Time)>,
    /// The device has failed so often in a row that it must no longer be known to this person.
    pub forget_device: bool,
}

/// Counts a try in all its lanes, or refuses it; before the hash, in a transaction of its own.
pub fn reserve(tx: &mut Tx, lanes: &Lanes, now: Time) -> Result<Verdict<Reserved>> {
    let facts = if lanes.is_known_device() {
        Facts::KnownDevice(lane(tx, lanes, Kind::Device)?)
    } else {
        Facts::Stranger {
            address: lane(tx, lanes, Kind::Address)?,
            network: lane(tx, lanes, Kind::Network)?,
        }
    };
    let Verdict {
        outcome: Reserve { answer, counted },
        reasons,
    } = decide::reserve(&facts, now);
    let mut ended = Vec::new();
    for Counted { kind, before, after } in &counted {
        let end = decide::untold_end(before, now);
        ended.extend(end.and_then(|at| {
            Some(Ended {
                subject: subject(lanes, *kind)?,
                at,
            })
        }));
        save(tx, lanes, *kind, after)?;
    }
    Ok(Verdict {
        outcome: Reserved { answer, counted, ended },
        reasons,
    })
}

/// Takes the try back. A known device sets its own lane and the address's to nought; a stranger leaves what others counted.
pub fn succeed(tx: &mut Tx, lanes: &Lanes, reserved: &Reserved, now: Time) -> Result<Vec<Ended>> {
    let mut ended = Vec::new();
    if lanes.is_known_device() {
        for kind in [Kind::Device, Kind::Address] {
            let before = lane(tx, lanes, kind)?;
            if before != Lane::default() {
                let (after, end) = decide::reset(&before, now);
                // The lock that this very try set was never one to anybody.
                let is_ours = reserved
                    .counted
                    .iter()
                    .any(|c| c.kind == kind && c.has_locked() && c.after.locked_until == before.locked_until);
                ended.extend(end.filter(|_| !is_ours).and_then(|at| {
                    Some(Ended {
                        subject: subject(lanes, kind)?,
                        at,
                    })
                }));
                save(tx, lanes, kind, &after)?;
            }
        }
        return Ok(ended);
    }
    // In the order of the locks, which is not the order of counting.
    for kind in [Kind::Address, Kind::Network] {
        if let Some(counted) = reserved.counted.iter().find(|c| c.kind == kind) {
            let before = lane(tx, lanes, kind)?;
            save(tx, lanes, kind, &decide::refund(kind, &before, counted))?;
        }
    }
    Ok(ended)
}

/// Whether a lane of this try was shut meanwhile, and not by this try alone. A lock that others set does not count: whoever was granted a try
/// before has it, else right ones that come together would keep each other out.
pub fn is_shut_by_others(tx: &mut Tx, lanes: &Lanes, reserved: &Reserved, now: Time) -> Result<bool> {
    for kind in [Kind::Device, Kind::Address] {
        if let Some(counted) = reserved.counted.iter().find(|counted| counted.kind == kind) {
            let without = decide::refund(kind, &lane(tx, lanes, kind)?, counted);
            if decide::state(kind, &without, now) == State::Shut {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What is to be told of a try that was looked at and failed. The count stands since it was reserved.
pub fn fail(tx: &mut Tx, lanes: &Lanes, reserved: &Reserved, now: Time) -> Result<Failed> {
    let mut failed = refuse(tx, lanes, reserved, now)?;
    if lanes.is_known_device() {
        let device = lane(tx, lanes, Kind::Device)?;
        failed.forget_device = decide::state(Kind::Device, &device, now) == State::Shut;
    }
    Ok(failed)
}

/// What is to be told of a try that was refused without being looked at.
pub fn refuse(tx: &mut Tx, lanes: &Lanes, reserved: &Reserved, now: Time) -> Result<Failed> {
    let locked = reserved
        .counted
        .iter()
        .filter(|counted| counted.has_locked())
        .filter_map(|counted| Some((subject(lanes, counted.kind)?, counted.after.locked_until?)))
        .collect();
    let (kind, key) = lanes.first();
    // Whatever does not concern a person is told together, one line a minute for the whole deployment.
    let tell = if lanes.person().is_some() {
        tell(tx, kind.name(), key, 1, now)?
    } else {
        refuse_strangers(tx, 1, now)?
    };
    Ok(Failed {
        tell,
        locked,
        forget_device: false,
    })
}

/// So many refusals that concern no person: how many of them to tell now.
pub fn refuse_strangers(tx: &mut Tx, count: u32, now: Time) -> Result<Option<u32>> {
    tell(tx, super::sweep::STRANGERS, &[], count, now)
}

/// Until when strangers of this network are refused; none where they are not. Looks, and changes nothing.
pub fn network_shut_until(view: &mut View, network: &[u8], now: Time) -> Result<Option<Time>> {
    view.maybe(
        "SELECT locked_until FROM lane WHERE kind = 'network' AND key = ?1 AND locked_until > ?2",
        &[&network, &now],
    )
}

/// Sets the address of a person to nought for strangers: after a reset, a passkey, single sign-on.
pub fn open_to_strangers(tx: &mut Tx, person: PersonId, now: Time) -> Result<Vec<Ended>> {
    clear(tx, person, &[Kind::Address], now)
}

/// Unlocks a person by hand: the address and every device. Also after a device became known, so that it starts anew.
pub fn unlock(tx: &mut Tx, person: PersonId, now: Time) -> Result<Vec<Ended>> {
    clear(tx, person, &[Kind::Device, Kind::Address], now)
}

/// Takes the lane of a device away that is no longer known to this person: should it become known again, it starts anew.
pub fn forget_device(tx: &mut Tx, person: PersonId, device: DeviceId) -> Result<()> {
    let key = device_key(person, device);
    tx.lock(Lock::on(Kind::Device.name(), &key))?;
    tx.run("DELETE FROM lane WHERE kind = 'device' AND key = ?1", &[&key])?;
    Ok(())
}

fn clear(tx: &mut Tx, person: PersonId, kinds: &[Kind], now: Time) -> Result<Vec<Ended>> {
    let keys: Vec<(String, Vec<u8>)> = tx.all(
        "SELECT kind, key FROM lane WHERE person = ?1 ORDER BY kind COLLATE \"C\", key",
        &[&person],
    )?;
    let mut ended = Vec::new();
    for (kind, key) in keys {
        let Some(kind) = Kind::from_name(&kind).filter(|kind| kinds.contains(kind)) else {
            continue;
        };
        let before = locked_lane(tx, kind, &key)?;
        let (after, end) = decide::reset(&before, now);
        ended.extend(end.and_then(|at| {
            Some(Ended {
                subject: Subject::of(kind, &key, Some(person))?,
                at,
            })
        }));
        put(tx, kind, &key, Some(person), &after)?;
    }
    Ok(ended)
}

/// A person's lanes, to be shown: by the doctor, and by `doorward person list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneView {
    /// The device; none for strangers at the address.
    pub device: Option<DeviceId>,
    /// Failures of the present run.
    pub failures: u32,
    /// Whether a try may be made.
    pub state: State,
}

/// The lanes of a person in which there are failures.
pub fn lanes_of(view: &mut View, person: PersonId, now: Time) -> Result<Vec<LaneView>> {
    let rows: Vec<(String, Vec<u8>, u32, u32, Option<Time>)> = view.all(
        "SELECT kind, key, run, total, locked_until FROM lane WHERE person = ?1 AND total > 0 ORDER BY kind COLLATE \"C\", key",
        &[&person],
    )?;
    let shown = |(kind, key, run, total, locked_until): (String, Vec<u8>, u32, u32, Option<Time>)| {
        let kind = Kind::from_name(&kind)?;
        let state = decide::state(
            kind,
            &Lane {
                run,
                total,
                locked_until,
                ..Lane::default()
            },
            now,
        );
        Some(LaneView {
            device: (kind == Kind::Device).then(|| device_of(&key)).flatten(),
            failures: run,
            state,
        })
    };
    Ok(rows.into_iter().filter_map(shown).collect())
}

/// The device in the key of its lane: the first half; the person is the second.
fn device_of(key: &[u8]) -> Option<DeviceId> {
    let bytes: [u8; 16] = key.get(..16)?.try_into().ok()?;
    Some(DeviceId(uuid::Uuid::from_bytes(bytes)))
}

fn subject(lanes: &Lanes, kind: Kind) -> Option<Subject> {
    Subject::of(kind, lanes.key(kind)?, lanes.person())
}

fn lane(tx: &mut Tx, lanes: &Lanes, kind: Kind) -> Result<Lane> {
    lanes
        .key(kind)
        .map_or(Ok(Lane::default()), |key| locked_lane(tx, kind, key))
}
fn save(tx: &mut Tx, lanes: &Lanes, kind: Kind, lane: &Lane) -> Result<()> {
    let person = lanes.person().filter(|_| kind != Kind::Network);
    lanes.key(kind).map_or(Ok(()), |key| put(tx, kind, key, person, lane))
}

/// The lane as it stands, with its lock held until the commit.
fn locked_lane(tx: &mut Tx, kind: Kind, key: &[u8]) -> Result<Lane> {
    tx.lock(Lock::on(kind.name(), key))?;
    let row: Option<Row> = tx.maybe(
        "SELECT run, total, rounds, window_at, failed_at, locked_until, lock_told FROM lane WHERE kind = ?1 AND key = ?2",
        &[&kind.name(), &key],
    )?;
    Ok(row.map_or_else(Lane::default, |row| row.lane()))
}

fn put(tx: &mut Tx, kind: Kind, key: &[u8], person: Option<PersonId>, lane: &Lane) -> Result<()> {
    let Lane {
        run,
        total,
        rounds,
        window_at,
        failed_at,
        locked_until,
        is_end_told,
    } = lane;
    tx.run_one(
        "INSERT INTO lane (kind, key, run, total, rounds, window_at, failed_at, locked_until, lock_told, unreported, reported_at, person)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, ?10)
         ON CONFLICT (kind, key) DO UPDATE SET run = excluded.run, total = excluded.total, rounds = excluded.rounds,
           window_at = excluded.window_at, failed_at = excluded.failed_at, locked_until = excluded.locked_until,
           lock_told = excluded.lock_told, person = excluded.person",
        &[&kind.name(), &key, run, total, rounds, window_at, failed_at, locked_until, is_end_told, &person],
    )
}

/// Adds refusals to what a row has not told yet; how many to tell now.
fn tell(tx: &mut Tx, kind: &str, key: &[u8], more: u32, now: Time) -> Result<Option<u32>> {
    tx.lock(Lock::on(kind, key))?;
    let before: Option<(u32, Time)> = tx.maybe(
        "SELECT unreported, reported_at FROM lane WHERE kind = ?1 AND key = ?2",
        &[&kind, &key],
    )?;
    let (unreported, reported_at) = before.unwrap_or_default();
    let (after, tell) = decide::report(
        Report {
            unreported,
            reported_at,
        },
        more,
        now,
    );
    tx.run_one(
        "INSERT INTO lane (kind, key, run, total, rounds, window_at, failed_at, locked_until, lock_told, unreported, reported_at, person)
         VALUES (?1, ?2, 0, 0, 0, 0, ?5, NULL, FALSE, ?3, ?4, NULL)
         ON CONFLICT (kind, key) DO UPDATE SET unreported = excluded.unreported, reported_at = excluded.reported_at",
        &[&kind, &key, &after.unreported, &after.reported_at, &now],
    )?;
    Ok(tell)
}
