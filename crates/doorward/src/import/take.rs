//! Takes people in, some at a time, each with an event of their own.
use super::{Ready, Untaken};
use ground::{
    Ground,
    db::{self, Lock, Tx, View},
    journal,
};
use kernel::{Chance, Deployment, Event, EventKind, Organisation, Outcome, Stream, Time};
use roles::Giver;

/// So many in one transaction: it holds the organisation's lock.
const CHUNK: usize = 50;

/// What came of it.
#[derive(Debug, Default)]
pub struct Taken {
    /// Who could not be taken.
    pub untaken: Vec<Untaken>,
    /// How many were.
    pub people: usize,
    /// How many of them with their password.
    pub with_password: usize,
    /// How many came without theirs, because nobody had verified the address there.
    pub unverified: usize,
    /// How many had a second factor there.
    pub with_factor: usize,
}

impl Taken {
    fn count(&mut self, ready: &Ready) {
        self.people += 1;
        self.with_password += usize::from(ready.hash.is_some());
        self.unverified += usize::from(ready.is_unverified);
        self.with_factor += usize::from(ready.had_factor);
    }
}

/// Takes these people into the organisation; with `is_dry` it only looks who could be.
pub async fn take(ground: &Ground, organisation: Organisation, all: Vec<Ready>, is_dry: bool) -> db::Result<Taken> {
    let mut taken = Taken::default();
    let mut rest = all.into_iter().peekable();
    while rest.peek().is_some() {
        let chunk: Vec<Ready> = rest.by_ref().take(CHUNK).collect();
        let (now, chance, own) = (ground.now(), ground.chance.clone(), chunk.clone());
        let whys = if is_dry {
            let look = move |view: &mut View| {
                own.iter()
                    .map(|ready| why_not(view, ready))
                    .collect::<db::Result<Vec<_>>>()
            };
            ground.store.read(look).await?
        } else {
            let lock = Lock::on("organisation", organisation.0.0.as_bytes());
            let write = move |tx: &mut Tx| {
                let each = own.iter().map(|ready| insert(tx, organisation, ready, now, &chance));
                each.collect::<db::Result<Vec<_>>>()
            };
            ground.store.write_holding(lock, write).await?
        };
        for (ready, why) in chunk.into_iter().zip(whys) {
            match why {
                None => taken.count(&ready),
                Some(why) => taken.untaken.push(Untaken {
                    place: ready.place,
                    why,
                }),
            }
        }
    }
    Ok(taken)
}

fn why_not(view: &mut View, ready: &Ready) -> db::Result<Option<String>> {
    let is_taken = people::is_taken(view, Deployment, &ready.new.email)?;
    Ok(is_taken.then(|| there(ready)))
}

fn there(ready: &Ready) -> String {
    let email = &ready.new.email.written;
    format!("{email}, or an address that looks the same, has an account already; nothing of it was changed")
}

/// Takes one in. Some: why not.
fn insert(
    tx: &mut Tx,
    organisation: Organisation,
    ready: &Ready,
    now: Time,
    chance: &Chance,
) -> db::Result<Option<String>> {
    let id = ready.new.id;
    if people::is_taken(tx, Deployment, &ready.new.email)? || !people::create(tx, Deployment, &ready.new, now)? {
        return Ok(Some(there(ready)));
    }
    // The roles were looked up a moment ago: whoever took one away meanwhile makes it run again.
    let Ok(granted) = roles::set_grants(tx, organisation, Giver::Operator, id, &ready.roles, now)? else {
        return Err(db::Error::Contended);
    };
    if let Some(hash) = &ready.hash {
        factors::store::set_password(tx, id, hash, now)?;
    }
    if ready.is_disabled {
        people::disable(tx, Deployment, id, now)?;
    }
    let stream = Stream::Organisation(organisation.0);
    let mut event = Event::new(stream, now, EventKind::PersonImported, Outcome::Done, chance).about(id);
    let password = ready.hash.as_ref().map_or("without a password", |hash| hash.kind());
    event.detail = format!(
        "by the operator, from the command line; {}; {password}",
        granted.words()
    );
    journal::append(tx, &event)?;
    Ok(None)
}
