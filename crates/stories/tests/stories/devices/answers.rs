//! A trusted device answers for a new one, by the pages that people use: two digits, live, and counted.
use organisations::Mode;
use std::time::Duration;
use world::{Browser, DeviceKey, Method, Page, Person, Span, World};

const CODE: &str = "Confirm your new device";

/// The owner has signed in on a device that is trusted; from now on new ones are verified.
async fn verifying(world: &World) -> (Person, Browser) {
    let (owner, trusted) = world.with_owner_inside().await;
    world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
    (owner, trusted)
}

/// A new browser that waits, and the two digits that it shows.
async fn waits(world: &World, person: &Person, n: u8) -> (Browser, String) {
    let new = world.browser_at(n);
    let page = person.sign_in(&new).await;
    assert_eq!(page.location(), "/sign-in/device", "{}", page.text());
    let page = new.get("/sign-in/device").await;
    let digits = page
        .body
        .split("class=\"digits\">")
        .nth(1)
        .expect("two digits")
        .get(..2)
        .unwrap()
        .to_owned();
    (new, digits)
}

fn other_than(digits: &str) -> &'static str {
    if digits == "11" { "22" } else { "11" }
}

/// The address at which the first that waits is answered.
async fn question(trusted: &Browser) -> String {
    let list = trusted
        .ask(Method::GET, "/app/security/approvals")
        .header("accept", "application/json")
        .send()
        .await
        .json();
    format!(
        "/app/security/approvals/{}",
        list["waiting"][0]["id"].as_str().expect("a question")
    )
}

async fn answer(trusted: &Browser, to: &str, digits: &str, answer: &str) -> Page {
    trusted.post(to, &[("digits", digits), ("answer", answer)]).await
}

