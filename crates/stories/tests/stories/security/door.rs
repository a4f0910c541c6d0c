//! Set-up that never closed, accounts that were always there, lock-outs turned on their owner, answers that tell who has an account.
use super::{WRONG, try_in};
use std::time::{Duration, Instant};
use world::{Method, ORGANISATION, OWNER, PASSWORD, Page, Span, World};

const OWNER_FORM: [(&str, &str); 4] = [
    ("organisation", "Evil"),
    ("name", "Eve"),
    ("email", "eve@evil.example"),
    ("password", PASSWORD),
];

/// Spellings of `/setup` that some server, proxy or framework somewhere takes for it.
const SPELLINGS: [&str; 16] = [
    "/setup",
    "/setup/",
    "/setup/x",
    "//setup",
    "/SETUP",
    "/Setup",
    "/setup;a",
    "/setup%2f",
    "/./setup",
    "/x/../setup",
    "/setup.html",
    "/%73etup",
    "/setup%00",
    "/setup?",
    "/setup?token=",
    "/setup#x",
];

async fn every_spelling_is_unknown(world: &World, token: &str) {
    let unknown = world.raw_request("GET", "/no-such-path", "").await;
    assert_eq!(unknown.code, 404);
    for spelling in SPELLINGS {
        let target = if spelling.contains('?') {
            spelling.to_owned()
        } else {
            format!("{spelling}?token={token}")
        };
        let target = target.replace('#', "%23");
        for (method, headers) in [
            ("GET", String::new()),
            (
                "POST",
                format!(
                    "Origin: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                    world.origin()
                ),
            ),
        ] {
            let answer = world.raw_request(method, &target, &headers).await;
            assert_eq!((answer.code, &answer.body), (404, &unknown.body), "{method} {target}");
        }
    }
    for header in [
        "X-Original-URL: /setup",
        "X-Rewrite-URL: /setup",
        "X-HTTP-Method-Override: POST",
        "X-Forwarded-Uri: /setup",
        "X-Forwarded-Prefix: /setup",
    ] {
        let answer = world
            .raw_request("GET", "/no-such-path", &format!("{header}\r\n"))
            .await;
        assert_eq!((answer.code, &answer.body), (404, &unknown.body), "{header}");
    }
}

/// Paths that other products left open.
const LEFT_OPEN: [&str; 48] = [
    "/debug",
    "/debug/pprof",
    "/debug/pprof/heap",
    "/debug/vars",
    "/pprof",
    "/actuator",
    "/actuator/env",
    "/actuator/heapdump",
    "/metrics/",
    "/prometheus",
    "/admin",
    "/admin/",
    "/console",
    "/server-status",
    "/server-info",
    "/status",
    "/info",
    "/env",
    "/config",
    "/.env",
    "/.git/config",
    "/.git/HEAD",
    "/backup",
    "/backup.zip",
    "/backup.tar.gz",
    "/dump",
    "/dump.sql",
    "/database.sql",
    "/doorward.db",
    "/doorward-data/doorward.db",
    "/master.key",
    "/doorward.toml",
    "/docs",
    "/swagger",
    "/swagger-ui",
    "/swagger-ui.html",
    "/api/docs",
    "/redoc",
    "/graphql",
    "/graphiql",
    "/trace",
    "/logs",
    "/log",
    "/test",
    "/phpinfo.php",
    "/wp-login.php",
    "/.well-known/",
    "/cgi-bin/",
];

