//! A person's authenticator app, with a clock of its own; policies and people's state as an administrator or the operator would set them.
//! Codes are computed here from the RFC, not by the library that the server uses.
use crate::{Person, Span, Time, World};
use aws_lc_rs::hmac;
use devices::{
    From, admission,
    verify::{self, Answered},
};
use factors::{app, authenticators::By, person_lock};
use ground::{Ground, db, journal};
use kernel::{Deployment, DeviceId, Event, Organisation, PersonId};
use organisations::Values;
use uuid::Uuid;

/// An authenticator app on a phone.
#[derive(Debug, Clone)]
pub struct App {
    secret: Vec<u8>,
    /// By how much the phone's clock runs ahead; negative: behind.
    pub ahead: Span,
}

impl App {
    /// From the address behind the QR picture.
    ///
    /// # Panics
    /// Where there is no secret in it.
    pub fn from_uri(uri: &str) -> Self {
        let (_, rest) = uri.split_once("secret=").expect("an address with a secret");
        let text = rest.split('&').next().unwrap_or_default();
        Self::from_secret(text)
    }
    /// From the secret as it is shown, in groups or not.
    ///
    /// # Panics
    /// Where it is no base32 (RFC 4648, 6).
    pub fn from_secret(text: &str) -> Self {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let (mut bits, mut count, mut secret) = (0_u32, 0, Vec::new());
        for letter in text.chars().filter(|c| !c.is_whitespace()) {
            let value = letters.find(letter).expect("base32");
            bits = bits << 5 | u32::try_from(value).expect("five bits");
            count += 5;
            if count >= 8 {
                count -= 8;
                secret.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
            }
        }
        Self {
            secret,
            ahead: Span::seconds(0),
        }
    }
    /// The code that the phone shows at this moment of the world (RFC 6238 and RFC 4226, 5.3).
    pub fn code(&self, now: Time) -> String {
        self.code_of((now + self.ahead).seconds() / 30)
    }
    /// The code of a step.
    pub fn code_of(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let word = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]) & 0x7fff_ffff;
        format!("{:06}", word % 1_000_000)
    }
    /// Six digits that are right at no time near this one.
    ///
    /// # Panics
    /// Never: of a million codes some dozens are taken.
    pub fn wrong_code(&self, now: Time) -> String {
        let step = now.seconds() / 30;
        let near: Vec<String> = (step - 60..=step + 60).map(|step| self.code_of(step)).collect();
        let codes = (0..1_000_000).map(|n| format!("{n:06}"));
        codes
            .skip(271_828)
            .find(|code| !near.contains(code))
            .expect("a wrong code")
    }
}

impl World {
    /// The person of an address, as the store has them.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn stored(&self, email: &str) -> people::Person {
        let email = people::canonical_email(email).expect("an address");
        let found = self
            .app()
            .ground()
            .store
            .read(move |view| people::by_email(view, Deployment, &email.canonical))
            .await;
        found.expect("the store answers").expect("somebody with this address")
    }
    /// Changes the policy of the owner's organisation.
    ///
    /// # Panics
    /// Where the store does not take it.
    pub async fn set_policy(&self, change: impl Fn(&mut Values) + Send + 'static) {
        let ground = self.app().ground().clone();
        let (home, now) = (self.stored(crate::OWNER).await.home_organisation, ground.now());
        let done = ground.store.write(move |tx| {
            let (mut values, _) = organisations::values(tx, Organisation(home))?;
            change(&mut values);
            organisations::set_policy(tx, Organisation(home), &values, now)
        });
        done.await.expect("the store takes a policy");
    }
    /// Gives somebody an authenticator app, straight in the store, confirmed by a code.
    ///
    /// # Panics
    /// Where that is refused.
    pub async fn with_app(&self, person: &Person) -> App {
        let (ground, id) = (self.app().ground().clone(), self.stored(&person.email).await.id);
        let now = ground.now();
        let draw = app::Draw::new(now, &ground.chance);
        let held = ground.clone();
        let made = ground.store.write_holding(person_lock(id), move |tx| {
            let started = app::start(tx, &held, id, now, &draw)?.unwrap_or_else(|reason| panic!("{}", reason.id()));
            let app = App::from_uri(&started.uri);
            // Two steps ago, so that the present one is unspent.
            let code = app.code_of(now.seconds() / 30 - 1);
            let by = by(id, now);
            let (_, events) = app::confirm(tx, &held, &by, id, started.id, &code)?
                .unwrap_or_else(|refusal| panic!("{}", refusal.reason.id()));
            journal::append_all(tx, &events)?;
            Ok::<_, db::Error>(app)
        });
        made.await.expect("the store takes an app")
    }
    /// Whoever is signing in as this person at this moment must do it again, as after "sign out everywhere".
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn raise_epoch(&self, person: &Person) {
        let (ground, id) = (self.app().ground().clone(), self.stored(&person.email).await.id);
        let done = ground.store.write(move |tx| people::raise_epoch(tx, Deployment, id));
        done.await.expect("the store answers");
    }
    /// How many of a kind the deployment's own log tells of, which no page shows.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn told_to_the_operator(&self, kind: &'static str) -> u32 {
        let store = self.app().ground().store.clone();
        let counts: db::Result<Vec<u32>> = store
            .read(move |view| {
                let sql = "SELECT count FROM event WHERE stream = ?1 AND kind = ?2";
                view.all(sql, &[&Uuid::nil(), &kind])
            })
            .await;
        counts.expect("the store answers").iter().sum()
    }
    /// Disables somebody.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn disable(&self, person: &Person) {
        let (ground, id) = (self.app().ground().clone(), self.stored(&person.email).await.id);
        let now = ground.now();
        let sql = "UPDATE person SET disabled_at = ?2 WHERE id = ?1";
        let done = ground.store.write(move |tx| tx.run_one(sql, &[&id, &now]));
        done.await.expect("the store answers");
    }
}

