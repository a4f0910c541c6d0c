//! The SQL of policies, settings and the deployment's own row. Those of the tree and of its sites stand in rooms of their own.
pub mod operator;
mod sites;
mod tree;

pub use sites::{add_site, has_site, remove_site, rename_site, site_name, site_named, sites};
pub use tree::{
    After, Found, Listed, Named, NewOrganisation, State, create, customer_name, customer_named, customers, find,
    gone_since, is_customer, list_customers, purge, rename, set_parent, set_state,
};

use crate::{
    decide::SessionPolicy,
    policy::{Mode, Policies, Require, Values, is_stricter},
};
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, Kinds, Organisation, OrganisationId, Span, Time};

/// What a session needs to know of its organisation and deployment.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The organisation's name.
    pub name: String,
    /// The organisation above.
    pub parent: Option<OrganisationId>,
    /// How long its sessions last.
    pub sessions: SessionPolicy,
    /// All that it asks of those who enter.
    pub policies: Policies,
    /// The deployment's epoch: a restore raises it.
    pub epoch: i64,
}

/// A policy as kept. Every value may be missing.
#[derive(Default)]
struct PolicyRow {
    factors_require: Option<String>,
    factors_since: Option<Time>,
    grace_hours: Option<i64>,
    factors_allowed: Option<Kinds>,
    passkey_aaguids: Option<String>,
    devices_mode: Option<String>,
    trust_days: Option<i64>,
    device_limit: Option<i64>,
    lock_minutes: Option<i64>,
    end_minutes: Option<i64>,
    networks_people: Option<String>,
    networks_agents: Option<String>,
    password_min_length: Option<i64>,
    sms_allowed: Option<bool>,
    sms_countries: Option<String>,
}
from_row!(PolicyRow {
    factors_require,
    factors_since,
    grace_hours,
    factors_allowed,
    passkey_aaguids,
    devices_mode,
    trust_days,
    device_limit,
    lock_minutes,
    end_minutes,
    networks_people,
    networks_agents,
    password_min_length,
    sms_allowed,
    sms_countries
});

/// The words of a list; what cannot be read is left out (only a newer program can have written it).
fn list<T: std::str::FromStr>(text: Option<String>) -> Option<Vec<T>> {
    Some(
        text?
            .split_ascii_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect(),
    )
}

