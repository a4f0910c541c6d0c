//! Passkeys in the sign-in: at the door, as second factor, where one is demanded; and that each answer is for one sign-in of one browser.
use super::flow::{at_factor, confirm};
use organisations::Require;
use serde_json::json;
use world::{Method, Person, SoftPasskey, World};

/// The owner with a passkey that was added where the door asked for it.
async fn with_passkey(world: &World) -> (Person, SoftPasskey) {
    let owner = world.with_owner().await;
    world
        .set_policy(|values| {
            values.require = Some(Require::Yes);
            values.grace_hours = Some(0);
        })
        .await;
    let browser = world.browser();
    assert_eq!(owner.sign_in(&browser).await.location(), "/sign-in/enrol");
    let mut key = SoftPasskey::new(world.origin());
    let page = browser.enrol_at_the_door(&mut key).await;
    assert_eq!(page.code(), 200, "{}", page.body);
    browser.post("/sign-out", &[]).await;
    (owner, key)
}

const FACTOR: [&str; 2] = [
    "/sign-in/passkey/start?for=factor",
    "/sign-in/passkey/finish?for=factor",
];

world::stories! {
    async fn one_touch_at_the_door_opens_a_session_where_one_was_going(world) {
        let (_, mut key) = with_passkey(&world).await;
        let browser = world.browser();
        let page = browser.get("/sign-in?next=/app/activity").await;
        assert!(page.body.contains("data-passkey=\"door\"") && page.body.contains("username webauthn"), "{}", page.body);
        let addresses = ["/sign-in/passkey/start?for=door", "/sign-in/passkey/finish?for=door"];
        let page = browser.passkey(addresses, &json!({}), |asked| key.get(asked)).await;
        assert_eq!((page.code(), page.json()["next"].as_str()), (200, Some("/app/activity")), "{}", page.body);
        assert!(browser.is_signed_in().await);
    }

    async fn a_passkey_is_the_second_factor_and_is_listed_first(world) {
        let (owner, mut key) = with_passkey(&world).await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let page = browser.get("/sign-in/factor").await;
        let (passkey, field) = (page.body.find("data-passkey=\"factor\"").unwrap(), page.body.find("name=\"code\"").unwrap());
        assert!(passkey < field, "the strongest way is not the first");
        let page = browser.confirm_with(&mut key).await;
        assert_eq!((page.code(), page.json()["next"].as_str()), (200, Some("/app")), "{}", page.body);
        assert!(browser.is_signed_in().await);
        let browser = at_factor(&world, &owner).await;
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.location(), "/app", "the other way");
    }

    async fn where_a_passkey_is_demanded_whoever_has_one_uses_it(world) {
        let (owner, mut key) = with_passkey(&world).await;
        let app = world.with_app(&owner).await;
        world.set_policy(|values| values.require = Some(Require::PhishingResistant)).await;
        let browser = at_factor(&world, &owner).await;
        let page = browser.get("/sign-in/factor").await;
        assert!(page.field("code").is_none() && page.text().contains("needs JavaScript"), "{}", page.text());
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 422);
        assert!(!browser.is_signed_in().await);
        assert_eq!(browser.confirm_with(&mut key).await.json()["next"], "/app");
    }

    async fn an_answer_of_another_browser_opens_nothing(world) {
        let (owner, mut key) = with_passkey(&world).await;
        let (one, two) = (at_factor(&world, &owner).await, at_factor(&world, &owner).await);
        let started = one.ask(Method::POST, FACTOR[0]).json(&json!({})).send().await.json();
        let answer = key.get(&started);
        let page = two.ask(Method::POST, FACTOR[1]).json(&answer).send().await;
        assert_eq!(page.code(), 422, "{}", page.body);
        assert!(page.header("content-type").unwrap().contains("problem+json"));
        assert!(!two.is_signed_in().await);
        let door = world.browser();
        door.get("/sign-in").await;
        let page = door.ask(Method::POST, "/sign-in/passkey/finish?for=door").json(&answer).send().await;
        assert_ne!(page.code(), 200, "a second factor's answer at the door");
    }

    async fn the_same_answer_twice_at_once_opens_one_session(world) {
        let (owner, mut key) = with_passkey(&world).await;
        let browser = at_factor(&world, &owner).await;
        let started = browser.ask(Method::POST, FACTOR[0]).json(&json!({})).send().await.json();
        let answer = key.get(&started);
        let tasks: Vec<_> = (0..6).map(|_| {
            let (tab, answer) = (browser.clone(), answer.clone());
            tokio::spawn(async move { tab.ask(Method::POST, FACTOR[1]).json(&answer).send().await })
        }).collect();
        let mut opened = 0;
        for task in tasks {
            let page = task.await.expect("no panic");
            assert!(page.code() < 500, "{}", page.body);
            opened += usize::from(page.set_cookies().iter().any(|line| line.starts_with("doorward_session=") && !line.contains("Max-Age=0")));
        }
        assert_eq!(opened, 1);
    }

    async fn a_disabled_person_comes_in_by_no_passkey(world) {
        let (owner, mut key) = with_passkey(&world).await;
        world.disable(&owner).await;
        let browser = world.browser();
        let page = browser.sign_in_with(&mut key).await;
        assert_ne!(page.code(), 200, "{}", page.body);
        assert!(!browser.is_signed_in().await);
    }

    async fn a_finish_without_any_cookie_is_never_tried(world) {
        let (_, mut key) = with_passkey(&world).await;
        let browser = world.browser();
        let started = browser.ask(Method::POST, "/sign-in/passkey/start?for=door").json(&json!({})).send().await.json();
        let answer = key.get(&started);
        let page = browser.ask(Method::POST, "/sign-in/passkey/finish?for=door").json(&answer).without_cookies().send().await;
        assert_eq!((page.code(), page.json()["reason"].as_str()), (422, Some("SI-002")), "{}", page.body);
    }
}
