//! The forgotten password: asked for, mailed, set anew; by link and by code; and what the page truly knows about the mail.
use ground::config::Mail as MailServer;
use kernel::Secret;
use world::{Browser, Mail, Method, OWNER, PASSWORD, Page, Span, World};

pub const NEW: &str = "copper kettle beside the harbour";
pub const RESET: &str = "Set a new password";
/// As long as the owner's, so that not even lengths differ.
const NOBODY: &str = "clive@northwind.example";

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
async fn type_code(browser: &Browser, code: &str) -> Page {
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

/// The state of the mail, as the page shows it.
fn truth(page: &Page) -> String {
    page.text()
}

fn mail_server_that_is_down(config: &mut ground::config::Config) {
    config.mail = Some(MailServer {
        url: Secret::new("smtp://127.0.0.1:9?tls=none".to_owned()),
        from: "door@northwind.example".into(),
        bounces_listen: None,
    });
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

    async fn strangers_have_three_alive_and_the_fourth_question_sends_nothing(world) {
        world.with_owner().await;
        let browser = world.browser();
        let mut mails = Vec::new();
        for _ in 0..3 {
            mails.push(asked(&world, &browser, OWNER).await);
        }
        for n in 0..4 {
            let page = ask(&world.browser_at(20 + n), OWNER).await;
            assert_eq!((page.code(), page.location()), (303, "/reset"));
        }
        ask(&browser, OWNER).await;
        assert_eq!(resets(&world, OWNER).await.len(), 3);
        for mail in &mails {
            assert_eq!(browser.get(&mail.path(&world, "/reset")).await.code(), 200, "a question voided a link");
        }
        assert_eq!(type_code(&browser, &mails[0].code()).await.code(), 303, "a question voided a code");
        is_dead(&browser.get(&mails[1].path(&world, "/reset")).await);
    }

    async fn strangers_have_five_mails_an_hour(world) {
        world.with_owner().await;
        let many = async |n: u8| for at in 0..n { ask(&world.browser_at(30 + at), OWNER).await; };
        many(4).await;
        assert_eq!(resets(&world, OWNER).await.len(), 3);
        world.clock.advance(Span::minutes(31));
        many(4).await;
        assert_eq!(resets(&world, OWNER).await.len(), 5);
        world.clock.advance(Span::minutes(29) + Span::seconds(1));
        many(4).await;
        assert_eq!(resets(&world, OWNER).await.len(), 6, "of three places one is free: two links are alive");
    }

    async fn a_known_device_has_three_of_its_own(world) {
        let (_, known) = world.with_owner_inside().await;
        known.post("/sign-out", &[]).await;
        for n in 0..6 {
            ask(&world.browser_at(40 + n), OWNER).await;
        }
        assert_eq!(resets(&world, OWNER).await.len(), 3);
        for n in 1..=4 {
            ask(&known, OWNER).await;
            assert_eq!(resets(&world, OWNER).await.len(), 3 + usize::min(n, 3));
        }
        let stranger = world.browser_at(50);
        ask(&stranger, OWNER).await;
        let mails = resets(&world, OWNER).await;
        assert_eq!(mails.len(), 6);
        for mail in mails {
            assert_eq!(stranger.get(&mail.path(&world, "/reset")).await.code(), 200);
        }
    }

    async fn a_network_asks_twenty_times_an_hour_over_all_addresses(world) {
        world.with_owner().await;
        for n in 0..20 {
            assert_eq!(ask(&world.browser_at(60), &format!("p{n}@elsewhere.example")).await.code(), 303, "question {n}");
        }
        let mut answers = Vec::new();
        for email in [OWNER, NOBODY] {
            let page = ask(&world.browser_at(60), email).await;
            assert_eq!((page.code(), page.retry_after()), (429, Some(3600)), "{email}");
            answers.push(page.body);
        }
        assert_eq!(answers[0], answers[1], "the answer depends on the address");
        assert!(resets(&world, OWNER).await.is_empty());
        asked(&world, &world.browser_at(61), OWNER).await;
        world.clock.advance(Span::hours(1));
        asked(&world, &world.browser_at(60), OWNER).await;
    }

    async fn the_limits_survive_a_restart(world) {
        world.with_owner().await;
        for _ in 0..3 {
            ask(&world.browser_at(2), OWNER).await;
        }
        world.restart().await;
        ask(&world.browser_at(3), OWNER).await;
        assert_eq!(resets(&world, OWNER).await.len(), 3);
    }

    async fn nobody_can_void_or_burn_the_owners_link(world) {
        let (_, known) = world.with_owner_inside().await;
        known.post("/sign-out", &[]).await;
        let mail = asked(&world, &known, OWNER).await;
        for n in 0..12 {
            let stranger = world.browser_at(70 + n);
            ask(&stranger, OWNER).await;
            for _ in 0..3 {
                type_code(&stranger, "1234-5678").await;
            }
            set(&stranger, "/reset?token=wrong", NEW).await;
        }
        assert_eq!(type_code(&known, &mail.code()).await.code(), 303, "strangers burned the owner's code");
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

    async fn strangers_get_the_same_for_any_address(world) {
        world.with_owner().await;
        let mut seen = Vec::new();
        for email in [OWNER, NOBODY] {
            let browser = world.browser_at(if email == OWNER { 80 } else { 81 });
            let mut told = Vec::new();
            for _ in 0..5 {
                let asked = ask(&browser, email).await;
                told.push(said(&asked, email));
                world.bring_mail().await;
                told.push(said(&browser.get("/reset").await, email));
                told.push(said(&browser.get("/forgot/state").await, email));
            }
            for code in ["0000-0000", "no code", "0000-0000"] {
                told.push(said(&type_code(&browser, code).await, email));
            }
            seen.push(told);
        }
        for (at, (known, unknown)) in seen[0].iter().zip(&seen[1]).enumerate() {
            assert_eq!(known, unknown, "answer {at} depends on the address");
        }
    }

    async fn a_known_device_hears_of_this_very_message(world) {
        let (_, known) = world.with_owner_inside().await;
        ask(&known, OWNER).await;
        let page = known.get("/reset").await;
        assert!(truth(&page).contains("about to leave"), "{}", truth(&page));
        world.bring_mail().await;
        world.clock.advance(Span::seconds(12));
        let page = known.get("/reset").await;
        assert!(truth(&page).contains("12 seconds ago"), "{}", truth(&page));
        let live = known.get("/forgot/state").await.json();
        assert!(live["words"].as_str().is_some_and(|words| words.contains("12 seconds ago")), "{live}");
        for _ in 0..3 {
            ask(&known, OWNER).await;
        }
        let page = known.get("/reset").await;
        assert!(!truth(&page).contains("is on its way"), "no mail was sent, and the page says so: {}", truth(&page));
    }

    async fn asking_for_the_state_is_no_activity(world) {
        let (_, known) = world.with_owner_inside().await;
        ask(&known, OWNER).await;
        for _ in 0..31 {
            world.clock.advance(Span::minutes(1));
            known.get("/forgot/state").await;
        }
        assert!(known.get("/app").await.location().starts_with("/app/unlock"), "polling kept the session open");
        assert_eq!(world.browser_at(9).get("/forgot/state").await.code(), 404);
    }

    async fn while_the_mail_server_is_down_the_page_says_so_and_the_mail_leaves_later(world) {
        let (_, known) = world.with_owner_inside().await;
        world.restart_with(mail_server_that_is_down).await;
        world.look_at_mail_server().await;
        ask(&known, OWNER).await;
        let turn = world.bring_mail().await;
        assert_eq!((turn.taken, turn.deferred), (0, 1));
        world.clock.advance(Span::minutes(5));
        let own = truth(&known.get("/reset").await);
        assert!(own.contains("has not taken it yet") && own.contains("5 minutes"), "{own}");
        let mut heard = Vec::new();
        for email in [OWNER, NOBODY] {
            let stranger = world.browser_at(90);
            ask(&stranger, email).await;
            let page = stranger.get("/reset").await;
            assert!(truth(&page).contains("mail server has not been answering"), "{}", truth(&page));
            assert!(!page.body.contains("127.0.0.1"), "strangers hear the server's own words");
            heard.push(page.body.replace(email, "X"));
        }
        assert_eq!(heard[0], heard[1]);
        assert!(known.is_signed_in().await, "others are held up by a mail server");
        world.restart().await;
        assert_eq!(resets(&world, OWNER).await.len(), 2, "a mail was lost, or left twice");
        world.look_at_mail_server().await;
    }

    async fn a_mail_whose_link_has_ended_is_not_sent_any_more(world) {
        let (_, known) = world.with_owner_inside().await;
        ask(&known, OWNER).await;
        world.clock.advance(Span::minutes(30));
        assert!(resets(&world, OWNER).await.is_empty());
    }

    async fn the_page_says_spam_and_whom_to_ask(world) {
        let (_, inside) = world.with_owner_inside().await;
        inside.post("/app/settings", &[("name", "Northwind IT"), ("contact", "Call Ida, 4417")]).await;
        let browser = world.browser_at(2);
        let mail = asked(&world, &browser, OWNER).await;
        let page = browser.get("/reset").await;
        assert!(page.text().contains("spam") && page.text().contains("Call Ida, 4417"), "{}", page.text());
        assert!(page.text().contains(OWNER), "the address as typed");
        assert!(mail.text.contains("Call Ida, 4417") && mail.html.contains("Call Ida, 4417"));
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

/// All of an answer that a stranger can compare: status, headers without what differs for everybody, body without the address itself.
fn said(page: &Page, email: &str) -> String {
    let differs = ["set-cookie", "x-request-id", "date"];
    let headers: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| !differs.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    let names: Vec<&str> = page
        .set_cookies()
        .iter()
        .map(|cookie| cookie.split('=').next().unwrap_or_default())
        .collect();
    let body = page.body.replace(email, "X");
    format!("{} {headers:?} {names:?} {body}", page.code())
}
