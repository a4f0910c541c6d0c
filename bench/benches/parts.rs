//! Benches of single parts without a store: the hash bare and through the pool, tokens, judging a session, lanes, the journal's digest.
use anyhow::{Context, Result, anyhow};
use bench::argon::Bare;
use criterion::Criterion;
use factors::{
    Asker, Cost, Password, Pool, Setting,
    decide::{Facts, Lane, reserve},
};
use ground::{context::system_chance, journal::Line, keys::Keys};
use kernel::{Event, EventKind, OrganisationId, Outcome, PersonId, SessionId, Span, Stream, Time};
use organisations::SessionPolicy;
use sessions::{
    Opened,
    decide::{Session, judge},
};
use std::hint::black_box;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

const NOW: Time = Time::from_seconds(1_795_511_642);

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    hashes(&mut criterion, &runtime)?;
    decisions(&mut criterion);
    digests(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// What the pool adds to the bare hash: the hand-over to its thread, the pepper, the comparison.
fn hashes(criterion: &mut Criterion, runtime: &Runtime) -> Result<()> {
    let mut group = criterion.benchmark_group("hash");
    group.sample_size(20);
    let mut bare = Bare::new()?;
    group.bench_function("argon2 bare", |b| {
        b.iter(|| bare.hash(b"quiet lantern over the mill").is_ok());
    });

    let keys = Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).context("keys")?;
    let setting = Setting {
        cost: Cost::OWASP,
        ..Setting::for_cores(1)
    };
    let pool = Pool::start(setting, keys, system_chance(), None)?;
    let password = Password::parse("quiet lantern over the mill").map_err(|reason| anyhow!("{}", reason.id()))?;
    let stored = runtime.block_on(async {
        let mut slot = pool.admit(stranger()).await.map_err(|_| anyhow!("the pool is full"))?;
        anyhow::Ok(slot.hash(password.clone()).await?)
    })?;
    group.bench_function("admission and verify through the pool", |b| {
        b.iter(|| {
            runtime.block_on(async {
                let mut slot = pool.admit(stranger()).await.ok()?;
                slot.verify(password.clone(), Some(stored.clone())).await.ok()
            })
        });
    });
    group.finish();
    Ok(())
}

fn stranger() -> Asker {
    Asker {
        known_device: None,
        network: vec![192, 0, 2, 7],
    }
}

fn decisions(criterion: &mut Criterion) {
    let session = Session {
        id: SessionId(Uuid::from_u128(1)),
        person: PersonId(Uuid::from_u128(2)),
        organisation: OrganisationId(Uuid::from_u128(3)),
        device: None,
        device_label: "Firefox on Linux".into(),
        network: "192.0.2.7".into(),
        is_shared: false,
        deployment_epoch: 1,
        opened_at: NOW - Span::hours(1),
        seen_at: NOW - Span::minutes(2),
        proved_at: NOW - Span::hours(1),
        methods: "pwd".into(),
        fresh: "pwd".into(),
        was_away: false,
        unlock_failures: 0,
        ended_at: None,
        ended_why: None,
    };
    let policy = SessionPolicy::from_minutes(None, None);
    criterion.bench_function("decide/session judge", |b| {
        b.iter(|| judge(black_box(&session), policy, 1, NOW));
    });

    let failed = Lane {
        run: 4,
        total: 9,
        failed_at: NOW - Span::minutes(1),
        window_at: NOW - Span::minutes(5),
        ..Lane::default()
    };
    let facts = Facts::Stranger {
        address: failed,
        network: failed,
    };
    criterion.bench_function("decide/lanes reserve", |b| b.iter(|| reserve(black_box(&facts), NOW)));
}

fn digests(criterion: &mut Criterion) {
    let chance = system_chance();
    criterion.bench_function("token/draw", |b| b.iter(|| Opened::draw(NOW, &chance)));
    let opened = Opened::draw(NOW, &chance);
    criterion.bench_function("token/hash", |b| b.iter(|| black_box(&opened).token_hash()));

    let person = PersonId(Uuid::from_u128(2));
    let event = Event::new(
        Stream::Organisation(OrganisationId(Uuid::from_u128(3))),
        NOW,
        EventKind::SignedIn,
        Outcome::Allowed,
        &chance,
    )
    .by(person)
    .from(None, "Firefox on Linux", "192.0.2.7");
    criterion.bench_function("journal/line with its digest", |b| {
        b.iter(|| Line::new(black_box(&event)));
    });
    let line = Line::new(&event);
    criterion.bench_function("journal/digest alone", |b| {
        b.iter(|| black_box(&line).computed_digest());
    });
}
