//! A post office for tests: a ground on a fresh store of either engine, a clock that is set by hand, letters to post.
use crate::{
    Ground,
    config::{Config, Mail, Sms},
    db::{self, Migration, Options, Store, migrate},
    delivery::{self, Letter, Patience, Postman, Purpose, State, TextMessage, store},
    keys::Keys,
};
use kernel::{Chance, MessageId, Organisation, OrganisationId, Secret, Span, Time};
use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

pub const START: Time = Time::from_seconds(1_795_511_642);
pub const ORG: Organisation = Organisation(OrganisationId(Uuid::from_u128(0xa1)));
const MIGRATIONS: &[Migration] = &[Migration {
    id: 7,
    name: "delivery",
    sql: include_str!("../../../../../migrations/0007_delivery.sql"),
    postgres_only: false,
}];
/// Short, so that a server that hangs costs a test little.
pub const SHORT: Patience = Patience {
    open: Duration::from_millis(700),
    command: Duration::from_millis(400),
    data: Duration::from_millis(400),
    gateway: Duration::from_millis(700),
};

/// A post office. Removed when dropped.
pub struct Office {
    pub store: Store,
    pub folder: PathBuf,
    database: Option<(String, String)>,
    now: Arc<AtomicI64>,
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if let Some((server, name)) = &self.database {
            tell(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// One on each engine there is.
pub async fn offices() -> Vec<Office> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "doorward_post_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let office = |store, suffix: &str, database| {
        let folder = std::env::temp_dir().join(format!("{name}{suffix}"));
        let now = Arc::new(AtomicI64::new(START.micros()));
        Office {
            store,
            folder,
            database,
            now,
        }
    };
    let folder = std::env::temp_dir().join(&name);
    std::fs::create_dir_all(&folder).unwrap();
    let store = Store::sqlite(&folder.join("store.db"), &Options::default()).unwrap();
    let mut all = vec![office(store, "", None)];
    if let Some(server) = std::env::var("DOORWARD_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
    {
        tell(
            &server,
            format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"),
        );
        let (base, _) = server.rsplit_once('/').unwrap();
        let options = Options {
            writers: 8,
            readers: 2,
            ..Options::default()
        };
        let store = Store::postgres(&format!("{base}/{name}"), &options).unwrap();
        all.push(office(store, "-pg", Some((server, name.clone()))));
    }
    for office in &all {
        migrate(&office.store, MIGRATIONS).await.unwrap();
    }
    all
}

/// The first of them, where the engine does not matter.
pub async fn office() -> Office {
    offices().await.remove(0)
}

/// The synchronous client brings a runtime of its own, which must not stand inside another: so, a thread.
fn tell(server: &str, statement: String) {
    let server = server.to_owned();
    let told =
        std::thread::spawn(move || postgres::Client::connect(&server, postgres::NoTls)?.batch_execute(&statement));
    told.join().unwrap().unwrap();
}

fn chance() -> Chance {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Chance::new(|out| {
        let n = NEXT
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .to_be_bytes();
        out.iter_mut().zip(n.iter().cycle()).for_each(|(to, from)| *to = *from);
    })
}

impl Office {
    pub fn ground(&self, change: impl FnOnce(&mut Config)) -> Ground {
        let mut config = Config::defaults_in(self.folder.clone());
        change(&mut config);
        let now = self.now.clone();
        let clock: kernel::Clock = Arc::new(move || Time::from_micros(now.load(Ordering::SeqCst)));
        let keys = Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap();
        Ground::new(config, self.store.clone(), clock, chance(), keys)
    }
    /// Whose mail goes to these servers.
    pub fn postman(&self, servers: &[SocketAddr]) -> Postman {
        let urls: Vec<String> = servers.iter().map(|at| format!("smtp://{at}?tls=none")).collect();
        self.postman_of(&urls.join(" "))
    }
    pub fn postman_of(&self, url: &str) -> Postman {
        let ground = self.ground(|config| {
            config.mail = Some(Mail {
                url: Secret::new(url.to_owned()),
                from: "Doorward <door@example.org>".into(),
                bounces_listen: None,
            });
        });
        Postman::with_patience(&ground, SHORT).unwrap()
    }
    pub fn texting(&self, url: &str) -> Postman {
        let ground = self.ground(|config| {
            config.sms = Some(Sms {
                url: Secret::new(url.to_owned()),
            });
        });
        Postman::with_patience(&ground, SHORT).unwrap()
    }
    pub fn now(&self) -> Time {
        Time::from_micros(self.now.load(Ordering::SeqCst))
    }
    pub fn advance(&self, span: Span) {
        self.now.fetch_add(span.as_micros(), Ordering::SeqCst);
    }
    pub async fn post(&self, to: &str) -> MessageId {
        self.post_as(to, Purpose::Reset, None).await
    }
    pub async fn post_as(&self, to: &str, purpose: Purpose, ends_at: Option<Time>) -> MessageId {
        let ground = self.ground(|_| {});
        let letter = Letter {
            id: MessageId::new(self.now(), &ground.chance),
            to: to.into(),
            organisation: Some(ORG.0),
            person: None,
            asked_by: None,
            purpose,
            subject: "Your way back in".into(),
            text: "Go to http://localhost:8080/reset?token=SECRETLINK\n.\nEnd\n".into(),
            html: "<p>SECRETLINK</p>".into(),
            at: self.now(),
            ends_at,
        };
        let id = letter.id;
        self.store
            .write(move |tx| delivery::post(tx, &ground, &letter))
            .await
            .unwrap();
        id
    }
    pub async fn post_text(&self, to: &str) -> MessageId {
        let ground = self.ground(|_| {});
        let message = TextMessage {
            id: MessageId::new(self.now(), &ground.chance),
            to: to.into(),
            organisation: Some(ORG.0),
            person: None,
            asked_by: None,
            purpose: Purpose::Code,
            text: "12345678 is your code".into(),
            at: self.now(),
            ends_at: Some(self.now() + Span::minutes(5)),
        };
        let id = message.id;
        self.store
            .write(move |tx| delivery::post_text(tx, &ground, &message))
            .await
            .unwrap();
        id
    }
    pub async fn state(&self, id: MessageId) -> State {
        self.store
            .read(move |view| delivery::state(view, id))
            .await
            .unwrap()
            .unwrap()
    }
    /// The words of its history: `deferred`, `taken`.
    pub async fn history(&self, id: MessageId) -> Vec<String> {
        let steps = self
            .store
            .read(move |view| store::history(view, ORG, id))
            .await
            .unwrap();
        steps.into_iter().map(|(_, what, _)| what).collect()
    }
    /// Whether what it says is still kept.
    pub async fn is_kept(&self, id: MessageId) -> bool {
        let sealed: db::Result<Option<Vec<u8>>> = self
            .store
            .read(move |view| view.one("SELECT sealed FROM message WHERE id = ?1", &[&id]))
            .await;
        sealed.unwrap().is_some()
    }
}
