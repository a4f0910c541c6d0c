//! What the stories of codes share: a prover, a gate that lets everything through, an app in the hand.
use crate::place::{ANA, Place};
use factors::{
    By, CodeAttempt, CodeProved, CodeRefusal, Cost, Gate, Pool, Prover, Rules, Setting, app, authenticators,
    person_lock,
};
use ground::{context::system_chance, db::Error, journal};
use kernel::{AuthenticatorId, Deployment, Kinds, OrganisationId, PersonId, Reason};
use std::{net::IpAddr, process::Command};
use uuid::Uuid;

pub const HOME: OrganisationId = OrganisationId(Uuid::from_u128(1));

pub fn network() -> IpAddr {
    [192, 0, 2, 7].into()
}

/// What passwords and codes are proved with, at a cost that tests can pay.
pub fn prover(place: &Place) -> Prover {
    let setting = Setting {
        cost: Cost::new(64, 1, 1).unwrap(),
        ..Setting::for_cores(2)
    };
    let ground = place.ground.clone();
    let pool = Pool::start(setting, ground.keys.clone(), system_chance(), None).unwrap();
    Prover::new(ground, pool, Rules::new(factors::Breached::built_in().unwrap()))
}

pub fn by(place: &Place) -> By {
    By {
        actor: Some(ANA),
        device: None,
        label: "Firefox on Linux".into(),
        network: "192.0.2.7".into(),
        at: place.now(),
    }
}

pub fn gate(person: PersonId, request: Option<[u8; 32]>) -> Gate {
    Gate {
        person,
        home: HOME,
        allowed: Kinds::ALL,
        request,
        known_device: None,
        device_label: "Firefox on Linux".into(),
        network: "192.0.2.7".into(),
    }
}

pub async fn prove(prover: &Prover, typed: &str, request: Option<[u8; 32]>) -> CodeProved {
    prover
        .prove_code(network(), ANA, typed, move |_| Ok(Some(gate(ANA, request))))
        .await
        .unwrap()
}

pub fn attempt(proved: CodeProved) -> CodeAttempt {
    match proved {
        CodeProved::Right(attempt) => attempt,
        CodeProved::Wrong(refusal) => panic!("refused: {refusal:?}"),
        CodeProved::Paused { reason, until } => panic!("paused: {reason:?} {until:?}"),
        _ => panic!("nothing"),
    }
}
pub fn refusal(proved: CodeProved) -> CodeRefusal {
    match proved {
        CodeProved::Wrong(refusal) => refusal,
        CodeProved::Right(_) => panic!("right"),
        CodeProved::Paused { reason, until } => panic!("paused: {reason:?} {until:?}"),
        _ => panic!("nothing"),
    }
}

pub async fn confirm(place: &Place, attempt: CodeAttempt) -> Result<(), Reason> {
    let (ground, now) = (place.ground.clone(), place.now());
    let spent = place.ground.store.write_holding(attempt.lock(), move |tx| {
        let answer = attempt.confirm(tx, now, &ground)?;
        if let Ok(events) = &answer {
            journal::append_all(tx, events)?;
        }
        Ok::<_, Error>(answer.map(drop))
    });
    spent.await.unwrap()
}

/// Proves and spends.
pub async fn pass(place: &Place, prover: &Prover, typed: &str) -> Result<(), Reason> {
    let found = attempt(prove(prover, typed, None).await);
    confirm(place, found).await
}

/// An app in somebody's hand: its secret, and by how many seconds the phone's clock is off.
#[derive(Clone)]
pub struct Phone {
    pub id: AuthenticatorId,
    pub secret: String,
    pub off: i64,
}

impl Phone {
    /// The code that it shows, as `oathtool` computes it; where that is not installed the same by hand, with a line that says so.
    pub fn code(&self, place: &Place) -> String {
        let seconds = place.now().seconds() + self.off;
        oathtool(&self.secret, seconds)
    }
    /// A code that is none of it, now or within the time that is looked at.
    pub fn wrong(&self, place: &Place) -> String {
        let now = place.now().seconds();
        let near: Vec<String> = (-25..=25).map(|step| by_hand(&self.secret, now + 30 * step)).collect();
        let free = |code: &String| !near.contains(code);
        (0..100).map(|code| format!("{code:06}")).find(free).unwrap()
    }
    /// Two codes in a row, as somebody types them who waits for the second.
    pub fn pair(&self, place: &Place) -> String {
        let first = self.code(place);
        place.pass(30);
        format!("{first} {}", self.code(place))
    }
}

pub fn has_oathtool() -> bool {
    let found = Command::new("oathtool").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: oathtool is not installed, so nothing was held against another program's codes");
    }
    found
}

fn oathtool(secret: &str, seconds: i64) -> String {
    if !has_oathtool() {
        return by_hand(secret, seconds);
    }
    let said = Command::new("oathtool")
        .args(["--totp", "--base32", "--now", &format!("@{seconds}"), "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            use std::io::Write as _;
            child.stdin.take().unwrap().write_all(secret.as_bytes())?;
            child.wait_with_output()
        })
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

fn by_hand(secret: &str, seconds: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    totp.generate(seconds.try_into().unwrap()).to_string()
}

/// Begins to set up an app.
pub async fn start(place: &Place, person: PersonId) -> app::Enrolment {
    let (ground, now) = (place.ground.clone(), place.now());
    let draw = app::Draw::new(now, &ground.chance);
    let started = place.ground.store.write_holding(person_lock(person), move |tx| {
        app::start(tx, &ground, person, now, &draw)
    });
    started.await.unwrap().unwrap()
}

/// Enters the first code of an app.
pub async fn first_code(place: &Place, person: PersonId, id: AuthenticatorId, typed: &str) -> Result<(), CodeRefusal> {
    let (ground, by, typed) = (place.ground.clone(), by(place), typed.to_owned());
    let confirmed = place.ground.store.write_holding(person_lock(person), move |tx| {
        let answer = app::confirm(tx, &ground, &by, person, id, &typed)?;
        if let Ok((_, events)) = &answer {
            journal::append_all(tx, events)?;
        }
        Ok::<_, Error>(answer.map(drop))
    });
    confirmed.await.unwrap()
}

/// Sets up an app whose clock is so many seconds off, and waits for the next step.
pub async fn app_of(place: &Place, person: PersonId, off: i64) -> Phone {
    let begun = start(place, person).await;
    let phone = Phone {
        id: begun.id,
        secret: begun.secret.clone(),
        off,
    };
    first_code(place, person, phone.id, &phone.code(place)).await.unwrap();
    place.pass(30);
    phone
}

pub async fn ways(place: &Place) -> Vec<factors::Authenticator> {
    let now = place.now();
    let found = place
        .ground
        .store
        .read(move |view| authenticators::of_person(view, Deployment, ANA, now));
    found.await.unwrap()
}

/// How often an event stands in the log.
pub async fn events(place: &Place, kind: kernel::EventKind) -> i64 {
    let sql = "SELECT count(*) FROM event WHERE kind = ?1";
    let id = kind.id();
    place
        .ground
        .store
        .read(move |view| view.one(sql, &[&id]))
        .await
        .unwrap()
}
pub async fn mails(place: &Place) -> i64 {
    place.count("SELECT count(*) FROM message WHERE kind = 'mail'").await
}
