//! The device's step: a mail, an approval with two digits, an administrator; and that nothing of it holds for another browser.
use super::flow::{at_factor, confirm};
use organisations::Mode;
use world::{Browser, Page, Person, Span, World};

const SUBJECT: &str = "Confirm your new device";
const WAITS: &str = "A device waits to be let in";

/// The owner has signed in once, on a device that is trusted; from now on new ones are verified.
async fn verifying(world: &World) -> (Person, Browser) {
    let (owner, trusted) = world.with_owner_inside().await;
    world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
    (owner, trusted)
}

async fn at_device(world: &World, person: &Person) -> Browser {
    let browser = world.browser_at(9);
    let page = person.sign_in(&browser).await;
    assert_eq!(
        (page.code(), page.location()),
        (303, "/sign-in/device"),
        "{}",
        page.text()
    );
    browser
}

async fn send(browser: &Browser, code: &str) -> Page {
    browser.post("/sign-in/device", &[("code", code)]).await
}

async fn mailed(world: &World, person: &Person) -> String {
    world
        .mail_to(&person.email, SUBJECT)
        .await
        .last()
        .expect("a mail")
        .code()
}

async fn state(browser: &Browser) -> String {
    let page = browser.get("/sign-in/device/state").await;
    page.json()["state"].as_str().unwrap_or_default().to_owned()
}

