//! The two shells: the door (every page before a session) and the house (every page with one).
//! A page's struct has a field `shell` and its template says `{% extends "shell/door.html" %}` or `{% extends "shell/house.html" %}`.
use crate::{Caller, page::asset};
use kernel::{Action, Grant, Permissions, Scope, Time};

/// What surrounds a page before a session.
#[derive(Debug, Clone, Default)]
pub struct DoorShell {
    /// The page's title, without the product's name.
    pub title: String,
    /// The organisation, where there is one.
    pub organisation: Option<String>,
    /// The address of its logo.
    pub logo: Option<String>,
    /// Whom to ask: the contact that the organisation has set.
    pub contact: Option<String>,
    /// A wider column, for pages to read.
    pub is_wide: bool,
}

impl DoorShell {
    /// A shell that knows of no organisation.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }
    /// With the organisation that stands behind this door. An empty contact is none.
    #[must_use]
    pub fn of(mut self, organisation: impl Into<String>, logo: Option<String>, contact: impl Into<String>) -> Self {
        self.organisation = Some(organisation.into()).filter(|name| !name.is_empty());
        self.logo = logo;
        self.contact = Some(contact.into()).filter(|contact| !contact.is_empty());
        self
    }
    /// The address of an asset.
    pub fn asset(&self, name: &str) -> &'static str {
        asset(name)
    }
}

/// An entry of the menu. It stands here once the feature behind it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Home.
    Home,
    /// The people of the organisation.
    People,
    /// The organisations that this one looks after.
    Customers,
    /// What each role may do, and why.
    Roles,
    /// What the organisation asks of those who enter it.
    Policies,
    /// The devices of the organisation's people.
    Devices,
    /// The activity log.
    Activity,
    /// The organisation's settings.
    Settings,
    /// The programs on managed machines.
    Agents,
    /// The keys that machines are paired with.
    InstallationKeys,
    /// One's own devices and password.
    Security,
    /// Help.
    Help,
}

/// A group of the menu with its heading; the first has none.
const GROUPS: &[(&str, &[Entry])] = &[
    ("", &[Entry::Home]),
    (
        "Access",
        &[
            Entry::People,
            Entry::Customers,
            Entry::Roles,
            Entry::Policies,
            Entry::Devices,
            Entry::Activity,
            Entry::Settings,
        ],
    ),
    ("Endpoints", &[Entry::Agents, Entry::InstallationKeys]),
    ("You", &[Entry::Security, Entry::Help]),
];

impl Entry {
    /// Where it leads.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Home => "/app",
            Self::People => "/app/people",
            Self::Customers => "/app/organisations",
            Self::Roles => "/app/roles",
            Self::Policies => "/app/policies",
            Self::Devices => "/app/devices",
            Self::Activity => "/app/activity",
            Self::Settings => "/app/settings",
            Self::Agents => "/app/agents",
            Self::InstallationKeys => "/app/keys",
            Self::Security => "/app/security",
            Self::Help => "/help",
        }
    }
    /// What it says.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::People => "People",
            Self::Customers => "Customers",
            Self::Roles => "Roles",
            Self::Policies => "Policies",
            Self::Devices => "Devices",
            Self::Activity => "Activity",
            Self::Settings => "Settings",
            Self::Agents => "Agents",
            Self::InstallationKeys => "Installation keys",
            Self::Security => "My security",
            Self::Help => "Help",
        }
    }
    /// The right without which it is not shown.
    const fn needs(self) -> Option<Action> {
        match self {
            Self::People => Some(Action::SeePeople),
            Self::Customers => Some(Action::SeeOrganisations),
            Self::Roles => Some(Action::SeeRoles),
            Self::Policies => Some(Action::SeePolicies),
            Self::Devices => Some(Action::ApproveDevices),
            Self::Activity => Some(Action::ReadEvents),
            Self::Settings => Some(Action::SeeSettings),
            Self::Agents => Some(Action::SeeAgents),
            Self::InstallationKeys => Some(Action::MakeKeys),
            Self::Home | Self::Security | Self::Help => None,
        }
    }
}

/// The roles held here, each named once: those for everything, and only where there are none those for a part.
fn roles_in_words(grants: &[Grant]) -> String {
    let has_whole = grants.iter().any(|grant| grant.scope == Scope::Everything);
    let mut names: Vec<&str> = Vec::new();
    for grant in grants
        .iter()
        .filter(|grant| !has_whole || grant.scope == Scope::Everything)
    {
        if !names.contains(&grant.name.as_str()) {
            names.push(&grant.name);
        }
    }
    names.join(", ")
}

/// What surrounds a page with a session.
#[derive(Debug, Clone)]
pub struct HouseShell {
    /// The page's title, without the product's name.
    pub title: String,
    /// Where the reader is.
    pub here: Entry,
    /// The person's name.
    pub person: String,
    /// The roles in words: "Owner, Technician".
    pub role: String,
    /// The organisation's name.
    pub organisation: String,
    /// What the person may do; decides which entries are there.
    pub may: Permissions,
    /// Whether the person is a member of other organisations, too, and may go over to them.
    pub has_others: bool,
    /// Seconds until the session locks unless used.
    pub locks_in: i64,
    /// Seconds until the session ends.
    pub ends_in: i64,
}

impl HouseShell {
    /// The shell of a page for this caller.
    pub fn new(title: impl Into<String>, here: Entry, caller: &Caller, now: Time) -> Self {
        Self {
            title: title.into(),
            here,
            person: caller.name.clone(),
            role: roles_in_words(&caller.roles),
            organisation: caller.organisation_name.clone(),
            may: caller.may,
            has_others: caller.has_others,
            locks_in: (caller.locks_at - now).seconds_up().max(0),
            ends_in: (caller.ends_at - now).seconds_up().max(0),
        }
    }
    /// The address of an asset.
    pub fn asset(&self, name: &str) -> &'static str {
        asset(name)
    }
    /// The menu: groups that have an entry this person may use.
    pub fn menu(&self) -> Vec<(&'static str, Vec<Entry>)> {
        let shown = |entry: &Entry| entry.needs().is_none_or(|action| self.may.contains(action));
        let groups = GROUPS
            .iter()
            .map(|(name, entries)| (*name, entries.iter().copied().filter(shown).collect::<Vec<_>>()));
        groups.filter(|(_, entries)| !entries.is_empty()).collect()
    }
    /// Whether the reader is at this entry.
    pub fn is_here(&self, entry: &Entry) -> bool {
        self.here == *entry
    }
}