fn text<T: ToString>(list: Option<&Vec<T>>) -> Option<String> {
    Some(list?.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

impl PolicyRow {
    fn into_values(self) -> Values {
        Values {
            // An unknown word is of a newer program: the strictest that this one knows holds.
            require: self
                .factors_require
                .map(|word| Require::from_name(&word).unwrap_or(Require::PhishingResistant)),
            grace_hours: self.grace_hours,
            allowed: self.factors_allowed,
            aaguids: list(self.passkey_aaguids),
            mode: self
                .devices_mode
                .map(|word| Mode::from_name(&word).unwrap_or(Mode::Approved)),
            trust_days: self.trust_days,
            limit: self.device_limit,
            lock_minutes: self.lock_minutes,
            end_minutes: self.end_minutes,
            people: list(self.networks_people),
            agents: list(self.networks_agents),
            min_length: self.password_min_length,
            sms_allowed: self.sms_allowed,
            countries: list(self.sms_countries),
        }
    }
}

struct StandingRow {
    name: String,
    parent: Option<OrganisationId>,
    epoch: i64,
    policy: PolicyRow,
}

impl ground::db::FromRow for StandingRow {
    fn from_row(row: &ground::db::Row<'_>) -> Result<Self> {
        Ok(Self {
            policy: PolicyRow::from_row(row)?,
            name: row.get("name")?,
            parent: row.get("parent")?,
            epoch: row.get("epoch")?,
        })
    }
}

/// An organisation's standing: this runs with every request, and is one statement where there is no organisation above. What holds is the strictest
/// of its own values and of those above.
/// INVARIANT: none for an organisation that is suspended or deleted, so that nobody comes in wherever this is asked.
pub fn standing(view: &mut View, organisation: Organisation) -> Result<Option<Standing>> {
    let row: Option<StandingRow> = view.maybe(
        "SELECT policy.factors_require, policy.factors_since, policy.grace_hours, policy.factors_allowed, policy.passkey_aaguids,
           policy.devices_mode, policy.trust_days, policy.device_limit, policy.lock_minutes, policy.end_minutes, policy.networks_people,
           policy.networks_agents, policy.password_min_length, policy.sms_allowed, policy.sms_countries, organisation.name, organisation.parent,
           deployment.epoch
         FROM organisation JOIN deployment ON deployment.id = 1 LEFT JOIN policy ON policy.organisation = organisation.id
         WHERE organisation.id = ?1 AND organisation.suspended_at IS NULL AND organisation.deleted_at IS NULL",
        &[&organisation.0],
    )?;
    let Some(StandingRow {
        name,
        parent,
        epoch,
        policy,
    }) = row
    else {
        return Ok(None);
    };
    let own = (policy.factors_since.unwrap_or_default(), policy.into_values());
    let policies = match parent {
        Some(parent) => holding(own, &values(view, Organisation(parent))?),
        None => Policies::of(own.1, own.0),
    };
    Ok(Some(Standing {
        name,
        parent,
        sessions: policies.sessions,
        policies,
        epoch,
    }))
}

/// What holds by an organisation's own values and those above, each with the time since when its second factor is asked for.
fn holding((since, own): (Time, Values), (above, above_since): &(Values, Time)) -> Policies {
    Policies::of(own.under(above), since.max(*above_since))
}

/// The organisation above, by id and name, with the values that it has set.
pub fn above(view: &mut View, organisation: Organisation) -> Result<Option<Above>> {
    let parent: Option<(OrganisationId, String)> = view.maybe(
        "SELECT parent.id, parent.name FROM organisation JOIN organisation AS parent ON parent.id = organisation.parent WHERE organisation.id = ?1",
        &[&organisation.0],
    )?;
    let Some((id, name)) = parent else {
        return Ok(None);
    };
    let (values, since) = values(view, Organisation(id))?;
    Ok(Some(Above {
        id,
        name,
        values,
        since,
    }))
}

/// An organisation above another one, and what it has set for all below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Above {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// What it has set.
    pub values: Values,
    /// Since when it asks for second factors as it does.
    pub since: Time,
}

/// The values that an organisation has set itself, and since when its second factor is asked for as it is.
pub fn values(view: &mut View, organisation: Organisation) -> Result<(Values, Time)> {
    let row: Option<PolicyRow> = view.maybe(
        "SELECT factors_require, factors_since, grace_hours, factors_allowed, passkey_aaguids, devices_mode, trust_days, device_limit,
           lock_minutes, end_minutes, networks_people, networks_agents, password_min_length, sms_allowed, sms_countries
         FROM policy WHERE organisation = ?1",
        &[&organisation.0],
    )?;
    let row = row.unwrap_or_default();
    let since = row.factors_since.unwrap_or_default();
    Ok((row.into_values(), since))
}

/// Sets the values of an organisation. Where more is asked for than before, grace begins anew. Under the organisation's policy lock.
pub fn set_policy(tx: &mut Tx, organisation: Organisation, new: &Values, now: Time) -> Result<()> {
    let (old, since) = values(tx, organisation)?;
    let above = above(tx, organisation)?.map_or_else(Default::default, |above| (above.values, above.since));
    let (before, after) = (holding((since, old), &above), holding((since, new.clone()), &above));
    let since = if is_stricter(&before, &after) { now } else { since };
    tx.run_one(
        "INSERT INTO policy (organisation, factors_require, factors_since, grace_hours, factors_allowed, passkey_aaguids, devices_mode,
           trust_days, device_limit, lock_minutes, end_minutes, networks_people, networks_agents, password_min_length, sms_allowed,
           sms_countries, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (organisation) DO UPDATE SET factors_require = excluded.factors_require, factors_since = excluded.factors_since,
           grace_hours = excluded.grace_hours, factors_allowed = excluded.factors_allowed, passkey_aaguids = excluded.passkey_aaguids,
           devices_mode = excluded.devices_mode, trust_days = excluded.trust_days, device_limit = excluded.device_limit,
           lock_minutes = excluded.lock_minutes, end_minutes = excluded.end_minutes, networks_people = excluded.networks_people,
           networks_agents = excluded.networks_agents, password_min_length = excluded.password_min_length,
           sms_allowed = excluded.sms_allowed, sms_countries = excluded.sms_countries, changed_at = excluded.changed_at",
        &[
            &organisation.0,
            &new.require.map(Require::name),
            &since,
            &new.grace_hours,
            &new.allowed,
            &text(new.aaguids.as_ref()),
            &new.mode.map(Mode::name),
            &new.trust_days,
            &new.limit,
            &new.lock_minutes,
            &new.end_minutes,
            &text(new.people.as_ref()),
            &text(new.agents.as_ref()),
            &new.min_length,
            &new.sms_allowed,
            &text(new.countries.as_ref()),
            &now,
        ],
    )
}

/// Lets the grace of an organisation's second factor begin anew, because more is asked for from above.
pub fn begin_anew(tx: &mut Tx, organisation: Organisation, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO policy (organisation, factors_since, changed_at) VALUES (?1, ?2, ?2)
         ON CONFLICT (organisation) DO UPDATE SET factors_since = excluded.factors_since",
        &[&organisation.0, &now],
    )
}

/// The shortest time after which a session of any organisation ends: no younger one can be over by its age.
pub fn shortest_end(view: &mut View, _: Deployment) -> Result<Span> {
    let minutes: Option<i64> = view.one("SELECT min(end_minutes) FROM policy", &[])?;
    Ok(SessionPolicy::from_minutes(None, minutes)
        .end_for
        .min(SessionPolicy::default().end_for))
}

/// The deployment's epoch.
pub fn epoch(view: &mut View, _: Deployment) -> Result<i64> {
    view.one("SELECT epoch FROM deployment WHERE id = 1", &[])
}

