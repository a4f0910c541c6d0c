//! Inviting and joining. SECURITY.md S32 (an invitation is bound to its address, organisation and roles), S33 (nobody registers), S64 (nobody
//! invites beyond what they hold).
use super::{INVITED, call, invite, join, kinds, link, newcomer, role, with_role};
use serde_json::json;
use world::{Method, OWNER, PASSWORD, Page, Span};

fn is_dead(page: &Page) {
    assert_eq!(
        (page.code(), page.heading().as_str()),
        (410, "This invitation does not work any more"),
        "{}",
        page.text()
    );
}

world::stories! {
    async fn an_invited_person_joins_by_the_link_and_signs_in(world) {
        let (_, browser) = world.with_owner_inside().await;
        let technician = role(&world, "Technician").await;
        let page = invite(&browser, "Ines@northwind.example", &[technician]).await;
        assert_eq!(page.code(), 201, "{}", page.body);
        let made = page.json();
        assert_eq!((made["state"].as_str(), made["roles"][0]["name"].as_str()), (Some("invited"), Some("Technician")));
        let id = made["id"].as_str().unwrap().to_owned();
        let mail = world.mail_to("Ines@northwind.example", INVITED).await.remove(0);
        assert!(mail.text.contains("Olive Owner invites you to Northwind IT."), "{}", mail.text);

        let anyone = world.browser();
        let path = mail.path(&world, "/invitation");
        for _ in 0..2 {
            let page = anyone.get(&path).await;
            assert_eq!((page.code(), page.value_of("name").as_deref()), (200, Some("Ines Ivers")), "{}", page.text());
            assert_eq!(page.buttons(), ["Join"]);
        }
        let weak = anyone.post(&path, &[("name", ""), ("password", "short")]).await;
        assert_eq!(weak.code(), 422);
        assert!(weak.error_of("name").is_some() && weak.error_of("password").is_some(), "{}", weak.text());
        let page = join(&world, &path).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in"), "{}", page.text());
        assert!(!anyone.is_signed_in().await, "joining opened a session");

        let hers = world.browser();
        assert_eq!(hers.sign_in("ines@northwind.example", PASSWORD).await.code(), 303);
        let me = hers.get("/api/v1/me").await.json();
        assert_eq!((me["id"].as_str(), me["roles"][0]["name"].as_str()), (Some(id.as_str()), Some("Technician")));
        let seen = browser.get(&format!("/api/v1/people/{id}")).await.json();
        assert_eq!((seen["state"].as_str(), seen["name"].as_str()), (Some("active"), Some("Ines Ivers")));
        for kind in ["person-invited", "person-joined"] {
            assert!(kinds(&browser).await.contains(&kind.to_owned()), "{kind}");
        }
        is_dead(&anyone.get(&path).await);
        is_dead(&join(&world, &path).await);
    }

    async fn the_page_of_an_invitations_event_calls_nobody_a_former_person(world) {
        let (_, browser) = world.with_owner_inside().await;
        invite(&browser, "ines@northwind.example", &[]).await;
        let events = browser.get("/api/v1/events?kind=person-invited").await.json();
        let id = events["items"][0]["id"].as_str().expect("the event").to_owned();
        let page = browser.get(&format!("/app/activity/{id}")).await;
        let text = page.text();
        assert!(page.code() == 200 && text.contains("ines@northwind.example") && !text.contains("former person"), "{text}");
    }

    async fn the_code_opens_the_same_page_and_five_wrong_ones_end_it(world) {
        let (_, browser) = world.with_owner_inside().await;
        invite(&browser, "ines@northwind.example", &[]).await;
        let mail = world.mail_to("ines@northwind.example", INVITED).await.remove(0);
        let code = mail.text.split("and this code: ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let stranger = world.browser();
        assert_eq!(stranger.get("/invitation").await.heading(), "Join with a code");
        let typed = |email: &'static str, code: String| {
            let stranger = stranger.clone();
            async move { stranger.post("/invitation", &[("email", email), ("code", &code)]).await }
        };
        let wrong = typed("ines@northwind.example", "AAAA-AAAA".into()).await;
        let unknown = typed("nobody@northwind.example", "AAAA-AAAA".into()).await;
        assert_eq!((wrong.code(), wrong.error_of("code")), (422, unknown.error_of("code")), "it tells who is invited");
        let page = typed("INES@northwind.example", code.to_lowercase()).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        assert_eq!(stranger.get(page.location()).await.heading(), "Join Northwind IT");
        assert_eq!(typed("ines@northwind.example", code.clone()).await.code(), 422, "a code works once");
        assert_eq!(world.browser().get(&mail.path(&world, "/invitation")).await.code(), 200, "the link goes on working");

        invite(&browser, "otto@northwind.example", &[]).await;
        let mail = world.mail_to("otto@northwind.example", INVITED).await.remove(0);
        let code = mail.text.split("and this code: ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        for _ in 0..5 {
            assert_eq!(typed("otto@northwind.example", "AAAA-AAAA".into()).await.code(), 422);
        }
        assert_eq!(typed("otto@northwind.example", code).await.code(), 422, "five wrong codes did not end it");
        assert_eq!(join(&world, &mail.path(&world, "/invitation")).await.code(), 303);
    }

    async fn it_works_for_72_hours_and_until_it_is_sent_again_or_withdrawn(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let id = invite(&browser, "ines@northwind.example", &[]).await.json()["id"].as_str().unwrap().to_owned();
        let first = link(&world, "ines@northwind.example").await;
        world.clock.advance(Span::minutes(1));
        let page = call(&browser, Method::POST, &format!("/api/v1/people/{id}/resend"), &json!({})).await;
        assert_eq!(page.code(), 204, "{}", page.body);
        let second = link(&world, "ines@northwind.example").await;
        is_dead(&world.browser().get(&first).await);
        assert_eq!(world.browser().get(&second).await.code(), 200);
        world.clock.advance(Span::hours(72));
        is_dead(&join(&world, &second).await);

        let again = world.browser();
        owner.enter(&again).await;
        let seen = again.get(&format!("/app/people/{id}")).await;
        assert!(seen.text().contains("invitation ended"), "{}", seen.text());
        assert_eq!(again.post(&format!("/app/people/{id}/resend"), &[]).await.code(), 303);
        let third = link(&world, "ines@northwind.example").await;
        assert_eq!(again.post(&format!("/app/people/{id}/withdraw"), &[]).await.location(), "/app/people?done=withdrawn");
        is_dead(&join(&world, &third).await);
        assert_eq!(again.get(&format!("/api/v1/people/{id}")).await.code(), 404);
        for kind in ["invitation-resent", "invitation-withdrawn"] {
            assert!(kinds(&again).await.contains(&kind.to_owned()), "{kind}");
        }
    }

    async fn five_mails_a_day_are_enough(world) {
        let (_, browser) = world.with_owner_inside().await;
        let id = invite(&browser, "ines@northwind.example", &[]).await.json()["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/people/{id}/resend");
        for _ in 0..4 {
            assert_eq!(call(&browser, Method::POST, &path, &json!({})).await.code(), 204);
        }
        let page = call(&browser, Method::POST, &path, &json!({})).await;
        assert_eq!((page.code(), page.json()["reason"].as_str()), (429, Some("PE-014")), "{}", page.body);
        assert_eq!(world.mail_to("ines@northwind.example", INVITED).await.len(), 5);
    }

    async fn whoever_has_an_account_signs_in_and_joins_with_one_button(world) {
        let (_, browser) = world.with_owner_inside().await;
        let there = world.elsewhere("Contoso").await;
        let auditor = role(&world, "Auditor").await;
        let page = invite(&browser, &there.owner.email, &[auditor]).await;
        // Nothing tells whether the address has an account.
        let other = invite(&browser, "nobody@elsewhere.example", &[]).await;
        let fields = |page: &Page| page.json().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!((page.code(), fields(&page)), (201, fields(&other)));

        let path = link(&world, &there.owner.email).await;
        let theirs = world.browser();
        let page = theirs.get(&path).await;
        assert!(page.field("password").is_none() && page.text().contains("has an account here"), "{}", page.text());
        let on = page.links().into_iter().find(|to| to.starts_with("/app/join?token=")).unwrap();
        assert!(theirs.get(&on).await.location().starts_with("/sign-in?next="), "a stranger saw it");
        there.owner.enter(&theirs).await;
        let page = theirs.get(&on).await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Join Northwind IT"), "{}", page.text());
        assert_eq!(theirs.post(&on, &[]).await.location(), "/app");
        is_dead(&theirs.post(&on, &[]).await);

        let people = browser.get("/api/v1/people?q=contoso-owner").await.json();
        let member = &people["items"][0];
        assert_eq!((member["state"].as_str(), member["home"]["name"].as_str()), (Some("active"), Some("Contoso")));
        assert!(member["last_sign_in_at"].is_null() && member["second_factor"].is_null(), "{member}");
        assert_eq!(member["roles"][0]["name"], "Auditor");
        let here = format!("/api/v1/events?organisation={}", world.home().await);
        assert_eq!(theirs.get(&here).await.code(), 200, "they may not read what an Auditor may");
    }

    async fn an_invitation_is_for_its_address_alone(world) {
        // S32: another account, a link that was used, another organisation's link.
        let (_, browser) = world.with_owner_inside().await;
        let (there, beyond) = (world.elsewhere("Contoso").await, world.elsewhere("Fabrikam").await);
        let owner = role(&world, "Owner").await;
        invite(&browser, &there.owner.email, &[owner]).await;
        let path = link(&world, &there.owner.email).await.replace("/invitation", "/app/join");
        let other = world.browser();
        beyond.owner.enter(&other).await;
        let page = other.get(&path).await;
        assert_eq!((page.code(), page.heading().as_str()), (410, "This invitation is not for you"), "{}", page.text());
        assert!(!page.text().contains(&there.owner.email), "it tells whom it is for");
        assert_eq!(other.post(&path, &[]).await.code(), 410);
        // Not even the inviter, whose own account is another.
        assert_eq!(browser.post(&path, &[]).await.code(), 410);
        let right = world.browser();
        there.owner.enter(&right).await;
        assert_eq!(right.post(&path, &[]).await.code(), 303, "the tries of others voided it");
        let people = browser.get("/api/v1/people?q=fabrikam").await.json();
        assert_eq!(people["items"], json!([]));
        for token in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "%00", "' OR 1=1 --"] {
            assert_eq!(world.browser().get(&format!("/invitation?token={token}")).await.code(), 410, "{token}");
        }
    }

    async fn of_many_who_join_at_once_one_succeeds(world) {
        let (_, browser) = world.with_owner_inside().await;
        invite(&browser, "ines@northwind.example", &[]).await;
        let path = link(&world, "ines@northwind.example").await;
        let tries = (0..8).map(|_| {
            let (world, path) = (world.clone(), path.clone());
            tokio::spawn(async move { join(&world, &path).await.code() })
        });
        let mut codes = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            codes.push(one.await.unwrap());
        }
        codes.sort_unstable();
        assert_eq!((codes[0], codes.iter().filter(|code| **code == 303).count()), (303, 1), "{codes:?}");
        assert!(codes[1..].iter().all(|code| [410, 422].contains(code)), "{codes:?}");
    }

    async fn nobody_invites_beyond_what_they_hold(world) {
        // S64
        let (_, browser) = world.with_owner_inside().await;
        let (owner, administrator) = (role(&world, "Owner").await, role(&world, "Administrator").await);
        let (ada, hers) = with_role(&world, "ada", "Administrator").await;
        let page = invite(&hers, "ines@northwind.example", std::slice::from_ref(&owner)).await;
        assert_eq!((page.code(), page.json()["reason"].as_str()), (403, Some("AZ-005")), "{}", page.body);
        assert!(world.mail_to("ines@northwind.example", INVITED).await.is_empty());
        let page = hers.post("/app/people/invite", &[("name", "Ines"), ("email", "ines@northwind.example"), ("role", &owner)]).await;
        assert_eq!(page.code(), 403, "{}", page.text());
        assert!(kinds(&browser).await.contains(&"access-refused".to_owned()), "the log does not tell");

        // Whoever invited has lost the right by then: it is not given any more.
        assert_eq!(invite(&hers, "ines@northwind.example", &[administrator]).await.code(), 201);
        let path = link(&world, "ines@northwind.example").await;
        let (home, id) = (world.home().await, world.stored(&ada.email).await.id);
        world.set_roles(home, id, &[("Technician", kernel::Scope::Everything)]).await.unwrap();
        assert_eq!(join(&world, &path).await.code(), 303);
        let seen = browser.get("/api/v1/people?q=ines").await.json();
        assert_eq!(seen["items"][0]["roles"], json!([]), "{seen}");
    }

    async fn an_invitation_dies_with_whoever_sent_it(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ada, hers) = with_role(&world, "ada", "Administrator").await;
        invite(&hers, "ines@northwind.example", &[]).await;
        let (path, id) = (link(&world, "ines@northwind.example").await, world.stored(&ada.email).await.id);
        let disabled = |is: bool| json!({"disabled": is});
        let ada = format!("/api/v1/people/{id}");
        assert_eq!(call(&browser, Method::PATCH, &ada, &disabled(true)).await.code(), 200);
        is_dead(&world.browser().get(&path).await);
        assert_eq!(call(&browser, Method::PATCH, &ada, &disabled(false)).await.code(), 200);
        assert_eq!(world.browser().get(&path).await.code(), 200);
        assert_eq!(browser.ask(Method::DELETE, &ada).send().await.code(), 204);
        is_dead(&join(&world, &path).await);
    }

    async fn nobody_registers_without_being_invited(world) {
        // S33
        let (_, browser) = world.with_owner_inside().await;
        let stranger = world.browser();
        let fields = [("name", "Eve"), ("password", PASSWORD)];
        for path in ["/invitation", "/invitation?token=", "/invitation?token=eve"] {
            let page = stranger.post(path, &fields).await;
            assert!([410, 422].contains(&page.code()), "{path}: {}", page.code());
        }
        let extra = [("name", "Eve"), ("password", PASSWORD), ("email", "eve@northwind.example"), ("role", "Owner")];
        assert_eq!(stranger.post("/invitation", &extra).await.code(), 400);
        let body = json!({"email": "eve@northwind.example", "name": "Eve"});
        assert_eq!(call(&stranger, Method::POST, "/api/v1/people", &body).await.code(), 401);
        assert_eq!(browser.get("/api/v1/people?q=eve").await.json()["items"], json!([]));
    }

    async fn what_is_wrong_with_an_invitation_is_told(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ines, _) = newcomer(&world, &browser, "ines@northwind.example", &[]).await;
        let told = |page: Page| (page.code(), page.json()["reason"].as_str().unwrap().to_owned());
        assert_eq!(told(invite(&browser, &ines.email, &[]).await), (409, "PE-006".into()));
        assert_eq!(told(invite(&browser, OWNER, &[]).await), (409, "PE-006".into()));
        invite(&browser, "otto@northwind.example", &[]).await;
        assert_eq!(told(invite(&browser, "OTTO@northwind.example", &[]).await), (409, "PE-005".into()));
        assert_eq!(told(invite(&browser, "no address", &[]).await), (422, "PE-001".into()));
        assert_eq!(invite(&browser, "p@northwind.example", &[super::NOBODY.into()]).await.code(), 404);
        let two = json!({"email": "", "name": ""});
        let page = call(&browser, Method::POST, "/api/v1/people", &two).await;
        assert_eq!((page.code(), page.json()["errors"].as_array().unwrap().len()), (422, 2), "{}", page.body);
        let page = browser.post("/app/people/invite", &[("name", ""), ("email", "x"), ("role", "")]).await;
        assert!(page.error_of("name").is_some() && page.error_of("email").is_some(), "{}", page.text());
        let page = browser.post("/app/people/invite", &[("name", "Otto"), ("email", "otto@northwind.example")]).await;
        assert_eq!((page.code(), page.value_of("name").as_deref()), (409, Some("Otto")), "{}", page.text());
    }

    async fn inviting_needs_a_fresh_proof(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::minutes(16));
        let page = invite(&browser, "ines@northwind.example", &[]).await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"));
        let page = browser.get("/app/people/invite").await;
        assert!(page.links().iter().any(|to| to.starts_with("/app/step-up?")), "{:?}", page.links());
    }
}
