//! One's own devices: their order, which decides who stays; names, trust, forgetting; and what administrators see of them.
use organisations::Mode;
use serde_json::{Value, json};
use world::{Browser, Method, Page, Person, Span, World};

async fn list(browser: &Browser) -> Vec<Value> {
    let list = browser.get("/api/v1/me/devices").await.json();
    list["items"].as_array().expect("items").clone()
}

async fn ids(browser: &Browser) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    list(browser).await.iter().map(id).collect()
}

async fn own_id(browser: &Browser) -> String {
    let items = list(browser).await;
    let here = items.iter().find(|item| item["current"] == true).expect("this device");
    here["id"].as_str().expect("an id").to_owned()
}

async fn put(browser: &Browser, order: Value) -> Page {
    browser.ask(Method::PUT, "/api/v1/me/devices").json(&order).send().await
}

async fn delete(browser: &Browser, id: &str) -> Page {
    browser
        .ask(Method::DELETE, &format!("/api/v1/me/devices/{id}"))
        .send()
        .await
}

/// So many browsers of the owner, signed in one after the other.
async fn signed_in<const N: usize>(world: &World, person: &Person) -> [Browser; N] {
    let mut browsers = Vec::new();
    for n in 0..N {
        let browser = world.browser_at(u8::try_from(20 + n).expect("few"));
        person.enter(&browser).await;
        world.clock.advance(Span::seconds(61));
        browsers.push(browser);
    }
    browsers.try_into().unwrap_or_else(|_| panic!("so many were asked for"))
}

async fn alive(browsers: &[Browser]) -> Vec<bool> {
    let mut alive = Vec::new();
    for browser in browsers {
        alive.push(browser.is_signed_in().await);
    }
    alive
}

async fn events(browser: &Browser, kind: &str) -> Vec<Value> {
    let list = browser.get(&format!("/api/v1/events?kind={kind}")).await.json();
    list["items"].as_array().expect("items").clone()
}