world::stories! {
    async fn a_new_device_is_confirmed_by_a_mail_and_is_trusted_afterwards(world) {
        let (owner, _) = verifying(&world).await;
        let browser = at_device(&world, &owner).await;
        assert!(!browser.is_signed_in().await);
        let page = browser.get("/sign-in/device").await;
        assert_eq!(page.heading(), "Confirm this device");
        assert!(page.buttons().contains(&"Confirm this device".to_owned()), "{:?}", page.buttons());
        assert!(page.label_of("code").is_some());
        let code = mailed(&world, &owner).await;
        let page = send(&browser, "ABCD-EFGH").await;
        assert_eq!(page.code(), 422);
        assert!(page.alerts().join(" ").contains("left"), "{:?}", page.alerts());
        assert_eq!(send(&browser, "").await.code(), 422);
        let other = at_device(&world, &owner).await;
        assert_eq!(send(&other, &code).await.code(), 422, "a code of another sign-in");
        let page = send(&browser, &code.to_lowercase().replace('-', " ")).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        assert!(browser.is_signed_in().await);
        browser.post("/sign-out", &[]).await;
        owner.enter(&browser).await;
    }

    async fn the_device_comes_after_the_factor_and_keeps_where_one_was_going(world) {
        let (owner, _) = verifying(&world).await;
        let app = world.with_app(&owner).await;
        let browser = world.browser_at(9);
        browser.get("/sign-in?next=/app/activity").await;
        browser.post("/sign-in?next=/app/activity", &[("email", &owner.email), ("password", &owner.password)]).await;
        assert_eq!(browser.get("/sign-in/device").await.location(), "/sign-in/factor", "the device before the factor");
        assert_eq!(world.mail_to(&owner.email, SUBJECT).await.len(), 0, "a mail for whoever knows the password alone");
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!(page.location(), "/sign-in/device", "{}", page.text());
        let page = send(&browser, &mailed(&world, &owner).await).await;
        assert_eq!(page.location(), "/app/activity");
    }

    async fn on_a_trusted_device_two_digits_let_the_new_one_in(world) {
        let (owner, trusted) = verifying(&world).await;
        let browser = at_device(&world, &owner).await;
        let page = browser.get("/sign-in/device").await;
        let digits = page.body.split("class=\"digits\">").nth(1).expect("two digits").get(..2).unwrap().to_owned();
        assert_eq!(state(&browser).await, "waiting");
        world.approve(&owner, &digits).await;
        assert_eq!(state(&browser).await, "ready");
        let page = browser.get("/sign-in/device").await;
        assert!(page.buttons().contains(&"Go on".to_owned()), "{}", page.text());
        assert!(!browser.is_signed_in().await, "a look at the page opened a session");
        assert_eq!(browser.post("/sign-in/device", &[]).await.location(), "/app");
        assert!(browser.is_signed_in().await && trusted.is_signed_in().await);
    }

    async fn what_was_denied_elsewhere_is_over_here(world) {
        let (owner, _) = verifying(&world).await;
        let browser = at_device(&world, &owner).await;
        let code = mailed(&world, &owner).await;
        world.deny(&owner).await;
        assert_eq!(state(&browser).await, "denied");
        let page = browser.get("/sign-in/device").await;
        assert_eq!(page.heading(), "This device was refused");
        assert_eq!(send(&browser, &code).await.code(), 422);
        assert!(!browser.is_signed_in().await);
    }

    async fn only_devices_that_an_administrator_let_in(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        ana.enter(&world.browser()).await;
        world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
        let browser = at_device(&world, &ana).await;
        let page = browser.get("/sign-in/device").await;
        assert_eq!(page.heading(), "This device waits for an administrator");
        assert!(browser.cookie("device").is_some(), "it could not be known again");
        assert_eq!(browser.post("/sign-in/device", &[]).await.code(), 422);
        assert!(!browser.is_signed_in().await);
        world.admit_all(&ana, &owner).await;
        let page = browser.post("/sign-in/device", &[]).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        assert!(browser.is_signed_in().await && inside.is_signed_in().await);
    }

    async fn whoever_may_let_a_device_in_is_told_that_it_waits_once_an_hour(world) {
        let (owner, _) = world.with_owner_inside().await;
        let (ana, otto) = (world.person("ana").await, world.person("otto").await);
        world.give_role(&otto, "Owner").await;
        ana.enter(&world.browser()).await;
        world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
        let browser = at_device(&world, &ana).await;
        for reader in [&owner, &otto] {
            let mail = world.mail_to(&reader.email, WAITS).await;
            assert_eq!(mail.len(), 1, "{}", reader.email);
            for wanted in ["ana (ana@northwind.example)", "Firefox on Linux", "/app/devices"] {
                assert!(mail[0].text.contains(wanted), "{wanted}: {}", mail[0].text);
            }
        }
        assert_eq!(world.mail_to(&ana.email, WAITS).await.len(), 0, "ana may let nobody in");
        world.clock.advance(Span::minutes(9));
        browser.post("/sign-in/device", &[]).await;
        assert_eq!(world.mail_to(&owner.email, WAITS).await.len(), 1, "the same device, at once");
        world.clock.advance(Span::minutes(52));
        ana.sign_in(&browser).await;
        assert_eq!(world.mail_to(&owner.email, WAITS).await.len(), 2, "the same device, an hour later");
        // Whoever knows the password fills nobody's mailbox with ever new devices.
        let last = world.browser_at(30);
        for new in (20..29).map(|n| world.browser_at(n)).chain([last.clone()]) {
            world.clock.advance(Span::seconds(1));
            ana.sign_in(&new).await;
        }
        assert_eq!(world.mail_to(&owner.email, WAITS).await.len(), 6);
        world.admit_all(&ana, &owner).await;
        world.clock.advance(Span::hours(2));
        assert_eq!(ana.sign_in(&last).await.location(), "/app");
        assert_eq!(world.mail_to(&owner.email, WAITS).await.len(), 6, "a device that is let in waits no more");
    }

    async fn a_refused_device_is_told_of_no_more(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        ana.enter(&world.browser()).await;
        world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
        let browser = at_device(&world, &ana).await;
        let page = inside.get("/app/devices").await;
        let device = page.body.split("name=\"device\" value=\"").nth(1).expect("a device that waits").get(..36).unwrap().to_owned();
        let person = world.stored(&ana.email).await.id.to_string();
        let fields = [("person", person.as_str()), ("device", &device), ("answer", "refuse")];
        assert_eq!(inside.post("/app/devices/answer", &fields).await.location(), "/app/devices?done=refused");
        world.clock.advance(Span::hours(2));
        ana.sign_in(&browser).await;
        assert_eq!(world.mail_to(&owner.email, WAITS).await.len(), 1);
    }

    async fn the_only_administrator_who_lost_every_device_is_let_in_by_a_mail_once_the_operator_says_so(world) {
        let (owner, lost) = world.with_owner_inside().await;
        world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
        let waiting = at_device(&world, &owner).await;
        assert_eq!(waiting.get("/sign-in/device").await.heading(), "This device waits for an administrator");
        let stored = world.stored(&owner.email).await;
        doorward::operate::reset_factors(world.app().ground(), &stored).await.unwrap();
        assert!(!lost.is_signed_in().await);
        let (one, other) = (at_device(&world, &owner).await, world.browser_at(10));
        let first = mailed(&world, &owner).await;
        world.clock.advance(Span::minutes(1));
        assert_eq!(owner.sign_in(&other).await.location(), "/sign-in/device");
        assert_eq!(one.get("/sign-in/device").await.heading(), "Confirm this device");
        assert_eq!(other.get("/sign-in/device").await.heading(), "Confirm this device");
        assert_eq!(send(&one, "ABCD-EFGH").await.code(), 422, "the password alone");
        let second = mailed(&world, &owner).await;
        let page = send(&one, &first).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        assert!(one.is_signed_in().await);
        // One device, not every one that comes.
        send(&other, &second).await;
        assert!(!other.is_signed_in().await, "a second device came in by the same word");
        assert_eq!(owner.sign_in(&world.browser_at(11)).await.location(), "/sign-in/device");
        let events = one.get("/api/v1/events?kind=device-admitted").await.json();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
        // It is let in for good, and lets others in.
        one.post("/sign-out", &[]).await;
        owner.enter(&one).await;
        assert!(one.get("/app/devices").await.text().contains("Devices waiting"));
    }

    async fn what_the_operator_said_about_a_device_ends_after_a_day(world) {
        let (owner, _) = world.with_owner_inside().await;
        world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
        let stored = world.stored(&owner.email).await;
        doorward::operate::reset_factors(world.app().ground(), &stored).await.unwrap();
        world.clock.advance(Span::hours(24));
        let browser = at_device(&world, &owner).await;
        assert_eq!(browser.get("/sign-in/device").await.heading(), "This device waits for an administrator");
    }

    async fn one_code_by_mail_opens_one_session_however_often_it_is_sent(world) {
        let (owner, _) = verifying(&world).await;
        let browser = at_device(&world, &owner).await;
        let code = mailed(&world, &owner).await;
        let tasks: Vec<_> = (0..8).map(|_| {
            let (tab, code) = (browser.clone(), code.clone());
            tokio::spawn(async move { send(&tab, &code).await })
        }).collect();
        let mut opened = 0;
        for task in tasks {
            let page = task.await.expect("no panic");
            assert!(page.code() < 500, "{}", page.text());
            opened += usize::from(page.set_cookies().iter().any(|line| line.starts_with("doorward_session=") && !line.contains("Max-Age=0")));
        }
        assert_eq!(opened, 1);
    }

    async fn a_shared_device_is_verified_each_time(world) {
        let (owner, _) = verifying(&world).await;
        for _ in 0..2 {
            let browser = world.browser_at(9);
            browser.get("/sign-in").await;
            let page = browser.post("/sign-in", &[("email", &owner.email), ("password", &owner.password), ("shared_device", "on")]).await;
            assert_eq!(page.location(), "/sign-in/device");
            let page = send(&browser, &mailed(&world, &owner).await).await;
            assert_eq!(page.location(), "/app", "{}", page.text());
            world.clock.advance(Span::minutes(2));
        }
    }

    async fn a_trusted_device_asks_for_its_factor_only(world) {
        let (owner, trusted) = verifying(&world).await;
        let app = world.with_app(&owner).await;
        trusted.post("/sign-out", &[]).await;
        assert_eq!(owner.sign_in(&trusted).await.location(), "/sign-in/factor");
        assert_eq!(confirm(&trusted, &app.code(world.clock.now())).await.location(), "/app");
        let stranger = at_factor(&world, &owner).await;
        world.clock.advance(Span::minutes(1));
        assert_eq!(confirm(&stranger, &app.code(world.clock.now())).await.location(), "/sign-in/device");
    }
}
