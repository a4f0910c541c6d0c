//! The key that a browser makes for its device: proved with the password, missed quietly, and an alarm where it is another's.
use organisations::Mode;
use world::{Browser, DeviceKey, Person, Span, World};

const ALARM: &str = "One of your devices may have been copied";
const CODE: &str = "Confirm your new device";

/// The owner, signed in on a browser with script.
async fn with_key(world: &World) -> (Person, Browser, DeviceKey) {
    let (owner, browser, key) = (world.with_owner().await, world.browser(), DeviceKey::new());
    let page = browser
        .sign_in_with_key(&owner.email, &owner.password, &key, "kept")
        .await;
    assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
    (owner, browser, key)
}

/// Another browser with a copy of the device's cookie.
fn thief(world: &World, of: &Browser) -> Browser {
    let thief = world.browser_at(9);
    thief.plant("device", &of.cookie("device").expect("a device"));
    thief
}

async fn events(browser: &Browser, kind: &str) -> usize {
    let list = browser.get(&format!("/api/v1/events?kind={kind}")).await.json();
    list["items"].as_array().expect("items").len()
}

async fn finish_by_mail(world: &World, person: &Person, browser: &Browser) {
    let code = world.mail_to(&person.email, CODE).await.pop().expect("a mail").code();
    let page = browser.post("/sign-in/device", &[("code", &code)]).await;
    assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
}

async fn is_proved(browser: &Browser) -> bool {
    let list = browser.get("/api/v1/me/devices").await.json();
    let items = list["items"].as_array().expect("items");
    let here = items.iter().find(|item| item["current"] == true).expect("this device");
    here["key_proved"] == true
}

