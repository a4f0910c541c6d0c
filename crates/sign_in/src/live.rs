//! Where a sign-in under way stands: its row, its person, the policy and the device, looked at anew with each request.
//! Must never happen: a step that is judged by what was true when the sign-in began.
use crate::{
    decide::{self, Demand, DeviceNeed, Facts, PasswordNeed, Step},
    flow,
    store::{self, Row},
};
use devices::{DeviceStanding, KeyProof, Need, Token, admission};
use ground::{
    Ground, Visitor,
    db::{Result, View},
};
use kernel::{AuthenticatorKind, Deployment, Kinds, Methods, Organisation, OrganisationId, Reason, Time, Verdict};
use organisations::{Policies, Require};
use people::{Person, PersonStanding};

/// What the browser of a request shows of itself. Nothing in it is proved.
#[derive(Clone)]
pub(crate) struct Browser {
    /// The devices whose cookies came along.
    pub tokens: Vec<Token>,
    /// The sign-ins under way that it has a secret for.
    pub flows: Vec<[u8; 32]>,
    /// The device in words.
    pub label: String,
    /// The network.
    pub network: String,
    /// The proof of the device's key, where a form brought one.
    pub proof: Option<KeyProof>,
    /// A mail reaches somebody.
    pub is_mail_set_up: bool,
    /// When it asks.
    pub now: Time,
}

impl Browser {
    /// Of this visitor.
    pub fn of(visitor: &Visitor, proof: Option<KeyProof>) -> Self {
        let ground: &Ground = &visitor.ground;
        Self {
            tokens: devices::tokens(visitor),
            flows: flow::stored_hashes(visitor),
            label: devices::label(&visitor.user_agent()),
            network: visitor.network(),
            proof,
            is_mail_set_up: ground.config.mail.is_some(),
            now: ground.now(),
        }
    }
}

/// A sign-in that stands somewhere.
#[derive(Clone)]
pub(crate) struct Live {
    /// Its row.
    pub row: Row,
    /// Whose.
    pub person: Person,
    /// The organisation's name.
    pub organisation_name: String,
    /// What the organisation asks for.
    pub policies: Policies,
    /// What the device is.
    pub device: DeviceStanding,
    /// What policy makes of it.
    pub judged: Judged,
    /// Whether the person is told of it.
    pub tells_of_device: bool,
    /// What it has proved.
    pub methods: Methods,
    /// The kinds of authenticators that count here.
    pub allowed: Kinds,
    /// The person was away for long.
    pub is_away: bool,
    /// What policy makes of the password's length.
    pub length: Length,
    /// What comes next.
    pub step: Step,
}

/// What policy makes of a device.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged {
    pub need: Need,
    /// Why it has to do something.
    pub why: Option<Reason>,
    /// It is let in by a mail in an administrator's place, because the operator said so.
    pub is_expected: bool,
}

/// What policy makes of the length of the password that passed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Length {
    pub need: PasswordNeed,
    /// Characters that this person's password has at least.
    pub shortest: usize,
    /// Since when it is known to have fewer.
    pub short_since: Option<Time>,
    /// Until when a longer one can be put off, where it has.
    pub due_at: Option<Time>,
}

/// The first of this browser's sign-ins that lives.
pub(crate) fn look(view: &mut View, browser: &Browser) -> Result<Option<Live>> {
    for hash in &browser.flows {
        if let Some(live) = find(view, browser, hash)? {
            return Ok(Some(live));
        }
    }
    Ok(None)
}

/// The sign-in of this secret, while it lives.
pub(crate) fn find(view: &mut View, browser: &Browser, hash: &[u8; 32]) -> Result<Option<Live>> {
    let Some(row) = store::find(view, Deployment, hash, browser.now)? else {
        return Ok(None);
    };
    stand(view, browser, row)
}

