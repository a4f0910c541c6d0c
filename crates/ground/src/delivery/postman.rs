//! The postman: takes what is due out of the queue and hands it over, a few messages at a time, on every node. For the program.
//! Must never happen: a try without an end; a message lost by a stop; a server that is down keeping anything else waiting.
use super::{
    Body, Kind,
    decide::{self, Outcome, Word},
    direct::Direct,
    gateway::{Gateway, Text},
    lmtp, mime, outbox,
    relay::Relay,
    relayed::Relayed,
    smtp::{self, Patience},
    store::{self, Claimed},
};
use crate::{Ground, db};
use kernel::{MessageId, Secret, Span, Time};
use lettre::message::Mailbox;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use uuid::Uuid;

/// Mails in hand at the same time, of one node. More than there are lines: while some are handed over, others are claimed and written down, so
/// that a slow disk does not keep a quick mail server waiting; and domains whose servers are slow leave hands free for others.
const MAIL_HANDS: usize = 16;
/// Text messages at the same time.
const TEXT_HANDS: usize = 2;
/// How often an empty queue is looked at.
const LOOKS_EVERY: Duration = Duration::from_secs(1);
/// Longer than a try can take with all its steps.
const LEASE: Span = Span::minutes(15);
/// How often the mail server is looked at, by one of all nodes.
const PROBES_EVERY: Span = Span::seconds(60);
/// How long it is remembered what became of a message.
const KEPT_FOR: Span = Span::days(30);

/// The place of the minute's look where there is no relay.
const BY_DNS: &str = "the recipients' own servers";

/// Where mail goes.
enum Post {
    Outbox,
    Relayed(Box<Relayed>),
    /// Straight to the recipients' servers.
    Direct(Box<Direct>),
}

impl Post {
    fn parse(ground: &Ground, url: &Secret<String>) -> Result<Self, String> {
        if Direct::is_asked_for(url) {
            return Direct::parse(url, ground.clock.clone(), ground.chance.clone())
                .map(|direct| Self::Direct(Box::new(direct)));
        }
        let relays = Relay::parse_all(url, ground.config.public_url.host())?;
        Ok(Self::Relayed(Box::new(Relayed::new(relays, ground.clock.clone()))))
    }
}

/// The postman. A clone is the same one.
#[derive(Clone)]
pub struct Postman(Arc<Inner>);

struct Inner {
    ground: Ground,
    from: Mailbox,
    post: Post,
    gateway: Gateway,
    patience: Patience,
    /// Hands that look for mail or hand some over at this moment.
    busy: AtomicUsize,
    leaving: watch::Sender<bool>,
}

/// What one turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Turn {
    /// Messages that were taken.
    pub taken: u32,
    /// Messages that are tried again later.
    pub deferred: u32,
    /// Messages that were refused for good.
    pub refused: u32,
    /// Messages that are not tried any more.
    pub given_up: u32,
}

impl Turn {
    fn count(&mut self, word: Word) {
        match word {
            Word::Taken => self.taken += 1,
            Word::Deferred => self.deferred += 1,
            Word::Refused => self.refused += 1,
            Word::GivenUp => self.given_up += 1,
        }
    }
    fn add(&mut self, other: Self) {
        self.taken += other.taken;
        self.deferred += other.deferred;
        self.refused += other.refused;
        self.given_up += other.given_up;
    }
}

impl Postman {
    /// For this configuration; or what is wrong with it, without its secrets.
    pub fn new(ground: &Ground) -> Result<Self, String> {
        Self::with_patience(ground, Patience::default())
    }
    /// The same with other time-outs, for tests.
    pub fn with_patience(ground: &Ground, patience: Patience) -> Result<Self, String> {
        let config = &ground.config;
        let (from, post) = match &config.mail {
            Some(mail) => (mail.from.clone(), Post::parse(ground, &mail.url)?),
            None => ("Doorward <doorward@localhost>".to_owned(), Post::Outbox),
        };
        Ok(Self(Arc::new(Inner {
            from: from
                .parse()
                .map_err(|_| "mail.from is no address that mail can come from")?,
            post,
            gateway: Gateway::parse(config.sms.as_ref().map(|sms| &sms.url), patience.gateway)?,
            patience,
            busy: AtomicUsize::new(0),
            leaving: watch::Sender::new(false),
            ground: ground.clone(),
        })))
    }

