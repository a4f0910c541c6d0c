//! Real faults of resets and mails elsewhere, each as a test from outside. The number in front is the row of the regression list in SECURITY.md.
use crate::{
    email_change::{want, wanted, way_back},
    recovery::{NEW, RESET, ask, asked, is_dead, resets, set},
};
use world::{Browser, Engine, Method, OWNER, PASSWORD, Page, Span, World};

const EVIL: &str = "eve@evil.example";

/// The same POST from fifty browsers at once, on two nodes where there can be two: how many succeeded.
async fn fifty_at_once(
    world: &World,
    path: &str,
    fields: &'static [(&'static str, &'static str)],
    one: Option<&Browser>,
) -> usize {
    let node = match world.engine() {
        Engine::Postgres => Some(world.second_node().await),
        Engine::Sqlite => None,
    };
    let mut tasks = Vec::new();
    for n in 0..50_u8 {
        let browser = one.cloned().unwrap_or_else(|| world.browser_at(100 + n));
        let browser = node
            .filter(|_| n % 2 == 0)
            .map_or(browser.clone(), |node| browser.towards(node));
        let path = path.to_owned();
        tasks.push(tokio::spawn(async move { browser.post(&path, fields).await }));
    }
    let mut done = 0;
    for task in tasks {
        let page: Page = task.await.expect("no panic in a browser");
        assert!(
            [303, 422, 429, 503].contains(&page.code()),
            "{}: {}",
            page.code(),
            page.text()
        );
        done += usize::from(page.code() == 303);
    }
    done
}

fn encoded(path: &str, value: &str) -> String {
    let value = value
        .bytes()
        .fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
    format!("{path}?token={value}")
}

