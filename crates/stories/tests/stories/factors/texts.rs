//! Codes by text message: a number is verified, sign-in sends and takes a code, limits and policy hold. ASVS 6.6.1–6.6.3; S11, S31.
use super::flow::{at_factor, confirm};
use world::{Browser, Method, Person, Span, World};

const NUMBER: &str = "+447700900123";

/// Adds a phone as a person does, and signs in again an hour later, when nothing of it counts any more.
async fn with_phone(world: &World) -> (Person, Browser) {
    let (owner, inside) = world.with_owner_inside().await;
    let page = inside
        .post("/app/security/phone", &[("number", "+44 (0)7700 900-123")])
        .await;
    assert_eq!(page.code(), 303, "{}", page.text());
    let at = page.location().to_owned();
    let page = inside.get(&at).await;
    assert!(
        page.text().contains("•••• 0123") && !page.body.contains("7700900123"),
        "{}",
        page.text()
    );
    let code = world.code_texted_to(NUMBER).await;
    let page = inside.post(&at, &[("code", &code)]).await;
    assert_eq!(page.code(), 303, "{}", page.text());
    world.clock.advance(Span::hours(25));
    (owner, inside)
}

async fn send(browser: &Browser) -> world::Page {
    browser.post("/sign-in/factor", &[("send", "text")]).await
}

world::stories! {
    async fn a_code_by_text_message_opens_a_session_and_the_page_says_where_it_is(world) {
        let (owner, _) = with_phone(&world).await;
        let browser = at_factor(&world, &owner).await;
        let page = browser.get("/sign-in/factor").await;
        assert!(page.buttons().iter().any(|button| button.starts_with("Send a text message")), "{:?}", page.buttons());
        assert_eq!(send(&browser).await.location(), "/sign-in/factor?way=text");
        let page = browser.get("/sign-in/factor?way=text").await;
        assert!(page.text().contains("•••• 0123") && page.text().contains("about to leave"), "{}", page.text());
        let code = world.code_texted_to(NUMBER).await;
        let page = browser.get("/sign-in/factor?way=text").await;
        assert!(page.text().contains("took the message"), "{}", page.text());
        let text = world.texts_to(NUMBER).await.pop().unwrap();
        assert!(text.contains(&format!("#{code}")) && text.contains("@127.0.0.1") | text.contains("@localhost"), "{text}");
        let page = confirm(&browser, &format!("{} {}", &code[..4], &code[4..])).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        let me = browser.get("/api/v1/me").await;
        assert_eq!(me.code(), 200);
    }

    async fn a_code_is_bound_to_its_sign_in_ends_after_five_minutes_and_works_once(world) {
        let (owner, _) = with_phone(&world).await;
        let first = at_factor(&world, &owner).await;
        send(&first).await;
        let code = world.code_texted_to(NUMBER).await;
        let second = at_factor(&world, &owner).await;
        let page = confirm(&second, &code).await;
        assert_eq!(page.code(), 422, "the code of another sign-in: {}", page.text());
        assert_eq!(confirm(&first, &code).await.code(), 303);
        assert_eq!(confirm(&second, &code).await.code(), 422);
        world.clock.advance(Span::minutes(2));
        assert_eq!(send(&second).await.code(), 303);
        let code = world.code_texted_to(NUMBER).await;
        world.clock.advance(Span::minutes(5));
        let page = confirm(&second, &code).await;
        assert_eq!(page.code(), 422, "{}", page.text());
        assert!(page.text().contains("has ended"), "{}", page.text());
    }

    async fn asking_again_waits_and_a_person_has_a_limit(world) {
        let (owner, _) = with_phone(&world).await;
        let browser = at_factor(&world, &owner).await;
        assert_eq!(send(&browser).await.code(), 303);
        let page = send(&browser).await;
        assert_eq!((page.code(), page.retry_after()), (429, Some(30)), "{}", page.text());
        world.clock.advance(Span::seconds(30));
        assert_eq!(send(&browser).await.code(), 303);
        let mut sent = 2;
        for _ in 0..10 {
            let fresh = at_factor(&world, &owner).await;
            sent += usize::from(send(&fresh).await.code() == 303);
        }
        assert_eq!(sent, 6, "of one person in an hour");
        assert_eq!(world.texts_to(NUMBER).await.len(), 7, "with the one that verified the number");
        let page = send(&at_factor(&world, &owner).await).await;
        assert!(page.text().contains("authenticator app instead"), "{}", page.text());
    }

    async fn an_organisation_that_forbids_them_sends_and_takes_none(world) {
        let (owner, inside) = with_phone(&world).await;
        let browser = at_factor(&world, &owner).await;
        send(&browser).await;
        let code = world.code_texted_to(NUMBER).await;
        let sent = world.texts_to(NUMBER).await.len();
        world.set_policy(|values| values.sms_allowed = Some(false)).await;
        let page = confirm(&browser, &code).await;
        assert!(page.location() != "/app" && !browser.is_signed_in().await, "{}", page.text());
        send(&browser).await;
        assert_eq!(world.texts_to(NUMBER).await.len(), sent);
        let _ = inside;
    }

    async fn s31_a_number_that_nobody_verified_is_worth_nothing(world) {
        let (owner, inside) = world.with_owner_inside().await;
        for body in [serde_json::json!({"phone_verified": true}), serde_json::json!({"phone": NUMBER})] {
            assert_eq!(inside.ask(Method::PATCH, "/api/v1/me").json(&body).send().await.code(), 400);
        }
        let page = inside.post("/app/security/phone", &[("number", NUMBER)]).await;
        let at = page.location().to_owned();
        for wrong in ["00000000", "11111111"] {
            assert_eq!(inside.post(&at, &[("code", wrong)]).await.code(), 422);
        }
        let list = inside.get("/api/v1/me/authenticators").await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 0, "{list}");
        let browser = world.browser();
        assert_eq!(owner.sign_in(&browser).await.location(), "/app", "an unverified phone is asked for");
        for number in ["07700 900123", "+44", "+999 1234567", "phone"] {
            let page = inside.post("/app/security/phone", &[("number", number)]).await;
            assert_eq!(page.code(), 422, "{number}");
            assert!(page.error_of("number").is_some(), "{number}: {}", page.text());
        }
    }
}
