//! Signing in: where it leads, what it says, and what never keeps anyone out.
use world::{Browser, Method, OWNER, PASSWORD, Page, Span};

/// A wrong password: the page again, with the same words for everybody.
fn is_wrong_password(page: &Page) {
    assert_eq!(page.code(), 422, "{}", page.text());
    let told = page.alerts().join(" ");
    assert!(told.contains("do not match"), "{told}");
    assert_eq!(page.header("retry-after"), None);
}

async fn try_in(browser: &Browser, path: &str, email: &str, password: &str) -> Page {
    browser.get(path).await;
    browser.post(path, &[("email", email), ("password", password)]).await
}

world::stories! {
    async fn the_page_has_its_fields_labels_and_button(world) {
        world.with_owner().await;
        let page = world.browser().get("/sign-in").await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Sign in"));
        for (field, autocomplete) in [("email", "username"), ("password", "current-password")] {
            let tag = page.field(field).unwrap_or_else(|| panic!("no {field}"));
            assert!(tag.get("autocomplete").unwrap_or_default().contains(autocomplete), "{field}: {tag:?}");
            assert!(page.label_of(field).is_some(), "{field} has no label");
            assert_eq!(tag.get("placeholder"), None, "a placeholder is no label");
        }
        assert_eq!(page.field("password").unwrap().get("type"), Some("password"));
        assert!(page.field("shared_device").is_some());
        assert!(page.buttons().contains(&"Sign in".to_owned()), "{:?}", page.buttons());
        assert!(!page.body.contains("SSO"), "SSO is offered where no organisation has it");
    }

    async fn a_get_always_sets_a_cookie(world) {
        world.with_owner().await;
        let browser = world.browser();
        for _ in 0..2 {
            assert!(!browser.get("/sign-in").await.set_cookies().is_empty());
        }
    }

    async fn the_right_password_leads_home(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        let page = owner.sign_in(&browser).await;
        assert_eq!((page.code(), page.location()), (303, "/app"));
        let home = browser.follow(page).await;
        assert_eq!(home.code(), 200);
        assert!(home.text().contains("Olive"), "{}", home.text());
        assert_eq!(browser.get("/").await.location(), "/app");
    }

    async fn next_leads_where_one_was_going(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        let refused = browser.get("/app/activity?kind=signed-in").await;
        assert_eq!(refused.code(), 303);
        assert!(refused.location().starts_with("/sign-in?next="), "{}", refused.location());
        let page = try_in(&browser, refused.location(), &owner.email, &owner.password).await;
        assert_eq!((page.code(), page.location()), (303, "/app/activity?kind=signed-in"));
        assert_eq!(browser.follow(page).await.heading(), "Activity");
    }

    async fn a_wrong_password_keeps_the_address_and_never_the_password(world) {
        world.with_owner().await;
        let browser = world.browser();
        let page = browser.sign_in(OWNER, "not the right password").await;
        is_wrong_password(&page);
        assert_eq!(page.value_of("email").as_deref(), Some(OWNER));
        assert!(!page.body.contains("not the right password"));
        assert!(!browser.is_signed_in().await);
    }

    async fn an_unknown_address_is_answered_like_a_wrong_password(world) {
        world.with_owner().await;
        let known = world.browser().sign_in(OWNER, "not the right password").await;
        let unknown = world.browser().sign_in("nobody@elsewhere.example", "not the right password").await;
        is_wrong_password(&unknown);
        assert_eq!(known.body.replace(OWNER, "X"), unknown.body.replace("nobody@elsewhere.example", "X"));
    }

    async fn the_password_is_compared_exactly(world) {
        let owner = world.with_owner().await;
        for other in [format!("{} ", owner.password), format!(" {}", owner.password), owner.password.to_uppercase(), owner.password.replace(' ', "")] {
            is_wrong_password(&world.browser().sign_in(&owner.email, &other).await);
        }
    }

    async fn the_address_counts_in_its_canonical_form(world) {
        let owner = world.with_owner().await;
        for spelt in ["OLIVE@NORTHWIND.EXAMPLE", " olive@northwind.example ", "ｏｌｉｖｅ@northwind.example"] {
            let page = world.browser().sign_in(spelt, &owner.password).await;
            assert_eq!(page.code(), 303, "{spelt}: {}", page.text());
        }
    }

    async fn a_post_without_any_cookie_is_never_tried_and_says_so(world) {
        world.with_owner().await;
        let browser = world.browser();
        for _ in 0..12 {
            let page = browser.ask(Method::POST, "/sign-in").form(&[("email", OWNER), ("password", "wrong wrong wrong")]).without_cookies().send().await;
            assert_eq!(page.code(), 422);
            assert!(page.text().contains("cookie"), "{}", page.text());
            assert_eq!(page.value_of("email").as_deref(), Some(OWNER));
        }
        assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 303, "untried forms were counted");
    }

    async fn any_cookie_of_ours_goes_on_stale_or_not(world) {
        let owner = world.with_owner().await;
        for (short, value) in [("flow", "stale"), ("session", "0"), ("device", "nonsense"), ("flow", "")] {
            let browser = world.browser();
            browser.plant(short, value);
            let page = browser.post("/sign-in", &[("email", &owner.email), ("password", &owner.password)]).await;
            assert_eq!(page.code(), 303, "{short}={value}: {}", page.text());
        }
    }

    async fn a_page_left_open_for_a_day_still_signs_in(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        browser.get("/sign-in?next=/app/security").await;
        world.clock.advance(Span::hours(26));
        let page = browser.post("/sign-in?next=/app/security", &[("email", &owner.email), ("password", &owner.password)]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/security"), "{}", page.text());
    }

    async fn empty_fields_are_told_at_the_field_and_not_counted(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        for _ in 0..12 {
            let page = browser.sign_in(OWNER, "").await;
            assert_eq!(page.code(), 422);
            assert!(page.error_of("password").is_some(), "{}", page.body);
        }
        let page = browser.sign_in("", &owner.password).await;
        assert!(page.error_of("email").is_some(), "{}", page.body);
        owner.enter(&browser).await;
    }

    async fn signing_in_again_replaces_the_session_and_ends_the_old_one(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        owner.enter(&browser).await;
        let old = browser.cookie("session").expect("a session");
        owner.enter(&browser).await;
        let new = browser.cookie("session").expect("a session");
        assert_ne!(old, new);
        let other = world.browser();
        other.plant("session", &old);
        assert!(!other.is_signed_in().await, "the old session lives on");
    }

    async fn a_signed_in_person_who_opens_the_sign_in_page_is_led_on(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.get("/sign-in?next=/app/activity").await;
        assert!(page.code() == 303 || page.code() == 200, "{}", page.code());
        if page.code() == 303 {
            assert_eq!(page.location(), "/app/activity");
        }
        assert!(browser.is_signed_in().await, "looking at the page signed the person out");
    }

    async fn on_a_shared_device_nothing_is_remembered(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        browser.get("/sign-in").await;
        let page = browser.post("/sign-in", &[("email", &owner.email), ("password", &owner.password), ("shared_device", "on")]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        let lasting: Vec<String> = browser.jar(|jar| jar.all().iter().filter(|c| c.ends_at.is_some()).map(|c| c.name.clone()).collect());
        assert!(lasting.is_empty(), "these outlive the browser: {lasting:?}");
        browser.close();
        assert!(!browser.is_signed_in().await);
    }

    async fn on_ones_own_device_the_session_outlives_the_browser(world) {
        let (_, browser) = world.with_owner_inside().await;
        browser.close();
        assert!(browser.is_signed_in().await);
    }

    async fn the_session_cookie_has_256_bits_and_every_attribute(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        let page = owner.sign_in(&browser).await;
        let set = page.set_cookies().into_iter().find(|line| line.starts_with("doorward_session=") && !line.contains("Max-Age=0")).expect("a session cookie");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(set.contains(attribute), "{set}");
        }
        assert!(!set.contains("Domain"), "{set}");
        assert!(browser.cookie("session").unwrap().len() >= 43, "shorter than 256 bits in base64");
    }
}
