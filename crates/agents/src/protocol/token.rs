//! `token`: a token of ten minutes for whoever proves an agent's key and holds its newest ratchet value.
//! Must never happen: two machines that both go on with one identity; a machine turned away because an answer was lost.
use crate::{
    decide::{
        marks::matches,
        ratchet::{Fork, Keep, Known as Facts, Place, Presented, Verdict, Why, decide},
    },
    http::Agents,
    identity::{self, Known, is_shut},
    proof::{self, Call},
    protocol::{Came, TOKEN, answer, refuse},
    store::{self, Identity as Row, Ratchet},
    token::{self, LIVES_FOR, Token},
};
use agent_wire::{ASSERTION_TYPE, Marks, State as Standing, TokenAnswer, TokenRequest};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use ground::{
    Failure, Ground, Visitor,
    db::{self, Lock, Tx},
    form::Json,
    journal,
};
use kernel::{AgentId, Event, EventKind, Organisation, Outcome, Reason, Span, Stream, Time};

/// The longest attempt, characters.
const LONGEST_ATTEMPT: usize = 64;

/// POST `token`.
pub(crate) async fn give(State(agents): State<Agents>, visitor: Visitor, body: Json<TokenRequest>) -> Response {
    let given = given(&agents, &visitor, body).await;
    answer(given.map(|given| axum::Json(given).into_response()))
}

/// Whoever asks, with all that was checked before the store is written.
#[derive(Clone)]
struct Asks {
    agent: AgentId,
    organisation: Organisation,
    thumbprint: [u8; 32],
    place: Option<Place>,
    attempt: Vec<u8>,
    marks: Marks,
    network: String,
    now: Time,
}

/// What came of it.
enum Answered {
    Given(Place),
    Refused(Reason),
    Later(Span),
}

async fn given(agents: &Agents, visitor: &Visitor, body: Json<TokenRequest>) -> Result<TokenAnswer, Failure> {
    let ground = &agents.house.ground;
    let came = Came::of(visitor)?;
    let Known {
        row,
        proved,
        place: _taken,
    } = agents.by_key(visitor, &came, Call::post(TOKEN)).await?;
    let request = body.open()?;
    let attempt = request.attempt.unwrap_or_default();
    if request.client_assertion_type != ASSERTION_TYPE || attempt.len() > LONGEST_ATTEMPT || !request.marks.is_sound() {
        return Err(refuse(visitor, Reason::RequestMalformed));
    }
    let checked = proof::assertion(
        ground,
        &agents.identity.once,
        &request.client_assertion,
        &proved.key,
        row.id,
        TOKEN,
    );
    if let Err(reason) = checked {
        return Err(agents.stop(visitor, &row, reason).await);
    }
    let place = match &request.ratchet {
        None => None,
        Some(text) => match token::place(&ground.keys, row.id, text) {
            Some(place) => Some(place),
            None => return Err(agents.stop(visitor, &row, Reason::AgentValueUnknown).await),
        },
    };
    let asks = Asks {
        agent: row.id,
        organisation: Organisation(row.organisation),
        thumbprint: proved.thumbprint,
        place,
        attempt: attempt.into_bytes(),
        marks: request.marks,
        network: visitor.network(),
        now: ground.now(),
    };
    let (held, asked) = (ground.clone(), asks.clone());
    let step = move |tx: &mut Tx| settle(tx, &held, &asked);
    let done = ground.store.write_holding(lock(row.id), step).await;
    match done.map_err(|error| Failure::store(visitor, &error))? {
        Answered::Given(place) => Ok(told(ground, &asks, place)),
        Answered::Refused(reason) => Err(agents.stop(visitor, &row, reason).await),
        Answered::Later(left) => Err(refuse(visitor, Reason::AgentInDoubt).retry_after(left)),
    }
}

/// What is said of an agent's ratchet is said one after the other.
fn lock(agent: AgentId) -> Lock {
    Lock::on("agent-ratchet", agent.0.as_bytes())
}

fn told(ground: &Ground, asks: &Asks, place: Place) -> TokenAnswer {
    let token = Token {
        organisation: asks.organisation.0,
        agent: asks.agent,
        thumbprint: asks.thumbprint,
        place,
        ends_at: asks.now + LIVES_FOR,
    };
    TokenAnswer {
        access_token: token.seal(&ground.keys),
        token_type: "DPoP".into(),
        expires_in: u32::try_from(LIVES_FOR.seconds_up()).unwrap_or(600),
        ratchet: token::value(&ground.keys, asks.agent, place),
    }
}

