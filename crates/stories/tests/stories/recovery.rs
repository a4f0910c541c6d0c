//! The forgotten password: asked for, mailed, set anew; by link and by code. Who may ask how often stands in `recovery_limits`, what the page knows
//! about the mail in `recovery_mail`.
use world::{Browser, Mail, Method, OWNER, PASSWORD, Page, Span, World};

pub const NEW: &str = "copper kettle beside the harbour";
pub const RESET: &str = "Set a new password";
/// As long as the owner's, so that not even lengths differ.
pub const NOBODY: &str = "clive@northwind.example";

/// Asks for a mail, as the form does.
pub async fn ask(browser: &Browser, email: &str) -> Page {
    browser.post("/forgot", &[("email", email)]).await
}

/// Every mail with a link for a new password that this mailbox has.
pub async fn resets(world: &World, email: &str) -> Vec<Mail> {
    world.mail_to(email, RESET).await
}

/// Asks from this browser and answers the one new mail.
pub async fn asked(world: &World, browser: &Browser, email: &str) -> Mail {
    let before = resets(world, email).await;
    let page = ask(browser, email).await;
    assert_eq!((page.code(), page.location()), (303, "/reset"), "{}", page.text());
    let after = resets(world, email).await;
    assert_eq!(after.len(), before.len() + 1, "one question, one mail");
    after
        .into_iter()
        .find(|mail| !before.contains(mail))
        .expect("a new mail")
}

/// Sets this password by a link.
pub async fn set(browser: &Browser, path: &str, password: &str) -> Page {
    browser.post(path, &[("password", password)]).await
}

/// Types a code.
pub async fn type_code(browser: &Browser, code: &str) -> Page {
    browser.post("/reset", &[("code", code), ("password", NEW)]).await
}

/// The page of a link that works no more: says so, and offers a new one.
pub fn is_dead(page: &Page) {
    assert_eq!(page.code(), 422, "{}", page.text());
    assert_eq!(page.heading(), "This link does not work any more");
    assert!(
        page.links().iter().any(|link| link == "/forgot"),
        "offers nothing: {:?}",
        page.links()
    );
    assert!(
        !page.alerts().is_empty() || page.text().contains("was used"),
        "{}",
        page.text()
    );
}

