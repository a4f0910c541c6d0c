//! A first second factor before the session: when it is asked for, what comes before it, and what it opens.
use super::flow::{at_factor, confirm};
use ground::config::Mail;
use kernel::Secret;
use organisations::Require;
use world::{App, Browser, Page, Person, SoftPasskey, Span, World};

const SUBJECT: &str = "Your code to add a second factor";

/// The real default: a second factor after 24 hours of grace; and 25 of them are over.
async fn after_grace(world: &World) -> Person {
    let owner = world.with_owner().await;
    world.set_policy(|values| values.require = Some(Require::Yes)).await;
    owner.enter(&world.browser()).await;
    world.clock.advance(Span::hours(25));
    owner
}

async fn at_enrolment(person: &Person, browser: &Browser) {
    let page = person.sign_in(browser).await;
    assert_eq!(
        (page.code(), page.location()),
        (303, "/sign-in/enrol"),
        "{}",
        page.text()
    );
}

/// The app that the page offers, read as a phone would.
fn scanned(page: &Page) -> App {
    let uri = page
        .links()
        .into_iter()
        .find(|link| link.starts_with("otpauth://"))
        .expect("an address for an app");
    App::from_uri(&uri.replace("&#38;", "&").replace("&amp;", "&"))
}

async fn send(browser: &Browser, code: &str) -> Page {
    browser.post("/sign-in/enrol", &[("code", code)]).await
}

async fn mailed(world: &World, person: &Person) -> String {
    world
        .mail_to(&person.email, SUBJECT)
        .await
        .last()
        .expect("a mail")
        .code()
}

