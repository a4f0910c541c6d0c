//! `run`: a heartbeat at the start and every minute, with all that the server asks for, until it is asked to end or the identity is worth nothing.
//! Must never happen: a loop without a wait; an end because the server was away.
use crate::{
    api::{Caller, Trouble},
    backoff::{Backoff, spread},
    ending::Ending,
    first_boot, inventory,
    marks::marks,
    ops::{self, Agent},
    say::{Done, Fault, log},
    token::{self, Token},
};
use agent_wire::{Ask, HEARTBEAT_SECONDS, HeartbeatRequest, Inventory, State};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// An inventory is looked at anew each so many heartbeats.
const LOOK_EVERY: u32 = 10;

/// The agent at work.
struct Work<'a> {
    agent: Agent,
    path: &'a Path,
    root: &'a Path,
    token: Option<Token>,
    inventory: Inventory,
    /// The hash of what the server took last.
    told: Option<String>,
    is_wanted: bool,
    beats: u32,
    backoff: Backoff,
}

/// `run`.
pub fn run(path: &Path, root: &Path, ending: &Ending) -> Done<bool> {
    if !first_boot::settle(path, root, ending)? {
        return Ok(true);
    }
    let agent = ops::open(path)?;
    log(&format!("doorward-agent {} at {}", crate::VERSION, agent.api.server()));
    let inventory = inventory::inventory(root);
    let mut work = Work {
        agent,
        path,
        root,
        token: None,
        inventory,
        told: None,
        is_wanted: true,
        beats: 0,
        backoff: Backoff::default(),
    };
    while !ending.is_asked() {
        let wait = match work.step() {
            Ok(wait) => {
                work.backoff.forget();
                wait
            }
            Err(trouble) => work.after(trouble)?,
        };
        if !ending.wait(wait) {
            break;
        }
    }
    log("ended");
    Ok(true)
}

impl Work<'_> {
    /// One heartbeat. Answers how long to wait for the next one.
    fn step(&mut self) -> Result<Duration, Trouble> {
        if self.beats.is_multiple_of(LOOK_EVERY) {
            self.inventory = inventory::steady(inventory::inventory(self.root), &self.inventory);
        }
        let hash = inventory::hash(&self.inventory);
        let brings = self.is_wanted || self.told.as_ref() != Some(&hash);
        let token = self.token()?;
        let beat = HeartbeatRequest {
            clock_millis: Some(self.agent.api.clock().difference()),
            inventory_hash: hash.clone(),
            inventory: brings.then(|| self.inventory.clone()),
        };
        let answer = self.agent.api.heartbeat(
            Caller {
                key: &self.agent.key,
                token: Some(&token),
            },
            &beat,
        )?;
        if self.beats == 0 {
            log("online");
        }
        self.beats = self.beats.wrapping_add(1);
        if brings {
            (self.told, self.is_wanted) = (Some(hash), false);
        }
        match answer.map(|answer| answer.ask) {
            Some(Ask::Inventory) => {
                self.is_wanted = true;
                Ok(Duration::from_secs(1))
            }
            Some(Ask::Rotate) => {
                ops::change_key(&self.agent, self.root)?;
                log("the key is changed");
                self.reopen()?;
                Ok(Duration::from_secs(1))
            }
            None => Ok(pace()),
        }
    }

    fn token(&mut self) -> Result<String, Trouble> {
        if let Some(token) = self.token.as_ref().filter(|token| Instant::now() < token.renew_at) {
            return Ok(token.text.clone());
        }
        let id = self
            .agent
            .identity
            .agent_id
            .ok_or_else(|| Fault::failed("the pairing was never answered; run doorward-agent pair again"))?;
        if self.token.is_none() {
            // What the server says of itself first: its time, and whether the agent is let in at all.
            let own = self.agent.api.own(&self.agent.key)?;
            if own.state != State::Active {
                return Err(Self::not_active(&own));
            }
        }
        let token = token::renew(
            &self.agent.api,
            &self.agent.folder,
            &self.agent.key,
            id,
            &marks(self.root),
        )?;
        let text = token.text.clone();
        self.token = Some(token);
        Ok(text)
    }

    fn not_active(own: &agent_wire::SelfAnswer) -> Trouble {
        let code = own
            .user_code
            .as_deref()
            .map(|code| format!(" (code {code})"))
            .unwrap_or_default();
        let words = format!("{}{code}", ops::words(own));
        let is_final = matches!(own.state, State::Refused | State::Revoked);
        if is_final {
            Fault::failed(words).into()
        } else {
            Held(words).into()
        }
    }

    /// Another process may have changed the key, or paired anew: what lies on the disk counts.
    fn reopen(&mut self) -> Done {
        self.agent = ops::open(self.path)?;
        self.token = None;
        Ok(())
    }

    /// What a failure means: how long to wait, or the end.
    fn after(&mut self, trouble: Trouble) -> Done<Duration> {
        let no = match trouble {
            Trouble::Own(fault) => return Err(fault),
            Trouble::Answer(no) => no,
        };
        if no.may_pass() {
            let wait = self.backoff.next(no.retry_after());
            log(&format!("{}; trying again in {} s", no.words(), wait.as_secs().max(1)));
            return Ok(wait);
        }
        // A token that does not count any more, a key that was changed: the state says what is so.
        let had_token = self.token.take().is_some();
        self.reopen()?;
        if had_token {
            return Ok(self.backoff.next(None));
        }
        match self.agent.api.own(&self.agent.key) {
            Ok(own) if own.state == State::Active => {
                // Active, and yet refused: this machine is not the one that goes on.
                if no.is_copied() {
                    return Err(Fault::failed(no.words()));
                }
                log(&no.words());
                Ok(self.backoff.next(no.retry_after()))
            }
            Ok(own) => match Self::not_active(&own) {
                Trouble::Own(fault) => Err(fault),
                Trouble::Answer(held) => {
                    log(&held.words());
                    let least = Duration::from_secs(u64::from(own.interval.clamp(1, 60)));
                    Ok(self.backoff.next(None).clamp(least, Duration::from_mins(1)))
                }
            },
            // A suspended organisation, a network that is not named: that may pass as well as a server that is away.
            Err(Trouble::Answer(away)) if !away.is_over() => {
                log(&away.words());
                Ok(self.backoff.next(away.retry_after()))
            }
            Err(trouble) => Err(trouble.into()),
        }
    }
}

/// Not let in yet, or set aside: it may be let in later.
struct Held(String);
impl From<Held> for Trouble {
    fn from(Held(words): Held) -> Self {
        let refusal = crate::client::Refusal {
            status: 403,
            reason: String::new(),
            words,
            retry_after: None,
        };
        Trouble::Answer(crate::client::NoAnswer::Refused(refusal))
    }
}

/// A minute, five seconds more or less.
fn pace() -> Duration {
    Duration::from_secs(u64::from(HEARTBEAT_SECONDS) - 5) + spread(Duration::from_secs(10))
}