world::stories! {
    async fn s01_setup_is_gone_for_good_in_every_spelling(world) {
        let path = world.setup_path().await.expect("no owner yet");
        let token = path.split_once("token=").expect("a token").1.to_owned();
        let (_, browser) = world.with_owner_inside().await;
        every_spelling_is_unknown(&world, &token).await;
        world.restart().await;
        every_spelling_is_unknown(&world, &token).await;
        assert!(world.setup_path().await.is_none());
        let page = browser.post(&format!("/setup?token={token}"), &OWNER_FORM).await;
        assert_eq!(page.code(), 404, "a signed-in owner can set up again");
        let log = browser.get("/api/v1/events?kind=owner-created").await.json();
        assert_eq!(log["items"].as_array().unwrap().len(), 1);
    }

    async fn s01_other_methods_at_setup_are_unknown_too(world) {
        world.with_owner().await;
        for method in ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let at_setup = world.raw_request(method, "/setup", "").await;
            let unknown = world.raw_request(method, "/no-such-path", "").await;
            assert_eq!((at_setup.code, at_setup.header("allow")), (unknown.code, unknown.header("allow")), "{method}");
        }
    }

    async fn s02_there_is_no_default_account_and_links_differ(world) {
        let first = world.setup_path().await.expect("no owner yet");
        let second = world.setup_path().await.expect("no owner yet");
        assert_ne!(first, second);
        let token = first.split_once("token=").expect("a token").1;
        assert!(token.len() >= 43, "fewer than 256 bits: {token}");
        for user in ["admin", "admin@localhost", "root", "admin@example.com", "owner", "doorward", "admin@doorward.example"] {
            for password in ["admin", "password", "doorward", "changeme", ""] {
                let page = try_in(&world.browser_at(3), user, password).await;
                assert!([422, 429].contains(&page.code()), "{user}: {}", page.code());
            }
        }
    }

    async fn s16_every_spelling_of_an_address_counts_in_one_lane(world) {
        let (owner, _) = world.with_owner_inside().await;
        let spellings = [OWNER, "OLIVE@NORTHWIND.EXAMPLE", " olive@northwind.example", "olive@northwind.example ", "Olive@Northwind.Example", "ｏｌｉｖｅ@northwind.example", "olive@ＮＯＲＴＨＷＩＮＤ.example", "olive@northwind.example\t", "oLIVE@northwind.example", "olive@NORTHWIND.example"];
        for (n, spelling) in spellings.iter().enumerate() {
            let page = try_in(&world.browser_at(10), spelling, WRONG).await;
            assert_eq!(page.code(), 422, "try {n}");
        }
        assert_eq!(owner.sign_in(&world.browser_at(11)).await.code(), 422, "ten failures over ten spellings did not lock");
    }

    async fn s18_nobody_can_lock_the_owner_out(world) {
        let (owner, known) = world.with_owner_inside().await;
        known.post("/sign-out", &[]).await;
        for n in 0..100 {
            try_in(&world.browser_at(20 + n / 50), OWNER, WRONG).await;
        }
        assert_eq!(owner.sign_in(&known).await.code(), 303);
    }

    async fn s19_known_and_unknown_addresses_get_the_same_answer(world) {
        world.with_owner().await;
        let normal = |page: &Page, email: &str| {
            let mut headers: Vec<String> = page.headers.iter().filter(|(k, _)| !["x-request-id", "date", "set-cookie"].contains(&k.as_str())).map(|(k, v)| format!("{k}: {v:?}")).collect();
            headers.sort();
            (page.code(), headers, page.body.replace(email, "X"))
        };
        let unknown = "nobodyxx@northwind.example";
        for n in 0..14 {
            let one = try_in(&world.browser_at(30), OWNER, WRONG).await;
            let other = try_in(&world.browser_at(31), unknown, WRONG).await;
            let (one, mut other) = (normal(&one, OWNER), normal(&other, unknown));
            // The addresses differ in length, and so does the page that shows them again.
            other.1.retain(|h| !h.starts_with("content-length"));
            let one = (one.0, one.1.into_iter().filter(|h| !h.starts_with("content-length")).collect::<Vec<_>>(), one.2);
            assert_eq!(one, other, "try {n}");
        }
    }

    async fn s19_known_and_unknown_addresses_take_the_same_time(world) {
        world.with_owner().await;
        same_time(&world, Some(Span::hours(25))).await;
    }

    async fn s19_locked_known_and_unknown_addresses_take_the_same_time(world) {
        world.with_owner().await;
        same_time(&world, None).await;
    }

    async fn s20_no_password_stays_in_files_or_cookies(world) {
        let path = world.setup_path().await.expect("no owner yet");
        let canary = "canary violet harbour 7731";
        let fields = [("organisation", ORGANISATION), ("name", "Olive"), ("email", OWNER), ("password", canary)];
        assert_eq!(world.browser().post(&path, &fields).await.code(), 303);
        let browser = world.browser();
        assert_eq!(browser.sign_in(OWNER, canary).await.code(), 303);
        try_in(&world.browser(), OWNER, "another canary in a wrong try").await;
        let token = browser.cookie("session").expect("a session");
        let mut searched = 0;
        for file in files_below(world.folder()) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            searched += 1;
            for secret in [canary, "another canary in a wrong try", token.as_str(), &base64(canary)] {
                assert!(!contains(&bytes, secret.as_bytes()), "{} holds {secret:?}", file.display());
            }
        }
        assert!(searched > 0);
        let held = browser.jar(|jar| jar.all().iter().map(|c| c.value.clone()).collect::<Vec<_>>().join(" "));
        assert!(!held.contains("canary") && !held.contains(&base64(canary)));
    }

    async fn s21_strange_input_is_refused_and_never_a_fault(world) {
        world.with_owner().await;
        let marks = format!("e{}", "\u{301}".repeat(10_000));
        let deep = "a.".repeat(20_000);
        let strange = ["", " ", "\0", "\u{feff}", "a\0b@c.example", "'--", "{{7*7}}", "%s%n", "\u{202e}olive", marks.as_str(), deep.as_str(), "\"@\"@\"", "<script>alert(1)</script>"];
        for (n, text) in strange.iter().enumerate() {
            for (email, password) in [(*text, WRONG), (OWNER, *text), (*text, *text)] {
                let page = try_in(&world.browser_at(60 + u8::try_from(n).unwrap()), email, password).await;
                assert!([400, 413, 422, 429].contains(&page.code()), "{:?}: {}", text.chars().take(20).collect::<String>(), page.code());
                assert!(!page.body.contains("<script>alert"), "the address is reflected as HTML");
            }
        }
        for body in ["email=a%ff%fe&password=%ed%a0%80", "email[]=a&password[]=b", "email=a&email=b&password=c", "", "=", "&&&", "email", "\u{0}"] {
            let browser = world.browser_at(90);
            browser.get("/sign-in").await;
            let ask = browser.ask(Method::POST, "/sign-in").header("content-type", "application/x-www-form-urlencoded");
            let page = ask.body(body.as_bytes().to_vec()).send().await;
            assert!([400, 422, 429].contains(&page.code()), "{body:?}: {}", page.code());
        }
        for kind in ["text/plain", "application/json", "multipart/form-data", "", "application/x-www-form-urlencoded; charset=utf-7"] {
            let browser = world.browser_at(91);
            browser.get("/sign-in").await;
            let page = browser.ask(Method::POST, "/sign-in").header("content-type", kind).body(b"{}".to_vec()).send().await;
            assert!([400, 415, 422].contains(&page.code()), "{kind:?}: {}", page.code());
        }
    }

    async fn s77_no_forgotten_door_is_open(world) {
        let (_, browser) = world.with_owner_inside().await;
        for path in LEFT_OPEN {
            for one in [&browser, &world.browser()] {
                let page = one.get(path).await;
                assert_eq!(page.code(), 404, "{path}: {}", page.code());
            }
        }
    }
}

