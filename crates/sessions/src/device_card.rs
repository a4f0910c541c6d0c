//! The card of devices on My security: where a person is signed in, in their order, with what they can do about each.
use crate::{Listed, limit};
use askama::{Template, filters::HtmlSafe};
use devices::Known;
use ground::{
    Caller,
    db::{Result, View},
    page::{Tag, When},
};
use kernel::{Deployment, DeviceId, Organisation, SessionId, Time};

/// One signed-in device of the reader.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Line {
    /// The session.
    pub session: SessionId,
    /// The device; none on a shared one, which has no place in the order.
    pub device: Option<DeviceId>,
    /// The device that stands above it.
    pub above: Option<DeviceId>,
    /// The device that stands below it.
    pub below: Option<DeviceId>,
    /// What it is called: "Work laptop · Firefox on Windows".
    pub title: String,
    /// The person's own name for it, or nothing.
    pub name: String,
    /// The network it was last seen from.
    pub network: String,
    /// When it was last seen.
    pub seen_at: Time,
    /// When it signed in.
    pub opened_at: Time,
    /// It is the one that reads this.
    pub is_here: bool,
    /// It is a shared or public device.
    pub is_shared: bool,
    /// It waits to be unlocked.
    pub is_locked: bool,
    /// Until when it is trusted.
    pub trusted_until: Option<Time>,
    /// It proved its key at its last sign-in.
    pub is_proven: bool,
}

impl Line {
    fn is_weak(&self) -> bool {
        !self.is_shared && !self.is_proven
    }
}

/// A device that the person has used and is not signed in on.
#[derive(Debug, Clone)]
pub struct Away {
    /// The device.
    pub device: DeviceId,
    /// What it is called.
    pub title: String,
    /// The network it signed in from last.
    pub network: String,
    /// When.
    pub last_at: Time,
    /// Until when it is trusted.
    pub trusted_until: Option<Time>,
}

/// The card.
#[derive(Debug, Template)]
#[template(path = "device_card.html")]
pub struct DeviceCard {
    /// The signed-in devices, most important first.
    pub lines: Vec<Line>,
    /// The other devices, likewise.
    pub away: Vec<Away>,
    /// On so many one may be signed in at once.
    pub limit: u32,
    /// A new device waits to be approved on this one.
    pub has_waiting: bool,
}
impl HtmlSafe for DeviceCard {}

impl DeviceCard {
    /// Of this caller, on one snapshot.
    pub(crate) fn of(view: &mut View, caller: &Caller, listed: Vec<Listed>, now: Time) -> Result<Self> {
        let known = devices::of_person(view, Deployment, caller.person, now)?;
        let policies =
            organisations::standing(view, Organisation(caller.organisation))?.map(|standing| standing.policies);
        let has_waiting = !devices::verify::approvals(view, Deployment, caller.person, now)?.is_empty();
        let mut lines: Vec<Line> = listed
            .into_iter()
            .map(|listed| line(listed, &known, caller, now))
            .collect();
        limit::sort(&known, &mut lines, |line| (line.device, line.seen_at), now);
        stand_beside(&mut lines);
        let is_away = |device: &&Known| !lines.iter().any(|line| line.device == Some(device.id));
        let away = known.iter().filter(is_away).map(|device| away(device, now)).collect();
        Ok(Self {
            lines,
            away,
            limit: policies.map_or(10, |policies| policies.devices.limit),
            has_waiting,
        })
    }
    fn has_others(&self) -> bool {
        self.lines.iter().any(|line| !line.is_here)
    }
    fn has_weak(&self) -> bool {
        self.lines.iter().any(Line::is_weak)
    }
    fn limit_words(&self) -> String {
        match self.limit {
            1 => "1 device".to_owned(),
            limit => format!("{limit} devices"),
        }
    }
    #[expect(clippy::unused_self, reason = "templates ask the card")]
    fn asset(&self, name: &str) -> &'static str {
        ground::page::asset(name)
    }
}

fn line(listed: Listed, known: &[Known], caller: &Caller, now: Time) -> Line {
    let session = listed.session;
    let device = session
        .device
        .and_then(|id| known.iter().find(|device| device.id == id));
    Line {
        session: session.id,
        device: device.map(|device| device.id),
        above: None,
        below: None,
        title: device.map_or(session.device_label, Known::title),
        name: device.and_then(|device| device.name.clone()).unwrap_or_default(),
        network: session.network,
        seen_at: session.seen_at,
        opened_at: session.opened_at,
        is_here: session.id == caller.session,
        is_shared: session.is_shared,
        is_locked: listed.is_locked,
        trusted_until: device
            .and_then(|device| device.trusted_until)
            .filter(|until| *until > now),
        is_proven: device.is_some_and(|device| device.is_proven),
    }
}

fn away(device: &Known, now: Time) -> Away {
    Away {
        device: device.id,
        title: device.title(),
        network: device.network.clone(),
        last_at: device.last_at,
        trusted_until: device.trusted_until.filter(|until| *until > now),
    }
}

/// Which device each stands below and above: what its buttons send.
fn stand_beside(lines: &mut [Line]) {
    let order: Vec<DeviceId> = lines.iter().filter_map(|line| line.device).collect();
    for line in lines {
        let Some(device) = line.device else { continue };
        let mut above = order.iter().copied().take_while(|id| *id != device);
        line.above = above.by_ref().last();
        let mut below = order.iter().copied().skip_while(|id| *id != device);
        line.below = below.find(|id| *id != device);
    }
}