world::stories! {
    async fn s24_a_link_leads_to_public_url_whatever_the_request_says(world) {
        world.with_owner().await;
        for (n, (name, value)) in [
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "host=evil.example;proto=http"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-port", "666"),
            ("x-original-host", "evil.example"),
            ("x-host", "evil.example"),
            ("referer", "https://evil.example/forgot"),
        ].into_iter().enumerate() {
            world.clock.advance(Span::hours(2));
            let before = resets(&world, OWNER).await.len();
            let page = world.browser_at(u8::try_from(n).unwrap() + 2).ask(Method::POST, "/forgot").form(&[("email", OWNER)]).header(name, value).send().await;
            assert_eq!(page.code(), 303, "{name}");
            let mails = resets(&world, OWNER).await;
            assert_eq!(mails.len(), before + 1, "{name}");
            let mail = mails.last().unwrap();
            assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{name}: {}", mail.text);
            mail.path(&world, "/reset");
        }
        let count = resets(&world, OWNER).await.len();
        let host = world.browser().ask(Method::POST, "/forgot").form(&[("email", OWNER)]).header("host", "evil.example").send().await;
        assert_eq!(host.code(), 421);
        let absolute = world.raw_request("POST", "http://evil.example/forgot", &format!("Origin: {}\r\nContent-Type: application/x-www-form-urlencoded\r\n", world.origin())).await;
        assert!([400, 421].contains(&absolute.code), "{}", absolute.code);
        assert_eq!(resets(&world, OWNER).await.len(), count);
    }

    async fn s25_one_question_is_one_mail_to_the_address_that_we_know(world) {
        world.with_owner().await;
        let form = "application/x-www-form-urlencoded";
        for (kind, body) in [
            (form, format!("email[]={OWNER}&email[]={EVIL}")),
            (form, format!("email={OWNER}&email={EVIL}")),
            (form, format!("email={EVIL}&email={OWNER}")),
            (form, format!("email={OWNER}&cc={EVIL}")),
            (form, format!("email={OWNER},{EVIL}")),
            (form, format!("email={OWNER}%3B{EVIL}")),
            (form, format!("email={OWNER}%20{EVIL}")),
            (form, format!("email={OWNER}%0D%0ABcc:%20{EVIL}")),
            (form, format!("email={OWNER}%0ABcc:%20{EVIL}")),
            (form, format!("email={OWNER}%00{EVIL}")),
            (form, format!("email=%22{OWNER}%22%20%3C{EVIL}%3E")),
            ("application/json", format!("{{\"email\": [\"{OWNER}\", \"{EVIL}\"]}}")),
            ("application/json", format!("{{\"email\": \"{OWNER}\"}}")),
        ] {
            let page = world.browser().ask(Method::POST, "/forgot").header("content-type", kind).body(body.clone().into_bytes()).send().await;
            assert!([400, 415, 422].contains(&page.code()), "{body}: {}", page.code());
        }
        assert!(world.mail().await.is_empty());
    }

    async fn s26_a_look_alike_never_receives_the_mail_of_another(world) {
        world.with_owner().await;
        let kim = world.person("kim").await;
        for (n, twin) in ["\u{212a}im@northwind.example", "k\u{131}m@northwind.example", "ＫＩＭ@northwind.example", "kim@northw\u{131}nd.example", "KIM@NORTHWIND.EXAMPLE"].into_iter().enumerate() {
            world.clock.advance(Span::hours(2));
            ask(&world.browser_at(u8::try_from(n).unwrap() + 2), twin).await;
        }
        let mails = world.mail().await;
        assert!(!mails.is_empty());
        for mail in mails {
            assert_eq!(mail.to, std::slice::from_ref(&kim.email), "sent to the twin");
        }
        let inside = world.browser();
        assert_eq!(inside.sign_in(OWNER, PASSWORD).await.code(), 303);
        for twin in ["\u{212a}im@northwind.example", "k\u{131}m@northwind.example", "k\u{456}m@northwind.example"] {
            let page = want(&inside, twin, PASSWORD).await;
            assert!([303, 422].contains(&page.code()));
        }
        for mail in world.mail().await.iter().filter(|mail| mail.text.contains("/email/confirm?")) {
            assert_eq!(world.browser().post(&mail.path(&world, "/email/confirm"), &[]).await.code(), 422, "the twin of an address was taken");
        }
    }

    async fn s28_a_link_changes_its_own_person_and_nobody_else(world) {
        world.with_owner().await;
        let bob = world.person("bob").await;
        let browser = world.browser_at(2);
        let link = asked(&world, &browser, OWNER).await.path(&world, "/reset");
        for more in [("email", bob.email.as_str()), ("person", "bob"), ("user", "bob"), ("token", "other")] {
            assert_eq!(browser.post(&link, &[("password", NEW), more]).await.code(), 400, "{more:?}");
        }
        assert_eq!(browser.post(&format!("{link}&token=other"), &[("password", NEW)]).await.code(), 400);
        ask(&browser, &bob.email).await;
        assert_eq!(set(&browser, &link, NEW).await.code(), 303);
        assert_eq!(world.browser_at(3).sign_in(&bob.email, PASSWORD).await.code(), 303);
        assert_eq!(world.browser_at(4).sign_in(OWNER, NEW).await.code(), 303);
        let operators = world.operators_reset_link(OWNER).await;
        assert_eq!(browser.post(&operators, &[("password", PASSWORD), ("email", &bob.email)]).await.code(), 400);
    }

    async fn s30_blank_and_broken_tokens_match_nothing(world) {
        let (_, inside) = world.with_owner_inside().await;
        let real = asked(&world, &world.browser_at(2), OWNER).await.path(&world, "/reset");
        let token = real.split_once("token=").unwrap().1.to_owned();
        let before = inside.get("/api/v1/events?limit=200").await.json();
        for value in ["", " ", "  ", "0", "null", "undefined", "[]", "{}", "%", "*", "' OR 1=1 --", "\u{0}", &token[..token.len() / 2], &format!("{token}="), &format!("{token} "), &token.to_uppercase(), &"a".repeat(6_000)] {
            for path in ["/reset", "/not-me", "/email/confirm", "/email/undo"] {
                let target = encoded(path, value);
                let got = world.browser_at(3).get(&target).await;
                assert!([400, 404, 414, 422, 431].contains(&got.code()), "GET {path} {value:?}: {}", got.code());
                let fields: &[(&str, &str)] = if path == "/reset" { &[("password", NEW)] } else { &[] };
                let sent = world.browser_at(3).post(&target, fields).await;
                assert!([400, 404, 414, 422, 431].contains(&sent.code()), "POST {path} {value:?}: {}", sent.code());
            }
        }
        for path in ["/reset", "/reset?", "/reset?token", "/reset?tokens=x", "/not-me", "/email/confirm", "/email/undo"] {
            let fields: &[(&str, &str)] = if path.starts_with("/reset") { &[("password", NEW)] } else { &[] };
            let sent = world.browser_at(3).post(path, fields).await;
            assert!([400, 422].contains(&sent.code()), "{path}: {}", sent.code());
        }
        for code in ["", " ", "-", "null", "--------"] {
            let sent = world.browser_at(3).post("/reset", &[("code", code), ("password", NEW)]).await;
            assert_eq!(sent.code(), 422, "{code:?}");
        }
        assert_eq!(inside.get("/api/v1/events?limit=200").await.json(), before, "something was carried out");
        assert_eq!(set(&world.browser(), &real, NEW).await.code(), 303, "the real link suffered");
    }

    async fn s36_after_a_change_or_a_reset_every_other_session_is_dead(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let (laptop, phone) = (world.browser_at(2), world.browser_at(3));
        owner.enter(&laptop).await;
        owner.enter(&phone).await;
        let pending = world.browser_at(4);
        pending.get("/sign-in").await;
        assert_eq!(inside.post("/app/security/password", &[("current", PASSWORD), ("password", NEW)]).await.code(), 303);
        assert!(inside.is_signed_in().await && !laptop.is_signed_in().await && !phone.is_signed_in().await);
        assert_eq!(pending.post("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await.code(), 422);
        assert_eq!(laptop.sign_in(OWNER, NEW).await.code(), 303);
        let tokens: Vec<String> = [&inside, &laptop].iter().map(|browser| browser.cookie("session").unwrap()).collect();
        let link = asked(&world, &world.browser_at(5), OWNER).await.path(&world, "/reset");
        assert_eq!(set(&world.browser_at(5), &link, "yet another lantern, quite bright").await.code(), 303);
        for token in tokens {
            let other = world.browser_at(6);
            other.plant("session", &token);
            assert!(!other.is_signed_in().await, "a session outlived the reset");
        }
        for path in ["/app", "/app/security", "/api/v1/me", "/api/v1/events"] {
            assert!([303, 401].contains(&inside.get(path).await.code()), "{path}");
        }
    }

    async fn s76_nothing_of_a_name_or_address_becomes_a_header_or_a_recipient(world) {
        let (_, inside) = world.with_owner_inside().await;
        let plain = {
            let mut headers = asked(&world, &world.browser_at(9), OWNER).await.headers;
            headers.sort();
            headers
        };
        for (n, name) in ["Olive\r\nBcc: eve@evil.example", "Olive\nBcc: eve@evil.example", "\"Olive\" <eve@evil.example>, x", "-oQ/tmp -be", ".", "\r\n.\r\nMAIL FROM:<eve@evil.example>", "=?utf-8?q?x?= <eve@evil.example>", "<script>alert(1)</script>", "https://evil.example/click"].into_iter().enumerate() {
            world.clock.advance(Span::hours(2));
            let before = resets(&world, OWNER).await.len();
            let asker = world.browser_at(u8::try_from(n).unwrap() + 10);
            let named = world.browser_at(8);
            assert_eq!(named.sign_in(OWNER, PASSWORD).await.code(), 303);
            named.ask(Method::PATCH, "/api/v1/me").json(&serde_json::json!({ "name": name })).send().await;
            ask(&asker, OWNER).await;
            let mails = resets(&world, OWNER).await;
            assert_eq!(mails.len(), before + 1, "{name:?}");
            let mail = mails.last().unwrap();
            assert_eq!((mail.to.as_slice(), mail.subject.as_str()), ([OWNER.to_owned()].as_slice(), RESET), "{name:?}");
            let mut headers = mail.headers.clone();
            headers.sort();
            assert_eq!(headers, plain, "{name:?}");
            assert!(!mail.html.contains("<script>"), "{name:?}");
        }
        drop(inside);
        for address in ["-oQ/tmp@northwind.example", "\"olive\"@northwind.example", "olive@northwind.example>", "<olive@northwind.example", "olive@northwind.example\r\n.\r\nRCPT TO:<eve@evil.example>", "olive@[127.0.0.1]", "olive@northwind.example -oQ/tmp"] {
            let page = ask(&world.browser_at(200), address).await;
            assert_eq!(page.code(), 422, "{address:?}");
        }
        assert!(world.mail().await.iter().all(|mail| mail.to == [OWNER]));
    }

    async fn s83_a_hundred_resets_for_one_address_are_at_most_five_mails_an_hour(world) {
        world.with_owner().await;
        let mut heard = Vec::new();
        for n in 0..100 {
            let browser = world.browser_at(20 + n);
            let page = ask(&browser, OWNER).await;
            heard.push((page.code(), browser.get("/reset").await.body));
            world.bring_mail().await;
            world.clock.advance(Span::seconds(30));
        }
        assert!(heard.iter().all(|answer| *answer == heard[0]), "the answers differ");
        assert_eq!(resets(&world, OWNER).await.len(), 5);
    }

    async fn s83_a_thousand_addresses_from_one_network_are_twenty_questions(world) {
        world.with_owner().await;
        let mut taken = 0;
        for n in 0..60 {
            taken += usize::from(ask(&world.browser_at(7), &format!("p{n}@elsewhere.example")).await.code() == 303);
        }
        assert_eq!(taken, 20);
    }

    async fn s83_parallel_questions_are_counted_exactly(world) {
        world.with_owner().await;
        let tasks: Vec<_> = (0..40).map(|n| { let browser = world.browser_at(20 + n % 40); tokio::spawn(async move { ask(&browser, OWNER).await.code() }) }).collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), 303);
        }
        assert_eq!(resets(&world, OWNER).await.len(), 3);
        let tasks: Vec<_> = (0..40).map(|n| { let browser = world.browser_at(7); tokio::spawn(async move { ask(&browser, &format!("p{n}@elsewhere.example")).await.code() }) }).collect();
        let mut taken = 0;
        for task in tasks {
            taken += usize::from(task.await.unwrap() == 303);
        }
        assert_eq!(taken, 20);
    }

    async fn s84_of_fifty_who_use_a_link_at_once_one_succeeds(world) {
        world.with_owner().await;
        let link = asked(&world, &world.browser(), OWNER).await.path(&world, "/reset");
        assert_eq!(fifty_at_once(&world, &link, &[("password", NEW)], None).await, 1);
        is_dead(&world.browser().get(&link).await);
        assert_eq!(world.browser().sign_in(OWNER, NEW).await.code(), 303);
        assert_eq!(world.mail_to(OWNER, "A new password was set by mail").await.len(), 1);
    }

    async fn s84_of_fifty_who_type_a_code_at_once_one_succeeds(world) {
        world.with_owner().await;
        let browser = world.browser();
        let code = asked(&world, &browser, OWNER).await.code();
        let fields: &'static [(&'static str, &'static str)] = Box::leak(vec![("code", &*String::leak(code)), ("password", NEW)].into_boxed_slice());
        assert!(fifty_at_once(&world, "/reset", fields, Some(&browser)).await <= 1);
        assert!(world.mail_to(OWNER, "A new password was set by mail").await.len() <= 1);
    }

    async fn s84_of_fifty_who_raise_an_alarm_at_once_one_succeeds(world) {
        let (owner, _) = world.with_owner_inside().await;
        owner.enter(&world.browser_at(2)).await;
        let alarm = world.mail_to(OWNER, "New sign-in to your account").await[0].path(&world, "/not-me");
        assert_eq!(fifty_at_once(&world, &alarm, &[], None).await, 1);
    }

    async fn s84_of_fifty_who_confirm_or_undo_a_change_at_once_one_succeeds(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, "olive.new@northwind.example").await;
        assert_eq!(fifty_at_once(&world, &link, &[], None).await, 1);
        let undo = way_back(&world, OWNER).await;
        assert_eq!(fifty_at_once(&world, &undo, &[], None).await, 1);
    }
}