world::stories! {
    async fn the_order_is_latest_first_until_the_person_gives_another(world) {
        let owner = world.with_owner().await;
        let [a, b, c] = signed_in::<3>(&world, &owner).await;
        let (first, second, third) = (own_id(&a).await, own_id(&b).await, own_id(&c).await);
        assert_eq!(ids(&a).await, [third.clone(), second.clone(), first.clone()]);
        let page = put(&a, json!([first, third, second])).await;
        assert_eq!(page.code(), 200, "{}", page.text());
        assert_eq!(ids(&b).await, [first.clone(), third.clone(), second.clone()]);
        assert_eq!(put(&a, json!({"ids": [second]})).await.code(), 200);
        assert_eq!(ids(&b).await, [second.clone(), first.clone(), third.clone()], "whoever is not named stands behind, as before");
        for wrong in [json!([first, first]), json!(["01935d4c-8a10-7000-8000-0123456789ab"])] {
            let page = put(&a, wrong.clone()).await;
            assert_eq!((page.code(), page.json()["reason"].as_str()), (422, Some("DE-014")), "{wrong}");
        }
        for malformed in [json!("x"), json!([1]), json!({"ids": [first], "more": 1}), json!(null)] {
            assert_eq!(put(&a, malformed.clone()).await.code(), 400, "{malformed}");
        }
        assert_eq!(ids(&b).await, [second, first, third]);
    }

    async fn the_buttons_move_a_device_up_and_down_without_script(world) {
        let owner = world.with_owner().await;
        let [a, b, c] = signed_in::<3>(&world, &owner).await;
        let (first, second, third) = (own_id(&a).await, own_id(&b).await, own_id(&c).await);
        let page = a.get("/app/security").await;
        assert!(page.text().contains("Signed-in devices, most important first"), "{}", page.text());
        let to = format!("/app/security/devices/{first}/move");
        let page = a.post(&to, &[("before", &second)]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/security?done=devices#devices"));
        assert_eq!(ids(&a).await, [third.clone(), first.clone(), second.clone()]);
        a.post(&format!("/app/security/devices/{third}/move"), &[("after", &second)]).await;
        assert_eq!(ids(&a).await, [first.clone(), second.clone(), third.clone()]);
        assert_eq!(a.post(&to, &[]).await.code(), 400);
        assert_eq!(a.post(&to, &[("before", &first)]).await.code(), 404);
        let other = world.person("ana").await;
        let anas = world.browser_at(40);
        other.enter(&anas).await;
        assert_eq!(anas.post(&to, &[("before", &second)]).await.code(), 404, "somebody else's device");
    }

    async fn beyond_the_limit_the_last_in_the_order_is_signed_out_and_told_why(world) {
        let owner = world.with_owner().await;
        world.set_policy(|values| values.limit = Some(3)).await;
        let [a, b, c] = signed_in::<3>(&world, &owner).await;
        let order = [own_id(&a).await, own_id(&c).await, own_id(&b).await];
        assert_eq!(put(&a, json!(order)).await.code(), 200);
        let page = a.get("/app/security").await;
        assert!(page.text().contains("allows 3 devices"), "{}", page.text());
        let d = world.browser_at(30);
        owner.enter(&d).await;
        assert_eq!(alive(&[a.clone(), b.clone(), c.clone(), d.clone()]).await, [true, false, true, true]);
        let door = b.visit("/app").await;
        assert!(door.text().contains("the last in your order"), "{}", door.text());
        let told: Vec<_> = events(&a, "session-ended").await.iter().map(|event| event["reason"].clone()).collect();
        assert_eq!(told, [json!("SE-014")]);
        owner.enter(&d).await;
        assert_eq!(alive(&[a, c, d]).await, [true, true, true], "the same device again is no other");
    }

    async fn of_many_that_sign_in_at_once_as_many_stay_as_the_limit_says(world) {
        let owner = world.with_owner().await;
        world.set_policy(|values| values.limit = Some(2)).await;
        let browsers: Vec<_> = (20..26).map(|n| world.browser_at(n)).collect();
        let tasks: Vec<_> = browsers.iter().map(|browser| {
            let (browser, owner) = (browser.clone(), owner.clone());
            tokio::spawn(async move { owner.sign_in(&browser).await.code() })
        }).collect();
        for task in tasks {
            assert_eq!(task.await.expect("no panic"), 303);
        }
        let alive = alive(&browsers).await;
        assert_eq!(alive.iter().filter(|is_alive| **is_alive).count(), 2, "{alive:?}");
    }

    async fn a_name_of_ones_own_stands_before_what_the_browser_says(world) {
        let (_, browser) = world.with_owner_inside().await;
        let id = own_id(&browser).await;
        let to = format!("/app/security/devices/{id}/name");
        assert_eq!(browser.post(&to, &[("name", " ThinkPad <X1> ")]).await.code(), 303);
        let page = browser.get("/app/security").await;
        assert!(page.text().contains("ThinkPad <X1> · Firefox on Linux"), "{}", page.text());
        assert!(!page.body.contains("<X1>"));
        assert_eq!(list(&browser).await[0]["name"], "ThinkPad <X1>");
        assert_eq!(browser.post(&to, &[("name", &"x".repeat(101))]).await.code(), 422);
        assert_eq!(browser.post(&to, &[("name", "")]).await.code(), 303);
        assert!(list(&browser).await[0]["name"].is_null());
    }

    async fn trust_that_is_taken_away_ends_the_sessions_at_once_and_is_verified_anew(world) {
        let owner = world.with_owner().await;
        world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
        let [a] = signed_in::<1>(&world, &owner).await;
        world.set_policy(|values| values.mode = None).await;
        let [b] = signed_in::<1>(&world, &owner).await.map(|browser| browser);
        world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
        let id = own_id(&b).await;
        let page = a.post(&format!("/app/security/devices/{id}/trust"), &[]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/security?done=devices#devices"), "{}", page.text());
        assert_eq!(alive(&[a.clone(), b.clone()]).await, [true, false]);
        assert!(b.visit("/app").await.text().contains("not trusted any more"));
        assert_eq!(events(&a, "device-trust-revoked").await.len(), 1);
        assert_eq!(world.mail_to(&owner.email, "A device is not trusted any more").await.len(), 1);
        assert_eq!(owner.sign_in(&b).await.location(), "/sign-in/device");
        assert_eq!(a.post(&format!("/app/security/devices/{id}/trust"), &[]).await.code(), 404, "there is none left");
    }

    async fn trust_that_is_taken_away_while_the_device_signs_in_stays_away(world) {
        let owner = world.with_owner().await;
        let [a, b] = signed_in::<2>(&world, &owner).await;
        let id = own_id(&b).await;
        world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
        for round in 0..10 {
            b.post("/sign-out", &[]).await;
            let (signing, owner_of) = (b.clone(), owner.clone());
            let coming = tokio::spawn(async move { owner_of.sign_in(&signing).await });
            // Each round a little later, so that one of them falls between the look and the commit.
            tokio::time::sleep(std::time::Duration::from_millis(round * 4)).await;
            let revoked = a.post(&format!("/app/security/devices/{id}/trust"), &[]).await;
            assert_eq!(revoked.code(), 303, "round {round}: {}", revoked.text());
            let page = coming.await.expect("no panic");
            assert!(!b.is_signed_in().await, "round {round}: a session outlived the trust of its device ({})", page.location());
            world.bring_mail().await;
            world.clock.advance(Span::seconds(2));
            assert_eq!(owner.sign_in(&b).await.location(), "/sign-in/device", "round {round}: it is trusted again");
            let code = world.mail_to(&owner.email, "Confirm your new device").await.pop().expect("a mail").code();
            assert_eq!(b.post("/sign-in/device", &[("code", &code)]).await.location(), "/app", "round {round}");
            world.clock.advance(Span::minutes(20));
        }
    }

    async fn trust_ends_by_itself_after_thirty_days_or_as_policy_says(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
        world.clock.advance(Span::days(29));
        owner.enter(&browser).await;
        world.clock.advance(Span::days(1) + Span::seconds(1));
        assert_eq!(owner.sign_in(&browser).await.location(), "/sign-in/device", "use alone prolongs no trust");
        let page = browser.get("/sign-in/device").await;
        assert!(page.text().contains("not been trusted for a while") && !page.text().contains("not seen this device"), "{}", page.text());
    }

    async fn a_forgotten_device_is_signed_out_and_new_when_it_comes_back(world) {
        let owner = world.with_owner().await;
        let [a, b] = signed_in::<2>(&world, &owner).await;
        let id = own_id(&b).await;
        let ana = world.person("ana").await;
        let anas = world.browser_at(40);
        ana.enter(&anas).await;
        assert_eq!(delete(&anas, &id).await.code(), 404, "somebody else's device");
        assert_eq!(delete(&a, "x").await.code(), 404);
        assert_eq!(alive(&[a.clone(), b.clone()]).await, [true, true]);
        assert_eq!(delete(&a, &id).await.code(), 204);
        assert_eq!(alive(&[a.clone(), b.clone()]).await, [true, false]);
        assert_eq!(ids(&a).await.len(), 1);
        assert_eq!(delete(&a, &id).await.code(), 404);
        assert_eq!(world.mail_to(&owner.email, "A device was forgotten").await.len(), 1);
        let before = world.mail_to(&owner.email, "New sign-in to your account").await.len();
        owner.enter(&b).await;
        assert_eq!(world.mail_to(&owner.email, "New sign-in to your account").await.len(), before + 1);
    }

    async fn two_who_forget_the_same_device_at_once_do_it_once(world) {
        let owner = world.with_owner().await;
        let [a, b] = signed_in::<2>(&world, &owner).await;
        let id = own_id(&b).await;
        let tasks: Vec<_> = (0..6).map(|_| {
            let (browser, id) = (a.clone(), id.clone());
            tokio::spawn(async move { delete(&browser, &id).await.code() })
        }).collect();
        let mut codes = Vec::new();
        for task in tasks {
            codes.push(task.await.expect("no panic"));
        }
        codes.sort_unstable();
        assert_eq!(codes, [204, 404, 404, 404, 404, 404]);
        assert_eq!(events(&a, "device-forgotten").await.len(), 1);
    }

    async fn an_administrator_takes_trust_away_after_step_up_and_only_at_home(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        let anas = world.browser_at(40);
        ana.enter(&anas).await;
        let (person, device) = (world.stored(&ana.email).await.id.to_string(), own_id(&anas).await);
        let fields = [("person", person.as_str()), ("device", &device)];
        assert_eq!(anas.get("/app/devices").await.code(), 403);
        assert_eq!(anas.post("/app/devices/revoke", &fields).await.code(), 403);
        let page = inside.get("/app/devices").await;
        assert!(page.text().contains(&ana.email) && page.text().contains("Devices waiting"), "{}", page.text());
        world.clock.advance(Span::minutes(16));
        let page = inside.post("/app/devices/revoke", &fields).await;
        assert!(page.location().starts_with("/app/step-up"), "{}", page.location());
        assert_eq!(inside.post("/app/step-up", &[("password", &owner.password)]).await.code(), 303);
        let page = inside.post("/app/devices/revoke", &fields).await;
        assert_eq!(page.location(), "/app/devices?done=revoked", "{}", page.text());
        assert!(!anas.is_signed_in().await);
        let mails = world.mail_to(&ana.email, "A device is not trusted any more").await;
        assert_eq!(mails.len(), 1);
        assert!(!mails[0].text.contains("Network"), "ana is told where her administrator sits: {}", mails[0].text);
        let nobody = [("person", "01935d4c-8a10-7000-8000-0123456789ab"), ("device", device.as_str())];
        assert_eq!(inside.post("/app/devices/revoke", &nobody).await.code(), 404);
    }

    async fn an_administrator_lets_a_device_in_or_refuses_it(world) {
        let (_, inside) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        ana.enter(&world.browser_at(40)).await;
        world.set_policy(|values| values.mode = Some(Mode::Approved)).await;
        let person = world.stored(&ana.email).await.id.to_string();
        for (n, answer, done) in [(41, "admit", "admitted"), (42, "refuse", "refused")] {
            let new = world.browser_at(n);
            assert_eq!(ana.sign_in(&new).await.location(), "/sign-in/device");
            let page = inside.get("/app/devices").await;
            let device = page.body.split("name=\"device\" value=\"").nth(1).expect("a device that waits").get(..36).unwrap().to_owned();
            let fields = [("person", person.as_str()), ("device", &device), ("answer", answer)];
            assert_eq!(inside.post("/app/devices/answer", &fields).await.location(), format!("/app/devices?done={done}"));
            assert_eq!(inside.post("/app/devices/answer", &fields).await.location(), "/app/devices?done=gone", "answered twice");
            let state = new.get("/sign-in/device/state").await.json()["state"].as_str().unwrap_or_default().to_owned();
            let (told, heading) = if answer == "admit" { ("ready", "You are nearly in") } else { ("denied", "An administrator refused this device") };
            assert_eq!((state.as_str(), new.get("/sign-in/device").await.heading().as_str()), (told, heading), "{answer}");
            let page = ana.sign_in(&new).await;
            assert_eq!(page.location() == "/app", answer == "admit", "{answer}: {} {}", page.location(), page.text());
        }
        assert_eq!(world.mail_to(&ana.email, "An administrator let your device in").await.len(), 1);
        assert_eq!(world.mail_to(&ana.email, "An administrator did not let a device in").await.len(), 1);
    }
}
