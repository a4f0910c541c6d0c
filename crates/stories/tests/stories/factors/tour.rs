//! The tour of second factors and devices, for the statements: everything that a person, and an administrator, does with them, once.
use super::{
    flow::{at_factor, confirm},
    ways::add_app,
};
use organisations::{Mode, Require};
use serde_json::json;
use world::{App, Browser, DeviceKey, Method, PASSWORD, Person, Span, World};

const NUMBER: &str = "+447700900123";

async fn call(browser: &Browser, method: Method, path: &str) -> world::Page {
    browser.ask(method, path).send().await
}

/// An app, recovery codes and a phone: added, used, refused, named, removed.
async fn tour_of_codes(world: &World, bea: &Person) {
    let browser = world.browser_at(30);
    bea.enter(&browser).await;
    browser.post("/app/security/add", &[("send", "mail")]).await;
    let app = add_app(&browser, world).await;
    let made = call(&browser, Method::POST, "/api/v1/me/authenticators/recovery-codes").await;
    assert_eq!(made.code(), 201, "{}", made.body);
    let page = browser.post("/app/security/phone", &[("number", NUMBER)]).await;
    let at = page.location().to_owned();
    browser.get(&at).await;
    browser.post(&at, &[("code", "12345678")]).await;
    let code = world.code_texted_to(NUMBER).await;
    assert_eq!(browser.post(&at, &[("code", &code)]).await.code(), 303);
    world.clock.advance(Span::minutes(10));
    let mut ahead = app.clone();
    ahead.ahead = Span::minutes(5);
    let door = at_factor(world, bea).await;
    // Whoever begins anew leaves nothing behind.
    bea.sign_in(&door).await;
    confirm(&door, &ahead.code(world.clock.now())).await;
    confirm(&door, &app.wrong_code(world.clock.now())).await;
    door.post("/sign-in/factor", &[("send", "text")]).await;
    door.get("/sign-in/factor?way=text").await;
    world.code_texted_to(NUMBER).await;
    confirm(&door, "12345678").await;
    let page = confirm(&door, &app.code(world.clock.now())).await;
    assert_eq!(page.code(), 303, "{}", page.text());
    let door = at_factor(world, bea).await;
    let recovery = made.json()["codes"][0].as_str().unwrap().to_owned();
    assert_eq!(confirm(&door, &recovery).await.code(), 303);
    world.clock.advance(Span::minutes(3));
    let door = at_factor(world, bea).await;
    door.post("/sign-in/factor", &[("send", "text")]).await;
    let code = world.code_texted_to(NUMBER).await;
    assert_eq!(confirm(&door, &code).await.code(), 303);
    door.post("/app/security/reviewed", &[]).await;
    let list = door.get("/api/v1/me/authenticators").await.json();
    let phone = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["kind"] == "phone")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let at = format!("/api/v1/me/authenticators/{phone}");
    door.ask(Method::PATCH, &at)
        .json(&json!({"name": "Old phone"}))
        .send()
        .await;
    assert_eq!(call(&door, Method::DELETE, &at).await.code(), 204);
}

/// Factors that were lost: an administrator begins, the link ends it; then a first factor at the door, with the mail before it.
async fn tour_of_loss(world: &World, owner: &Browser, bea: &Person) {
    let id = world.stored(&bea.email).await.id;
    let page = call(owner, Method::POST, &format!("/api/v1/people/{id}/reset-factors")).await;
    assert_eq!(page.code(), 202, "{}", page.body);
    let path = world
        .mail_to(&bea.email, "Remove your lost second factors")
        .await
        .pop()
        .unwrap()
        .path(world, "/lost-factors");
    world.browser().get(&path).await;
    assert_eq!(world.browser().post(&path, &[]).await.code(), 303);
    call(owner, Method::POST, &format!("/api/v1/people/{id}/unlock")).await;
    call(owner, Method::POST, &format!("/api/v1/people/{id}/sign-out")).await;
    world.set_policy(|values| values.require = Some(Require::Yes)).await;
    world.clock.advance(Span::days(31));
    let door = world.browser_at(31);
    assert_eq!(bea.sign_in(&door).await.location(), "/sign-in/enrol");
    // Brought one by one, so that the last one is the newest.
    world.bring_mail().await;
    world.clock.advance(Span::seconds(31));
    door.post("/sign-in/enrol", &[("send", "mail")]).await;
    door.post("/sign-in/enrol", &[("code", "ABCD-EFGH")]).await;
    let code = world
        .mail_to(&bea.email, "Your code to add a second factor")
        .await
        .pop()
        .unwrap()
        .code();
    let page = door.post("/sign-in/enrol", &[("code", &code)]).await;
    assert_eq!(page.code(), 303, "{code}: {}", page.text());
    let page = door.get("/sign-in/enrol").await;
    let app = App::from_uri(
        &page
            .links()
            .into_iter()
            .find(|link| link.starts_with("otpauth:"))
            .unwrap(),
    );
    assert_eq!(
        door.post("/sign-in/enrol", &[("code", &app.code(world.clock.now()))])
            .await
            .code(),
        303
    );
    world.set_policy(|values| values.require = Some(Require::No)).await;
}