world::stories! {
    async fn a_key_is_kept_at_the_first_sign_in_and_proved_at_the_next(world) {
        let (owner, browser, key) = with_key(&world).await;
        assert!(is_proved(&browser).await);
        assert!(!browser.get("/app/security").await.text().contains("Weaker"));
        browser.post("/sign-out", &[]).await;
        let page = browser.sign_in_with_key(&owner.email, &owner.password, &key, "kept").await;
        assert_eq!(page.location(), "/app");
        assert!(is_proved(&browser).await);
    }

    async fn a_browser_without_script_is_let_in_and_shown_as_weaker(world) {
        let (_, browser) = world.with_owner_inside().await;
        assert!(!is_proved(&browser).await);
        assert!(browser.get("/app/security").await.text().contains("Weaker: no key"));
    }

    async fn the_same_cookie_with_another_key_is_an_alarm_and_is_verified(world) {
        let (owner, browser, _) = with_key(&world).await;
        let (thief, other) = (thief(&world, &browser), DeviceKey::new());
        let page = thief.sign_in_with_key(&owner.email, &owner.password, &other, "kept").await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in/device"), "{}", page.text());
        assert!(!thief.is_signed_in().await);
        assert_eq!(world.mail_to(&owner.email, ALARM).await.len(), 1);
        assert_eq!(events(&browser, "device-other-key").await, 1);
        assert!(browser.is_signed_in().await);
    }

    async fn a_key_that_was_verified_takes_the_place_of_the_old_one_which_raises_the_alarm_then(world) {
        let (owner, browser, key) = with_key(&world).await;
        let (moved, new) = (thief(&world, &browser), DeviceKey::new());
        moved.sign_in_with_key(&owner.email, &owner.password, &new, "kept").await;
        finish_by_mail(&world, &owner, &moved).await;
        assert!(is_proved(&moved).await);
        browser.post("/sign-out", &[]).await;
        let page = browser.sign_in_with_key(&owner.email, &owner.password, &key, "kept").await;
        assert_eq!(page.location(), "/sign-in/device");
        assert_eq!(world.mail_to(&owner.email, ALARM).await.len(), 2);
    }

    async fn a_lost_key_is_verified_quietly_and_a_new_one_kept(world) {
        let (owner, browser, _) = with_key(&world).await;
        browser.post("/sign-out", &[]).await;
        assert_eq!(browser.get("/device-key").await.json()["has_key"], true);
        assert_eq!(owner.sign_in(&browser).await.location(), "/sign-in/device", "the cookie alone");
        // Two mails that are brought in one turn have no order.
        world.bring_mail().await;
        world.clock.advance(Span::seconds(1));
        let key = DeviceKey::new();
        let page = browser.sign_in_with_key(&owner.email, &owner.password, &key, "new").await;
        assert_eq!(page.location(), "/sign-in/device", "the cookie and a key that is new");
        finish_by_mail(&world, &owner, &browser).await;
        assert!(is_proved(&browser).await);
        assert_eq!(world.mail_to(&owner.email, ALARM).await.len(), 0);
        assert_eq!(events(&browser, "device-other-key").await, 0);
        browser.post("/sign-out", &[]).await;
        let page = browser.sign_in_with_key(&owner.email, &owner.password, &key, "new").await;
        assert_eq!(page.location(), "/app", "the script goes on calling it new");
    }

    async fn where_the_policy_minds_no_devices_a_missing_key_is_nothing_but_another_one_is(world) {
        let (owner, browser, _) = with_key(&world).await;
        world.set_policy(|values| values.mode = Some(Mode::Off)).await;
        browser.post("/sign-out", &[]).await;
        assert_eq!(owner.sign_in(&browser).await.location(), "/app");
        assert!(!is_proved(&browser).await);
        let thief = thief(&world, &browser);
        let page = thief.sign_in_with_key(&owner.email, &owner.password, &DeviceKey::new(), "kept").await;
        assert_eq!(page.location(), "/sign-in/device");
    }

    async fn a_proof_is_worth_nothing_elsewhere_later_or_changed(world) {
        let (owner, browser, key) = with_key(&world).await;
        let enter = async |fields: &[(&str, String); 2]| {
            browser.post("/sign-out", &[]).await;
            browser.get("/sign-in").await;
            let [(k, spki), (p, proof)] = fields;
            let sent = [("email", owner.email.as_str()), ("password", &owner.password), (k, spki), (p, proof)];
            browser.post("/sign-in", &sent).await.location().to_owned()
        };
        let stranger = world.browser_at(9);
        stranger.get("/sign-in").await;
        let elsewhere = key.fields(&stranger, "kept").await;
        assert_eq!(enter(&elsewhere).await, "/sign-in/device", "a challenge of another browser");
        let old = key.fields(&browser, "kept").await;
        world.clock.advance(Span::minutes(10) + Span::seconds(1));
        assert_eq!(enter(&old).await, "/sign-in/device", "after ten minutes");
        let [spki, (name, proof)] = key.fields(&browser, "new").await;
        let relabelled = [spki, (name, proof.replace(".new.", ".kept."))];
        assert_eq!(enter(&relabelled).await, "/sign-in/device", "another age than was signed");
        let mut mixed = key.fields(&browser, "kept").await;
        mixed[0] = DeviceKey::new().fields(&browser, "kept").await[0].clone();
        assert_eq!(enter(&mixed).await, "/sign-in/device", "a key that did not sign");
        for bad in ["", "x", "..", "a.b.c", &"A".repeat(500), "\u{0}.kept.\u{0}"] {
            let bad = [("device_key", bad.to_owned()), ("device_proof", bad.to_owned())];
            assert_eq!(enter(&bad).await, "/sign-in/device");
        }
        assert_eq!(enter(&key.fields(&browser, "kept").await).await, "/app");
    }

    async fn without_a_cookie_of_ours_there_is_no_challenge(world) {
        world.with_owner().await;
        let told = world.browser().get("/device-key").await;
        assert!(told.json()["challenge"].is_null() && told.json()["has_key"] == false);
        assert_eq!(told.header("cache-control"), Some("no-store"));
    }

    async fn a_shared_device_leaves_no_key_behind(world) {
        let (owner, browser) = (world.with_owner().await, world.browser());
        browser.get("/sign-in").await;
        let [(k, spki), (p, proof)] = DeviceKey::new().fields(&browser, "kept").await;
        let sent = [("email", owner.email.as_str()), ("password", &owner.password), ("shared_device", "on"), (k, &spki), (p, &proof)];
        assert_eq!(browser.post("/sign-in", &sent).await.location(), "/app");
        assert!(browser.cookie("device").is_none());
        assert_eq!(browser.get("/api/v1/me/devices").await.json()["items"].as_array().map(Vec::len), Some(0));
    }

    async fn a_session_copied_into_another_browser_ends_at_step_up(world) {
        let (owner, browser, key) = with_key(&world).await;
        let [(k, spki), (p, proof)] = key.fields(&browser, "kept").await;
        let own = [("password", owner.password.as_str()), (k, &spki), (p, &proof)];
        assert_eq!(browser.post("/app/step-up", &own).await.code(), 303);
        assert!(browser.is_signed_in().await);
        let thief = world.browser_at(9);
        thief.plant("session", &browser.cookie("session").expect("a session"));
        let [(k, spki), (p, proof)] = DeviceKey::new().fields(&thief, "kept").await;
        let page = thief.post("/app/step-up", &[("password", &owner.password), (k, &spki), (p, &proof)]).await;
        assert!(page.location().starts_with("/sign-in"), "{} {}", page.code(), page.text());
        assert!(!thief.is_signed_in().await && !browser.is_signed_in().await);
        assert_eq!(world.mail_to(&owner.email, ALARM).await.len(), 1);
        let door = browser.visit("/app").await;
        assert!(door.text().contains("not its key"), "{}", door.text());
    }
}
