//! What the operator does from the command line, beside a running server: links, the first owner, people.
//! Must never happen: something done here that the activity log does not tell.
use anyhow::Result;
use ground::{Ground, db, journal};
use kernel::{Deployment, Event, EventKind, Outcome, PersonId, Reason, Stream};
use people::{Listed, Person};

/// A person as `doorward person list` shows them.
#[derive(Debug, Clone)]
pub struct Line {
    /// The person.
    pub person: Listed,
    /// Whether a lane of theirs is locked now.
    pub is_locked: bool,
}

/// The people of the deployment after this one, at most 500.
pub async fn people_after(ground: &Ground, after: Option<PersonId>) -> Result<Vec<Line>> {
    let now = ground.now();
    let lines = ground
        .store
        .read(move |view| {
            let mut lines = Vec::new();
            for person in people::list(view, Deployment, after, 500)? {
                let lanes = factors::store::lanes_of(view, person.id, now)?;
                let is_locked = lanes.iter().any(|lane| lane.state != factors::decide::State::Open);
                lines.push(Line { person, is_locked });
            }
            Ok::<_, db::Error>(lines)
        })
        .await?;
    Ok(lines)
}

/// The person of this address, however it is spelt.
pub async fn find(ground: &Ground, email: &str) -> Result<Option<Person>> {
    let Ok(email) = people::canonical_email(email) else {
        return Ok(None);
    };
    Ok(ground
        .store
        .read(move |view| people::by_email(view, Deployment, &email.canonical))
        .await?)
}

/// Sets the person's lanes to nought: `doorward person unlock`.
pub async fn unlock(ground: &Ground, person: &Person) -> Result<()> {
    let (id, home, now, chance) = (person.id, person.home_organisation, ground.now(), ground.chance.clone());
    let lock = factors::address_lock(&person.email_canonical);
    ground
        .store
        .write_holding(lock, move |tx| {
            let ended = factors::store::unlock(tx, id, now)?;
            let mut events: Vec<Event> = ended
                .iter()
                .filter_map(|end| factors::released(end, Some(home), &chance))
                .collect();
            let mut event = Event::new(
                Stream::Organisation(home),
                now,
                EventKind::LaneUnlocked,
                Outcome::Done,
                &chance,
            )
            .about(id);
            event.detail = BY_OPERATOR.into();
            events.push(event);
            journal::append_all(tx, &events)
        })
        .await?;
    Ok(())
}

/// Ends every session of the person: `doorward person sign-out`. Answers how many.
pub async fn sign_out(ground: &Ground, person: &Person) -> Result<u64> {
    let (id, home, now, chance) = (person.id, person.home_organisation, ground.now(), ground.chance.clone());
    let ended = ground
        .store
        .write(move |tx| {
            let ended = sessions::end_others(tx, Deployment, id, None, Reason::SessionSignedOut, now)?;
            if ended > 0 {
                let mut event = Event::new(
                    Stream::Organisation(home),
                    now,
                    EventKind::SessionEnded,
                    Outcome::Done,
                    &chance,
                )
                .about(id);
                event.count = u32::try_from(ended).unwrap_or(u32::MAX);
                event.detail = BY_OPERATOR.into();
                journal::append(tx, &event.because(Reason::SessionSignedOut))?;
            }
            Ok::<_, db::Error>(ended)
        })
        .await?;
    Ok(ended)
}

/// Removes the person's second factors at once: `doorward person reset-factors`. The only way for a last owner.
pub async fn reset_factors(ground: &Ground, person: &Person) -> Result<()> {
    Ok(recovery::remove_by_operator(ground, person, BY_OPERATOR).await?)
}

const BY_OPERATOR: &str = "by the operator, from the command line";