impl World {
    /// Types two digits on a trusted device of this person, into the first question that waits.
    ///
    /// # Panics
    /// Where nothing waits, or the digits are not right.
    pub async fn approve(&self, person: &Person, digits: &str) {
        let typed = digits.parse().ok();
        let answered = self.answer(person, move |tx, ground, person, id, from| {
            verify::approve(tx, ground, person, id, typed, from)
        });
        assert_eq!(answered.await, Answered::Approved);
    }
    /// Says "that is not me" on a device of this person, to the first question that waits.
    ///
    /// # Panics
    /// Where nothing waits.
    pub async fn deny(&self, person: &Person) {
        assert_eq!(self.answer(person, verify::deny).await, Answered::Denied);
    }
    async fn answer(
        &self,
        person: &Person,
        answer: impl Fn(&mut db::Tx, &Ground, &people::Person, Uuid, &From) -> db::Result<(Answered, Vec<Event>)>
        + Send
        + 'static,
    ) -> Answered {
        let (ground, person) = (self.app().ground().clone(), self.stored(&person.email).await);
        let now = ground.now();
        let held = ground.clone();
        let done = ground.store.write(move |tx| {
            let waiting = verify::approvals(tx, Deployment, person.id, now)?;
            let id = waiting.first().expect("a question that waits").id;
            let (answered, events) = answer(tx, &held, &person, id, &from(&person, now))?;
            journal::append_all(tx, &events)?;
            Ok::<_, db::Error>(answered)
        });
        done.await.expect("the store answers")
    }
    /// Lets in every device of this person that waits, as this administrator.
    ///
    /// # Panics
    /// Where none waits.
    pub async fn admit_all(&self, person: &Person, by: &Person) {
        let (ground, person, by) = (
            self.app().ground().clone(),
            self.stored(&person.email).await,
            self.stored(&by.email).await,
        );
        let now = ground.now();
        let held = ground.clone();
        let done = ground.store.write(move |tx| {
            let home = Organisation(person.home_organisation);
            let sql = "SELECT device FROM device_admission WHERE person = ?1 AND state = 'waiting'";
            let waiting: Vec<DeviceId> = tx.all(sql, &[&person.id])?;
            assert!(!waiting.is_empty(), "no device waits");
            for device in waiting {
                let from = from(&by, now);
                let events = admission::answer(tx, &held, home, (person.id, device), true, &from)?;
                journal::append_all(tx, &events.expect("it waits"))?;
            }
            Ok::<_, db::Error>(())
        });
        done.await.expect("the store answers");
    }
}

fn from(person: &people::Person, at: Time) -> From {
    From {
        actor: Some(person.id),
        device: None,
        label: "Firefox on Linux".into(),
        network: "127.0.0.1".into(),
        at,
    }
}

/// The person, in a browser without a name.
pub(crate) fn by(person: PersonId, at: Time) -> By {
    By {
        actor: Some(person),
        device: None,
        label: "Firefox on Linux".into(),
        network: "127.0.0.1".into(),
        at,
    }
}
