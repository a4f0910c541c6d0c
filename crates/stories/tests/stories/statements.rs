//! Every statement of the product, on both engines: run by a tour through all that it does, held to the portable subset, prepared once more.
//! A statement that the tour never runs fails here: then lengthen the tour.
use crate::house::sql::all_statements;
use ground::db::Kind;
use world::{Browser, Method, OWNER, PASSWORD, Person, Span, World};

const WRONG: &str = "surely not the right one";

/// Statements that no tour reaches, each with the kinds of its parameters: they are prepared without having run.
const NOT_ON_THE_TOUR: &[(&str, &[Kind])] = &[
    // Only where more than 2,000 people hold a role.
    (
        "AND (EXISTS (SELECT 1 FROM membership_grant WHERE membership_grant.organisation = ?1",
        &[
            Kind::Uuid,
            Kind::Text,
            Kind::Uuid,
            Kind::Text,
            Kind::Int,
            Kind::Bool,
            Kind::Bool,
            Kind::Uuid,
        ],
    ),
    // Only where unknown addresses have more rows than a small test can make.
    (
        "SELECT kind, key FROM lane WHERE kind = 'address' AND person IS NULL ORDER BY failed_at LIMIT",
        &[Kind::Int],
    ),
    // Only where the cost of a hash was raised since the last sign-in.
    (
        "UPDATE password SET hash = ?2",
        &[Kind::Uuid, Kind::Text, Kind::Int, Kind::Int, Kind::Int],
    ),
    // Only where a mail server does not answer, is looked at, or reports what became of a mail: the post's own tests run them.
    (
        "UPDATE message SET state = 'deferred'",
        &[Kind::Text, Kind::Text, Kind::Int, Kind::Int],
    ),
    (
        "UPDATE mail_probe SET told_at = ?1",
        &[Kind::Int, Kind::Bool, Kind::Text, Kind::Text],
    ),
    ("UPDATE message SET said = ?2 WHERE", &[Kind::Uuid, Kind::Text]),
    ("SELECT EXISTS (SELECT 1 FROM message", &[Kind::Uuid]),
    // Only more than a year after a key has ended.
    (
        "DELETE FROM pairing_refusal WHERE organisation = ?1 AND installation_key",
        &[Kind::Uuid, Kind::Uuid],
    ),
    (
        "DELETE FROM installation_key WHERE organisation = ?1 AND id",
        &[Kind::Uuid, Kind::Uuid],
    ),
    // Only where a member leaves.
    (
        "DELETE FROM api_key WHERE person = ?1 AND organisation",
        &[Kind::Uuid, Kind::Uuid],
    ),
];

