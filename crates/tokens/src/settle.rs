//! Making and ending keys: the one way for the page and the API. Must never happen: a key without its event and its notice.
use crate::{
    decide::{self, Key, MOST_KEYS, Refused, Wish},
    store,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{
    Ask, Caller, Failure, Ground, House, Permit, Refusal,
    db::{self, Lock, Tx},
    journal,
};
use kernel::{
    Act, Action, ApiKeyId, Deployment, Event, EventKind, FieldError, Organisation, Outcome, PersonId, Scope, Secret,
    Stream, act,
};
use people::notices::{self, Draw, Facts, Notice};
use sha2::{Digest, Sha256};

/// What every key begins with, so that people and scanners know one when they see it.
const PREFIX: &str = "dwk_";

/// A key that is to be made: drawn outside the transaction.
#[derive(Clone)]
struct Drawn {
    id: ApiKeyId,
    token: Secret<String>,
    notice: Draw,
}

impl Drawn {
    fn new(ground: &Ground) -> Self {
        let (now, chance) = (ground.now(), &ground.chance);
        Self {
            id: ApiKeyId::new(now, chance),
            token: Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(chance.bytes::<32>()))),
            notice: Draw::new(now, chance),
        }
    }
    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.token.expose().as_bytes()).into()
    }
}

/// A key that was made, with its secret: shown once.
pub(crate) struct Made {
    pub key: Key,
    pub token: Secret<String>,
}

/// Why no key was made.
pub(crate) enum NotMade {
    /// Fields are wrong.
    Fields(Vec<FieldError>),
    /// It would be wider than its maker.
    Beyond,
    /// The customer or site that it is to be limited to is not there.
    NoPlace,
    /// The person has as many as one may have.
    TooMany,
}

/// The keys of one person are made one after the other, so that their number is exact.
fn lock(person: PersonId) -> Lock {
    Lock::on("api-keys", person.0.as_bytes())
}

/// Makes a key for the caller.
pub(crate) async fn make(
    house: &House,
    ask: &Ask<act::MakeApiKeys>,
    wish: Wish,
) -> Result<Result<Made, NotMade>, Failure> {
    let permit = house.admit(ask).await?;
    // A key is as good as its maker's proof, so it takes a factor, whatever policy asks for.
    if !permit.caller().fresh.has_second_factor() {
        return Err(Failure::refused(&ask.visitor, Refusal::FactorNeeded(None)));
    }
    let (ground, drawn) = (house.ground.clone(), Drawn::new(&house.ground));
    let token = drawn.token.clone();
    let (_, made) = house
        .write(ask, Some(lock(permit.caller().person)), move |tx, permit| {
            insert(tx, &ground, permit, &wish, &drawn)
        })
        .await?;
    Ok(made.map(|key| Made { key, token }))
}

fn insert(
    tx: &mut Tx,
    ground: &Ground,
    permit: &Permit<act::MakeApiKeys>,
    wish: &Wish,
    drawn: &Drawn,
) -> db::Result<Result<Key, NotMade>> {
    let (caller, now) = (permit.caller(), permit.now());
    let organisation = Organisation(caller.organisation);
    let wanted = match decide::check(wish, &caller.roles, caller.may, now) {
        Ok(wanted) => wanted,
        Err(Refused::Fields(errors)) => return Ok(Err(NotMade::Fields(errors))),
        Err(Refused::Beyond) => return Ok(Err(NotMade::Beyond)),
    };
    if wanted.scope != Scope::Everything && roles::place(tx, organisation, wanted.scope)?.is_none() {
        return Ok(Err(NotMade::NoPlace));
    }
    let living = store::count_living(tx, organisation, caller.person, now)?;
    if usize::try_from(living).unwrap_or(usize::MAX) >= MOST_KEYS {
        return Ok(Err(NotMade::TooMany));
    }
    store::insert(tx, organisation, caller.person, (drawn.id, &drawn.hash()), &wanted, now)?;
    if let Some(person) = people::person(tx, Deployment, caller.person)? {
        let facts = Facts::new(now, &caller.device_label, &caller.network);
        let name = wanted.name.clone();
        notices::post(tx, ground, &person, &Notice::ApiKeyMade { name }, &facts, &drawn.notice)?;
    }
    let mut event = event(caller, EventKind::ApiKeyMade, permit, ground);
    let names: Vec<&str> = wanted.permissions.iter().map(Action::name).collect();
    event.detail = format!(
        "“{}”, until {}: {}",
        wanted.name,
        wanted.ends_at.rfc3339(),
        names.join(", ")
    );
    journal::append(tx, &event)?;
    Ok(Ok(Key {
        id: drawn.id,
        organisation: caller.organisation,
        person: caller.person,
        name: wanted.name,
        permissions: wanted.permissions,
        scope: wanted.scope,
        made_at: now,
        ends_at: wanted.ends_at,
        used_at: None,
        used_from: String::new(),
    }))
}

/// Ends one of the caller's keys. False: there is none of this id, or it is somebody else's.
pub(crate) async fn end(house: &House, ask: &Ask<act::ChangeOwn>, id: ApiKeyId) -> Result<bool, Failure> {
    let ground = house.ground.clone();
    let (_, ended) = house
        .write(ask, None, move |tx, permit| {
            let caller = permit.caller();
            let ended = store::end(tx, Organisation(caller.organisation), caller.person, id)?;
            if let Some(name) = &ended {
                let mut event = event(caller, EventKind::ApiKeyEnded, permit, &ground);
                event.detail = format!("“{name}”");
                journal::append(tx, &event)?;
            }
            Ok(ended.is_some())
        })
        .await?;
    Ok(ended)
}

/// A key is a matter of the organisation that it is for, so its log tells of it.
fn event<A: Act>(caller: &Caller, kind: EventKind, permit: &Permit<A>, ground: &Ground) -> Event {
    let stream = Stream::Organisation(caller.organisation);
    Event::new(stream, permit.now(), kind, Outcome::Done, &ground.chance)
        .by(caller.person)
        .from(caller.device, &caller.device_label, &caller.network)
}