    /// Works until `stop`; then what is in hand is brought to its end, and nothing more is begun.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut hands = tokio::task::JoinSet::new();
        for kind in [Kind::Mail, Kind::Text] {
            for _ in 0..hands_of(kind) {
                hands.spawn(self.clone().keep_working(kind));
            }
        }
        hands.spawn(self.clone().keep_looking());
        let listener = self.0.ground.config.mail.as_ref().and_then(|mail| mail.bounces_listen);
        let listening = listener.map(|address| tokio::spawn(lmtp::listen(self.0.ground.clone(), address)));
        stop.await;
        self.0.leaving.send_replace(true);
        if let Some(listening) = listening {
            listening.abort();
        }
        hands.join_all().await;
    }

    async fn keep_working(self, kind: Kind) {
        while !self.is_leaving() {
            self.work(kind).await;
            self.rest(LOOKS_EVERY).await;
        }
    }

    async fn keep_looking(self) {
        while !self.is_leaving() {
            self.minute().await;
            self.rest(PROBES_EVERY.to_std()).await;
        }
    }

    fn is_leaving(&self) -> bool {
        *self.0.leaving.borrow()
    }

    async fn rest(&self, span: Duration) {
        let mut leaving = self.0.leaving.subscribe();
        let _ = tokio::time::timeout(span, leaving.wait_for(|leaving| *leaving)).await;
    }

    /// One turn by hand: everything that is due now is tried once.
    pub async fn turn(&self) -> Turn {
        let mut hands = tokio::task::JoinSet::new();
        for kind in [Kind::Mail, Kind::Text] {
            for _ in 0..hands_of(kind) {
                let postman = self.clone();
                hands.spawn(async move { postman.work(kind).await });
            }
        }
        let mut all = Turn::default();
        for turn in hands.join_all().await {
            all.add(turn);
        }
        all
    }

    /// One minute by hand: the look at the mail server, and old rows go.
    pub async fn minute(&self) {
        let now = self.0.ground.now();
        if let Err(error) = self.probe(now).await {
            tracing::warn!(%error, "what the mail server said could not be written");
        }
        let swept = self
            .0
            .ground
            .store
            .write(move |tx| store::sweep(tx, now, now - KEPT_FOR))
            .await;
        if let Err(error) = swept {
            tracing::warn!(%error, "old messages could not be removed; it is tried again in a minute");
        }
    }

    async fn probe(&self, now: Time) -> db::Result<()> {
        let store = &self.0.ground.store;
        let due_before = now - PROBES_EVERY + Span::seconds(5);
        if !store.write(move |tx| store::claim_probe(tx, now, due_before)).await? {
            return Ok(());
        }
        let (is_up, place, said) = match &self.0.post {
            Post::Outbox => (true, "outbox".to_owned(), String::new()),
            Post::Relayed(relayed) => match smtp::look(relayed.relays(), self.0.patience).await {
                Ok(place) => (true, place, String::new()),
                Err((place, said)) => (false, place, said),
            },
            Post::Direct(direct) => match direct.look(self.0.from.email.as_ref()).await {
                Ok(()) => (true, BY_DNS.to_owned(), String::new()),
                Err(said) => (false, BY_DNS.to_owned(), said),
            },
        };
        if is_up {
            if let Post::Relayed(relayed) = &self.0.post {
                relayed.lines().is_there();
            }
        } else {
            tracing::warn!(%place, %said, "the mail server cannot be used at this moment; mail waits");
        }
        let now = self.0.ground.now();
        store
            .write(move |tx| store::write_probe(tx, is_up, &place, &said, now))
            .await
    }

    /// Tries what is due, one after the other, until nothing is.
    async fn work(&self, kind: Kind) -> Turn {
        let mut turn = Turn::default();
        let is_mail = kind == Kind::Mail;
        self.0.busy.fetch_add(usize::from(is_mail), Ordering::AcqRel);
        while !self.is_leaving() && !self.is_paused(kind).await {
            match self.one(kind).await {
                Ok(Some(word)) => turn.count(word),
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, kind = kind.name(), "the queue could not be read or written; messages wait");
                    break;
                }
            }
        }
        // Whoever is last closes the lines: before, another hand may want them.
        if is_mail && self.0.busy.fetch_sub(1, Ordering::AcqRel) == 1 {
            match &self.0.post {
                Post::Outbox => {}
                Post::Relayed(relayed) => relayed.tidy().await,
                Post::Direct(direct) => direct.tidy().await,
            }
        }
        turn
    }

    /// Whether the mail server is being left alone. Messages that came meanwhile say so.
    async fn is_paused(&self, kind: Kind) -> bool {
        let now = self.0.ground.now();
        let pause = match (&self.0.post, kind) {
            (Post::Relayed(relayed), Kind::Mail) => relayed.lines().pause_at(now),
            _ => None,
        };
        let Some((until, said)) = pause else { return false };
        let told = self
            .0
            .ground
            .store
            .write(move |tx| store::wait_for_server(tx, kind, &said, until, now))
            .await;
        if let Err(error) = told {
            tracing::warn!(%error, "the queue could not be written; messages wait");
        }
        true
    }

    /// Claims one message, tries it, writes what came of it. None where nothing is due.
    async fn one(&self, kind: Kind) -> db::Result<Option<Word>> {
        let ground = &self.0.ground;
        let now = ground.now();
        let is_due = ground.store.read(move |view| store::is_due(view, kind, now)).await?;
        if !is_due {
            return Ok(None);
        }
        let lease = Uuid::from_bytes(ground.chance.bytes());
        let claim = ground
            .store
            .write(move |tx| store::claim(tx, kind, now, lease, now + LEASE));
        let Some(claimed) = claim.await? else { return Ok(None) };
        let outcome = self.attempt(kind, &claimed).await;
        self.settle(kind, &claimed, lease, outcome).await.map(Some)
    }

    async fn settle(&self, kind: Kind, claimed: &Claimed, lease: Uuid, outcome: Outcome) -> db::Result<Word> {
        let ground = &self.0.ground;
        let now = ground.now();
        let [jitter] = ground.chance.bytes::<1>();
        let settled = decide::settle(&claimed.facts(kind), outcome, now, jitter);
        let (id, word) = (claimed.id, settled.word);
        metrics::counter!("doorward_messages_total", "kind" => kind.name(), "outcome" => settled.step).increment(1);
        tracing::info!(message = %id, kind = kind.name(), state = word.name(), tries = settled.tries, "message tried");
        let mut left = 3;
        loop {
            let settled = settled.clone();
            match ground
                .store
                .write(move |tx| store::settle(tx, id, lease, &settled, now))
                .await
            {
                Ok(true) => return Ok(word),
                Ok(false) => {
                    tracing::warn!(message = %id, "another try of this message was begun before this one had ended");
                    return Ok(word);
                }
                // What was handed over must be known, or it is handed over again after the lease.
                Err(error) if left == 0 => return Err(error),
                Err(_) => left -= 1,
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn attempt(&self, kind: Kind, claimed: &Claimed) -> Outcome {
        let ground = &self.0.ground;
        if ground.now() >= claimed.ends_at {
            return Outcome::Late;
        }
        let body = claimed.sealed.as_deref().and_then(|sealed| Body::open(ground, sealed));
        let Some(body) = body else {
            let said = "what it says could not be opened with the keys of this server".into();
            return Outcome::Refused { said };
        };
        match kind {
            Kind::Mail => self.send_mail(claimed, &body).await,
            Kind::Text => self.send_text(claimed, &body).await,
        }
    }

    async fn send_mail(&self, claimed: &Claimed, body: &Body) -> Outcome {
        let mail = match mime::compose(&self.0.from, &claimed.recipient, claimed.id, claimed.made_at, body) {
            Ok(mail) => mail,
            Err(said) => return Outcome::Refused { said },
        };
        let patience = self.0.patience;
        match &self.0.post {
            Post::Outbox => self.drop_into_outbox(Kind::Mail, claimed, mail.bytes).await,
            Post::Relayed(relayed) => Box::pin(relayed.send(&mail, patience)).await,
            Post::Direct(direct) => Box::pin(direct.send(&mail, patience)).await,
        }
    }

    async fn send_text(&self, claimed: &Claimed, body: &Body) -> Outcome {
        let ground = &self.0.ground;
        let text = Text {
            id: claimed.id,
            purpose: &claimed.purpose,
            to: &claimed.recipient,
            words: &body.text,
            at: claimed.made_at,
            callback: callback(ground, claimed.id),
        };
        match &self.0.gateway {
            Gateway::Outbox => {
                let bytes = format!("{}\n", body.text).into_bytes();
                self.drop_into_outbox(Kind::Text, claimed, bytes).await
            }
            Gateway::Twilio(twilio) => twilio.send(&text).await,
            Gateway::Webhook(webhook) => webhook.send(&text, ground.now()).await,
        }
    }

    async fn drop_into_outbox(&self, kind: Kind, claimed: &Claimed, bytes: Vec<u8>) -> Outcome {
        let ground = &self.0.ground;
        let (folder, now, to) = (ground.config.outbox_dir(), ground.now(), claimed.recipient.clone());
        let written = tokio::task::spawn_blocking(move || outbox::write(&folder, now, kind, &to, &bytes)).await;
        match written {
            Ok(Ok(name)) => Outcome::Taken {
                by: "outbox".into(),
                said: name,
            },
            Ok(Err(error)) => Outcome::Deferred {
                said: format!("the outbox cannot be written: {error}"),
            },
            Err(_) => Outcome::Deferred {
                said: "the outbox cannot be written".into(),
            },
        }
    }
}

/// Where a gateway tells what became of this message. Also what it signs, so both sides must spell it alike.
pub(super) fn callback(ground: &Ground, id: MessageId) -> String {
    ground
        .config
        .public_url
        .join(&format!("/delivery/twilio/status?message={id}"))
}

const fn hands_of(kind: Kind) -> usize {
    match kind {
        Kind::Mail => MAIL_HANDS,
        Kind::Text => TEXT_HANDS,
    }
}
