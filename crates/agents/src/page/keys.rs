//! "Installation keys": the list with the form, one of them with what was refused, and the page that shows a new one, once.
use super::{Choice, commands::Commands};
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, Tag, When};
use kernel::{InstallationKeyId, Time};

/// How a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    /// Machines can be paired with it.
    Good,
    /// Every use is taken.
    Spent,
    /// Its time is over.
    Ended,
    /// Somebody revoked it.
    Revoked,
}

/// A key.
#[derive(Debug, Clone)]
pub(crate) struct KeyLine {
    /// Its id.
    pub id: InstallationKeyId,
    /// `DW-7F3K-…-Q`.
    pub hint: String,
    /// Its site.
    pub site: String,
    /// How it stands.
    pub state: KeyState,
    /// Uses that are taken.
    pub used: i64,
    /// Uses in all.
    pub uses: i64,
    /// When it ends.
    pub ends_at: Time,
    /// Machines are let in at once.
    pub is_preapproved: bool,
    /// From which networks, and which systems, in words; empty: any.
    pub limits: String,
    /// Agents end by themselves once unseen for so long; nought: never.
    pub unseen_hours: i64,
    /// What it is for.
    pub note: String,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Time,
    /// When somebody revoked it.
    pub revoked_at: Option<Time>,
}

impl KeyLine {
    fn tag(&self) -> Tag<'static> {
        match self.state {
            KeyState::Good => Tag::ok("Can be used"),
            KeyState::Spent => Tag::warn("All uses taken"),
            KeyState::Ended => Tag::plain("Ended"),
            KeyState::Revoked => Tag::bad("Revoked"),
        }
    }
    fn can_be_revoked(&self) -> bool {
        matches!(self.state, KeyState::Good | KeyState::Spent)
    }
}

/// The form, as typed.
#[derive(Debug, Clone)]
pub(crate) struct KeyTyped {
    /// A site's id.
    pub site_id: String,
    /// A number.
    pub uses: String,
    /// A number of hours.
    pub hours: String,
    /// `each` or `pre-approved`.
    pub approval: String,
    /// A range.
    pub network: String,
    /// `linux`, `windows`, `macos` or nothing.
    pub os: String,
    /// A number of hours.
    pub unseen_hours: String,
    /// Free words.
    pub note: String,
}

impl Default for KeyTyped {
    fn default() -> Self {
        Self {
            site_id: String::new(),
            uses: "50".into(),
            hours: "168".into(),
            approval: "each".into(),
            network: String::new(),
            os: String::new(),
            unseen_hours: "0".into(),
            note: String::new(),
        }
    }
}

const LIVES: [(&str, &str); 6] = [
    ("1", "1 hour"),
    ("24", "24 hours"),
    ("168", "7 days"),
    ("720", "30 days"),
    ("2160", "90 days"),
    ("8760", "A year"),
];
const SYSTEMS: [(&str, &str); 4] = [
    ("", "Any"),
    ("linux", "Linux"),
    ("windows", "Windows"),
    ("macos", "macOS"),
];
const UNSEEN: [(&str, &str); 5] = [
    ("0", "Never"),
    ("1", "After 1 hour unseen"),
    ("8", "After 8 hours unseen"),
    ("24", "After 24 hours unseen"),
    ("168", "After 7 days unseen"),
];

/// "Installation keys".
#[derive(Debug, Template)]
#[template(path = "install_keys.html")]
pub(crate) struct KeysPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done, or refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field.
    pub errors: Errors,
    /// The newest first.
    pub keys: Vec<KeyLine>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, on a later page.
    pub first: Option<String>,
    /// The sites that a key can be for.
    pub sites: Vec<Choice>,
    /// The form.
    pub typed: KeyTyped,
    /// The reader has proved freshly enough that it is them.
    pub is_fresh: bool,
}

impl KeysPage {
    #[expect(clippy::unused_self, reason = "templates ask the page")]
    fn lives(&self) -> &'static [(&'static str, &'static str)] {
        &LIVES
    }
    #[expect(clippy::unused_self, reason = "templates ask the page")]
    fn systems(&self) -> &'static [(&'static str, &'static str)] {
        &SYSTEMS
    }
    #[expect(clippy::unused_self, reason = "templates ask the page")]
    fn unseen(&self) -> &'static [(&'static str, &'static str)] {
        &UNSEEN
    }
}

/// Refused tries of one network, for one cause.
#[derive(Debug, Clone)]
pub(crate) struct RefusalLine {
    /// Why, in words.
    pub why: String,
    /// From where.
    pub network: String,
    /// How many times.
    pub count: i64,
    /// The first time.
    pub first_at: Time,
    /// The last time.
    pub last_at: Time,
}

/// One key.
#[derive(Debug, Template)]
#[template(path = "install_key.html")]
pub(crate) struct KeyPage {
    /// The shell; its title is the hint.
    pub shell: HouseShell,
    /// What was just done, or refused.
    pub notice: Option<Notice>,
    /// It.
    pub key: KeyLine,
    /// What was refused with it.
    pub refusals: Vec<RefusalLine>,
    /// The reader has proved freshly enough that it is them.
    pub is_fresh: bool,
}

/// The page that shows a new key, once.
#[derive(Debug, Template)]
#[template(path = "install_key_made.html")]
pub(crate) struct KeyMadePage {
    /// The shell.
    pub shell: HouseShell,
    /// The key.
    pub key: String,
    /// What it is.
    pub line: KeyLine,
    /// What to run.
    pub commands: Commands,
}