fn folded(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn fail(browser: &Browser, email: &str, times: usize) {
    browser.get("/sign-in").await;
    for _ in 0..times {
        browser.post("/sign-in", &[("email", email), ("password", WRONG)]).await;
    }
}

/// In and out, devices and sessions, the own account.
async fn tour_of_sessions(world: &World, owner: &Person, browser: &Browser) {
    owner.enter(&world.browser_at(5)).await;
    let list = browser.get("/api/v1/me/sessions").await.json();
    let one = list["items"][0]["id"].as_str().unwrap();
    browser
        .ask(Method::DELETE, &format!("/api/v1/me/sessions/{one}"))
        .send()
        .await;
    owner.enter(browser).await;
    browser
        .ask(Method::DELETE, "/api/v1/me/sessions?others=true")
        .send()
        .await;
    browser
        .ask(Method::PATCH, "/api/v1/me")
        .json(&serde_json::json!({"name": "Olive", "language": "en-GB"}))
        .send()
        .await;
    let changed = [("current", PASSWORD), ("password", "another lantern under the mill")];
    browser.post("/app/security/password", &changed).await;
    let back = [("current", changed[1].1), ("password", PASSWORD)];
    assert_eq!(browser.post("/app/security/password", &back).await.code(), 303);
    world.clock.advance(Span::minutes(31));
    browser.get("/app").await;
    browser.post("/app/unlock", &[("password", WRONG)]).await;
    browser.post("/app/unlock", &[("password", PASSWORD)]).await;
    browser.post("/app/stay", &[]).await;
}

/// Every page, every list with every filter, the settings.
async fn tour_of_pages(browser: &Browser) {
    for path in [
        "/app",
        "/app/security",
        "/app/activity",
        "/app/settings",
        "/help",
        "/logo",
        "/api/v1/events?limit=1",
    ] {
        browser.get(path).await;
    }
    let person = browser.get("/api/v1/me").await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for filter in [
        "kind=signed-in",
        "outcome=stopped",
        "from=2026-11-24T00:00:00Z",
        "to=2026-11-25T00:00:00Z",
        &format!("person={person}"),
    ] {
        for list in ["/api/v1/events", "/app/activity", "/api/v1/events/export"] {
            assert_eq!(
                browser.get(&format!("{list}?{filter}")).await.code(),
                200,
                "{list}?{filter}"
            );
        }
    }
    browser.get("/app/activity?person=oliv").await;
    let first = browser.get("/api/v1/events?limit=1").await.json();
    browser
        .get(&format!(
            "/api/v1/events?limit=1&cursor={}",
            first["next"].as_str().unwrap()
        ))
        .await;
    browser
        .post("/app/settings", &[("name", "Northwind IT"), ("contact", "Call 4417")])
        .await;
    browser.post("/app/settings/logo/remove", &[]).await;
}

/// Failures of all lanes, and what ends them.
async fn tour_of_lanes(world: &World, owner: &Person, browser: &Browser) {
    browser.post("/sign-out", &[]).await;
    fail(&world.browser_at(6), OWNER, 11).await;
    for n in 0..62 {
        fail(&world.browser_at(7), &format!("p{n}@elsewhere.example"), 1).await;
    }
    for _ in 0..11 {
        fail(browser, OWNER, 10).await;
        world.clock.advance(Span::hours(49));
    }
    let ground = world.app().ground().clone();
    let person = doorward::operate::find(&ground, OWNER).await.unwrap().unwrap();
    doorward::operate::unlock(&ground, &person).await.unwrap();
    doorward::operate::people_after(&ground, None).await.unwrap();
    owner.enter(browser).await;
    doorward::operate::sign_out(&ground, &person).await.unwrap();
}

/// Every way back in, another address and back, and the link that ends everything.
async fn tour_of_recovery(world: &World, owner: &Person, browser: &Browser) {
    crate::recovery::ask(&world.browser_at(20), "nobody@elsewhere.example").await;
    crate::recovery::ask(browser, OWNER).await;
    browser.get("/forgot/state").await;
    let stranger = world.browser_at(21);
    let mail = crate::recovery::asked(world, &stranger, OWNER).await;
    stranger.get("/reset").await;
    stranger.get("/forgot/state").await;
    stranger.get(&mail.path(world, "/reset")).await;
    let by_code = [
        ("code", mail.code()),
        ("password", "another lantern under the mill".to_owned()),
    ];
    let fields = [("code", by_code[0].1.as_str()), ("password", by_code[1].1.as_str())];
    assert_eq!(stranger.post("/reset", &fields).await.code(), 303);
    let link = world.operators_reset_link(OWNER).await;
    assert_eq!(crate::recovery::set(browser, &link, PASSWORD).await.code(), 303);
    owner.enter(browser).await;
    let confirm = crate::email_change::wanted(world, browser, "olive.new@northwind.example").await;
    browser.get(&confirm).await;
    browser.post(&confirm, &[]).await;
    let undo = crate::email_change::way_back(world, OWNER).await;
    browser.get(&undo).await;
    let done = browser.post(&undo, &[]).await;
    assert_eq!(
        crate::recovery::set(browser, done.location(), PASSWORD).await.code(),
        303
    );
    owner.enter(&world.browser_at(22)).await;
    let mails = world.mail().await;
    let last = mails.iter().rfind(|mail| mail.text.contains("/not-me?")).unwrap();
    let alarm = last.path(world, "/not-me");
    browser.get(&alarm).await;
    let done = browser.post(&alarm, &[]).await;
    assert_eq!(
        crate::recovery::set(browser, done.location(), PASSWORD).await.code(),
        303
    );
    owner.enter(browser).await;
}

/// The post, as the organisation sees it: a message that came, one that is sent again, one that came back.
async fn tour_of_messages(world: &World, browser: &Browser) {
    for _ in 0..2 {
        assert_eq!(browser.post("/app/settings/messages/test", &[]).await.code(), 303);
    }
    let waiting = browser.get("/api/v1/messages?show=waiting").await.json();
    let id = waiting["items"][0]["id"].as_str().unwrap().to_owned();
    let again = browser.post("/app/settings/messages/resend", &[("message", &id)]).await;
    assert_eq!(again.code(), 303);
    world.bring_mail().await;
    browser.get("/app/settings/messages").await;
    assert_eq!(browser.get(&format!("/app/settings/messages/{id}")).await.code(), 200);
    let back = serde_json::json!({"message": id, "said": "550 no such mailbox"});
    let told = browser
        .ask(Method::POST, "/api/v1/messages/bounces")
        .json(&back)
        .send()
        .await;
    assert!([200, 204].contains(&told.code()), "{}", told.body);
    world.look_at_mail_server().await;
}

/// What the program does by itself, and the operator on the command line.
async fn tour_of_operators(world: &World) {
    let ground = world.app().ground().clone();
    ground::journal::once(&ground).await.unwrap();
    world.clock.advance(Span::days(40));
    doorward::janitor::sweep(&ground).await.unwrap();
    world.app().agents().sweep().await.unwrap();
    ground::journal::once(&ground).await.unwrap();
    let (trust, _) = ground::journal::known(&ground).await.unwrap();
    let audit = ground::journal::audit_store(&ground.store, &trust, &ground.config.data_dir)
        .await
        .unwrap();
    assert!(audit.is_whole, "{:?}", audit.lines);
    let person = doorward::operate::find(&ground, OWNER).await.unwrap().unwrap();
    let stream = kernel::Stream::Organisation(person.home_organisation);
    ground
        .store
        .write(move |tx| ground::journal::erase(tx, stream, 1))
        .await
        .unwrap();
    let audit = ground::journal::audit_store(&ground.store, &trust, &ground.config.data_dir)
        .await
        .unwrap();
    assert!(
        audit.is_whole,
        "erasing personal data broke the chain: {:?}",
        audit.lines
    );
}

world::stories! {
    async fn every_statement_is_run_and_prepared_and_portable(world) {
        let path = world.setup_path().await.unwrap();
        world.browser().post(&path, &[("organisation", ""), ("name", ""), ("email", ""), ("password", "")]).await;
        let (owner, browser) = world.with_owner_inside().await;
        world.person("ana").await;
        tour_of_sessions(&world, &owner, &browser).await;
        tour_of_pages(&browser).await;
        tour_of_messages(&world, &browser).await;
        tour_of_recovery(&world, &owner, &browser).await;
        crate::people::tour::tour(&world, &browser).await;
        crate::activity::tour(&world, &owner, &browser).await;
        crate::factors::passkeys::tour(&world, &browser).await;
        crate::factors::tour::tour(&world, &browser).await;
        crate::api_keys::tour(&world).await;
        crate::import::tour(&world).await;
        owner.enter(&browser).await;
        crate::organisations::tour::tour(&world, &owner, &browser).await;
        owner.enter(&browser).await;
        crate::roles::tour(&world, &browser).await;
        crate::agents::tour::tour(&world).await;
        tour_of_lanes(&world, &owner, &browser).await;
        tour_of_operators(&world).await;
        crate::activity::last_tour(&world).await;
        let store = world.app().ground().store.clone();
        let recorded = store.recorded();
        for seen in &recorded {
            assert_eq!(ground::db::subset::faults(seen.sql), Vec::<String>::new(), "{}", seen.sql);
            store.prepare_check(seen.sql, &seen.kinds).await.unwrap_or_else(|error| panic!("{error}: {}", seen.sql));
        }
        let ran: Vec<String> = recorded.iter().map(|seen| folded(seen.sql)).collect();
        let mut missed = Vec::new();
        for (path, line, sql) in all_statements() {
            let text = folded(&sql);
            // A part of a statement is run where it stands in a whole one.
            if text.split(' ').count() < 4 || ran.iter().any(|ran| ran.contains(&text)) {
                continue;
            }
            match NOT_ON_THE_TOUR.iter().find(|(part, _)| text.contains(part)) {
                Some((_, kinds)) => store.prepare_check(&sql, kinds).await.unwrap_or_else(|error| panic!("{path}:{line}: {error}")),
                None => missed.push(format!("{path}:{line}: {text}")),
            }
        }
        assert!(missed.is_empty(), "the tour never ran {} statements:\n{}", missed.len(), missed.join("\n"));
    }
}