/// What the pages before a session show of the organisation that runs this server: the first one without a parent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AtTheDoor {
    /// Its name.
    pub name: String,
    /// Whom to ask.
    pub contact: String,
    /// Whether there is a logo, at `/logo`.
    pub has_logo: bool,
}
from_row!(AtTheDoor {
    name,
    contact,
    has_logo
});

/// What stands at the door; nothing before set-up.
pub fn at_the_door(view: &mut View, _: Deployment) -> Result<AtTheDoor> {
    let found = view.maybe(
        "SELECT name, contact, logo IS NOT NULL AS has_logo FROM organisation WHERE parent IS NULL ORDER BY made_at, id LIMIT 1",
        &[],
    )?;
    Ok(found.unwrap_or_default())
}

/// The logo at the door: its media type and bytes.
pub fn logo(view: &mut View, _: Deployment) -> Result<Option<(String, Vec<u8>)>> {
    let row: Option<(Option<String>, Option<Vec<u8>>)> = view.maybe(
        "SELECT logo_kind, logo FROM organisation WHERE parent IS NULL ORDER BY made_at, id LIMIT 1",
        &[],
    )?;
    Ok(row.and_then(|(kind, bytes)| kind.zip(bytes)))
}

/// What the settings page changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsRow {
    /// The organisation's name.
    pub name: String,
    /// Whom to ask, shown at the door.
    pub contact: String,
    /// Whether there is a logo.
    pub has_logo: bool,
}
from_row!(SettingsRow {
    name,
    contact,
    has_logo
});

/// The organisation's settings.
pub fn settings(view: &mut View, organisation: Organisation) -> Result<SettingsRow> {
    view.one(
        "SELECT name, contact, logo IS NOT NULL AS has_logo FROM organisation WHERE id = ?1",
        &[&organisation.0],
    )
}

/// Changes name and contact.
pub fn change_settings(tx: &mut Tx, organisation: Organisation, name: &str, contact: &str) -> Result<()> {
    tx.run_one(
        "UPDATE organisation SET name = ?2, contact = ?3, name_folded = ?4 WHERE id = ?1",
        &[&organisation.0, &name, &contact, &name.to_lowercase()],
    )
}

/// The organisation's own words for how machines are paired; empty where it has none.
pub fn pairing_words(view: &mut View, organisation: Organisation) -> Result<String> {
    view.one(
        "SELECT pairing_words FROM organisation WHERE id = ?1",
        &[&organisation.0],
    )
}

/// Changes these words.
pub fn set_pairing_words(tx: &mut Tx, organisation: Organisation, words: &str) -> Result<()> {
    tx.run_one(
        "UPDATE organisation SET pairing_words = ?2 WHERE id = ?1",
        &[&organisation.0, &words],
    )
}

/// Sets or removes the logo.
pub fn change_logo(tx: &mut Tx, organisation: Organisation, logo: Option<(&'static str, Vec<u8>)>) -> Result<()> {
    let (kind, bytes) = logo.map_or((None, None), |(kind, bytes)| (Some(kind.to_owned()), Some(bytes)));
    tx.run_one(
        "UPDATE organisation SET logo_kind = ?2, logo = ?3 WHERE id = ?1",
        &[&organisation.0, &kind, &bytes],
    )
}

/// Whether there has ever been an owner. From then on set-up is gone for good.
pub fn has_had_owner(view: &mut View, _: Deployment) -> Result<bool> {
    view.one("SELECT owner_at IS NOT NULL AS had FROM deployment WHERE id = 1", &[])
}

/// Keeps the hash of a new set-up link. Refused (false) once there has ever been an owner.
pub fn make_setup_link(tx: &mut Tx, _: Deployment, hash: &[u8; 32], now: Time, ends_at: Time) -> Result<bool> {
    tx.run("DELETE FROM setup_link WHERE ends_at <= ?1", &[&now])?;
    let made = tx.run(
        "INSERT INTO setup_link (hash, made_at, ends_at) SELECT ?1, ?2, ?3 FROM deployment WHERE id = 1 AND owner_at IS NULL",
        &[hash, &now, &ends_at],
    )?;
    Ok(made == 1)
}

/// Whether this link still opens set-up.
pub fn setup_link_is_good(view: &mut View, _: Deployment, hash: &[u8; 32], now: Time) -> Result<bool> {
    let found: Option<i64> = view.maybe(
        "SELECT setup_link.ends_at FROM setup_link JOIN deployment ON deployment.id = 1
         WHERE setup_link.hash = ?1 AND setup_link.ends_at > ?2 AND deployment.owner_at IS NULL",
        &[hash, &now],
    )?;
    Ok(found.is_some())
}

/// Closes set-up for ever: of all who try at once, one gets true. All links end.
pub fn close_setup(tx: &mut Tx, _: Deployment, now: Time) -> Result<bool> {
    let closed = tx.run(
        "UPDATE deployment SET owner_at = ?1 WHERE id = 1 AND owner_at IS NULL",
        &[&now],
    )? == 1;
    if closed {
        tx.run("DELETE FROM setup_link", &[])?;
    }
    Ok(closed)
}