/// Where this row stands. None: its person is disabled, has left, has ended all sessions or changed the password since, or the deployment was
/// restored.
pub(crate) fn stand(view: &mut View, browser: &Browser, row: Row) -> Result<Option<Live>> {
    let Some(person) = people::person(view, Deployment, row.person)? else {
        return Ok(None);
    };
    let scope = Organisation(row.organisation);
    let member = people::standing(view, scope, row.person)?.filter(|member| member.is_member && !member.is_disabled);
    let (Some(member), Some(organisation)) = (member, organisations::standing(view, scope)?) else {
        return Ok(None);
    };
    let password = factors::store::find_password(view, row.person)?;
    let version = password.as_ref().map(|stored| stored.version);
    let is_same_password = row.password_version.is_none() || row.password_version == version;
    if person.epoch != row.epoch || organisation.epoch != row.deployment_epoch || !is_same_password {
        return Ok(None);
    }
    let policies = organisation.policies;
    let methods = Methods::from_text(&row.methods);
    let proof = proof(&row, browser);
    let device = devices::standing(
        view,
        Deployment,
        &browser.tokens,
        row.person,
        proof.as_ref(),
        browser.now,
    )?;
    let is_first_ever = person.first_sign_in_at.is_none();
    let verdict = devices::judge(policies.devices.mode, &device, methods, is_first_ever);
    let judged = judged(view, verdict, &device, &row, browser.now)?;
    let allowed = allowed(&policies);
    let is_away = decide::is_away(person.kinds, person.last_sign_in_at, browser.now);
    let short_since = password.and_then(|stored| stored.short_since);
    let length = measure(&row, policies.shortest_password(person.kinds), short_since, browser.now);
    let step = decide::next_step(&Facts {
        methods,
        has: person.kinds,
        allowed,
        demand: demand(&policies, &member, browser.now),
        is_away,
        is_mail_set_up: browser.is_mail_set_up,
        has_proved_mail: row.has_proved_mail,
        device: need_of(judged.need),
        is_device_verified: row.is_device_verified,
        password: length.need,
    });
    Ok(Some(Live {
        allowed,
        row,
        person,
        organisation_name: organisation.name,
        policies,
        device,
        judged,
        tells_of_device: judged.need != Need::Nothing && !is_first_ever,
        methods,
        is_away,
        length,
        step,
    }))
}

const fn need_of(need: Need) -> DeviceNeed {
    match need {
        Need::Nothing | Need::Notify => DeviceNeed::Nothing,
        Need::Verify => DeviceNeed::Verify,
        Need::Refused => DeviceNeed::Refused,
    }
}

/// Whom an administrator would have to let in, the operator may have given another way.
fn judged(view: &mut View, verdict: Verdict<Need>, device: &DeviceStanding, row: &Row, now: Time) -> Result<Judged> {
    let is_refused = verdict.outcome == Need::Refused;
    let is_expected = is_refused && admission::is_expected(view, Deployment, row.person, now)?;
    let verdict = if is_expected {
        devices::expected(device, Methods::from_text(&row.methods))
    } else {
        verdict
    };
    Ok(Judged {
        need: verdict.outcome,
        why: verdict.reasons.first().copied(),
        is_expected,
    })
}

fn measure(row: &Row, shortest: usize, short_since: Option<Time>, now: Time) -> Length {
    let length = row.password_length.and_then(|length| usize::try_from(length).ok());
    let due_at = short_since.unwrap_or(now) + factors::SHORT_FOR;
    Length {
        need: decide::password_need(length, shortest, row.has_put_off, due_at, now),
        shortest,
        short_since,
        due_at: length.filter(|length| *length < shortest).map(|_| due_at),
    }
}

/// What is demanded of this member now: whoever lost their factors has no grace.
fn demand(policies: &Policies, member: &PersonStanding, now: Time) -> Demand {
    let factors = &policies.factors;
    if member.has_lost_factors {
        return wanted(policies);
    }
    // Where this is the first sign-in under the policy, it begins now.
    let ends_at = sessions::grace_ends_at(factors, member.grace_from, now);
    decide::demand(wanted(policies), ends_at, now)
}

/// What counts here. Where a passkey is demanded, it is allowed.
fn allowed(policies: &Policies) -> Kinds {
    match policies.factors.require {
        Require::PhishingResistant => policies.factors.allowed.with(AuthenticatorKind::Passkey),
        Require::No | Require::Yes => policies.factors.allowed,
    }
}

/// What the policy demands once grace is over. There is none after an administrator has taken lost factors away.
fn wanted(policies: &Policies) -> Demand {
    match policies.factors.require {
        Require::No => Demand::Nothing,
        Require::Yes => Demand::Factor,
        Require::PhishingResistant => Demand::Passkey,
    }
}

/// The key that was proved at the first step counts to the last; one that was another's cannot be left out later.
pub(crate) fn proof(row: &Row, browser: &Browser) -> Option<KeyProof> {
    let kept = row.device_key.clone().map(|key| KeyProof::kept(key, row.is_key_fresh));
    kept.or_else(|| browser.proof.clone())
}

/// The organisation that somebody signs in to: their home.
pub(crate) fn entered(person: &Person) -> OrganisationId {
    person.home_organisation
}