world::stories! {
    async fn during_grace_a_password_is_enough_and_after_it_a_factor_comes_first(world) {
        let owner = after_grace(&world).await;
        let browser = world.browser();
        browser.get("/sign-in?next=/app/activity").await;
        let page = browser.post("/sign-in?next=/app/activity", &[("email", &owner.email), ("password", &owner.password)]).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in/enrol"), "{}", page.text());
        assert!(!browser.is_signed_in().await);
        assert_eq!(browser.get("/api/v1/me").await.problem(), "factor-needed");
        let page = browser.get("/sign-in/enrol").await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Add a second factor"));
        assert!(page.body.contains("<svg") && page.text().contains("Scan this"), "{}", page.text());
        let app = scanned(&page);
        assert_eq!(scanned(&browser.get("/sign-in/enrol").await).code(world.clock.now()), app.code(world.clock.now()), "each look makes another secret");
        let page = send(&browser, &app.wrong_code(world.clock.now())).await;
        assert_eq!(page.code(), 422);
        assert!(page.text().contains("Four tries left."), "{}", page.text());
        let page = send(&browser, &app.code(world.clock.now())).await;
        assert_eq!((page.code(), page.location()), (303, "/app/activity"), "{}", page.text());
        assert!(browser.is_signed_in().await);
        // From now on it is asked for.
        world.clock.advance(Span::minutes(1));
        let browser = at_factor(&world, &owner).await;
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.location(), "/app");
        assert_eq!(world.mail_to(&owner.email, SUBJECT).await.len(), 0, "no mail is set up, so none is asked for");
    }

    async fn grace_counts_from_ones_own_first_sign_in_and_anew_under_a_stricter_policy(world) {
        let owner = after_grace(&world).await;
        let ana = world.person("ana").await;
        ana.enter(&world.browser()).await;
        at_enrolment(&owner, &world.browser()).await;
        world.clock.advance(Span::hours(23));
        ana.enter(&world.browser()).await;
        world.clock.advance(Span::hours(2));
        at_enrolment(&ana, &world.browser()).await;
        world.set_policy(|values| values.grace_hours = Some(0)).await;
        let ben = world.person("ben").await;
        at_enrolment(&ben, &world.browser()).await;
    }

    async fn where_mail_is_set_up_a_code_by_mail_comes_first(world) {
        let owner = after_grace(&world).await;
        world.restart_with(|config| {
            config.mail = Some(Mail {
                url: Secret::new("smtp://127.0.0.1:9?tls=none".to_owned()),
                from: "door@northwind.example".to_owned(),
                bounces_listen: None,
            });
        }).await;
        let browser = world.browser();
        at_enrolment(&owner, &browser).await;
        let page = browser.get("/sign-in/enrol").await;
        assert!(!page.body.contains("otpauth") && page.text().contains("we sent a code"), "{}", page.text());
        assert!(!page.body.contains("data-passkey"), "a passkey before the mail");
        assert_eq!(send(&browser, "ABCD-EFGH").await.code(), 422);
        assert!(!browser.is_signed_in().await);
    }

    async fn whoever_was_away_for_long_adds_the_first_factor_by_mail_only(world) {
        let owner = after_grace(&world).await;
        world.clock.advance(Span::days(31));
        let browser = world.browser();
        at_enrolment(&owner, &browser).await;
        let page = browser.get("/sign-in/enrol").await;
        assert!(!page.body.contains("otpauth"), "the secret before the mail: {}", page.text());
        for path in ["/sign-in/passkey/start?for=enrol"] {
            let page = browser.ask(world::Method::POST, path).json(&serde_json::json!({})).send().await;
            assert_eq!(page.code(), 422, "{}", page.body);
        }
        browser.post("/sign-in/enrol", &[("add", "app")]).await;
        assert!(!browser.get("/sign-in/enrol").await.body.contains("otpauth"));
        let code = mailed(&world, &owner).await;
        // Another browser can do nothing with it, even one that signs in with the same password.
        let other = world.browser();
        at_enrolment(&owner, &other).await;
        assert_eq!(send(&other, &code).await.code(), 422);
        let page = send(&browser, &code).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in/enrol"), "{}", page.text());
        let app = scanned(&browser.get("/sign-in/enrol").await);
        assert_eq!(send(&browser, &app.code(world.clock.now())).await.location(), "/app");
        assert!(browser.is_signed_in().await);
        // The other browser's sign-in meets the factor that is there now.
        let page = browser.get("/sign-in/enrol").await;
        assert_eq!(page.code(), 303);
        assert_eq!(other.get("/sign-in/enrol").await.location(), "/sign-in/factor");
    }

    async fn a_newer_mail_voids_the_older_and_five_wrong_codes_end_the_sign_in(world) {
        let owner = after_grace(&world).await;
        world.clock.advance(Span::days(31));
        let browser = world.browser();
        at_enrolment(&owner, &browser).await;
        let first = mailed(&world, &owner).await;
        let page = browser.post("/sign-in/enrol", &[("send", "mail")]).await;
        assert_eq!(page.code(), 422, "within half a minute: {}", page.text());
        world.clock.advance(Span::seconds(31));
        assert_eq!(browser.post("/sign-in/enrol", &[("send", "mail")]).await.code(), 303);
        let second = mailed(&world, &owner).await;
        assert_ne!(first, second);
        for _ in 0..5 {
            assert_eq!(send(&browser, &first).await.code(), 422);
        }
        let page = send(&browser, &second).await;
        assert_eq!((page.code(), page.heading().as_str()), (422, "Sign in again"), "{}", page.text());
        assert!(browser.get("/sign-in/enrol").await.location().starts_with("/sign-in"));
        assert!(!browser.is_signed_in().await);
    }

    async fn a_passkey_can_be_the_first_factor_too(world) {
        let owner = after_grace(&world).await;
        let browser = world.browser();
        at_enrolment(&owner, &browser).await;
        let mut key = SoftPasskey::new(world.origin());
        let page = browser.enrol_at_the_door(&mut key).await;
        assert_eq!(page.code(), 200, "{}", page.body);
        assert_eq!(page.json()["next"], "/app");
        assert!(browser.is_signed_in().await);
        let again = world.browser();
        assert_eq!(again.sign_in_with(&mut key).await.json()["next"], "/app");
        assert!(again.is_signed_in().await);
    }

    async fn two_enrolments_at_once_make_one_factor_and_one_session(world) {
        let owner = after_grace(&world).await;
        let browser = world.browser();
        at_enrolment(&owner, &browser).await;
        let app = scanned(&browser.get("/sign-in/enrol").await);
        let code = app.code(world.clock.now());
        let tasks: Vec<_> = (0..6).map(|_| {
            let (tab, code) = (browser.clone(), code.clone());
            tokio::spawn(async move { send(&tab, &code).await })
        }).collect();
        let mut opened = 0;
        for task in tasks {
            let page = task.await.expect("no panic");
            assert!(page.code() < 500);
            opened += usize::from(page.set_cookies().iter().any(|line| line.starts_with("doorward_session=") && !line.contains("Max-Age=0")));
        }
        assert_eq!(opened, 1);
        assert!(browser.is_signed_in().await);
    }
}
