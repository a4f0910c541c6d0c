//! Held against other people's programs: zbarimg reads our picture, oathtool makes the codes. RFC 6238; S14, S15, S22.
use super::flow::{at_factor, confirm};
use world::{
    Browser, Person, Span, World,
    phone::{has_program, oathtool, zbarimg},
};

/// What stands between this and that in the address of an app.
fn part<'a>(uri: &'a str, name: &str) -> &'a str {
    let (_, rest) = uri.split_once(name).unwrap_or_else(|| panic!("no {name} in {uri}"));
    rest.split('&').next().unwrap_or_default()
}

/// Adds an app as a person does who scans the picture; answers the secret that the phone then holds.
async fn scan(browser: &Browser, world: &World, owner: &Person) -> String {
    let at = browser.post("/app/security/app", &[]).await.location().to_owned();
    let page = browser.get(&at).await;
    let uri = zbarimg(&page.body);
    assert!(uri.starts_with("otpauth://totp/Northwind%20IT:"), "{uri}");
    assert!(
        uri.contains(&owner.email.replace('@', "%40")) && uri.contains("issuer=Northwind%20IT"),
        "{uri}"
    );
    let secret = part(&uri, "secret=").to_owned();
    assert_eq!(secret.len(), 32, "160 bits in base32");
    let grouped: Vec<String> = secret
        .as_bytes()
        .chunks(4)
        .map(|four| String::from_utf8_lossy(four).into_owned())
        .collect();
    assert!(
        page.text().contains(&grouped.join(" ")),
        "by hand it is another secret: {}",
        page.text()
    );
    let code = oathtool(&secret, world.clock.now(), Span::ZERO);
    let page = browser.post(&at, &[("code", &code), ("name", "Phone")]).await;
    assert_eq!(page.code(), 303, "{}", page.text());
    secret
}

world::stories! {
    async fn the_picture_is_scanned_and_the_codes_of_oathtool_get_in(world) {
        if !has_program("oathtool") || !has_program("zbarimg") {
            return;
        }
        let (owner, inside) = world.with_owner_inside().await;
        let secret = scan(&inside, &world, &owner).await;
        // The code of the enrolment is spent: the first step after it is good.
        let browser = at_factor(&world, &owner).await;
        let page = confirm(&browser, &oathtool(&secret, world.clock.now(), Span::ZERO)).await;
        assert_eq!(page.code(), 422, "{}", page.text());
        assert!(page.text().contains("used already"), "{}", page.text());
        for minutes in 1..=5 {
            world.clock.advance(Span::seconds(30 + 61 * minutes));
            let browser = at_factor(&world, &owner).await;
            let page = confirm(&browser, &oathtool(&secret, world.clock.now(), Span::ZERO)).await;
            assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        }
    }

    async fn a_phone_that_loses_a_second_a_minute_is_followed_and_one_that_jumped_is_explained(world) {
        if !has_program("oathtool") || !has_program("zbarimg") {
            return;
        }
        let (owner, inside) = world.with_owner_inside().await;
        let secret = scan(&inside, &world, &owner).await;
        let mut behind = 0;
        for _ in 0..8 {
            world.clock.advance(Span::minutes(25));
            behind -= 25;
            let browser = at_factor(&world, &owner).await;
            let page = confirm(&browser, &oathtool(&secret, world.clock.now(), Span::seconds(behind))).await;
            assert_eq!(page.code(), 303, "{behind} seconds behind: {}", page.text());
        }
        behind -= 180;
        world.clock.advance(Span::minutes(25));
        let browser = at_factor(&world, &owner).await;
        let page = confirm(&browser, &oathtool(&secret, world.clock.now(), Span::seconds(behind))).await;
        assert_eq!(page.code(), 422);
        assert!(page.alerts().join(" ").contains("about 7 minutes slow"), "{:?}", page.alerts());
        let first = oathtool(&secret, world.clock.now(), Span::seconds(behind));
        world.clock.advance(Span::seconds(30));
        let second = oathtool(&secret, world.clock.now(), Span::seconds(behind));
        let page = confirm(&browser, &format!("{first} {second}")).await;
        assert_eq!(page.code(), 303, "two codes in a row: {}", page.text());
        let mails = world.mail_to(&owner.email, "The clock of your authenticator app was learned anew").await;
        assert_eq!(mails.len(), 1, "it is told by mail");
    }

    async fn a_fast_phones_code_is_worth_nothing_when_its_time_comes(world) {
        if !has_program("oathtool") || !has_program("zbarimg") {
            return;
        }
        let (owner, inside) = world.with_owner_inside().await;
        let secret = scan(&inside, &world, &owner).await;
        world.clock.advance(Span::minutes(1));
        let browser = at_factor(&world, &owner).await;
        let early = oathtool(&secret, world.clock.now(), Span::minutes(5));
        let told = confirm(&browser, &early).await.alerts().join(" ");
        assert!(told.contains("Your phone’s clock is fast") && !told.contains("minute"), "how fast is told: {told}");
        world.clock.advance(Span::minutes(5));
        let page = confirm(&browser, &early).await;
        assert_eq!(page.code(), 422, "a code that was shown to us before its time got in");
        world.clock.advance(Span::seconds(30));
        let page = confirm(&browser, &oathtool(&secret, world.clock.now(), Span::ZERO)).await;
        assert_eq!(page.code(), 303, "{}", page.text());
    }
}
