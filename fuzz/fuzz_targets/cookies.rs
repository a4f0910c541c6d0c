//! Whatever a browser may send as cookies, to the whole house: nothing may crash, nothing but the very token opens a session, and no other cookie,
//! torn, doubled or stale, keeps anyone out. The bytes 1 to 4 in an input stand for cookies that are good, so that their neighbours are reached.
#![no_main]

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Request, StatusCode, header},
};
use ground::cookies::{Cookies, SESSION};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tokio::runtime::Runtime;
use tower::ServiceExt;
use world::{Engine, World};

/// A house with somebody in it, and somebody at its second factor.
struct House {
    runtime: Runtime,
    router: Router,
    host: String,
    session: String,
    /// What the bytes 1 to 4 stand for.
    good: [String; 4],
    _world: World,
}

static HOUSE: LazyLock<House> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let (world, good) = runtime.block_on(async {
        let world = World::start(Engine::Sqlite, "fuzz").await;
        let (_, inside) = world.with_owner_inside().await;
        let door = world.browser();
        door.get("/sign-in?next=/app/activity").await;
        let sealed = door.cookie("flow").expect("a sealed flow");
        // Somebody else's, for a session without the factor that its person has is none.
        let ana = world.person("ana").await;
        world.with_app(&ana).await;
        ana.sign_in(&door).await;
        let stored = door.cookie("flow").expect("a stored flow");
        let of = |name| inside.cookie(name).expect("a cookie of somebody inside");
        let good = [of("session"), of("device"), sealed, stored];
        (world, good)
    });
    House {
        runtime,
        router: world.app().router(),
        host: world.origin().trim_start_matches("http://").to_owned(),
        session: good[0].clone(),
        good,
        _world: world,
    }
});

/// The lines of an input as lines of cookies; what cannot be a header at all is left out.
fn lines(house: &House, input: &[u8]) -> Vec<HeaderValue> {
    let line = |line: &[u8]| {
        let filled: Vec<u8> = line
            .iter()
            .flat_map(|byte| match byte {
                1..=4 => house.good[usize::from(*byte) - 1].clone().into_bytes(),
                other => vec![*other],
            })
            .collect();
        HeaderValue::from_bytes(&filled).ok()
    };
    input.split(|byte| *byte == b'\n').take(20).filter_map(line).collect()
}

fn ask(house: &House, path: &str, cookies: &[HeaderValue]) -> (StatusCode, HeaderMap) {
    let mut request = Request::get(path).header(header::HOST, &house.host).body(Body::empty()).expect("a request");
    for line in cookies {
        request.headers_mut().append(header::COOKIE, line.clone());
    }
    let answered = house.runtime.block_on(house.router.clone().oneshot(request)).expect("an answer");
    assert!(!answered.status().is_server_error(), "{path}: {}", answered.status());
    (answered.status(), answered.headers().clone())
}

fuzz_target!(|input: &[u8]| {
    let house = &*HOUSE;
    let mut cookies = lines(house, input);
    let mut headers = HeaderMap::new();
    for line in &cookies {
        headers.append(header::COOKIE, line.clone());
    }
    let _ = Cookies::new(true).any(&headers);
    let shown = Cookies::new(false).all(&headers, SESSION);
    let is_in = shown.contains(&house.session);
    let (status, _) = ask(house, "/app", &cookies);
    assert_eq!(status, if is_in { StatusCode::OK } else { StatusCode::SEE_OTHER }, "with {shown:?}");
    let (status, answer) = ask(house, "/sign-in", &cookies);
    assert!(is_in || status == StatusCode::OK, "the door: {status}");
    assert!(is_in || answer.get_all(header::SET_COOKIE).iter().any(|line| line.as_bytes().starts_with(b"doorward_flow=")));
    ask(house, "/sign-in/factor", &cookies);
    if !is_in && shown.len() < 31 {
        let name = Cookies::new(false).name(SESSION);
        cookies.push(HeaderValue::from_str(&format!("{name}={}", house.session)).expect("a cookie"));
        let (status, _) = ask(house, "/app", &cookies);
        assert_eq!(status, StatusCode::OK, "kept out by {shown:?}");
    }
});