/// New devices: by mail, by two digits, by an administrator; and one's own list of them.
async fn tour_of_devices(world: &World, owner: &Browser, cy: &Person) {
    let trusted = world.browser_at(32);
    cy.enter(&trusted).await;
    world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
    let new = world.browser_at(33);
    assert_eq!(cy.sign_in(&new).await.location(), "/sign-in/device");
    new.post("/sign-in/device", &[("code", "ABCD-EFGH")]).await;
    world.bring_mail().await;
    world.clock.advance(Span::seconds(61));
    new.post("/sign-in/device", &[("send", "mail")]).await;
    let code = world
        .mail_to(&cy.email, "Confirm your new device")
        .await
        .pop()
        .unwrap()
        .code();
    assert_eq!(new.post("/sign-in/device", &[("code", &code)]).await.code(), 303);
    let other = world.browser_at(34);
    cy.sign_in(&other).await;
    let page = other.get("/sign-in/device").await;
    let digits = page
        .body
        .split("class=\"digits\">")
        .nth(1)
        .unwrap()
        .get(..2)
        .unwrap()
        .to_owned();
    let page = trusted.get("/app/security/approvals").await;
    let path = page
        .body
        .split("action=\"")
        .filter_map(|part| part.split('"').next())
        .find(|path| path.starts_with("/app/security/approvals/"))
        .map(str::to_owned);
    let wrong = if digits == "11" { "22" } else { "11" };
    let path = path.expect("a question that waits");
    trusted.post(&path, &[("digits", wrong), ("answer", "approve")]).await;
    world.approve(cy, &digits).await;
    other.get("/sign-in/device/state").await;
    assert_eq!(other.post("/sign-in/device", &[]).await.location(), "/app");
    world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
    let waiting = world.browser_at(35);
    cy.sign_in(&waiting).await;
    waiting.get("/sign-in/device").await;
    owner.get("/app/devices").await;
    world
        .admit_all(
            cy,
            &Person {
                name: "Olive Owner".into(),
                email: world::OWNER.into(),
                password: PASSWORD.into(),
            },
        )
        .await;
    waiting.post("/sign-in/device", &[]).await;
    world.set_policy(|values| values.mode = None).await;
    let list = trusted.get("/api/v1/me/devices").await.json();
    let ids: Vec<String> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    trusted
        .ask(Method::PUT, "/api/v1/me/devices")
        .json(&json!(ids))
        .send()
        .await;
    let last = ids.last().unwrap();
    trusted
        .post(&format!("/app/security/devices/{last}/name"), &[("name", "Old laptop")])
        .await;
    trusted.post(&format!("/app/security/devices/{last}/trust"), &[]).await;
    call(&trusted, Method::DELETE, &format!("/api/v1/me/devices/{last}")).await;
    owner
        .post(
            "/app/devices/revoke",
            &[
                ("person", &world.stored(&cy.email).await.id.to_string()),
                ("device", &ids[0]),
            ],
        )
        .await;
}

/// So many wrong codes that they wait; and, where only approved devices get in, one that the operator's word lets in by a mail.
async fn tour_of_ways_back(world: &World, cy: &Person) {
    world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
    for n in [37, 38] {
        let new = world.browser_at(n);
        assert_eq!(cy.sign_in(&new).await.location(), "/sign-in/device");
        for _ in 0..5 {
            new.post("/sign-in/device", &[("code", "ABCD-EFGH")]).await;
        }
        world.clock.advance(Span::seconds(61));
    }
    world.clock.advance(Span::hours(1));
    world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
    let stored = world.stored(&cy.email).await;
    doorward::operate::reset_factors(world.app().ground(), &stored)
        .await
        .unwrap();
    let new = world.browser_at(39);
    assert_eq!(cy.sign_in(&new).await.location(), "/sign-in/device");
    let code = world.mail_to(&cy.email, "Confirm your new device").await.pop().unwrap();
    assert_eq!(
        new.post("/sign-in/device", &[("code", &code.code())]).await.location(),
        "/app"
    );
    world.set_policy(|values| values.mode = None).await;
}

/// The key of a device: kept, proved at sign-in and at step-up.
async fn tour_of_keys(world: &World, cy: &Person) {
    let (browser, key) = (world.browser_at(36), DeviceKey::new());
    browser.sign_in_with_key(&cy.email, &cy.password, &key, "kept").await;
    let [(k, spki), (p, proof)] = key.fields(&browser, "kept").await;
    let proved = [("password", cy.password.as_str()), (k, &spki), (p, &proof)];
    assert_eq!(browser.post("/app/step-up", &proved).await.code(), 303);
}

/// A password that has become too short: put off, then set anew.
async fn tour_of_longer_passwords(world: &World, cy: &Person) {
    world.set_policy(|values| values.min_length = Some(30)).await;
    let browser = world.browser_at(40);
    for fields in [
        ("later", "yes"),
        ("password", "quiet lantern over the old mill by the river"),
    ] {
        assert_eq!(cy.sign_in(&browser).await.location(), "/sign-in/password");
        assert_eq!(browser.post("/sign-in/password", &[fields]).await.code(), 303);
        browser.post("/sign-out", &[]).await;
    }
    world.set_policy(|values| values.min_length = None).await;
}

/// All of it. `owner` is signed in, freshly.
pub async fn tour(world: &World, owner: &Browser) {
    let (bea, cy) = (world.person("bea").await, world.person("cy").await);
    tour_of_codes(world, &bea).await;
    tour_of_devices(world, owner, &cy).await;
    tour_of_ways_back(world, &cy).await;
    tour_of_keys(world, &cy).await;
    tour_of_longer_passwords(world, &cy).await;
    Person {
        name: String::new(),
        email: world::OWNER.into(),
        password: PASSWORD.into(),
    }
    .enter(owner)
    .await;
    assert_eq!(
        crate::policies::put(owner, &json!({"devices": {"limit": 9}}))
            .await
            .code(),
        200
    );
    tour_of_loss(world, owner, &bea).await;
}