/// Facts, decision and commit, under the lock of the agent's ratchet.
fn settle(tx: &mut Tx, ground: &Ground, asks: &Asks) -> db::Result<Answered> {
    let refused = |reason| Ok(Answered::Refused(reason));
    // Once more: it may have been revoked, or its key changed, since the proof was looked at.
    let Some(row) = store::identity(tx, asks.organisation, asks.agent)?.filter(|row| row.thumbprint == asks.thumbprint)
    else {
        return refused(Reason::AgentUnknown);
    };
    if let Some(reason) = is_shut(tx, asks.organisation, &asks.network)? {
        return refused(reason);
    }
    if let Err(reason) = identity::standing(&row) {
        return refused(reason);
    }
    let paired = row.marks();
    let kept = store::ratchet(tx, asks.organisation, asks.agent)?.unwrap_or_else(|| fresh(&paired));
    let presented = presented(asks, &kept, &paired);
    let verdict = decide(&kept.known, &presented, asks.now);
    let place = asks.place.unwrap_or(Place {
        step: 0,
        ..kept.known.newest
    });
    commit(tx, ground, &row, asks, kept, (place, verdict))
}

/// The ratchet of an agent that has had no token yet.
fn fresh(paired: &Marks) -> Ratchet {
    Ratchet {
        known: Facts {
            newest: Place { anchoring: 1, step: 0 },
            ..Facts::default()
        },
        holder: paired.clone(),
        ..Ratchet::default()
    }
}

fn presented(asks: &Asks, kept: &Ratchet, paired: &Marks) -> Presented {
    // Of a machine that was refused as a copy an event is written once an hour at most, whatever it says of itself.
    let is_known = kept.known.fork == Fork::Refused && asks.now - kept.known.fork_at < Span::hours(1);
    let picked = match kept.known.picked {
        Some(Keep::Second) => &kept.fork_marks,
        Some(Keep::First) | None => &kept.holder,
    };
    Presented {
        place: asks.place,
        attempt: asks.attempt.clone(),
        matches: matches(&asks.marks, paired),
        holder_matches: matches(&kept.holder, paired),
        is_picked: asks.marks == *picked || matches(&asks.marks, picked),
        is_known,
    }
}

fn commit(
    tx: &mut Tx,
    ground: &Ground,
    row: &Row,
    asks: &Asks,
    kept: Ratchet,
    (place, verdict): (Place, Verdict),
) -> db::Result<Answered> {
    let before = kept.clone();
    let mut kept = kept;
    let (outcome, event) = match verdict {
        Verdict::Again => return Ok(Answered::Given(kept.known.newest)),
        Verdict::Wait { begins: false, left } => return Ok(Answered::Later(left)),
        Verdict::Refuse { is_new: false } => return Ok(Answered::Refused(Reason::AgentIsCopied)),
        Verdict::Next(next) => {
            kept.hold(asks);
            kept.known.newest = next;
            (Answered::Given(next), None)
        }
        Verdict::Anew(next, why) => {
            kept.begin_anew(asks, (place, next), why);
            (Answered::Given(next), told_of(why).map(|kind| (kind, Outcome::Done)))
        }
        Verdict::Wait { begins: true, left } => {
            kept.doubt(asks, Fork::Waits, place);
            (Answered::Later(left), None)
        }
        Verdict::Refuse { is_new: true } => {
            kept.doubt(asks, Fork::Refused, place);
            (
                Answered::Refused(Reason::AgentIsCopied),
                Some((EventKind::AgentCopied, Outcome::Stopped)),
            )
        }
        Verdict::Aside => {
            // Who was waited for stays the second of the two.
            if kept.known.fork == Fork::Waits {
                kept.known.fork = Fork::Aside;
            } else {
                kept.doubt(asks, Fork::Aside, place);
            }
            set_aside(tx, row, asks.now)?;
            (
                Answered::Refused(Reason::AgentIsCloned),
                Some((EventKind::AgentCopied, Outcome::Stopped)),
            )
        }
    };
    store::keep_ratchet(tx, asks.organisation, asks.agent, &kept)?;
    if let Some((kind, outcome)) = event {
        let detail = detail(verdict, &before, &asks.network);
        tell(tx, ground, row, (kind, outcome), &detail, &asks.network, asks.now)?;
    }
    Ok(outcome)
}

