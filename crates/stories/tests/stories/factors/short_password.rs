//! A password that has become too short: its person is led to set a longer one, at the door, and may put it off for some days.
use organisations::Require;
use world::{Browser, Page, Person, SoftPasskey, Span, World};

/// Longer than what people of stories have.
const LONGER: &str = "quiet lantern over the old mill by the river";
const STEP: &str = "/sign-in/password";

/// The owner, whose organisation has asked for more characters than their password has since it was set.
async fn grown(world: &World) -> (Person, Browser) {
    let (owner, inside) = world.with_owner_inside().await;
    world.set_policy(|values| values.min_length = Some(30)).await;
    (owner, inside)
}

async fn at_step(world: &World, person: &Person) -> Browser {
    let browser = world.browser();
    let page = person.sign_in(&browser).await;
    assert_eq!((page.code(), page.location()), (303, STEP), "{}", page.text());
    browser
}

async fn set(browser: &Browser, password: &str) -> Page {
    browser.post(STEP, &[("password", password)]).await
}

world::stories! {
    async fn a_longer_password_is_set_at_the_door_and_the_sign_in_goes_on(world) {
        let (owner, inside) = grown(&world).await;
        let browser = world.browser();
        browser.get("/sign-in?next=/app/activity").await;
        browser.post("/sign-in?next=/app/activity", &[("email", &owner.email), ("password", &owner.password)]).await;
        let page = browser.get(STEP).await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Set a longer password"));
        assert!(page.text().contains("at least 30 characters") && page.label_of("password").is_some(), "{}", page.text());
        assert!(!browser.is_signed_in().await, "a session before the step was taken");
        assert_eq!(browser.get("/sign-in/device").await.location(), STEP, "another step instead");
        for (typed, told) in [("", "Fill"), ("quiet lantern over the mill", "characters")] {
            let page = set(&browser, typed).await;
            assert_eq!(page.code(), 422);
            assert!(page.error_of("password").is_some_and(|error| !error.is_empty()), "{told}: {}", page.text());
        }
        let page = set(&browser, LONGER).await;
        assert_eq!((page.code(), page.location()), (303, "/app/activity"), "{}", page.text());
        assert!(browser.is_signed_in().await && !inside.is_signed_in().await, "a session outlived the change");
        assert_eq!(world.mail_to(&owner.email, "Your password was changed").await.len(), 1);
        let events = browser.get("/api/v1/events?kind=password-changed").await.json();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
        // Only the new one counts, and is asked for no more.
        let other = world.browser();
        assert_eq!(owner.sign_in(&other).await.code(), 422);
        let page = other.sign_in(&owner.email, LONGER).await;
        assert_eq!((page.code(), page.location()), (303, "/app"));
        assert!(!other.get("/app").await.text().contains("longer password"));
    }

    async fn it_can_be_put_off_for_seven_days_and_the_pages_say_until_when(world) {
        let (owner, _) = grown(&world).await;
        let browser = at_step(&world, &owner).await;
        assert!(browser.get(STEP).await.buttons().iter().any(|button| button.starts_with("Not now")));
        let page = browser.post(STEP, &[("later", "yes")]).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        for path in ["/app", "/app/security"] {
            let page = browser.get(path).await;
            assert!(page.text().contains("Set a longer password"), "{path}: {}", page.text());
            assert!(page.body.contains("2026-12-01T"), "{path} does not say until when");
        }
        world.clock.advance(Span::days(7) - Span::seconds(1));
        let browser = at_step(&world, &owner).await;
        world.clock.advance(Span::seconds(1));
        assert_eq!(browser.post(STEP, &[("later", "yes")]).await.code(), 422, "put off beyond the day");
        assert!(!browser.get(STEP).await.buttons().iter().any(|button| button.starts_with("Not now")));
        assert!(!browser.is_signed_in().await);
        assert_eq!(set(&browser, LONGER).await.location(), "/app");
        for path in ["/app", "/app/security"] {
            assert!(!browser.get(path).await.text().contains("Set a longer password"), "{path}");
        }
    }

    async fn a_longer_one_set_on_my_security_is_as_good(world) {
        let (owner, _) = grown(&world).await;
        let browser = at_step(&world, &owner).await;
        browser.post(STEP, &[("later", "yes")]).await;
        let fields = [("current", owner.password.as_str()), ("password", LONGER)];
        assert_eq!(browser.post("/app/security/password", &fields).await.code(), 303);
        assert!(!browser.get("/app/security").await.text().contains("Set a longer password"));
        world.clock.advance(Span::days(8));
        assert_eq!(world.browser().sign_in(&owner.email, LONGER).await.location(), "/app");
    }

    async fn one_that_was_long_enough_beside_a_factor_is_too_short_alone(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let app = world.with_app(&owner).await;
        world.set_policy(|values| values.require = Some(Require::Yes)).await;
        browser.post("/app/step-up", &[("code", &app.code(world.clock.now()))]).await;
        let short = "kq7vbn2xrtw";
        let page = browser.post("/app/security/password", &[("current", &owner.password), ("password", short)]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        world.clock.advance(Span::minutes(1));
        let other = world.browser();
        assert_eq!(other.sign_in(&owner.email, short).await.location(), "/sign-in/factor");
        let page = other.post("/sign-in/factor", &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!(page.location(), "/app", "beside the factor it is long enough");
        world.set_policy(|values| values.require = Some(Require::No)).await;
        let list = other.get("/api/v1/me/authenticators").await.json();
        let id = list["items"][0]["id"].as_str().expect("an app").to_owned();
        let gone = other.ask(world::Method::DELETE, &format!("/api/v1/me/authenticators/{id}")).send().await;
        assert_eq!(gone.code(), 204, "{}", gone.body);
        let alone = world.browser();
        assert_eq!(alone.sign_in(&owner.email, short).await.location(), STEP);
        assert_eq!(set(&alone, LONGER).await.location(), "/app");
    }

    async fn whoever_types_no_password_is_not_asked(world) {
        let (owner, _) = grown(&world).await;
        let mut soft: SoftPasskey = world.with_passkey(&owner).await;
        let browser = world.browser();
        assert_eq!(browser.sign_in_with(&mut soft).await.code(), 200);
        assert!(browser.is_signed_in().await);
    }

    async fn of_many_who_set_one_at_once_one_does(world) {
        let (owner, _) = grown(&world).await;
        let browser = at_step(&world, &owner).await;
        let wanted = |n: usize| format!("{LONGER} {n}");
        let tasks: Vec<_> = (0..6).map(|n| {
            let (tab, password) = (browser.clone(), wanted(n));
            tokio::spawn(async move { set(&tab, &password).await })
        }).collect();
        let mut opened = 0;
        for task in tasks {
            let page = task.await.expect("no panic");
            assert!(page.code() < 500 || page.code() == 503, "{}", page.text());
            opened += usize::from(page.set_cookies().iter().any(|line| line.starts_with("doorward_session=") && !line.contains("Max-Age=0")));
        }
        assert_eq!(opened, 1);
        let mut works = 0;
        for n in 0..6 {
            works += usize::from(world.browser_at(20).sign_in(&owner.email, &wanted(n)).await.code() == 303);
        }
        assert_eq!(works, 1);
        assert_eq!(world.mail_to(&owner.email, "Your password was changed").await.len(), 1);
    }
}