/// Interleaved pairs of a failure at a known address and one at an unknown one, each on a network of its own, so that no network's lane shuts
/// between the two; answers by how many microseconds the known one took longer. The addresses' lanes lock after ten, unless so much time passes
/// after every eighth pair.
async fn timed_pairs(world: &World, passing: Option<Span>) -> Vec<i64> {
    const PAIRS: u8 = 80;
    let mut differences = Vec::new();
    for n in 0..PAIRS {
        let mut took = [Duration::ZERO; 2];
        for (email, took) in [OWNER, "nobodyxx@northwind.example"].into_iter().zip(&mut took) {
            let browser = world.browser_at(100 + n);
            browser.get("/sign-in").await;
            let began = Instant::now();
            let page = browser.post("/sign-in", &[("email", email), ("password", WRONG)]).await;
            *took = began.elapsed();
            assert_eq!(page.code(), 422, "pair {n} at {email}");
        }
        let [known, unknown] = took.map(|took| i64::try_from(took.as_micros()).unwrap());
        differences.push(known - unknown);
        if let Some(passing) = passing.filter(|_| n % 8 == 7) {
            world.clock.advance(passing);
        }
    }
    differences
}

/// The median difference is at most 5 ms. A machine that does much else may spoil a round; what the server itself tells shows in all of them.
async fn same_time(world: &World, passing: Option<Span>) {
    let mut medians = Vec::new();
    for _ in 0..3 {
        let mut differences = timed_pairs(world, passing).await;
        differences.sort_unstable();
        let median = differences[differences.len() / 2];
        if median.abs() <= 5_000 {
            return;
        }
        medians.push(median);
    }
    panic!("known addresses differ by {medians:?} µs");
}

pub fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

/// Standard base64, as far as its length is a multiple of three: what a careless program would store.
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for part in text.as_bytes().chunks_exact(3) {
        let bits = u32::from(part[0]) << 16 | u32::from(part[1]) << 8 | u32::from(part[2]);
        out.extend([18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize])));
    }
    out
}
