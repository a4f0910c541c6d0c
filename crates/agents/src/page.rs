//! What people see of agents and of the keys that they are paired with: view models, and the templates beside them.
//! Must never happen: a state that is told by colour alone; an installation key in a page but the one that shows it once.
pub(crate) mod code;
pub(crate) mod commands;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod machine;
pub(crate) mod one;
pub(crate) mod pairing;
#[cfg(test)]
mod tests;

use agent_wire::State;
use askama::filters::HtmlSafe;
use std::fmt;

/// A choice of a `<select>`: its value, its words.
pub(crate) type Choice = (String, String);

/// How an agent stands, as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// In quarantine until a person decides.
    Waiting,
    /// Let in, and seen within two heartbeats.
    Online,
    /// Let in, and not seen.
    Offline,
    /// Set aside until a person picks.
    Cloned,
    /// Not let in.
    Refused,
    /// Worth nothing any more.
    Revoked,
}

impl Standing {
    /// Of a state, and of being seen.
    pub(crate) const fn of(state: State, is_online: bool) -> Self {
        match (state, is_online) {
            (State::Waiting, _) => Self::Waiting,
            (State::Active, true) => Self::Online,
            (State::Active, false) => Self::Offline,
            (State::Cloned, _) => Self::Cloned,
            (State::Refused, _) => Self::Refused,
            (State::Revoked, _) => Self::Revoked,
        }
    }
    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting for approval",
            Self::Online => "Online",
            Self::Offline => "Offline",
            Self::Cloned => "Same identity on two machines",
            Self::Refused => "Refused",
            Self::Revoked => "Revoked",
        }
    }
    const fn class(self) -> &'static str {
        match self {
            Self::Waiting => "tag warn",
            Self::Online => "tag ok",
            Self::Cloned => "tag bad",
            Self::Offline | Self::Refused | Self::Revoked => "tag",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<span class="{}"><span class="dot"></span>{}</span>"#,
            self.class(),
            self.words()
        )
    }
}
impl HtmlSafe for Standing {}

/// What the reader may do with agents: somewhere, for a list; there, for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct May {
    /// Let in and refuse, rename, ask for another key.
    pub pair: bool,
    /// Revoke.
    pub revoke: bool,
    /// Make installation keys.
    pub make_keys: bool,
}

/// "3 agents", "1 agent".
pub(crate) fn count(number: u64, one: &str, several: &str) -> String {
    let words = if number == 1 { one } else { several };
    format!("{} {words}", ground::page::Figure::of(&number))
}
