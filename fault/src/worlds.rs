//! What may be true of one person after everything that was answered and everything that was not. Pure: deeds and their outcomes in, a verdict out.
//! An acknowledged deed holds in every world; one without an answer splits each world in two. What is seen after a fault must be one of them.
//! Must never happen: a loss that is explained away, or a world that the server could rightly be in and that counts as a fault.
use std::collections::{BTreeMap, BTreeSet};

/// The value of a session's cookie.
pub type Token = String;

/// More worlds than this are not kept apart; a client stops before.
pub const MOST_WORLDS: usize = 64;

/// Something that a client asked the server to do to this person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A session opened with the password; without a token where no answer told it. It ends the session whose cookie came along.
    SignIn {
        password: String,
        token: Option<Token>,
        replaces: Option<Token>,
    },
    /// The browser's own session ended.
    SignOut { token: Token },
    /// Another session ended, by its id.
    EndOne { by: Token, token: Token },
    /// All other sessions ended.
    EndOthers { by: Token },
    /// The name changed.
    Rename { by: Token, name: String },
    /// The password changed: all other sessions end, and this one goes on under a new token.
    ChangePassword {
        by: Token,
        current: String,
        password: String,
        token: Option<Token>,
    },
}

impl Deed {
    /// The session that must work for it.
    fn by(&self) -> Option<&Token> {
        match self {
            Self::SignIn { .. } | Self::SignOut { .. } => None,
            Self::EndOne { by, .. }
            | Self::EndOthers { by }
            | Self::Rename { by, .. }
            | Self::ChangePassword { by, .. } => Some(by),
        }
    }
}

/// One possible truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The name.
    pub name: String,
    /// The password.
    pub password: String,
    /// The sessions that work, by the tokens that we were told.
    pub live: BTreeSet<Token>,
    /// Sessions that work and whose token no answer told.
    pub strays: usize,
    /// Lines of the activity log by kind, since the round began.
    pub events: BTreeMap<&'static str, u64>,
}

impl State {
    /// Does the deed. False: the server could not have done it in this world.
    fn apply(&mut self, deed: &Deed) -> bool {
        if deed.by().is_some_and(|by| !self.live.contains(by)) {
            return false;
        }
        match deed {
            Deed::SignIn {
                password,
                token,
                replaces,
            } => {
                if *password != self.password {
                    return false;
                }
                if let Some(old) = replaces {
                    self.live.remove(old);
                }
                self.open(token.as_ref());
                self.tell("signed-in");
            }
            Deed::SignOut { token } => {
                if self.live.remove(token) {
                    self.tell("signed-out");
                }
            }
            Deed::EndOne { token, .. } => {
                if !self.live.remove(token) {
                    return false;
                }
                self.tell("session-ended");
            }
            Deed::EndOthers { by } => {
                if self.keep_only(by) {
                    self.tell("session-ended");
                }
            }
            Deed::Rename { name, .. } => {
                self.name.clone_from(name);
                self.tell("name-changed");
            }
            Deed::ChangePassword {
                by,
                current,
                password,
                token,
            } => {
                if *current != self.password {
                    return false;
                }
                self.password.clone_from(password);
                self.keep_only(by);
                self.live.remove(by);
                self.open(token.as_ref());
                self.tell("password-changed");
            }
        }
        true
    }
    fn open(&mut self, token: Option<&Token>) {
        match token {
            Some(token) => drop(self.live.insert(token.clone())),
            None => self.strays += 1,
        }
    }
    /// Answers whether any other was there.
    fn keep_only(&mut self, token: &Token) -> bool {
        let others = self.strays + self.live.len().saturating_sub(1);
        self.live.retain(|live| live == token);
        self.strays = 0;
        others > 0
    }
    fn tell(&mut self, kind: &'static str) {
        *self.events.entry(kind).or_default() += 1;
    }

    /// In which ways what was seen is not this world.
    fn differences(&self, seen: &Seen) -> Vec<String> {
        let mut wrong = Vec::new();
        if seen.name != self.name {
            wrong.push(format!(
                "lost: the name is {:?} and should be {:?}",
                seen.name, self.name
            ));
        }
        if seen.password != self.password {
            wrong.push("lost: the password that opens is not the one last acknowledged".to_owned());
        }
        for token in &seen.tested {
            match (self.live.contains(token), seen.live.contains(token)) {
                (true, false) => wrong.push(format!(
                    "lost: session {} was acknowledged and does not work",
                    tail(token)
                )),
                (false, true) => wrong.push(format!("revived: session {} was ended and works", tail(token))),
                _ => {}
            }
        }
        let sessions = self.live.len() + self.strays;
        if seen.sessions != sessions {
            wrong.push(format!(
                "the list has {} sessions and should have {sessions}",
                seen.sessions
            ));
        }
        for kind in KINDS {
            let (told, found) = (
                self.events.get(kind).copied().unwrap_or(0),
                seen.events.get(kind).copied().unwrap_or(0),
            );
            if told != found {
                wrong.push(format!(
                    "the log has {found} events {kind} of this round and should have {told}"
                ));
            }
        }
        wrong
    }
}

/// The kinds of events that are counted.
pub const KINDS: [&str; 5] = [
    "signed-in",
    "signed-out",
    "session-ended",
    "name-changed",
    "password-changed",
];

