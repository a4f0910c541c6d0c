//! Set-up: the printed link, the first owner, and the door that shuts for ever behind them.
use world::{ORGANISATION, OWNER, PASSWORD, Span, World};

const GOOD: [(&str, &str); 4] = [
    ("organisation", ORGANISATION),
    ("name", "Olive Owner"),
    ("email", OWNER),
    ("password", PASSWORD),
];

/// The form with one field changed.
fn with<'a>(field: &str, value: &'a str) -> Vec<(&'static str, &'a str)> {
    GOOD.iter()
        .map(|(name, good)| (*name, if *name == field { value } else { *good }))
        .collect()
}

async fn refusal(world: &World, field: &str, value: &str) -> String {
    let path = world.setup_path().await.expect("no owner yet");
    let page = world.browser().post(&path, &with(field, value)).await;
    assert_eq!(page.code(), 422, "{field} {value:?}: {}", page.text());
    page.error_of(field).unwrap_or_else(|| {
        panic!(
            "the page does not say at {field} what is wrong with {value:?}: {}",
            page.body
        )
    })
}

world::stories! {
    async fn the_link_shows_a_form_with_real_labels(world) {
        let path = world.setup_path().await.expect("no owner yet");
        let page = world.browser().get(&path).await;
        assert_eq!(page.code(), 200);
        for field in ["organisation", "name", "email", "password"] {
            assert!(page.label_of(field).is_some_and(|label| !label.is_empty()), "{field} has no label");
        }
        assert!(page.buttons().contains(&"Create the owner".to_owned()), "{:?}", page.buttons());
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }

    async fn the_owner_goes_on_to_the_sign_in_page_and_opens_no_session(world) {
        let path = world.setup_path().await.expect("no owner yet");
        let browser = world.browser();
        let page = browser.post(&path, &GOOD).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in"));
        assert!(browser.cookie("session").is_none(), "set-up opened a session");
        assert_eq!(browser.get("/api/v1/me").await.code(), 401);
        let page = browser.sign_in(OWNER, PASSWORD).await;
        assert_eq!((page.code(), page.location()), (303, "/app"));
        let me = browser.get("/api/v1/me").await.json();
        assert_eq!((me["email"].as_str(), me["organisation"]["name"].as_str()), (Some(OWNER), Some(ORGANISATION)));
        assert_eq!(me["roles"][0]["name"].as_str().or(me["roles"][0].as_str()), Some("Owner"), "{me}");
    }

    async fn a_get_of_the_link_spends_nothing(world) {
        let path = world.setup_path().await.expect("no owner yet");
        for _ in 0..3 {
            assert_eq!(world.browser().get(&path).await.code(), 200);
        }
        assert_eq!(world.browser().post(&path, &GOOD).await.code(), 303);
    }

    async fn a_link_lives_sixty_minutes(world) {
        let path = world.setup_path().await.expect("no owner yet");
        world.clock.advance(Span::minutes(60) - Span::seconds(1));
        assert_eq!(world.browser().get(&path).await.code(), 200);
        world.clock.advance(Span::seconds(1));
        assert_eq!(world.browser().get(&path).await.code(), 404);
        assert_eq!(world.browser().post(&path, &GOOD).await.code(), 404);
    }

    async fn all_links_end_together_when_an_owner_exists(world) {
        let first = world.setup_path().await.expect("no owner yet");
        let second = world.setup_path().await.expect("no owner yet");
        assert_ne!(first, second);
        assert_eq!(world.browser().get(&first).await.code(), 200, "a new link voids none");
        assert_eq!(world.browser().post(&second, &GOOD).await.code(), 303);
        for path in [first, second] {
            assert_eq!(world.browser().get(&path).await.code(), 404);
            assert_eq!(world.browser().post(&path, &GOOD).await.code(), 404);
        }
        assert!(world.setup_path().await.is_none(), "a link was made after there was an owner");
    }

    async fn without_a_good_token_setup_is_an_unknown_path(world) {
        let unknown = world.browser().get("/no-such-path").await;
        let path = world.setup_path().await.expect("no owner yet");
        let (start, token) = path.split_once("token=").expect("a token");
        let longer = format!("{path}A");
        let shorter = path[..path.len() - 1].to_owned();
        let upper = format!("{start}token={}", token.to_ascii_uppercase());
        for path in ["/setup", "/setup?token=", "/setup?token=x", &longer, &shorter, &upper, "/setup?token=%00"] {
            let page = world.browser().get(path).await;
            assert_eq!((page.code(), page.body.as_str()), (404, unknown.body.as_str()), "{path}");
        }
    }

    async fn a_refused_form_comes_back_with_its_errors_and_what_was_typed(world) {
        let path = world.setup_path().await.expect("no owner yet");
        let page = world.browser().post(&path, &[("organisation", ORGANISATION), ("name", ""), ("email", "nobody"), ("password", "short")]).await;
        assert_eq!(page.code(), 422);
        for field in ["name", "email"] {
            assert!(page.error_of(field).is_some(), "{field} shows no error: {}", page.body);
        }
        assert_eq!(page.value_of("organisation").as_deref(), Some(ORGANISATION));
        assert_eq!(page.value_of("email").as_deref(), Some("nobody"));
        assert!(page.value_of("password").unwrap_or_default().is_empty(), "the page sends the password back");
        assert!(!page.alerts().is_empty(), "nothing is announced");
        assert_eq!(world.browser().post(&path, &GOOD).await.code(), 303, "a refusal spent the link");
    }

    async fn a_password_has_fifteen_to_128_characters_counted_as_characters(world) {
        refusal(&world, "password", "fourteen chars").await;
        refusal(&world, "password", &"ü9 kä7 qö".repeat(15)).await;
        let path = world.setup_path().await.expect("no owner yet");
        let exactly_128 = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich 123 und danach noch weit hinaus aufs Meer bis ins Morgenrot 456ä";
        assert_eq!(exactly_128.chars().count(), 128);
        assert_eq!(world.browser().post(&path, &with("password", exactly_128)).await.code(), 303);
        let browser = world.browser();
        let cut: String = exactly_128.chars().take(127).chain(['a']).collect();
        assert_eq!(browser.sign_in(OWNER, &cut).await.code(), 422, "the last character does not count");
        assert_eq!(browser.sign_in(OWNER, exactly_128).await.code(), 303);
    }

    async fn a_password_of_fifteen_characters_is_enough_without_rules_of_composition(world) {
        let path = world.setup_path().await.expect("no owner yet");
        assert_eq!(world.browser().post(&path, &with("password", "mvqz tlwk ehrby")).await.code(), 303);
        assert_eq!(world.browser().sign_in(OWNER, "mvqz tlwk ehrby").await.code(), 303);
    }

    async fn a_password_out_of_context_words_or_from_the_list_is_refused_with_its_reason(world) {
        let reasons = [
            ("northwind it northwind", "organisation"),
            ("olive owner olive", "name"),
            ("aaaaaaaaaaaaaaaaaaaa", "guess"),
            ("123456789012345", ""),
        ];
        for (password, word) in reasons {
            let told = refusal(&world, "password", password).await;
            assert!(told.to_lowercase().contains(word), "{password}: {told}");
        }
    }

    async fn names_and_addresses_that_cannot_be_are_refused(world) {
        for email in ["", "olive", "@northwind.example", "olive@", "a b@northwind.example", "olive@northwind..example"] {
            refusal(&world, "email", email).await;
        }
        let long = "x".repeat(101);
        for name in ["", "   ", "two\nlines", &long] {
            refusal(&world, "name", name).await;
            refusal(&world, "organisation", name).await;
        }
    }

    async fn setup_is_an_event_in_the_organisations_log(world) {
        let (_, browser) = world.with_owner_inside().await;
        let events = browser.get("/api/v1/events").await.json();
        let kinds: Vec<&str> = events["items"].as_array().unwrap().iter().filter_map(|e| e["kind"].as_str()).collect();
        assert!(kinds.contains(&"owner-created"), "{kinds:?}");
    }

    async fn a_form_with_a_field_missing_or_twice_is_malformed(world) {
        let path = world.setup_path().await.expect("no owner yet");
        let twice = [GOOD.as_slice(), &[("email", "other@northwind.example")]].concat();
        let missing = &GOOD[..3];
        for fields in [twice.as_slice(), missing] {
            let code = world.browser().post(&path, fields).await.code();
            assert!(code == 400 || code == 422, "{code}");
        }
        assert!(world.setup_path().await.is_some(), "an owner was made");
    }
}
