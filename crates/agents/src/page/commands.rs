//! The commands that pair a machine, for each system, ready to be copied. Pure. Must never happen: an installation key in a command, where the
//! history of a shell, a list of processes or a picture of the screen would keep it.
use askama::{Template, filters::HtmlSafe};
use kernel::Time;

/// The command for one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// The word in ids and classes.
    pub id: &'static str,
    /// The system.
    pub label: &'static str,
    /// What to run.
    pub text: String,
    /// Where, and what it asks.
    pub hint: &'static str,
}

/// One for each system; the first is shown where nothing else was chosen.
pub(crate) fn commands(public_url: &str) -> Vec<Command> {
    let url = public_url.trim_end_matches('/');
    let command = |id, label, text: String, hint| Command { id, label, text, hint };
    vec![
        command(
            "linux",
            "Linux",
            format!("curl -fsS {url}/pair.sh | sudo sh"),
            "In a terminal of the machine.",
        ),
        command(
            "windows",
            "Windows",
            format!("irm {url}/pair.ps1 | iex"),
            "In PowerShell, started as administrator.",
        ),
        command(
            "macos",
            "macOS",
            format!("curl -fsS {url}/pair.sh | sudo sh"),
            "In Terminal, on the Mac.",
        ),
        command(
            "rollout",
            "Group Policy / Intune",
            format!("$env:DOORWARD_AGENT_KEY_FILE = '\\\\SERVER\\SHARE\\doorward.key'; irm {url}/pair.ps1 | iex"),
            "As a start-up script or a platform script that runs as SYSTEM. Put the installation key alone into the file, and let only computers read it.",
        ),
    ]
}

/// The card with the commands. Without script all of it works but the button that copies.
#[derive(Debug, Clone, Template)]
#[template(path = "part/commands.html")]
pub(crate) struct Commands {
    /// The site that the key pairs to.
    pub site: String,
    /// The key that is at hand.
    pub key: Option<KeyTag>,
    /// Whether the reader may make one.
    pub may_make: bool,
    /// For each system.
    pub each: Vec<Command>,
}
impl HtmlSafe for Commands {}

/// A key in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyTag {
    /// `DW-7F3K-…-Q`.
    pub hint: String,
    /// Uses that are left.
    pub left: u64,
    /// Uses in all.
    pub uses: u64,
    /// How long it lives on, in words.
    pub lives_for: String,
    /// When it ends.
    pub ends_at: Time,
    /// Machines are let in at once.
    pub is_preapproved: bool,
}

impl KeyTag {
    /// "Key DW-7F3K-…-Q · 47 of 50 uses left · ends in 6 days".
    fn words(&self) -> String {
        let Self {
            hint,
            left,
            uses,
            lives_for,
            ..
        } = self;
        format!("Key {hint} · {left} of {uses} uses left · ends in {lives_for}")
    }
}
