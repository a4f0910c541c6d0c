//! My security: ways to sign in are added, named, removed, and each change wants a fresh proof. S22, S23; ASVS 6.5.6, 7.4.3, 7.5.1.
use serde_json::json;
use world::{App, Browser, Method, Person, SoftPasskey, Span, World};

/// Adds an authenticator app by the page, as a person would; answers the app.
pub async fn add_app(browser: &Browser, world: &World) -> App {
    let page = browser.post("/app/security/app", &[]).await;
    assert_eq!(page.code(), 303, "{}", page.text());
    let at = page.location().to_owned();
    let page = browser.get(&at).await;
    let app = App::from_uri(
        &page
            .links()
            .into_iter()
            .find(|link| link.starts_with("otpauth:"))
            .expect("a link for the app"),
    );
    let code = app.code(world.clock.now());
    let page = browser.post(&at, &[("code", &code), ("name", "Work phone")]).await;
    assert_eq!(
        (page.code(), page.location()),
        (303, "/app/security/codes"),
        "{}",
        page.text()
    );
    app
}

async fn delete(browser: &Browser, path: &str) -> world::Page {
    browser.ask(Method::DELETE, path).send().await
}

async fn ids(browser: &Browser) -> Vec<(String, String)> {
    let list = browser.get("/api/v1/me/authenticators").await.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (text(&item["id"]), text(&item["kind"])))
        .collect()
}

async fn later(world: &World, owner: &Person, browser: &Browser, span: Span) {
    world.clock.advance(span);
    assert!(browser.is_signed_in().await, "{} was signed out", owner.email);
}

