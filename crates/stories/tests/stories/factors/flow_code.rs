//! The second factor by a code: counted, spent once, explained; and what is left when it is refused. S11, S14, S15.
use super::{
    flow::{at_factor, code_of, confirm},
    recovery::codes as recovery_codes,
};
use world::{Engine, Span};

world::stories! {
    async fn a_password_and_a_code_open_a_session_where_one_was_going(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = world.browser();
        browser.get("/sign-in?next=/app/activity").await;
        let page = browser.post("/sign-in?next=/app/activity", &[("email", &owner.email), ("password", &owner.password)]).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in/factor"), "{}", page.text());
        assert!(!browser.is_signed_in().await, "a password alone opened a session");
        assert_eq!(browser.get("/api/v1/me").await.problem(), "factor-needed");
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!((page.code(), page.location()), (303, "/app/activity"), "{}", page.text());
        assert!(browser.is_signed_in().await);
        assert_eq!(browser.cookie("flow"), None, "the flow outlives its session");
    }

    async fn the_page_has_its_field_button_and_every_other_way(world) {
        let owner = world.with_owner().await;
        world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let page = browser.get("/sign-in/factor").await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Enter the code from your authenticator app"));
        assert!(page.text().contains(&format!("Signing in as {}", owner.email)), "{}", page.text());
        let field = page.field("code").expect("a field for the code");
        assert_eq!((field.get("autocomplete"), field.get("inputmode")), (Some("one-time-code"), Some("numeric")));
        assert_eq!(field.get("maxlength"), None, "a recovery code must fit");
        assert_eq!(page.label_of("code").as_deref(), Some("Six-digit code"));
        assert!(page.buttons().contains(&"Confirm".to_owned()), "{:?}", page.buttons());
        assert!(page.links().contains(&"/sign-in/lost".to_owned()), "{:?}", page.links());
        assert!(page.bytes.len() < 4_000, "{} bytes", page.bytes.len());
    }

    async fn s11_wrong_codes_are_counted_over_sign_ins_and_restarts_and_pause_the_authenticator(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let mut evaluated = 0;
        for round in 0..4 {
            let browser = at_factor(&world, &owner).await;
            let mut is_paused = false;
            for _ in 0..50 {
                let page = confirm(&browser, &app.wrong_code(world.clock.now())).await;
                match page.code() {
                    // Once it is paused, nothing is looked at; the challenge ends all the same.
                    422 if is_paused => assert_eq!(page.heading(), "Sign in again"),
                    422 => evaluated += 1,
                    429 => {
                        is_paused = true;
                        assert!(page.retry_after().is_some(), "{}", page.text());
                    }
                    303 => assert!(page.location().starts_with("/sign-in"), "{}", page.location()),
                    other => panic!("{other}: {}", page.text()),
                }
            }
            assert!(!browser.is_signed_in().await);
            if round == 1 {
                world.restart().await;
            }
        }
        assert!(evaluated <= 10, "{evaluated} wrong codes were looked at");
        let browser = at_factor(&world, &owner).await;
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!(page.code(), 429, "the right code during the pause: {}", page.text());
        world.clock.advance(Span::minutes(16));
        let browser = at_factor(&world, &owner).await;
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 303);
    }

    async fn five_wrong_codes_end_the_sign_in_and_the_page_says_so(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let wrong = app.wrong_code(world.clock.now());
        for left in ["Four", "Three", "Two", "One"] {
            let page = confirm(&browser, &wrong).await;
            assert_eq!(page.code(), 422);
            assert!(page.text().contains(&format!("{left} tr")), "{left}: {}", page.text());
            assert!(page.alerts().len() == 1, "{:?}", page.alerts());
        }
        let page = confirm(&browser, &wrong).await;
        assert_eq!((page.code(), page.heading().as_str()), (422, "Sign in again"), "{}", page.text());
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!(page.code(), 303);
        assert!(page.location().starts_with("/sign-in"), "{}", page.location());
        assert!(!browser.is_signed_in().await);
        // The owner simply signs in again.
        let browser = at_factor(&world, &owner).await;
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 303);
    }

    async fn s14_a_code_works_once_also_in_a_new_sign_in_and_at_the_same_instant(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let code = app.code(world.clock.now());
        let browsers = [at_factor(&world, &owner).await, at_factor(&world, &owner).await, at_factor(&world, &owner).await];
        let tasks: Vec<_> = browsers.iter().cloned().map(|browser| {
            let code = code.clone();
            tokio::spawn(async move { confirm(&browser, &code).await })
        }).collect();
        let mut opened = 0;
        for task in tasks {
            let page = task.await.expect("no panic");
            opened += usize::from(page.code() == 303 && page.location() == "/app");
        }
        assert_eq!(opened, 1, "one code opened {opened} sessions");
        let browser = at_factor(&world, &owner).await;
        assert_eq!(confirm(&browser, &code).await.code(), 422);
        world.clock.advance(Span::seconds(30));
        assert_eq!(confirm(&browser, &code).await.code(), 422, "within the window of the next step");
        assert!(!browser.is_signed_in().await);
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 303);
    }

    async fn s15_every_spelling_is_one_and_the_same_code(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let spell: [fn(&str) -> String; 5] = [
            |code| format!(" {code}"),
            |code| format!("{} {}", &code[..3], &code[3..]),
            |code| format!("{code}\r\n"),
            |code| code.chars().map(|c| char::from_u32(u32::from(c) - 0x30 + 0xff10).unwrap()).collect(),
            |code| format!("{}-{}", &code[..3], &code[3..]),
        ];
        for spelt in spell {
            world.clock.advance(Span::minutes(2));
            let browser = at_factor(&world, &owner).await;
            let code = app.code(world.clock.now());
            let page = confirm(&browser, &spelt(&code)).await;
            assert_eq!(page.code(), 303, "{:?}: {}", spelt(&code), page.text());
            let again = at_factor(&world, &owner).await;
            assert_eq!(confirm(&again, &code).await.code(), 422, "{:?} was another code", spelt(&code));
        }
    }

    async fn a_slow_phone_is_told_how_slow_and_what_to_do(world) {
        let owner = world.with_owner().await;
        let mut app = world.with_app(&owner).await;
        // The code that it was set up with is long past.
        world.clock.advance(Span::minutes(30));
        app.ahead = Span::minutes(-4);
        let browser = at_factor(&world, &owner).await;
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!(page.code(), 422);
        let told = page.alerts().join(" ");
        assert!(told.contains("Your phone’s clock is about 4 minutes slow"), "{told}");
        assert!(told.contains("That code was right for") && told.contains("Turn on automatic date and time"), "{told}");
        assert!(told.contains("Four tries left."), "{told}");
        assert_eq!(page.field("code").unwrap().get("aria-invalid"), Some("true"));
        app.ahead = Span::minutes(6);
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert!(page.alerts().join(" ").contains("Your phone’s clock is fast"), "{:?}", page.alerts());
        app.ahead = Span::seconds(0);
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 303);
    }

    async fn two_codes_in_a_row_set_our_clock_by_a_slow_phone(world) {
        let owner = world.with_owner().await;
        let mut app = world.with_app(&owner).await;
        world.clock.advance(Span::minutes(10));
        app.ahead = Span::minutes(-5);
        let browser = at_factor(&world, &owner).await;
        let step = (world.clock.now() + app.ahead).seconds() / 30;
        let pair = format!("{} {}", app.code_of(step), app.code_of(step + 1));
        let page = confirm(&browser, &pair).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        world.clock.advance(Span::minutes(3));
        let browser = at_factor(&world, &owner).await;
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 303, "it was not learned");
    }

    async fn an_empty_field_is_told_at_the_field_and_costs_nothing(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        for typed in ["", "  ", "12345", "no code", "\u{0}\u{1}"] {
            for _ in 0..3 {
                let page = confirm(&browser, typed).await;
                assert_eq!(page.code(), 422, "{typed:?}: {}", page.text());
            }
        }
        assert!(confirm(&browser, "").await.error_of("code").is_some());
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 303);
    }

    async fn of_many_parallel_wrong_codes_no_more_than_five_are_looked_at_in_one_sign_in(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let wrong = app.wrong_code(world.clock.now());
        let node = if world.engine() == Engine::Postgres { Some(world.second_node().await) } else { None };
        let tasks: Vec<_> = (0..60).map(|n| {
            let tab = match node {
                Some(node) if n % 2 == 0 => browser.towards(node),
                _ => browser.clone(),
            };
            let wrong = wrong.clone();
            tokio::spawn(async move { confirm(&tab, &wrong).await.code() })
        }).collect();
        for task in tasks {
            let code = task.await.expect("no panic");
            assert!([303, 422, 429].contains(&code), "{code}");
        }
        // Five of the ten that pause the authenticator are used up, so a new sign-in still gets in.
        let browser = at_factor(&world, &owner).await;
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "more than five were counted: {}", page.text());
    }

    async fn of_eight_right_codes_at_once_one_lets_in_and_none_ends_the_sign_in(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let codes = recovery_codes(&inside).await;
        let app = world.with_app(&owner).await;
        let node = if world.engine() == Engine::Postgres { Some(world.second_node().await) } else { None };
        for round in 0..4 {
            world.clock.advance(Span::minutes(2));
            let browser = at_factor(&world, &owner).await;
            let right = app.code(world.clock.now());
            // Eight times the app's code; eight different recovery codes; both, in turns.
            let typed: Vec<String> = (0..8).map(|n| match round {
                0 | 1 => right.clone(),
                2 => codes[n].clone(),
                _ if n % 2 == 0 => right.clone(),
                _ => codes[9].clone(),
            }).collect();
            let tasks: Vec<_> = typed.into_iter().enumerate().map(|(n, code)| {
                let tab = match node {
                    Some(node) if n % 2 == 0 => browser.towards(node),
                    _ => browser.clone(),
                };
                tokio::spawn(async move { confirm(&tab, &code).await })
            }).collect();
            let mut opened = 0;
            for task in tasks {
                let page = task.await.expect("no panic");
                opened += usize::from(page.code() == 303 && page.location() == "/app");
                assert!([303, 422, 503].contains(&page.code()), "{}: {}", page.code(), page.text());
            }
            assert_eq!(opened, 1, "round {round}: eight right codes opened {opened} sessions");
            assert!(browser.is_signed_in().await, "round {round}: the challenge was ended");
            // Whoever came too late spent nothing.
            let page = browser.get("/app/security").await.text();
            let least = [10, 10, 9, 8][round];
            assert!((least..=9).chain([least]).any(|left| page.contains(&format!("{left} of 10 left"))), "round {round}: {page}");
            browser.post("/sign-out", &[]).await;
        }
    }

    async fn a_lost_phone_is_told_every_way_and_whom_to_ask(world) {
        let (owner, inside) = world.with_owner_inside().await;
        inside.post("/app/settings", &[("name", "Northwind IT"), ("contact", "help@northwind.example")]).await;
        world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let page = browser.get("/sign-in/lost").await;
        assert_eq!(page.code(), 200);
        assert!(page.text().contains("help@northwind.example") && page.text().contains("An administrator of"), "{}", page.text());
        assert_eq!(code_of(&world.browser(), "/sign-in/lost").await, 303);
    }
}
