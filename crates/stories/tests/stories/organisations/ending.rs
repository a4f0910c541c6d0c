//! The end of a customer: deleted, brought back, gone after thirty days.
use super::{at, here, kinds, send};
use serde_json::json;
use world::{Browser, Method, PASSWORD, Span, World};

async fn sweep(world: &World) {
    doorward::janitor::sweep(world.app().ground()).await.unwrap();
}

async fn fresh(browser: &Browser) {
    browser.sign_in(world::OWNER, PASSWORD).await;
}

world::stories! {
    async fn a_deletion_says_what_goes_and_can_be_taken_back(world) {
        let (_, browser) = world.with_owner_inside().await;
        let contoso = world.customer(&browser, "Contoso").await;
        let (cora, hers) = (world.person_at(contoso, "cora", "Owner").await, world.browser());
        cora.enter(&hers).await;
        let dry = browser.ask(Method::DELETE, &format!("{}?dry_run=true", at(contoso))).send().await;
        assert_eq!(dry.code(), 200, "{}", dry.body);
        assert_eq!(dry.json()["goes"], json!({"accounts": 1, "members": 1, "sites": 1, "roles": 0}));
        assert_eq!(dry.json()["goes_at"], "2026-12-24T09:00:00Z");
        assert!(hers.is_signed_in().await, "a dry run did something");
        let done = browser.ask(Method::DELETE, &at(contoso)).send().await;
        assert_eq!(done.json(), dry.json());
        assert_eq!(hers.get("/api/v1/me").await.code(), 401);
        assert_eq!(world.browser().sign_in(&cora.email, &cora.password).await.code(), 422);
        assert_eq!(browser.get(&format!("{}/policy", at(contoso))).await.code(), 404);
        let told = browser.get(&at(contoso)).await.json();
        assert_eq!((&told["state"], &told["goes_at"]), (&json!("deleted"), &json!("2026-12-24T09:00:00Z")));
        for body in [json!({"name": "X"}), json!({"state": "suspended"}), json!({"parent": null})] {
            assert_eq!(send(&browser, Method::PATCH, &at(contoso), &body).await.json()["reason"], "OG-005", "{body}");
        }
        world.clock.advance(Span::days(29));
        sweep(&world).await;
        let again = world.browser();
        fresh(&again).await;
        let back = send(&again, Method::PATCH, &at(contoso), &json!({"state": "active"})).await;
        assert_eq!((back.code(), back.json()["state"].as_str()), (200, Some("active")), "{}", back.body);
        cora.enter(&world.browser()).await;
        let log = kinds(&again, here(&again).await).await;
        assert!(log.contains(&"organisation-deleted".to_owned()) && log.contains(&"organisation-restored".to_owned()));
    }

    async fn after_thirty_days_everything_of_it_is_gone_and_others_keep_what_is_theirs(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let own = here(&browser).await;
        let contoso = world.customer(&browser, "Contoso").await;
        let cora = world.person_at(contoso, "cora", "Owner").await;
        let other = world.another_organisation("Tailspin").await;
        world.join(other, &cora, "Auditor").await;
        world.with_app(&cora).await;
        browser.ask(Method::DELETE, &at(contoso)).send().await;
        world.clock.advance(Span::days(30) + Span::seconds(1));
        sweep(&world).await;
        let again = world.browser();
        fresh(&again).await;
        assert_eq!(again.get(&at(contoso)).await.code(), 404);
        let list = again.get("/api/v1/organisations").await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
        assert_eq!(world.browser().sign_in(&cora.email, &cora.password).await.code(), 422);
        let roles = again.get("/api/v1/me").await.json()["roles"].clone();
        assert_eq!(roles.as_array().unwrap().len(), 1, "{roles}");
        assert!(kinds(&again, &own).await.contains(&"organisation-purged".to_owned()));
        // The address is free for somebody else, the person is not.
        let fabrikam = world.customer(&again, "Contoso").await;
        world.person_at(fabrikam, "cora", "Owner").await;
        world.join(other, &owner, "Owner").await;
        let people = again.get(&format!("/api/v1/people?organisation={other}")).await;
        assert!(people.code() == 200 && !people.body.contains("cora"), "{}", people.body);
        assert!(owner.sign_in(&world.browser()).await.code() == 303);
        let ground = world.app().ground().clone();
        ground::journal::once(&ground).await.unwrap();
        let (trust, _) = ground::journal::known(&ground).await.unwrap();
        let audit = ground::journal::audit_store(&ground.store, &trust, &ground.config.data_dir).await.unwrap();
        assert!(audit.is_whole, "{:?}", audit.lines);
    }
}