world::stories! {
    async fn an_app_is_added_by_page_and_asked_for_from_then_on(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let other = world.browser();
        owner.enter(&other).await;
        let app = add_app(&browser, &world).await;
        assert!(!other.is_signed_in().await, "the other session outlives the change");
        let page = other.visit("/app").await;
        assert!(page.text().contains("ways to sign in were changed"), "{}", page.text());
        let page = browser.get("/app/security").await;
        assert!(page.text().contains("Work phone") && page.text().contains("Clock in step"), "{}", page.text());
        // Confirming it counted as step-up with it, and the session goes on.
        assert_eq!(browser.get("/app/security/codes").await.code(), 200);
        let page = owner.sign_in(&other).await;
        assert_eq!(page.location(), "/sign-in/factor");
        world.clock.advance(Span::seconds(60));
        let page = other.post("/sign-in/factor", &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        let mail = world.mail_to(&owner.email, "A way to sign in was added").await;
        assert_eq!(mail.len(), 1, "a mail tells of it, once");
    }

    async fn other_sessions_stay_where_their_owner_says_so(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let other = world.browser();
        owner.enter(&other).await;
        let started = browser.ask(Method::POST, "/api/v1/me/authenticators/totp").send().await;
        assert_eq!(started.code(), 201, "{}", started.text());
        let (id, app) = (started.json()["id"].as_str().unwrap().to_owned(), App::from_secret(started.json()["secret"].as_str().unwrap()));
        let body = json!({ "code": app.code(world.clock.now()), "keep_sessions": true });
        let done = browser.ask(Method::POST, &format!("/api/v1/me/authenticators/{id}/confirm")).json(&body).send().await;
        assert_eq!(done.code(), 204, "{}", done.text());
        // It stays, but has to prove the factor that its person has now.
        let page = other.get("/api/v1/me").await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "factor-needed"));
        let page = other.get("/app").await;
        assert_eq!(page.location(), "/app/step-up?next=%2Fapp&needs=factor");
        // The password alone would lead here again, so the page does not ask for it.
        assert!(other.get(page.location()).await.field("password").is_none());
        world.clock.advance(Span::seconds(60));
        let page = other.post("/app/step-up?next=/app", &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        assert!(other.is_signed_in().await);
    }

    async fn another_organisations_authenticators_are_not_there(world) {
        let (_, browser) = world.with_owner_inside().await;
        let foreign = "organisation=01936d2c-5b7e-7000-8000-000000000000";
        let at = "/api/v1/me/authenticators";
        assert_eq!(browser.get(&format!("{at}?{foreign}")).await.code(), 404);
        for path in ["totp", "recovery-codes", "phone", "passkeys", "passkeys/finish"] {
            let page = browser.ask(Method::POST, &format!("{at}/{path}?{foreign}")).json(&json!({})).send().await;
            assert_eq!(page.code(), 404, "{path}: {}", page.body);
        }
        assert_eq!(ids(&browser).await, []);
        assert_eq!(browser.get(&format!("{at}?limit=0")).await.code(), 400);
        assert_eq!(browser.get(&format!("{at}?cursor=x")).await.code(), 400);
        assert_eq!(browser.get(&format!("{at}?limit=1")).await.json()["next"], serde_json::Value::Null);
    }

    async fn s22_secrets_have_160_bits_and_no_two_are_alike(world) {
        let (_, browser) = world.with_owner_inside().await;
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let started = browser.ask(Method::POST, "/api/v1/me/authenticators/totp").send().await.json();
            let secret = started["secret"].as_str().unwrap().to_owned();
            assert_eq!(secret.len(), 32, "{secret} is not of 160 bits");
            assert!(started["uri"].as_str().unwrap().contains(&secret));
            assert!(seen.insert(secret), "a secret came twice");
        }
    }

    async fn a_wrong_first_code_adds_nothing_and_what_waits_is_not_listed(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.post("/app/security/app", &[]).await;
        let at = page.location().to_owned();
        let app = App::from_uri(&browser.get(&at).await.links().into_iter().find(|link| link.starts_with("otpauth:")).unwrap());
        let page = browser.post(&at, &[("code", &app.wrong_code(world.clock.now()))]).await;
        assert_eq!(page.code(), 422);
        assert!(!page.alerts().is_empty(), "{}", page.text());
        assert_eq!(ids(&browser).await, []);
        // The secret is the same when the page comes again.
        let again = App::from_uri(&browser.get(&at).await.links().into_iter().find(|link| link.starts_with("otpauth:")).unwrap());
        let now = world.clock.now();
        assert_eq!(again.code(now), app.code(now));
    }

    async fn recovery_codes_count_once_they_are_kept_and_each_once(world) {
        let (owner, browser) = world.with_owner_inside().await;
        add_app(&browser, &world).await;
        let page = browser.get("/app/security/codes").await;
        let sealed = page.value_of("sealed").expect("the codes, sealed");
        let shown: Vec<String> = page.text().split_whitespace().filter(|word| word.len() == 19 && word.matches('-').count() == 3).map(str::to_owned).collect();
        assert_eq!(shown.len(), 10, "{}", page.text());
        assert!(!ids(&browser).await.iter().any(|(_, kind)| kind == "recovery-codes"), "codes count before they are kept");
        let page = browser.post("/app/security/codes", &[("sealed", &sealed)]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/security?done=codes"), "{}", page.text());
        let at_the_door = world.browser();
        for (time, expected) in [(1, 303), (2, 422)] {
            let page = owner.sign_in(&at_the_door).await;
            assert_eq!(page.location(), "/sign-in/factor");
            let page = at_the_door.post("/sign-in/factor", &[("code", &shown[0].to_lowercase())]).await;
            assert_eq!(page.code(), expected, "use {time}: {}", page.text());
            at_the_door.close();
            at_the_door.post("/sign-out", &[]).await;
        }
        assert!(browser.get("/app/security").await.text().contains("9 of 10 left"));
        let forged = browser.post("/app/security/codes", &[("sealed", "AAAA")]).await;
        assert_eq!(forged.code(), 422);
    }

    async fn s23_what_is_another_persons_is_not_there_and_ones_own_wants_a_fresh_proof(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let app = add_app(&browser, &world).await;
        let own = ids(&browser).await[0].0.clone();
        let bob = world.person("bob").await;
        let his = world.browser();
        bob.enter(&his).await;
        let page = delete(&his, &format!("/api/v1/me/authenticators/{own}")).await;
        assert_eq!(page.code(), 404, "{}", page.text());
        assert_eq!(his.get(&format!("/api/v1/me/authenticators/{own}")).await.code(), 404);
        let one = browser.get(&format!("/api/v1/me/authenticators/{own}")).await.json();
        assert_eq!(one["kind"], "totp", "{one}");
        assert_eq!(his.get(&format!("/app/security/ways/{own}")).await.code(), 404);
        assert_eq!(his.post(&format!("/app/security/ways/{own}/remove"), &[]).await.code(), 404);
        later(&world, &owner, &browser, Span::minutes(16)).await;
        let page = delete(&browser, &format!("/api/v1/me/authenticators/{own}")).await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"));
        let page = browser.get(&format!("/app/security/ways/{own}")).await;
        assert_eq!(page.code(), 303);
        let to = page.location().to_owned();
        assert!(to.starts_with("/app/step-up?next="), "{to}");
        // The password alone is not what this asks for.
        let page = browser.post(&to, &[("password", &owner.password)]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        assert_eq!(delete(&browser, &format!("/api/v1/me/authenticators/{own}")).await.problem(), "step-up-needed");
        let page = browser.post(&to, &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!((page.code(), page.location()), (303, format!("/app/security/ways/{own}").as_str()), "{}", page.text());
        assert_eq!(delete(&browser, &format!("/api/v1/me/authenticators/{own}")).await.code(), 204);
        assert_eq!(ids(&browser).await, []);
        assert_eq!(owner.sign_in(&world.browser()).await.location(), "/app");
    }

    async fn the_last_factor_stays_where_policy_asks_for_one(world) {
        let (_, browser) = world.with_owner_inside().await;
        add_app(&browser, &world).await;
        world.with_real_policy().await;
        let own = ids(&browser).await[0].0.clone();
        let page = delete(&browser, &format!("/api/v1/me/authenticators/{own}")).await;
        assert_eq!(page.code(), 409, "{}", page.text());
        let page = browser.post(&format!("/app/security/ways/{own}/remove"), &[]).await;
        assert_eq!(page.code(), 409);
        assert!(page.text().contains("Add another first"), "{}", page.text());
        let mut soft = SoftPasskey::new(world.origin());
        assert_eq!(browser.add_passkey(&mut soft).await.code(), 201);
        assert_eq!(delete(&browser, &format!("/api/v1/me/authenticators/{own}")).await.code(), 204);
    }

    async fn names_are_given_anew_and_bad_ones_refused_at_their_field(world) {
        let (_, browser) = world.with_owner_inside().await;
        add_app(&browser, &world).await;
        let own = ids(&browser).await[0].0.clone();
        let at = format!("/app/security/ways/{own}");
        let page = browser.post(&at, &[("name", "  ")]).await;
        assert_eq!(page.code(), 422);
        assert!(page.error_of("name").is_some(), "{}", page.text());
        let page = browser.post(&at, &[("name", "Blue phone <b>")]).await;
        assert_eq!(page.code(), 303);
        assert!(browser.get("/app/security").await.text().contains("Blue phone <b>"));
    }

    async fn whoever_was_away_for_long_confirms_by_mail_before_a_first_factor(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::days(31));
        owner.enter(&browser).await;
        let page = browser.post("/app/security/app", &[]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/security/add"), "{}", page.text());
        let page = browser.ask(Method::POST, "/api/v1/me/authenticators/totp").send().await;
        assert_eq!(page.code(), 422, "{}", page.text());
        assert_eq!(browser.post("/app/security/add", &[("send", "mail")]).await.code(), 303);
        world.bring_mail().await;
        let mail = world.mail_to(&owner.email, "Confirm that it is you").await;
        let link = mail.last().expect("a mail").path(&world, "/app/security/add");
        // Opening it does nothing yet, and in another session it is worth nothing.
        let proof = browser.get(&link).await.value_of("proof").expect("what the link carries");
        assert_eq!(browser.post("/app/security/app", &[]).await.location(), "/app/security/add");
        let other = world.browser();
        owner.enter(&other).await;
        assert_eq!(other.post("/app/security/add", &[("proof", &proof)]).await.code(), 422);
        // The mail makes nothing fresh: who was let in a quarter of an hour ago has to confirm again.
        world.clock.advance(Span::minutes(14));
        assert_eq!(browser.post("/app/security/add", &[("proof", &proof)]).await.code(), 303);
        world.clock.advance(Span::minutes(1));
        let page = browser.post("/app/security/app", &[]).await;
        assert!(page.location().starts_with("/app/step-up"), "{}", page.location());
        browser.post("/app/step-up", &[("password", &owner.password)]).await;
        add_app(&browser, &world).await;
    }

    async fn the_mail_before_a_first_factor_is_sent_five_times_an_hour_over_all_sessions(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::days(31));
        owner.enter(&browser).await;
        let other = world.browser();
        owner.enter(&other).await;
        for tab in [&browser, &other, &browser, &other, &browser] {
            assert_eq!(tab.post("/app/security/add", &[("send", "mail")]).await.code(), 303);
            world.clock.advance(Span::minutes(2));
        }
        for tab in [&browser, &other] {
            let page = tab.post("/app/security/add", &[("send", "mail")]).await;
            assert_eq!((page.code(), page.retry_after()), (429, Some(50 * 60)), "{}", page.text());
            assert!(page.text().contains("Enough of these mails"), "{}", page.text());
        }
        assert_eq!(world.mail_to(&owner.email, "Confirm that it is you").await.len(), 5);
        // Other mails are not held back, and an hour later there is another one.
        world.clock.advance(Span::minutes(20));
        browser.get("/app").await;
        world.clock.advance(Span::minutes(29));
        browser.get("/app").await;
        world.clock.advance(Span::minutes(1));
        browser.post("/app/step-up", &[("password", &owner.password)]).await;
        assert_eq!(browser.post("/app/security/add", &[("send", "mail")]).await.code(), 303);
    }

    async fn what_was_begun_ends_after_an_hour_and_is_a_kind_answer(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let at = browser.post("/app/security/app", &[]).await.location().to_owned();
        world.clock.advance(Span::minutes(20));
        let page = browser.get(&at).await;
        assert!(page.location().starts_with("/app/step-up"), "{}", page.location());
        let page = browser.post(page.location(), &[("password", &owner.password)]).await;
        assert_eq!((page.code(), page.location()), (303, at.as_str()));
        assert_eq!(browser.get(&at).await.code(), 200);
        world.clock.advance(Span::minutes(14));
        browser.get("/app").await;
        world.clock.advance(Span::minutes(28));
        browser.get("/app").await;
        browser.post("/app/step-up", &[("password", &owner.password)]).await;
        assert_eq!(browser.get(&at).await.location(), "/app/security");
    }
}
