//! What follows a step: the next one, or, after the last, the session. The one place of the door that opens one.
//! Must never happen: a session for a sign-in that somebody else claimed, that has steps left, or whose person changed meanwhile.
use crate::{
    Front,
    decide::{self, Step},
    enrol,
    flow::Secret,
    live::{self, Browser, Live},
    mail,
    store::{self, Row},
};
use devices::{Arrival, KeyProof, Shown, Token, verify};
use factors::{app, authenticators::By};
use ground::{
    Ground, Visitor,
    db::{Result, Tx},
    journal,
};
use kernel::{Deployment, DeviceId, Event, EventKind, FlowId, Method, Methods, Organisation, Outcome, Reason, Stream};
use organisations::Require;
use people::{
    Person,
    notices::{self, Draw, Facts, Notice},
};
use sessions::{Opened, Proof};

/// So many sign-ins of one person may be under way on devices that are not known to them.
const MOST_UNDER_WAY: i64 = 50;

/// No policy asks for more characters of a password.
const MOST_ASKED_FOR: i64 = 64;

/// What stays the same through one request, drawn before any transaction.
#[derive(Clone)]
pub(crate) struct Coming {
    /// What the browser shows.
    pub browser: Browser,
    /// The sessions that this browser had.
    pub replaces: Vec<[u8; 32]>,
    /// The device's cookie: its own, or a fresh one.
    pub token: Token,
    pub fresh_device: DeviceId,
    pub opened: Opened,
    /// For a sign-in that begins: its id and its secret.
    pub flow: FlowId,
    pub secret: Secret,
    /// Characters of the password that was typed.
    pub password_length: Option<usize>,
    /// For the mails that a step may send.
    pub mail: mail::Draw,
    pub device: verify::Draw,
    pub app: app::Draw,
}

impl Coming {
    /// Of this visitor.
    pub fn draw(visitor: &Visitor, browser: Browser) -> Self {
        let (now, chance) = (browser.now, &visitor.ground.chance);
        Self {
            replaces: crate::http::token_hashes(visitor),
            token: browser
                .tokens
                .first()
                .copied()
                .unwrap_or_else(|| Token::new(chance.bytes())),
            fresh_device: DeviceId::new(now, chance),
            opened: Opened::draw(now, chance),
            flow: FlowId::new(now, chance),
            secret: Secret::new(chance.bytes()),
            password_length: None,
            mail: mail::Draw::new(&visitor.ground, now),
            device: verify::Draw::new(now, chance),
            app: app::Draw::new(now, chance),
            browser,
        }
    }
}

/// A first factor that has just passed.
pub(crate) struct First {
    pub person: Person,
    /// The version of the password that passed; none where a passkey did.
    pub password_version: Option<i64>,
    pub methods: Methods,
    pub is_shared: bool,
}

/// What follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A session is open.
    Open { is_shared: bool },
    /// A sign-in has begun that has steps left.
    Begun(Step),
    /// One that was under way goes on.
    Step(Step),
    /// It is over: claimed, ended, or not that person's any more.
    Gone,
    /// The organisation is suspended or deleted: it lets nobody in.
    Shut,
}

/// The row of a sign-in that has passed its first factor.
fn row(tx: &mut Tx, first: &First, coming: &Coming, device: &devices::DeviceStanding) -> Result<Row> {
    let (browser, now) = (&coming.browser, coming.browser.now);
    Ok(Row {
        id: coming.flow,
        browser_hash: coming.secret.hash(),
        person: first.person.id,
        organisation: live::entered(&first.person),
        epoch: first.person.epoch,
        deployment_epoch: organisations::epoch(tx, Deployment)?,
        password_version: first.password_version,
        methods: first.methods.text(),
        is_shared: first.is_shared,
        device: device.device,
        device_key: browser.proof.as_ref().map(|proof| proof.key().to_vec()),
        is_key_fresh: browser.proof.as_ref().is_some_and(KeyProof::is_fresh),
        device_label: browser.label.clone(),
        network: browser.network.clone(),
        made_at: now,
        ends_at: now + decide::LIVES_FOR,
        tries: 0,
        has_proved_mail: false,
        is_device_verified: false,
        enrolment: None,
        mail_hash: None,
        mail_sent_at: None,
        mails: 0,
        password_length: coming.password_length.map(told_apart),
        has_put_off: false,
    })
}