world::stories! {
    async fn two_digits_typed_on_a_trusted_device_let_the_new_one_in(world) {
        let (owner, trusted) = verifying(&world).await;
        let (new, digits) = waits(&world, &owner, 9).await;
        let page = trusted.get("/app/security").await;
        assert!(page.text().contains("A new device wants to sign in as you"), "{}", page.text());
        let to = question(&trusted).await;
        let page = answer(&trusted, &to, other_than(&digits), "approve").await;
        assert_eq!(page.code(), 422);
        assert!(page.text().contains("not the digits"), "{}", page.text());
        assert_eq!(new.get("/sign-in/device/state").await.json()["state"], "waiting");
        let page = answer(&trusted, &to, &format!(" {} {} ", &digits[..1], &digits[1..]), "approve").await;
        assert_eq!(page.location(), "/app/security/approvals?done=approved", "{}", page.text());
        assert_eq!(new.post("/sign-in/device", &[]).await.location(), "/app");
        assert!(new.is_signed_in().await && trusted.is_signed_in().await);
        assert_eq!(world.mail_to(&owner.email, "A new device was approved").await.len(), 1);
        let page = answer(&trusted, &to, &digits, "approve").await;
        assert_eq!(page.code(), 422, "answered already");
    }

    async fn three_wrong_guesses_refuse_the_new_device(world) {
        let (owner, trusted) = verifying(&world).await;
        let (new, digits) = waits(&world, &owner, 9).await;
        let to = question(&trusted).await;
        for _ in 0..2 {
            assert_eq!(answer(&trusted, &to, other_than(&digits), "approve").await.code(), 422);
        }
        let page = answer(&trusted, &to, other_than(&digits), "approve").await;
        assert_eq!(page.location(), "/app/security/approvals?done=denied");
        assert_eq!(answer(&trusted, &to, &digits, "approve").await.code(), 422);
        assert_eq!(new.get("/sign-in/device/state").await.json()["state"], "denied");
        assert!(!new.is_signed_in().await);
    }

    async fn guesses_at_the_same_instant_are_no_more_than_three_either(world) {
        let (owner, trusted) = verifying(&world).await;
        let (new, digits) = waits(&world, &owner, 9).await;
        let to = question(&trusted).await;
        let tasks: Vec<_> = (0..100).filter(|guess| format!("{guess:02}") != digits).take(12).map(|guess| {
            let (trusted, to) = (trusted.clone(), to.clone());
            tokio::spawn(async move { answer(&trusted, &to, &format!("{guess:02}"), "approve").await })
        }).collect();
        for task in tasks {
            let page = task.await.expect("no panic");
            assert_ne!(page.location(), "/app/security/approvals?done=approved");
            assert!(page.code() < 500, "{}", page.text());
        }
        assert_eq!(new.get("/sign-in/device/state").await.json()["state"], "denied");
        let events = trusted.get("/api/v1/events?kind=device-check-refused").await.json();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(3));
    }

    async fn that_is_not_me_refuses_and_tells_by_mail(world) {
        let (owner, trusted) = verifying(&world).await;
        let (new, _) = waits(&world, &owner, 9).await;
        let page = answer(&trusted, &question(&trusted).await, "", "deny").await;
        assert_eq!(page.location(), "/app/security/approvals?done=denied");
        let page = trusted.get(page.location()).await;
        assert!(page.alerts().join(" ").contains("refused") || page.text().contains("refused"), "{}", page.text());
        assert_eq!(new.get("/sign-in/device/state").await.json()["state"], "denied");
        assert_eq!(world.mail_to(&owner.email, "A new device was refused").await.len(), 1);
    }

    async fn only_a_device_that_is_trusted_and_shows_its_key_can_approve(world) {
        let (owner, key, trusted) = (world.with_owner().await, DeviceKey::new(), world.browser());
        assert_eq!(trusted.sign_in_with_key(&owner.email, &owner.password, &key, "kept").await.location(), "/app");
        let shared = world.browser_at(8);
        shared.get("/sign-in").await;
        let fields = [("email", owner.email.as_str()), ("password", &owner.password), ("shared_device", "on")];
        assert_eq!(shared.post("/sign-in", &fields).await.location(), "/app");
        world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
        let (new, digits) = waits(&world, &owner, 9).await;
        let to = question(&trusted).await;
        for (browser, who) in [(&trusted, "without its key"), (&shared, "a shared device")] {
            let page = answer(browser, &to, &digits, "approve").await;
            assert!(page.code() == 422 && page.text().contains("Only a device that you trust"), "{who}: {}", page.text());
        }
        let ana = world.person("ana").await;
        world.set_policy(|values| values.mode = None).await;
        let anas = world.browser_at(7);
        ana.enter(&anas).await;
        assert_eq!(answer(&anas, &to, &digits, "approve").await.code(), 422, "somebody else");
        assert_eq!(answer(&anas, &to, "", "deny").await.code(), 422, "somebody else");
        world.set_policy(|values| values.mode = Some(Mode::Verify)).await;
        let [(k, spki), (p, proof)] = key.fields(&trusted, "kept").await;
        let page = trusted.post(&to, &[("digits", &digits), ("answer", "approve"), (k, &spki), (p, &proof)]).await;
        assert_eq!(page.location(), "/app/security/approvals?done=approved", "{}", page.text());
        assert_eq!(new.post("/sign-in/device", &[]).await.location(), "/app");
    }

    async fn what_waits_is_seen_live_and_the_stream_ends_with_the_session(world) {
        let (owner, trusted) = verifying(&world).await;
        let stream = trusted.ask(Method::GET, "/app/security/approvals/events").header("accept", "text/event-stream");
        let streaming = tokio::spawn(stream.send());
        tokio::time::sleep(Duration::from_millis(300)).await;
        waits(&world, &owner, 9).await;
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        trusted.post("/sign-out", &[]).await;
        let seen = tokio::time::timeout(Duration::from_secs(10), streaming).await.expect("the stream ends").expect("no panic");
        assert_eq!(seen.header("content-type"), Some("text/event-stream"));
        assert!(seen.body.contains("data: {\"waiting\":[]}"), "{}", seen.body);
        assert!(seen.body.contains("Firefox on Linux"), "{}", seen.body);
    }

    async fn the_new_device_sees_the_answer_live_and_its_stream_ends_with_the_sign_in(world) {
        let (owner, trusted) = verifying(&world).await;
        let (new, digits) = waits(&world, &owner, 9).await;
        let streaming = tokio::spawn(new.ask(Method::GET, "/sign-in/device/events").header("accept", "text/event-stream").send());
        tokio::time::sleep(Duration::from_millis(300)).await;
        answer(&trusted, &question(&trusted).await, &digits, "approve").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(new.post("/sign-in/device", &[]).await.location(), "/app");
        let seen = tokio::time::timeout(Duration::from_secs(10), streaming).await.expect("the stream ends").expect("no panic");
        assert_eq!(seen.header("content-type"), Some("text/event-stream"));
        let told: Vec<&str> = seen.body.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
        assert_eq!(told, ["{\"state\":\"waiting\"}", "{\"state\":\"ready\"}", "{\"state\":\"over\"}"]);
        assert_eq!(new.get("/sign-in/device/events").await.code(), 404, "a sign-in that is over");
        assert_eq!(world.browser_at(10).get("/sign-in/device/events").await.code(), 404, "somebody who does not sign in");
    }

    async fn whoever_knows_a_password_takes_no_stream_from_the_devices_inside(world) {
        let (owner, trusted) = verifying(&world).await;
        let (new, _) = waits(&world, &owner, 9).await;
        let streams: Vec<_> = (0..4).map(|_| tokio::spawn(new.ask(Method::GET, "/sign-in/device/events").send())).collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let page = new.get("/sign-in/device/events").await;
        assert_eq!(page.code(), 503);
        assert!(page.retry_after().is_some());
        assert_eq!(new.get("/sign-in/device/state").await.json()["state"], "waiting", "asked by hand");
        let inside = tokio::spawn(trusted.ask(Method::GET, "/app/security/approvals/events").send());
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.restart().await;
        assert_eq!(inside.await.expect("no panic").code(), 200);
        for stream in streams {
            assert_eq!(stream.await.expect("no panic").code(), 200);
        }
    }

    async fn a_stream_ends_when_the_server_stops_and_is_no_activity(world) {
        let (_, trusted) = verifying(&world).await;
        world.clock.advance(Span::minutes(29));
        let poll = trusted.ask(Method::GET, "/app/security/approvals").header("accept", "application/json").header("doorward-poll", "1");
        assert_eq!(poll.send().await.code(), 200);
        let stream = trusted.ask(Method::GET, "/app/security/approvals/events").header("accept", "text/event-stream");
        let streaming = tokio::spawn(stream.send());
        tokio::time::sleep(Duration::from_millis(300)).await;
        let began = std::time::Instant::now();
        world.restart().await;
        assert!(began.elapsed() < Duration::from_secs(4), "the server waited for a stream: {:?}", began.elapsed());
        streaming.await.expect("no panic");
        world.clock.advance(Span::minutes(1) + Span::seconds(1));
        assert_eq!(trusted.get("/api/v1/me").await.problem(), "locked", "a page that waits kept the session open");
    }

    async fn ten_wrong_codes_in_a_row_pause_over_sign_ins_and_restarts(world) {
        let (owner, trusted) = verifying(&world).await;
        for n in [10, 11] {
            let (new, _) = waits(&world, &owner, n).await;
            for _ in 0..5 {
                let page = new.post("/sign-in/device", &[("code", "ABCD-EFGH")]).await;
                assert!(page.code() == 422 || page.code() == 429, "{} {}", page.code(), page.text());
            }
            world.clock.advance(Span::seconds(61));
        }
        world.restart().await;
        let new = world.browser_at(12);
        owner.sign_in(&new).await;
        let page = new.post("/sign-in/device", &[("code", "ABCD-EFGH")]).await;
        assert_eq!(page.code(), 429, "{}", page.text());
        assert!(page.retry_after().is_some_and(|wait| wait > 600), "{:?}", page.retry_after());
        assert_eq!(world.mail_to(&owner.email, "Many wrong codes for a new device").await.len(), 1);
        assert!(trusted.is_signed_in().await);
        world.clock.advance(Span::minutes(16));
        let (new, _) = waits_by_mail(&world, &owner, 13).await;
        let code = world.mail_to(&owner.email, CODE).await.pop().expect("a mail").code();
        assert_eq!(new.post("/sign-in/device", &[("code", &code)]).await.location(), "/app");
    }

    async fn nobody_is_asked_until_they_give_in(world) {
        let (owner, trusted) = verifying(&world).await;
        for n in 0..8 {
            owner.sign_in(&world.browser_at(50 + n)).await;
        }
        let list = trusted.ask(Method::GET, "/app/security/approvals").header("accept", "application/json").send().await.json();
        assert_eq!(list["waiting"].as_array().map(Vec::len), Some(5));
    }
}

/// A new browser that waits for the code alone.
async fn waits_by_mail(world: &World, person: &Person, n: u8) -> (Browser, Page) {
    let new = world.browser_at(n);
    let page = person.sign_in(&new).await;
    assert_eq!(page.location(), "/sign-in/device", "{}", page.text());
    (new, page)
}
