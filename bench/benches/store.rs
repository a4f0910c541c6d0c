//! Benches over a real SQLite store on the disk: letting somebody in, writing "last seen", and the sign-in page through the whole router.
use anyhow::{Result, anyhow};
use axum::{body::Body, http::Request};
use bench::{
    furnish::{admitted, asked, furnish, open},
    place::Place,
};
use criterion::Criterion;
use doorward::App;
use factors::Cost;
use ground::{Door, Ground, context::system_clock};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let cheap = Cost::new(8, 1, 1).ok_or_else(|| anyhow!("argon2 refuses its least cost"))?;
    let place = Place::new(None)?;
    let tokens = furnish(&runtime, &place, cheap, 1_000, 1)?;
    let ground = runtime.block_on(open(place.config()?))?;
    if let Some(token) = tokens.first() {
        rows(&mut criterion, &runtime, &ground, token)?;
        requests(&mut criterion, &runtime, &ground, token, cheap)?;
    }
    runtime.block_on(ground.store.close());
    criterion.final_summary();
    Ok(())
}

fn rows(criterion: &mut Criterion, runtime: &Runtime, ground: &Ground, token: &str) -> Result<()> {
    let (door, _) = sessions::door_and_opener(Arc::new(roles::Rules));
    let door: Arc<dyn Door> = Arc::new(door);
    criterion.bench_function("store/empty read", |b| {
        b.iter(|| runtime.block_on(ground.store.read(|_| Ok::<_, ground::db::Error>(()))));
    });
    criterion.bench_function("store/point read", |b| {
        b.iter(|| {
            runtime.block_on(
                ground
                    .store
                    .read(|view| people::by_email(view, kernel::Deployment, "person-0000500@crowd.example")),
            )
        });
    });
    criterion.bench_function("store/session check, all its statements", |b| {
        b.iter(|| runtime.block_on(admitted(&ground.store, door.clone(), token)));
    });
    let caller = runtime.block_on(admitted(&ground.store, door.clone(), token))?;
    criterion.bench_function("store/session touch, durable", |b| {
        b.iter(|| {
            let (door, caller, now) = (door.clone(), caller.clone(), system_clock()());
            runtime.block_on(ground.store.write(move |tx| door.touch(tx, &caller, now)))
        });
    });
    let asked = asked(token);
    criterion.bench_function("store/session check within one transaction", |b| {
        b.iter_custom(|times| {
            let (door, asked, now) = (door.clone(), asked.clone(), system_clock()());
            let timed = ground.store.read(move |view| {
                let began = std::time::Instant::now();
                for _ in 0..times {
                    let _ = std::hint::black_box(door.admit(view, &asked, now)?);
                }
                Ok::<_, ground::db::Error>(began.elapsed())
            });
            runtime.block_on(timed).unwrap_or_default()
        });
    });
    Ok(())
}

fn requests(criterion: &mut Criterion, runtime: &Runtime, ground: &Ground, token: &str, cost: Cost) -> Result<()> {
    let app = runtime.block_on(App::on(ground.clone(), cost))?;
    let host = ground.config.public_url.authority().to_owned();
    let request = |path: &str| {
        let cookie = format!("doorward_session={token}");
        Request::get(path)
            .header("host", &host)
            .header("cookie", cookie)
            .body(Body::empty())
    };
    for (name, path, has_session) in [
        ("request/the sign-in page", "/sign-in", false),
        ("request/a health check", "/healthz", false),
        ("request/a session check", "/api/v1/me", true),
        ("request/Home", "/app", true),
    ] {
        let ask = || {
            let mut request = request(path).unwrap_or_default();
            if !has_session {
                request.headers_mut().remove("cookie");
            }
            runtime.block_on(app.router().oneshot(request))
        };
        let status = ask()?.status();
        anyhow::ensure!(status == 200, "{path} is answered {status}");
        criterion.bench_function(name, |b| b.iter(ask));
    }
    Ok(())
}