/// After a first factor: the session where nothing else is asked for, else a row that waits for the next step.
pub(crate) fn begin(
    tx: &mut Tx,
    front: &Front,
    first: &First,
    coming: &Coming,
    mut events: Vec<Event>,
) -> Result<Next> {
    let (browser, now) = (&coming.browser, coming.browser.now);
    // Trust that is taken away at this moment is seen below, or takes the session that this opens along.
    tx.lock(devices::lock(first.person.id))?;
    let device = devices::standing(
        tx,
        Deployment,
        &browser.tokens,
        first.person.id,
        browser.proof.as_ref(),
        now,
    )?;
    let row = row(tx, first, coming, &device)?;
    // What was under way in this browser is replaced.
    for hash in &browser.flows {
        store::end(tx, Deployment, hash)?;
    }
    let home = Organisation(row.organisation);
    let Some(live) = live::stand(tx, browser, row)? else {
        let is_shut = organisations::standing(tx, home)?.is_none();
        if is_shut {
            events.push(shut(&first.person, home, browser, &front.house.ground));
        }
        journal::append_all(tx, &events)?;
        return Ok(if is_shut { Next::Shut } else { Next::Gone });
    };
    if live.step == Step::Open {
        return open(tx, front, &live, coming, events);
    }
    store::insert(tx, Deployment, &live.row)?;
    store::end_oldest(tx, Deployment, first.person.id, MOST_UNDER_WAY)?;
    if live.device.shown == Shown::OtherKey {
        events.push(devices::other_key(
            tx,
            &front.house.ground,
            &live.person,
            &from(&live, browser),
        )?);
    }
    prepare(tx, front, &live, coming, &mut events)?;
    journal::append_all(tx, &events)?;
    Ok(Next::Begun(live.step))
}

/// What is kept of a password's length for as long as the sign-in lasts: no more than what policies ask for.
fn told_apart(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX).min(MOST_ASKED_FOR)
}

/// After a later step of this sign-in: where it stands now. The last step claims the row and opens the session.
pub(crate) fn go_on(
    tx: &mut Tx,
    front: &Front,
    hash: &[u8; 32],
    coming: &Coming,
    mut events: Vec<Event>,
) -> Result<Next> {
    let Some(live) = live::find(tx, &coming.browser, hash)? else {
        journal::append_all(tx, &events)?;
        return Ok(Next::Gone);
    };
    if live.step != Step::Open {
        prepare(tx, front, &live, coming, &mut events)?;
        journal::append_all(tx, &events)?;
        return Ok(Next::Step(live.step));
    }
    claim(tx, front, hash, &live, coming, events)
}

/// The last step: looks once more, under the lock of the person's devices, so that trust that is taken away at this moment is seen here, or takes
/// the session that this opens along.
fn claim(
    tx: &mut Tx,
    front: &Front,
    hash: &[u8; 32],
    seen: &Live,
    coming: &Coming,
    mut events: Vec<Event>,
) -> Result<Next> {
    let now = coming.browser.now;
    tx.lock(devices::lock(seen.person.id))?;
    let Some(live) = live::find(tx, &coming.browser, hash)? else {
        journal::append_all(tx, &events)?;
        return Ok(Next::Gone);
    };
    if live.step != Step::Open {
        prepare(tx, front, &live, coming, &mut events)?;
        journal::append_all(tx, &events)?;
        return Ok(Next::Step(live.step));
    }
    // INVARIANT: of all requests that come at once, one gets the row, and only it opens a session.
    if store::claim(tx, Deployment, live.row.id, now)? != Some(live.person.id) {
        journal::append_all(tx, &events)?;
        return Ok(Next::Gone);
    }
    open(tx, front, &live, coming, events)
}

