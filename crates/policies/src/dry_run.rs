//! What a change would do, before it is done: whom it stops, in the organisation and in its customers, and from when on. Read in small steps, so
//! that a hundred thousand people keep nothing waiting. Must never happen: a dry run that changes anything.
use crate::{
    Desk,
    decide::{Member, Stop, newly_stopped},
    settle::Turn,
};
use ground::{
    Ask, Failure, Permit,
    db::{Result as Stored, View},
};
use kernel::{Act, AgentId, Deployment, FieldError, Organisation, PersonId, Time};
use organisations::{Mode, Policies, Values, is_stricter};
use people::Facts;
use std::{collections::HashMap, sync::Arc};

/// Members that are looked at in one step.
const STEP: i64 = 1_000;
/// So many are named; the others are counted.
const MOST_NAMED: usize = 1_000;
/// Agents of one organisation that are looked at.
const MOST_AGENTS: u32 = 200_000;
/// Customers that are looked at.
const MOST_CUSTOMERS: i64 = 5_000;

/// Somebody who is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The person.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Where they are stopped: the organisation itself, customers of it.
    pub places: Vec<String>,
    /// When and why; the earliest, where it is in several places.
    pub stop: Stop,
}

impl Stopped {
    /// "Northwind IT, Contoso".
    pub fn where_in_words(&self) -> String {
        self.places.join(", ")
    }
}

/// Whom a change stops; each once, in however many organisations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stops {
    /// Those who are named.
    pub people: Vec<Stopped>,
    /// How many in all.
    pub count: usize,
    /// How many of them at once.
    pub at_once: usize,
    /// Active agents outside the networks that are named, at most so many as people: all at once.
    pub agents: Vec<StoppedAgent>,
    /// How many in all.
    pub agent_count: usize,
}

/// An agent that is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedAgent {
    /// The agent.
    pub id: AgentId,
    /// What it is called.
    pub name: String,
    /// The network that it was last seen from.
    pub network: String,
}

/// The same while it is gathered: from when on each is stopped, and which line is theirs.
#[derive(Default)]
struct Gathered {
    from: HashMap<PersonId, (Time, Option<usize>)>,
    people: Vec<Stopped>,
    agents: Vec<StoppedAgent>,
    agent_count: usize,
}

impl Gathered {
    fn add(&mut self, stopped: Stopped) {
        let (at, line) = self.from.entry(stopped.id).or_insert((stopped.stop.at, None));
        *at = (*at).min(stopped.stop.at);
        if let Some(line) = *line {
            if let Some(named) = self.people.get_mut(line) {
                named.places.extend(stopped.places);
                if stopped.stop.at < named.stop.at {
                    named.stop = stopped.stop;
                }
            }
        } else if self.people.len() < MOST_NAMED {
            *line = Some(self.people.len());
            self.people.push(stopped);
        }
    }

    fn add_agent(&mut self, agent: StoppedAgent) {
        self.agent_count += 1;
        if self.agents.len() < MOST_NAMED {
            self.agents.push(agent);
        }
    }

    fn stops(self, now: Time) -> Stops {
        Stops {
            count: self.from.len(),
            at_once: self.from.values().filter(|(at, _)| *at <= now).count(),
            people: self.people,
            agents: self.agents,
            agent_count: self.agent_count,
        }
    }
}

/// An organisation that a change reaches.
struct Place {
    organisation: Organisation,
    name: String,
    before: Policies,
    after: Policies,
}

impl Place {
    fn asks_for_devices(&self) -> bool {
        self.after.devices.mode == Mode::Approved && self.before.devices.mode != Mode::Approved
    }
}

/// What would be different. Err: what is wrong with the change.
pub(crate) async fn look<A: Act>(
    desk: &Desk,
    ask: &Ask<A>,
    turn: &Turn,
) -> Result<Result<Stops, Vec<FieldError>>, Failure> {
    let turn = turn.clone();
    let (permit, places) = desk
        .house
        .read(ask, move |view, permit| places(view, permit, &turn))
        .await?;
    let places = match places {
        Ok(places) => places,
        Err(errors) => return Ok(Err(errors)),
    };
    let (now, mut gathered) = (permit.now(), Gathered::default());
    for place in places {
        look_at(desk, ask, Arc::new(place), now, &mut gathered).await?;
    }
    Ok(Ok(gathered.stops(now)))
}