world::stories! {
    async fn from_forgotten_to_back_in_by_the_link(world) {
        world.with_owner().await;
        let browser = world.browser();
        let page = browser.get("/forgot").await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Forgot your password?"));
        assert!(page.label_of("email").is_some() && page.buttons().contains(&"Send the link".to_owned()));
        let mail = asked(&world, &browser, OWNER).await;
        assert_eq!(mail.to, [OWNER]);
        let link = mail.path(&world, "/reset");
        let form = browser.get(&link).await;
        assert_eq!((form.code(), form.heading().as_str()), (200, "Set a new password"));
        assert_eq!(form.field("password").and_then(|tag| tag.get("autocomplete").map(str::to_owned)).as_deref(), Some("new-password"));
        assert!(form.field("code").is_none() && form.field("keep_sessions").is_some_and(|tag| tag.get("checked").is_none()));
        let done = set(&browser, &link, NEW).await;
        assert_eq!((done.code(), done.location()), (303, "/sign-in"), "{}", done.text());
        assert_eq!(browser.cookie("session"), None, "a reset opens no session");
        assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 422, "the old password still opens");
        assert_eq!(browser.sign_in(OWNER, NEW).await.code(), 303);
    }

    async fn the_sign_in_page_leads_there(world) {
        world.with_owner().await;
        assert!(world.browser().get("/sign-in").await.links().iter().any(|link| link == "/forgot"));
    }

    async fn a_link_that_a_scanner_opened_three_times_still_works(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = asked(&world, &world.browser_at(2), OWNER).await.path(&world, "/reset");
        let before = inside.get("/api/v1/events?limit=200").await.json();
        for _ in 0..3 {
            let scanner = world.browser_at(77);
            assert_eq!(scanner.ask(Method::GET, &link).without_cookies().send().await.code(), 200);
            assert_eq!(scanner.ask(Method::HEAD, &link).without_cookies().send().await.code(), 200);
        }
        assert_eq!(inside.get("/api/v1/events?limit=200").await.json(), before, "a GET acted");
        assert!(inside.is_signed_in().await);
        assert_eq!(set(&world.browser(), &link, NEW).await.code(), 303);
    }

    async fn a_used_link_says_so_and_offers_a_new_one(world) {
        world.with_owner().await;
        let browser = world.browser();
        let link = asked(&world, &browser, OWNER).await.path(&world, "/reset");
        assert_eq!(set(&browser, &link, NEW).await.code(), 303);
        is_dead(&browser.get(&link).await);
        is_dead(&set(&browser, &link, PASSWORD).await);
        assert_eq!(browser.sign_in(OWNER, NEW).await.code(), 303, "a dead link set a password");
    }

    async fn a_link_lives_thirty_minutes(world) {
        world.with_owner().await;
        let browser = world.browser();
        let link = asked(&world, &browser, OWNER).await.path(&world, "/reset");
        world.clock.advance(Span::minutes(30) - Span::seconds(1));
        assert_eq!(browser.get(&link).await.code(), 200);
        world.clock.advance(Span::seconds(1));
        is_dead(&browser.get(&link).await);
        is_dead(&set(&browser, &link, NEW).await);
    }

    async fn the_code_lives_thirty_minutes(world) {
        world.with_owner().await;
        let browser = world.browser();
        let code = asked(&world, &browser, OWNER).await.code();
        world.clock.advance(Span::minutes(30));
        assert_eq!(type_code(&browser, &code).await.code(), 422);
        assert_eq!(browser.get("/reset").await.location(), "/forgot");
    }

    async fn a_password_that_the_rules_refuse_costs_no_link(world) {
        world.with_owner().await;
        let browser = world.browser();
        let link = asked(&world, &browser, OWNER).await.path(&world, "/reset");
        for weak in ["", "short", "passwordpassword", "olive@northwind.example", &"x".repeat(200)] {
            let page = set(&browser, &link, weak).await;
            assert_eq!(page.code(), 422, "{weak}");
            assert!(page.error_of("password").is_some(), "{weak}: {}", page.body);
        }
        assert_eq!(set(&browser, &link, NEW).await.code(), 303);
    }

    async fn the_code_works_in_the_browser_that_asked_and_in_no_other(world) {
        world.with_owner().await;
        let (asker, other) = (world.browser(), world.browser_at(2));
        let mail = asked(&world, &asker, OWNER).await;
        let never = type_code(&other, &mail.code()).await;
        assert_eq!(never.code(), 422);
        assert!(never.text().contains("only in the browser that asked"), "{}", never.text());
        asked(&world, &other, OWNER).await;
        assert_eq!(type_code(&other, &mail.code()).await.code(), 422, "a code of another browser was taken");
        let page = asker.get("/reset").await;
        assert_eq!(page.field("code").and_then(|tag| tag.get("autocomplete").map(str::to_owned)).as_deref(), Some("one-time-code"));
        let done = type_code(&asker, &mail.code()).await;
        assert_eq!((done.code(), done.location()), (303, "/sign-in"), "{}", done.text());
        assert_eq!(asker.sign_in(OWNER, NEW).await.code(), 303);
        assert_eq!(type_code(&asker, &mail.code()).await.code(), 422, "a code worked twice");
    }

    async fn the_code_is_read_however_it_is_spelt(world) {
        world.with_owner().await;
        for n in 0..4 {
            let browser = world.browser_at(10 + n);
            let code = asked(&world, &browser, OWNER).await.code();
            assert_eq!(code.len(), 9, "two groups of four: {code}");
            let spelt = match n {
                0 => code.to_lowercase(),
                1 => code.replace('-', ""),
                2 => format!("  {} ", code.replace('-', " ")),
                _ => code.replace('0', "o").replace('1', "l").replace('-', "–"),
            };
            assert_eq!(type_code(&browser, &spelt).await.code(), 303, "{spelt}");
        }
    }

    async fn five_wrong_codes_end_the_code_and_never_the_link(world) {
        world.with_owner().await;
        let browser = world.browser();
        let mail = asked(&world, &browser, OWNER).await;
        for _ in 0..5 {
            let page = type_code(&browser, "0000-0000").await;
            assert_eq!(page.code(), 422);
            assert!(page.error_of("code").is_some(), "{}", page.body);
        }
        assert_eq!(type_code(&browser, &mail.code()).await.code(), 422, "a sixth try was compared");
        assert_eq!(set(&browser, &mail.path(&world, "/reset"), NEW).await.code(), 303);
    }

    async fn what_cannot_be_a_code_or_a_password_costs_no_try(world) {
        world.with_owner().await;
        let browser = world.browser();
        let mail = asked(&world, &browser, OWNER).await;
        for _ in 0..10 {
            assert_eq!(type_code(&browser, "no code").await.code(), 422);
            assert_eq!(browser.post("/reset", &[("code", &mail.code()), ("password", "short")]).await.code(), 422);
        }
        assert_eq!(type_code(&browser, &mail.code()).await.code(), 303);
    }

    async fn a_browser_that_asked_twice_may_type_either_code(world) {
        world.with_owner().await;
        let browser = world.browser();
        let first = asked(&world, &browser, OWNER).await;
        asked(&world, &browser, OWNER).await;
        assert_eq!(type_code(&browser, &first.code()).await.code(), 303, "asking again voided the code of the mail before");
    }

    async fn every_session_ends_unless_the_person_keeps_them(world) {
        let (_, inside) = world.with_owner_inside().await;
        let browser = world.browser_at(5);
        let link = asked(&world, &browser, OWNER).await.path(&world, "/reset");
        assert_eq!(browser.post(&link, &[("password", NEW), ("keep_sessions", "on")]).await.code(), 303);
        assert!(inside.is_signed_in().await, "a session ended that was to be kept");
        let link = asked(&world, &browser, OWNER).await.path(&world, "/reset");
        assert_eq!(set(&browser, &link, PASSWORD).await.code(), 303);
        assert!(!inside.is_signed_in().await, "a session lives on unasked");
    }

    async fn all_links_and_codes_die_when_one_is_used(world) {
        let (_, known) = world.with_owner_inside().await;
        let first = asked(&world, &world.browser_at(2), OWNER).await;
        let second = asked(&world, &known, OWNER).await;
        let asker = world.browser_at(3);
        let third = asked(&world, &asker, OWNER).await;
        assert_eq!(set(&world.browser(), &first.path(&world, "/reset"), NEW).await.code(), 303);
        is_dead(&world.browser().get(&second.path(&world, "/reset")).await);
        is_dead(&set(&world.browser(), &second.path(&world, "/reset"), PASSWORD).await);
        assert_eq!(type_code(&asker, &third.code()).await.code(), 422);
    }

    async fn all_links_and_codes_die_when_the_password_is_changed(world) {
        let (_, known) = world.with_owner_inside().await;
        let asker = world.browser_at(2);
        let mail = asked(&world, &asker, OWNER).await;
        for n in 3..5 {
            asked(&world, &world.browser_at(n), OWNER).await;
        }
        world.clock.advance(Span::minutes(1));
        assert_eq!(known.post("/app/security/password", &[("current", PASSWORD), ("password", NEW)]).await.code(), 303);
        is_dead(&asker.get(&mail.path(&world, "/reset")).await);
        is_dead(&set(&asker, &mail.path(&world, "/reset"), "yet another lantern, quite bright").await);
        assert_eq!(type_code(&asker, &mail.code()).await.code(), 422);
        assert_eq!(world.browser_at(9).sign_in(OWNER, NEW).await.code(), 303, "a dead link set a password");
        asked(&world, &world.browser_at(6), OWNER).await;
    }

    async fn an_address_that_is_none_is_told_at_the_field(world) {
        world.with_owner().await;
        let browser = world.browser();
        for bad in ["", "olive", "@northwind.example", "olive@", "olive northwind@example.org"] {
            let page = ask(&browser, bad).await;
            assert_eq!(page.code(), 422, "{bad}");
            assert!(page.error_of("email").is_some());
            assert_eq!(page.value_of("email").unwrap_or_default(), bad);
        }
    }

    async fn a_reset_opens_the_password_for_strangers_again(world) {
        world.with_owner().await;
        let stranger = world.browser_at(2);
        stranger.get("/sign-in").await;
        for _ in 0..10 {
            stranger.post("/sign-in", &[("email", OWNER), ("password", "surely not the right one")]).await;
        }
        assert_eq!(world.browser_at(3).sign_in(OWNER, PASSWORD).await.code(), 422);
        let link = asked(&world, &world.browser_at(4), OWNER).await.path(&world, "/reset");
        assert_eq!(set(&world.browser_at(4), &link, NEW).await.code(), 303);
        assert_eq!(world.browser_at(5).sign_in(OWNER, NEW).await.code(), 303);
    }

    async fn what_was_done_is_in_the_log_and_its_secrets_are_not(world) {
        world.with_owner().await;
        let browser = world.browser();
        let mail = asked(&world, &browser, OWNER).await;
        let link = mail.path(&world, "/reset");
        set(&browser, &link, NEW).await;
        assert_eq!(browser.sign_in(OWNER, NEW).await.code(), 303);
        let log = browser.get("/api/v1/events?limit=200").await;
        for kind in ["reset-asked", "password-reset"] {
            assert!(log.body.contains(&format!("\"{kind}\"")), "{kind} is missing");
        }
        let token = link.split_once("token=").unwrap().1;
        assert!(!log.body.contains(token) && !log.body.contains(&mail.code()));
    }

    async fn the_operators_link_works_once_and_takes_no_strangers_place(world) {
        world.with_owner().await;
        let path = world.operators_reset_link(OWNER).await;
        for _ in 0..3 {
            asked(&world, &world.browser_at(2), OWNER).await;
        }
        assert_eq!(set(&world.browser(), &path, NEW).await.code(), 303);
        is_dead(&world.browser().get(&path).await);
        assert_eq!(world.browser().sign_in(OWNER, NEW).await.code(), 303);
    }
}