impl Ratchet {
    /// Whoever asks holds the newest value from now on.
    fn hold(&mut self, asks: &Asks) {
        self.known.attempt.clone_from(&asks.attempt);
        self.holder.clone_from(&asks.marks);
        self.holder_network.clone_from(&asks.network);
        self.stepped_at = asks.now;
    }
    /// Whoever asks goes on alone, under a new anchoring.
    fn begin_anew(&mut self, asks: &Asks, (from, next): (Place, Place), why: Why) {
        let before = self.clone();
        self.hold(asks);
        let fork = match why {
            Why::Restored | Why::Behind => Fork::Restored,
            // The copy that held the newest value until now is the one that is refused.
            Why::Copied => Fork::Refused,
            Why::Picked => Fork::None,
        };
        self.known = Facts {
            newest: next,
            attempt: asks.attempt.clone(),
            from,
            fork,
            fork_at: asks.now,
            ..Facts::default()
        };
        if why == Why::Copied {
            self.known.fork_place = before.known.newest;
            (self.fork_marks, self.fork_network) = (before.holder, before.holder_network);
        }
    }
    /// Whoever asks came with an old value.
    fn doubt(&mut self, asks: &Asks, fork: Fork, place: Place) {
        (self.known.fork, self.known.fork_place, self.known.fork_at) = (fork, place, asks.now);
        self.fork_marks.clone_from(&asks.marks);
        self.fork_network.clone_from(&asks.network);
    }
}

const fn told_of(why: Why) -> Option<EventKind> {
    match why {
        Why::Copied => Some(EventKind::AgentCopied),
        Why::Restored => Some(EventKind::AgentRestored),
        // Told when it was picked, or when the server was put back.
        Why::Picked | Why::Behind => None,
    }
}

/// What an administrator reads of it.
fn detail(verdict: Verdict, before: &Ratchet, network: &str) -> String {
    let holder = &before.holder_network;
    match verdict {
        Verdict::Anew(_, Why::Copied) => {
            format!("the paired machine goes on from {network}; the other one, last seen from {holder}, is refused")
        }
        Verdict::Anew(..) => format!("its machine was put back to an earlier state; it goes on from {network}"),
        Verdict::Refuse { .. } => {
            format!("another machine, from {network}, was refused; the paired one goes on from {holder}")
        }
        _ => format!("seen from {holder} and from {network}; both are set aside until somebody picks"),
    }
}

fn set_aside(tx: &mut Tx, row: &Row, now: Time) -> db::Result<()> {
    let both = (Standing::Active, Standing::Cloned);
    store::end_agent(
        tx,
        Organisation(row.organisation),
        row.id,
        both,
        Reason::AgentIsCloned,
        now,
    )
    .map(drop)
}

fn tell(
    tx: &mut Tx,
    ground: &Ground,
    row: &Row,
    (kind, outcome): (EventKind, Outcome),
    detail: &str,
    network: &str,
    now: Time,
) -> db::Result<()> {
    let mut event = Event::new(
        Stream::Organisation(row.organisation),
        now,
        kind,
        outcome,
        &ground.chance,
    )
    .of_agent(row.id, &row.name);
    detail.clone_into(&mut event.detail);
    network.clone_into(&mut event.network);
    journal::append(tx, &event)
}

/// A call proved that the holder of the newest value is alive while another machine waits: both are set aside.
pub(super) async fn two_machines(agents: &Agents, visitor: &Visitor, row: &Row, newest: Place) -> Failure {
    let ground = agents.house.ground.clone();
    let (organisation, agent, network, now) = (Organisation(row.organisation), row.id, visitor.network(), ground.now());
    let held = ground.clone();
    let step = move |tx: &mut Tx| {
        let Some(mut kept) = store::ratchet(tx, organisation, agent)? else {
            return Ok(());
        };
        let is_still = kept.known.fork == Fork::Waits && kept.known.newest == newest;
        let Some(row) =
            store::identity(tx, organisation, agent)?.filter(|row| is_still && row.state == Standing::Active)
        else {
            return Ok(());
        };
        let detail = detail(Verdict::Aside, &kept, &kept.fork_network);
        kept.known.fork = Fork::Aside;
        store::keep_ratchet(tx, organisation, agent, &kept)?;
        set_aside(tx, &row, now)?;
        tell(
            tx,
            &held,
            &row,
            (EventKind::AgentCopied, Outcome::Stopped),
            &detail,
            &network,
            now,
        )
    };
    let done: db::Result<()> = ground.store.write_holding(lock(agent), step).await;
    match done {
        Ok(()) => {
            agents.live.ring();
            refuse(visitor, Reason::AgentIsCloned)
        }
        Err(error) => Failure::store(visitor, &error),
    }
}
