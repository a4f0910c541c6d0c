//! Makes what is measured: organisations, people and events, by the functions that the product itself makes them with.
use anyhow::{Result, anyhow};
use bench::{crowd::id_of, furnish::open_sessions};
use ground::{Ground, db, journal};
use kernel::{
    Deployment, Event, EventKind, Language, Organisation, OrganisationId, Outcome, PersonId, Reason, SiteId, Span,
    Stream, Time,
};
use organisations::NewOrganisation;
use people::NewPerson;
use std::sync::Arc;

/// Rows of one transaction.
const CHUNK: u32 = 500;
/// Streams that are filled at the same time.
const HANDS: usize = 8;

/// What was made.
pub struct Made {
    /// The organisations; the first is the one that is looked at.
    pub organisations: Vec<OrganisationId>,
    /// How many people the first one has.
    pub people: u32,
    /// How many events it has.
    pub events_of_first: u32,
    /// All events.
    pub events: u32,
    /// The session token of somebody who may see all of it.
    pub token: String,
    /// When the last event happened.
    pub now: Time,
}

/// Makes it.
pub async fn make(ground: &Ground, organisations: u32, people: u32, events: u32) -> Result<Made> {
    let ids = make_organisations(ground, organisations).await?;
    let first = *ids.first().ok_or_else(|| anyhow!("one organisation at least"))?;
    let others = ids.get(1..).unwrap_or_default();
    let of_first = people / 10;
    make_people(ground, first, 0, of_first, true).await?;
    let share = (people - of_first)
        .checked_div(u32::try_from(others.len())?)
        .unwrap_or(0);
    let mut number = of_first;
    for other in others {
        make_people(ground, *other, number, share, false).await?;
        number += share;
    }
    let token = open_sessions(ground, first, 1)
        .await?
        .pop()
        .ok_or_else(|| anyhow!("no session"))?;
    let few = (events / 5).checked_div(u32::try_from(others.len())?).unwrap_or(0);
    fill(ground, &[(first, events, of_first)]).await?;
    let rest: Vec<_> = others.iter().map(|other| (*other, few, 1)).collect();
    fill(ground, &rest).await?;
    Ok(Made {
        people: of_first,
        events_of_first: events,
        events: events + few * u32::try_from(others.len())?,
        organisations: ids,
        token,
        now: ground.now(),
    })
}

async fn make_organisations(ground: &Ground, count: u32) -> Result<Vec<OrganisationId>> {
    let (now, mut ids) = (ground.now(), Vec::new());
    for number in 0..count {
        let new = NewOrganisation {
            id: OrganisationId::new(now, &ground.chance),
            parent: ids.first().copied(),
            name: if number == 0 {
                "Northwind MSP".into()
            } else {
                format!("Customer {number:04}")
            },
            site: SiteId::new(now, &ground.chance),
        };
        let roles = roles::seed_ids(now, &ground.chance);
        ids.push(new.id);
        let made = ground.store.write(move |tx| {
            organisations::create(tx, Deployment, &new, now)?;
            roles::seed(tx, Organisation(new.id), &roles)?;
            if number == 0 {
                organisations::close_setup(tx, Deployment, now)?;
            }
            Ok::<_, db::Error>(())
        });
        made.await?;
    }
    Ok(ids)
}

const NAMES: [&str; 8] = ["Ana", "Ben", "Chidi", "Dora", "Emre", "Freya", "Gita", "Hugo"];
const FAMILIES: [&str; 7] = ["Almeida", "Brandt", "Castillo", "Dahl", "Eriksen", "Fontaine", "Garcia"];

/// A name out of the lists, the same each time.
fn name_of(number: u32) -> String {
    let pick = |list: &[&'static str]| {
        let at = usize::try_from(number).unwrap_or(0) % list.len();
        list.get(at).copied().unwrap_or_default()
    };
    format!("{} {} {number}", pick(&NAMES), pick(&FAMILIES))
}

async fn make_people(ground: &Ground, home: OrganisationId, from: u32, count: u32, is_first: bool) -> Result<()> {
    let now = ground.now();
    let mut number = from;
    while number < from + count {
        let end = (number + CHUNK).min(from + count);
        let mut new = Vec::new();
        for each in number..end {
            let email = people::canonical_email(&format!("person-{each:07}@crowd.example"))
                .map_err(|error| anyhow!("{}", error.message))?;
            new.push(NewPerson {
                id: id_of(each),
                home,
                name: name_of(each),
                email,
                language: Language::default(),
            });
        }
        let made = ground.store.write(move |tx| {
            for (each, person) in (number..).zip(&new) {
                people::create(tx, Deployment, person, now)?;
                let role = match each {
                    0 if is_first => "Owner",
                    each if each % 10 == 0 => "Help desk",
                    _ => "Technician",
                };
                roles::hold_by_name(tx, Organisation(home), person.id, role)?;
            }
            Ok::<_, db::Error>(())
        });
        made.await?;
        number = end;
    }
    Ok(())
}

/// Fills streams, several at the same time.
async fn fill(ground: &Ground, streams: &[(OrganisationId, u32, u32)]) -> Result<()> {
    let mut hands = tokio::task::JoinSet::new();
    for (organisation, events, people) in streams {
        if hands.len() >= HANDS
            && let Some(done) = hands.join_next().await
        {
            done??;
        }
        let (ground, organisation, events, people) = (ground.clone(), *organisation, *events, *people);
        hands.spawn(async move { fill_one(&ground, organisation, events, people).await });
    }
    while let Some(done) = hands.join_next().await {
        done??;
    }
    Ok(())
}

async fn fill_one(ground: &Ground, organisation: OrganisationId, events: u32, people: u32) -> Result<()> {
    let end = ground.now();
    let mut number = 0;
    while number < events {
        let next = (number + CHUNK).min(events);
        let made: Arc<[Event]> = (number..next)
            .map(|each| {
                event(
                    ground,
                    organisation,
                    each,
                    end - Span::seconds(i64::from(events - each) * 20),
                    people,
                )
            })
            .collect();
        let appended = ground
            .store
            .write(move |tx| made.iter().try_for_each(|event| journal::append(tx, event)));
        appended.await?;
        number = next;
    }
    Ok(())
}

/// Of ten events seven are sign-ins, two are refused, one is something rare.
fn event(ground: &Ground, organisation: OrganisationId, number: u32, at: Time, people: u32) -> Event {
    let (kind, outcome) = match number % 10 {
        0..=6 => (EventKind::SignedIn, Outcome::Allowed),
        7 | 8 => (EventKind::SignInRefused, Outcome::Stopped),
        _ if number % 1_000 == 9 => (EventKind::PolicyChanged, Outcome::Done),
        _ => (EventKind::SignedOut, Outcome::Done),
    };
    let person: PersonId = id_of(number.wrapping_mul(7_919) % people.max(1));
    let network = format!("198.51.{}.{}", number / 251 % 97, number % 251);
    let event = Event::new(Stream::Organisation(organisation), at, kind, outcome, &ground.chance)
        .by(person)
        .from(None, "Firefox on Windows", &network);
    if outcome == Outcome::Stopped {
        event.because(Reason::SignInWrong)
    } else {
        event
    }
}