fn tail(token: &str) -> &str {
    token.get(token.len().saturating_sub(6)..).unwrap_or(token)
}

/// What the server shows of a person after a fault.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The name.
    pub name: String,
    /// The one password that opens.
    pub password: String,
    /// The tokens that were tried, and those of them that work.
    pub tested: BTreeSet<Token>,
    pub live: BTreeSet<Token>,
    /// How many sessions the person's list has.
    pub sessions: usize,
    /// Lines of the log since the round began.
    pub events: BTreeMap<&'static str, u64>,
}

/// Every possible truth of one person.
#[derive(Debug, Clone)]
pub struct Worlds {
    states: Vec<State>,
    ended: Vec<Token>,
    old_passwords: Vec<String>,
}

impl Worlds {
    /// A person of whom everything is known.
    pub fn new(name: &str, password: &str) -> Self {
        let state = State {
            name: name.into(),
            password: password.into(),
            live: BTreeSet::new(),
            strays: 0,
            events: BTreeMap::new(),
        };
        Self {
            states: vec![state],
            ended: Vec::new(),
            old_passwords: Vec::new(),
        }
    }
    /// The deed was acknowledged. An error: in no world could it be.
    pub fn acknowledged(&mut self, deed: &Deed) -> Result<(), String> {
        self.note(deed);
        let before = self.states.clone();
        self.states.retain_mut(|state| state.apply(deed));
        if self.states.is_empty() {
            self.states = before;
            return Err(format!("acknowledged, and cannot be: {deed:?}"));
        }
        self.merge();
        Ok(())
    }
    /// Nobody knows whether the deed was done.
    pub fn unknown(&mut self, deed: &Deed) {
        self.note(deed);
        let done: Vec<State> = self
            .states
            .iter()
            .cloned()
            .filter_map(|mut state| state.apply(deed).then_some(state))
            .collect();
        self.states.extend(done);
        self.merge();
    }
    /// Tokens and passwords that may no longer count are kept to be tried again.
    fn note(&mut self, deed: &Deed) {
        let gone: Vec<Token> = match deed {
            Deed::SignIn { replaces, .. } => replaces.iter().cloned().collect(),
            Deed::SignOut { token } | Deed::EndOne { token, .. } => vec![token.clone()],
            Deed::EndOthers { by } => self.ever_live().into_iter().filter(|token| token != by).collect(),
            Deed::ChangePassword { current, .. } => {
                self.old_passwords.push(current.clone());
                self.ever_live().into_iter().collect()
            }
            Deed::Rename { .. } => Vec::new(),
        };
        self.ended.extend(gone);
    }
    fn merge(&mut self) {
        let mut kept: Vec<State> = Vec::new();
        for state in self.states.drain(..) {
            if !kept.contains(&state) {
                kept.push(state);
            }
        }
        self.states = kept;
    }
    /// How many truths are possible.
    pub fn count(&self) -> usize {
        self.states.len()
    }
    /// Sessions that work in every world.
    pub fn surely_live(&self) -> Vec<Token> {
        let Some((first, others)) = self.states.split_first() else {
            return Vec::new();
        };
        let in_all = |token: &&Token| others.iter().all(|state| state.live.contains(*token));
        first.live.iter().filter(in_all).cloned().collect()
    }
    /// Sessions that work in some world.
    pub fn ever_live(&self) -> BTreeSet<Token> {
        self.states
            .iter()
            .flat_map(|state| state.live.iter().cloned())
            .collect()
    }
    /// Sessions that have ended in every world, the latest last.
    pub fn surely_ended(&self) -> Vec<Token> {
        let live = self.ever_live();
        self.ended
            .iter()
            .filter(|token| !live.contains(*token))
            .cloned()
            .collect()
    }
    /// Passwords that may open, each once.
    pub fn passwords(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for state in &self.states {
            if !all.contains(&state.password) {
                all.push(state.password.clone());
            }
        }
        all
    }
    /// A password that was once right and must not open now, if there was one.
    pub fn old_password(&self) -> Option<String> {
        let open = self.passwords();
        self.old_passwords.iter().rev().find(|old| !open.contains(old)).cloned()
    }
    /// Holds what is seen against all worlds; the one it is becomes the only one, and a new round begins.
    /// An error: it is none of them, and this is how it differs from the nearest. What was seen is then believed, so that a control can go on.
    pub fn settle(&mut self, seen: &Seen) -> Result<(), Vec<String>> {
        let judged = self.states.iter().map(|state| state.differences(seen));
        let nearest = judged.min_by_key(Vec::len).unwrap_or_default();
        let found = self
            .states
            .iter()
            .find(|state| state.differences(seen).is_empty())
            .cloned();
        let state = found.unwrap_or_else(|| State {
            name: seen.name.clone(),
            password: seen.password.clone(),
            live: seen.live.clone(),
            strays: seen.sessions.saturating_sub(seen.live.len()),
            events: BTreeMap::new(),
        });
        self.states = vec![State {
            events: BTreeMap::new(),
            ..state
        }];
        self.ended = self.surely_ended();
        let surplus = self.ended.len().saturating_sub(MOST_ENDED);
        self.ended.drain(..surplus);
        if nearest.is_empty() { Ok(()) } else { Err(nearest) }
    }
}

/// So many ended sessions of a person are tried again after each fault.
const MOST_ENDED: usize = 20;

#[cfg(test)]
mod tests;
