//! The front of the house, request by request: what is let through, what is turned away, and what stands on every answer.
use super::{Peer, wrap};
use crate::health;
use axum::{
    Extension, Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, Response, StatusCode},
    routing::{get, post},
};
use ground::{
    Ground,
    client::Client,
    config::Config,
    db::{Options, Store},
    keys::Keys,
};
use http_body_util::BodyExt;
use kernel::{Chance, Time};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};
use tower::ServiceExt;

/// A house of a few rooms behind the real front, on a store of its own.
pub struct Small {
    pub router: Router,
    pub ground: Ground,
    folder: PathBuf,
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Bytes that never repeat and need no machine's entropy.
fn counting() -> Chance {
    let count = AtomicU64::new(1);
    Chance::new(move |out| {
        for byte in out {
            *byte = u8::try_from(count.fetch_add(1, Relaxed) % 251).unwrap();
        }
    })
}

impl Small {
    pub fn house(change: impl FnOnce(&mut Config)) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("doorward-front-{}-{}", std::process::id(), MADE.fetch_add(1, Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut config = Config::defaults_in(folder.clone());
        change(&mut config);
        let store = Store::sqlite(&folder.join("doorward.db"), &Options::default()).unwrap();
        let keys = Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap();
        let clock: kernel::Clock = Arc::new(|| Time::from_seconds(1_795_511_642));
        let ground = Ground::new(config, store, clock, counting(), keys);
        let rooms = Router::new()
            .route(
                "/app",
                get(async || "home").post(async |body: Bytes| body.len().to_string()),
            )
            .route("/app/settings/logo", post(async |body: Bytes| body.len().to_string()))
            .route("/api/v1/me", get(async || "{}"))
            .route(
                "/who",
                get(async |Extension(client): Extension<Client>| client.network()),
            )
            .route(
                "/kept",
                get(async || ([("cache-control", "public, max-age=60")], "asset")),
            )
            .route("/falls", get(async || -> &'static str { panic!("hunter2") }))
            .merge(health::routes(ground.clone()).into_parts().0);
        Self {
            router: wrap(rooms, &ground),
            ground,
            folder,
        }
    }
    pub fn https() -> Self {
        Self::house(|config| config.public_url = "https://door.example.org".parse().unwrap())
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let (peer, host) = (
            "203.0.113.9".parse().unwrap(),
            self.ground.config.public_url.authority().to_owned(),
        );
        let mut request = request;
        request.headers_mut().entry("host").or_insert(host.parse().unwrap());
        request.extensions_mut().insert(Peer {
            address: peer,
            is_tls: false,
        });
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }
    async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }
    async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let origin = self.ground.config.public_url.as_str();
        self.ask(Request::post(path).header("origin", origin).body(body.into()).unwrap())
            .await
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let house = Small::https();
    let mut answers = vec![house.post("/app", vec![0; 100_000]).await];
    for path in [
        "/app",
        "/nowhere",
        "/falls",
        "/kept",
        "/api/v1/me",
        "/api/v1/nowhere",
        "/healthz",
        "/metrics",
    ] {
        answers.push(house.get(path).await);
    }
    answers.push(
        house
            .ask(
                Request::get("/app")
                    .header("host", "evil.example")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await,
    );
    answers.push(
        house
            .ask(
                Request::post("/app")
                    .header("origin", "https://evil.example")
                    .body(Body::empty())
                    .unwrap(),
            )
            .await,
    );
    for answer in answers {
        assert!(
            answer
                .header("content-security-policy")
                .contains("frame-ancestors 'none'"),
            "{}",
            answer.status
        );
        assert!(!answer.header("content-security-policy").contains("unsafe-inline"));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
        ] {
            assert_eq!(answer.header(name), value, "{} {name}", answer.status);
        }
        assert!(!answer.header("permissions-policy").is_empty());
        assert_eq!(answer.header("x-request-id").len(), 36);
        let is_kept = answer.header("cache-control").starts_with("public");
        assert!(is_kept == (answer.body == "asset") && (is_kept || answer.header("cache-control") == "no-store"));
    }
    let plain = Small::house(|_| {});
    assert!(
        !plain
            .get("/app")
            .await
            .headers
            .contains_key("strict-transport-security")
    );
}

#[tokio::test]
async fn a_fault_is_a_page_with_its_number_and_nothing_from_inside() {
    let house = Small::https();
    let answer = house.get("/falls").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        answer.body.contains(answer.header("x-request-id")) && !answer.body.contains("hunter2"),
        "{}",
        answer.body
    );
    assert_eq!(house.get("/app").await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_host_gets_a_page_that_leads_here_but_probes_are_answered() {
    let house = Small::https();
    let asked = |path: &str| {
        Request::get(path)
            .header("host", "10.1.2.3:8080")
            .body(Body::empty())
            .unwrap()
    };
    let answer = house.ask(asked("/app")).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(
        answer.body.contains("href=\"https://door.example.org"),
        "{}",
        answer.body
    );
    assert_eq!(
        house.ask(asked("/api/v1/me")).await.header("content-type"),
        "application/problem+json"
    );
    assert_eq!(house.ask(asked("/healthz")).await.status, StatusCode::OK);
    assert_eq!(house.ask(asked("/readyz")).await.status, StatusCode::OK);
    assert_eq!(
        house.ask(asked("/healthz/")).await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
}

#[tokio::test]
async fn what_is_not_there_looks_alike_in_every_spelling() {
    let house = Small::https();
    let unknown = house.get("/nowhere").await;
    assert_eq!(
        (unknown.status, unknown.header("content-type")),
        (StatusCode::NOT_FOUND, "text/html; charset=utf-8")
    );
    for path in [
        "//app",
        "/app/",
        "/APP",
        "/app%2f",
        "/./app",
        "/%61pp",
        "/app//",
        "/x/../app",
        "/app;x",
        "/metrics",
    ] {
        let answer = house.get(path).await;
        assert_eq!(
            (answer.status, &answer.body),
            (StatusCode::NOT_FOUND, &unknown.body),
            "{path}"
        );
    }
    let problem = house.get("/api/v1/nowhere").await;
    assert_eq!(
        (problem.status, problem.header("content-type")),
        (StatusCode::NOT_FOUND, "application/problem+json")
    );
    assert!(
        problem.body.contains("https://doorward.example/problems/not-found"),
        "{}",
        problem.body
    );
}

#[tokio::test]
async fn a_method_that_is_not_there_is_405_with_those_that_are() {
    let house = Small::https();
    for method in [
        Method::DELETE,
        Method::TRACE,
        Method::OPTIONS,
        Method::from_bytes(b"BREW").unwrap(),
    ] {
        let origin = house.ground.config.public_url.as_str();
        let asked = Request::builder()
            .method(method.clone())
            .uri("/app")
            .header("origin", origin)
            .body(Body::empty())
            .unwrap();
        let answer = house.ask(asked).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.header("allow"), "GET,HEAD,POST", "{method}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    let override_tried = Request::get("/api/v1/me")
        .header("x-http-method-override", "DELETE")
        .header("x-original-url", "/app")
        .body(Body::empty());
    assert_eq!(house.ask(override_tried.unwrap()).await.body, "{}");
}

#[tokio::test]
async fn a_body_is_bounded_whatever_it_says_about_itself() {
    let house = Small::https();
    assert_eq!(house.post("/app", vec![b'x'; 64 * 1024]).await.body, "65536");
    let large = house.post("/app", vec![b'x'; 64 * 1024 + 1]).await;
    assert_eq!(
        (large.status, large.header("content-type")),
        (StatusCode::PAYLOAD_TOO_LARGE, "text/html; charset=utf-8")
    );
    assert_eq!(
        house.post("/app/settings/logo", vec![b'x'; 100_000]).await.body,
        "100000"
    );
    assert_eq!(
        house.post("/app/settings/logo", vec![b'x'; 140_000]).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(
        house.post("/app", vec![b'x'; 8 * 1024 * 1024]).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let problem = house.post("/api/v1/me", vec![b'x'; 100_000]).await;
    assert_eq!(
        (problem.status, problem.header("content-type")),
        (StatusCode::PAYLOAD_TOO_LARGE, "application/problem+json")
    );
}

#[tokio::test]
async fn a_head_that_is_too_large_gets_a_page() {
    let house = Small::https();
    let asked = Request::get("/app")
        .header("x-large", "x".repeat(17 * 1024))
        .body(Body::empty())
        .unwrap();
    let answer = house.ask(asked).await;
    assert_eq!(answer.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
}

#[tokio::test]
async fn a_form_of_another_site_is_not_carried_out() {
    let house = Small::https();
    let form = |origin: &str| {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        Request::post("/app")
            .header(kind.0, kind.1)
            .header("origin", origin)
            .body(Body::from("a=b"))
            .unwrap()
    };
    assert_eq!(
        house.ask(form("https://evil.example")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(house.ask(form("https://door.example.org")).await.body, "3");
}

#[tokio::test]
async fn the_client_behind_a_named_proxy_is_seen_and_behind_others_is_not() {
    let asked = || {
        Request::get("/who")
            .header("x-forwarded-for", "198.51.100.7")
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(Small::https().ask(asked()).await.body, "203.0.113.9");
    let behind = Small::house(|config| {
        config.public_url = "https://door.example.org".parse().unwrap();
        config.trusted_proxies = vec!["203.0.113.0/24".parse().unwrap()];
    });
    assert_eq!(behind.ask(asked()).await.body, "198.51.100.7");
}

#[tokio::test]
async fn ready_says_no_once_the_store_is_closed_and_the_process_still_lives() {
    let house = Small::https();
    house.ground.store.close().await;
    assert_eq!(house.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(house.get("/healthz").await.body, "ok");
}