/// What the next step needs before its page is opened, because a page that is looked at does nothing: the mail is sent, the app's secret made,
/// the trusted devices are asked. What was done before is not done again.
fn prepare(tx: &mut Tx, front: &Front, live: &Live, coming: &Coming, events: &mut Vec<Event>) -> Result<()> {
    let (ground, browser, now) = (&front.house.ground, &coming.browser, coming.browser.now);
    match live.step {
        Step::Enrol { needs_mail: true, .. } if live.row.mails == 0 => {
            mail::send(tx, ground, live, &coming.mail, now)?;
        }
        Step::Enrol { needs_mail: false, .. } if enrol::takes_app(live) => start_app(tx, front, live, coming)?,
        Step::Password { .. } => factors::store::mark_short(tx, live.person.id, true, now)?,
        Step::Device => {
            let about = about(live, browser);
            let (_, told) = verify::ask_approval(tx, ground, &about, &coming.device, now)?;
            events.extend(told);
            if verify::state(tx, Deployment, &live.row.browser_hash, now)?.is_none_or(|state| state.message.is_none()) {
                verify::post_code(tx, ground, &about, &coming.device, now)?;
            }
        }
        Step::Waits => {
            let waits = devices::admission::Coming {
                token: coming.token,
                fresh: coming.fresh_device,
                label: &browser.label,
                network: &browser.network,
            };
            let asked = devices::admission::ask(tx, ground, &live.person, &waits, now)?;
            events.extend(asked.event);
            if asked.is_to_be_told {
                mail::tell_of_waiting(tx, ground, live, &waits, now)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Makes the secret of an app that is to be confirmed, unless there is one.
pub(crate) fn start_app(tx: &mut Tx, front: &Front, live: &Live, coming: &Coming) -> Result<()> {
    if live.row.enrolment.is_some() {
        return Ok(());
    }
    let started = app::start(tx, &front.house.ground, live.person.id, coming.browser.now, &coming.app)?;
    if let Ok(started) = started {
        store::set_enrolment(tx, Deployment, live.row.id, started.id)?;
    }
    Ok(())
}

/// The sign-in, for the verification of its device.
pub(crate) fn about<'a>(live: &'a Live, browser: &'a Browser) -> verify::About<'a> {
    verify::About {
        flow: &live.row.browser_hash,
        person: &live.person,
        label: &browser.label,
        network: &browser.network,
        ends_at: live.row.ends_at,
    }
}

fn from(live: &Live, browser: &Browser) -> devices::From {
    devices::From {
        actor: None,
        device: live.device.device,
        label: browser.label.clone(),
        network: browser.network.clone(),
        at: browser.now,
    }
}

/// Who adds a factor, and from where.
pub(crate) fn by(live: &Live, coming: &Coming) -> By {
    let browser = &coming.browser;
    By {
        actor: Some(live.person.id),
        device: live.device.device,
        label: browser.label.clone(),
        network: browser.network.clone(),
        at: browser.now,
    }
}

/// The person is held as they were found, the device is remembered (unless shared), earlier sessions of this browser end, the new one begins.
fn open(tx: &mut Tx, front: &Front, live: &Live, coming: &Coming, mut events: Vec<Event>) -> Result<Next> {
    let (ground, browser, now) = (&front.house.ground, &coming.browser, coming.browser.now);
    let (person, row) = (&live.person, &live.row);
    if !people::hold(tx, Deployment, person.id, &person.email_canonical, row.epoch)? {
        journal::append_all(tx, &events)?;
        return Ok(Next::Gone);
    }
    if live.judged.is_expected {
        let Some(event) = devices::admission::let_expected_in(tx, ground, person, &from(live, browser))? else {
            journal::append_all(tx, &events)?;
            return Ok(Next::Gone);
        };
        events.push(event);
    }
    // It has enough now, because policy asks for less again, or a second factor is there.
    let length = live.length;
    if row.password_length.is_some() && length.short_since.is_some() && length.due_at.is_none() {
        factors::store::mark_short(tx, person.id, false, now)?;
    }
    let device = remember(tx, live, coming)?;
    for token in &coming.replaces {
        sessions::end_by_token(tx, token, Reason::SessionSignedOut, now)?;
    }
    if live.policies.factors.require != Require::No {
        let since = live.policies.factors.since;
        people::begin_grace(tx, Organisation(row.organisation), person.id, since, now)?;
    }
    people::mark_sign_in(tx, Deployment, person.id, now)?;
    let proof = Proof {
        person: person.id,
        organisation: row.organisation,
        device,
        device_label: browser.label.clone(),
        network: browser.network.clone(),
        is_shared: row.is_shared,
        methods: live.methods,
        was_away: live.is_away && !row.has_proved_mail,
    };
    events.extend(front.opener.open(tx, &proof, &coming.opened, now, ground)?);
    events.push(signed_in(live, device, browser, ground));
    if live.tells_of_device {
        let facts = Facts::new(now, &browser.label, &browser.network);
        let draw = Draw::new(now, &ground.chance);
        notices::post(tx, ground, person, &Notice::NewDevice, &facts, &draw)?;
    }
    journal::append_all(tx, &events)?;
    Ok(Next::Open {
        is_shared: row.is_shared,
    })
}

fn remember(tx: &mut Tx, live: &Live, coming: &Coming) -> Result<Option<DeviceId>> {
    if live.row.is_shared {
        return Ok(None);
    }
    let browser = &coming.browser;
    let proof = live::proof(&live.row, browser);
    let arrival = Arrival {
        token: coming.token,
        fresh: coming.fresh_device,
        label: &browser.label,
        network: &browser.network,
        proof: proof.as_ref(),
        is_verified: live.row.is_device_verified || live.row.has_proved_mail,
        trust_for: live.policies.devices.trust_for,
    };
    let device = devices::arrive(tx, Deployment, &arrival, live.person.id, browser.now)?;
    Ok(Some(device))
}

fn signed_in(live: &Live, device: Option<DeviceId>, browser: &Browser, ground: &Ground) -> Event {
    let stream = Stream::Organisation(live.person.home_organisation);
    let event = Event::new(
        stream,
        browser.now,
        EventKind::SignedIn,
        Outcome::Allowed,
        &ground.chance,
    );
    let mut event =
        event
            .by(live.person.id)
            .because(Reason::SignInAllowed)
            .from(device, &browser.label, &browser.network);
    event.detail = with(live.methods);
    event
}

/// A sign-in under way that was stopped, for the log.
pub(crate) fn refused(live: &Live, browser: &Browser, ground: &Ground) -> Event {
    let stream = Stream::Organisation(live.person.home_organisation);
    let event = Event::new(
        stream,
        browser.now,
        EventKind::SignInRefused,
        Outcome::Stopped,
        &ground.chance,
    );
    event
        .about(live.person.id)
        .from(live.device.device, &browser.label, &browser.network)
}

/// A right password or passkey of somebody whose organisation lets nobody in.
fn shut(person: &Person, home: Organisation, browser: &Browser, ground: &Ground) -> Event {
    let stream = Stream::Organisation(home.0);
    let event = Event::new(
        stream,
        browser.now,
        EventKind::SignInRefused,
        Outcome::Stopped,
        &ground.chance,
    );
    let event = event.about(person.id).because(Reason::OrganisationShut);
    event.from(None, &browser.label, &browser.network)
}

/// What was proved, for the log: "with password and authenticator app".
fn with(methods: Methods) -> String {
    let words = |method: Method| match method {
        Method::Password => "password",
        Method::App => "authenticator app",
        Method::Text => "text message",
        Method::Passkey => "passkey",
        Method::RecoveryCode => "recovery code",
        Method::Mail => "mail",
    };
    let proved: Vec<_> = Method::ALL
        .into_iter()
        .filter(|method| methods.contains(*method))
        .map(words)
        .collect();
    format!("with {}", proved.join(" and "))
}