/// The organisation and its customers, as far as something would be different there.
fn places<A: Act>(view: &mut View, permit: &Permit<A>, turn: &Turn) -> Stored<Result<Vec<Place>, Vec<FieldError>>> {
    let (caller, now) = (permit.caller(), permit.now());
    let own = Organisation(caller.organisation);
    let (old, since) = organisations::values(view, own)?;
    let above = organisations::above(view, own)?;
    let (above, above_since) = above.map_or_else(Default::default, |above| (above.values, above.since));
    let new = match turn.of(&old, &above, &caller.network) {
        Ok(new) => new,
        Err(errors) => return Ok(Err(errors)),
    };
    let holds = |own: &Values, above: &Values, since: Time| Policies::of(own.clone().under(above), since);
    let since = since.max(above_since);
    let mut places = vec![Place {
        organisation: own,
        name: caller.organisation_name.clone(),
        before: holds(&old, &above, since),
        after: holds(&new, &above, since),
    }];
    for customer in organisations::customers(view, own, MOST_CUSTOMERS)? {
        let organisation = Organisation(customer.id);
        let (values, own_since) = organisations::values(view, organisation)?;
        let since = own_since.max(since);
        places.push(Place {
            organisation,
            name: customer.name,
            before: holds(&values, &old, since),
            after: holds(&values, &new, since),
        });
    }
    for place in &mut places {
        if is_stricter(&place.before, &place.after) {
            place.after.factors.since = now;
        }
    }
    places.retain(|place| place.before != place.after);
    Ok(Ok(places))
}

async fn look_at<A: Act>(
    desk: &Desk,
    ask: &Ask<A>,
    place: Arc<Place>,
    now: Time,
    gathered: &mut Gathered,
) -> Result<(), Failure> {
    let at = place.clone();
    let (_, networks) = desk
        .house
        .read(ask, move |view, _| {
            if at.before.networks.people == at.after.networks.people {
                return Ok(HashMap::new());
            }
            sessions::networks(view, at.organisation)
        })
        .await?;
    let networks = Arc::new(networks);
    for agent in agents_outside(desk, ask, place.clone()).await? {
        gathered.add_agent(agent);
    }
    let mut after = None;
    loop {
        let (at, seen) = (place.clone(), networks.clone());
        let (_, (found, last)) = desk
            .house
            .read(ask, move |view, _| step(view, &at, &seen, after, now))
            .await?;
        for stopped in found {
            gathered.add(stopped);
        }
        after = last;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// The active agents that come from a network that is not let in any more.
async fn agents_outside<A: Act>(desk: &Desk, ask: &Ask<A>, place: Arc<Place>) -> Result<Vec<StoppedAgent>, Failure> {
    let (before, after) = (place.before.networks.clone(), place.after.networks.clone());
    if before.agents == after.agents {
        return Ok(Vec::new());
    }
    let organisation = place.organisation;
    let read = move |view: &mut View, _: &Permit<A>| agents::seen_from(view, organisation, MOST_AGENTS);
    let (_, seen) = desk.house.read(ask, read).await?;
    let is_stopped =
        |agent: &agents::SeenFrom| before.lets_agent_in(&agent.network) && !after.lets_agent_in(&agent.network);
    let outside = seen.into_iter().filter(is_stopped);
    Ok(outside
        .map(|agent| StoppedAgent {
            id: agent.id,
            name: agent.name,
            network: agent.network,
        })
        .collect())
}

/// One step through the members. Answers after whom it goes on.
fn step(
    view: &mut View,
    place: &Place,
    networks: &HashMap<PersonId, String>,
    after: Option<PersonId>,
    now: Time,
) -> Stored<(Vec<Stopped>, Option<PersonId>)> {
    let members = people::facts(view, place.organisation, after, STEP)?;
    let is_full = i64::try_from(members.len()).is_ok_and(|length| length == STEP);
    let last = members.last().map(|member| member.id).filter(|_| is_full);
    let mut stopped = Vec::new();
    for Facts {
        id,
        name,
        email,
        kinds,
        grace_from,
        has_lost_factors,
    } in members
    {
        let has_admitted_device = !place.asks_for_devices() || devices::has_admitted(view, Deployment, id)?;
        let member = Member {
            kinds,
            grace_from,
            has_lost_factors,
            network: networks.get(&id).map(String::as_str),
            has_admitted_device,
        };
        if let Some(stop) = newly_stopped(&place.before, &place.after, &member, now) {
            let places = vec![place.name.clone()];
            stopped.push(Stopped {
                id,
                name,
                email,
                places,
                stop,
            });
        }
    }
    Ok((stopped, last))
}
