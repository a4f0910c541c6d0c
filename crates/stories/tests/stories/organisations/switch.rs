//! Going over to another organisation with the same session, and what its door says.
use super::{here, kinds};
use crate::policies::put;
use organisations::{Require, Values};
use serde_json::json;
use world::{Method, PASSWORD, Span};

world::stories! {
    async fn whoever_has_several_organisations_goes_over_and_back(world) {
        let (_, browser) = world.with_owner_inside().await;
        assert!(!browser.get("/app").await.links().contains(&"/app/organisation".to_owned()), "there is nowhere to go");
        let own = here(&browser).await;
        let contoso = world.customer(&browser, "Contoso").await.to_string();
        assert!(browser.get("/app").await.links().contains(&"/app/organisation".to_owned()));
        let page = browser.get("/app/organisation").await;
        assert_eq!(page.heading(), "Your organisations");
        assert!(page.text().contains("by way of Northwind IT"), "{}", page.text());
        let gone = browser.post("/app/organisation", &[("organisation", &contoso)]).await;
        assert_eq!((gone.code(), gone.location()), (303, "/app"), "{}", gone.text());
        assert_eq!(here(&browser).await, contoso);
        let page = browser.get("/app/organisations").await;
        assert!(page.text().contains("no customers of its own"), "{}", page.text());
        assert!(kinds(&browser, &contoso).await.contains(&"organisation-entered".to_owned()));
        // The customer sees who came.
        let people = browser.get("/api/v1/people").await;
        assert_eq!(people.code(), 200, "{}", people.body);
        assert!(people.body.contains(world::OWNER), "{}", people.body);
        browser.post("/app/organisation", &[("organisation", &own)]).await;
        assert_eq!(here(&browser).await, own);
        assert_eq!(browser.get("/app/organisation?search=cont").await.body.matches("name=\"organisation\"").count(), 1);
    }

    async fn no_other_organisation_is_entered_and_none_is_told_apart(world) {
        let (_, browser) = world.with_owner_inside().await;
        let own = here(&browser).await;
        let contoso = world.customer(&browser, "Contoso").await.to_string();
        let (ana, hers) = (world.person("ana").await, world.browser());
        ana.enter(&hers).await;
        let mut said = Vec::new();
        for id in [contoso.as_str(), "01936d2c-5b7e-7000-8000-000000000000", "x", ""] {
            let page = hers.post("/app/organisation", &[("organisation", id)]).await;
            assert_eq!(page.code(), 404, "{id}: {}", page.text());
            said.push(page.text());
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(here(&hers).await, own);
        assert_eq!(hers.post("/app/organisation", &[("organisation", &own)]).await.location(), "/app");
        assert_eq!(hers.post("/app/organisation", &[("to", &own)]).await.code(), 400);
    }

    async fn what_a_call_found_out_about_another_organisation_never_speaks_for_the_sessions_own(world) {
        world.with_owner().await;
        let contoso = world.bare_customer("Contoso").await;
        let (ana, hers) = (world.person("ana").await, world.browser());
        world.join(contoso, &ana, "Administrator").await;
        ana.enter(&hers).await;
        // The clock stands still and nothing is written: what the door keeps of a session is good from one call to the next.
        for round in 0..5 {
            let there = hers.get(&format!("/api/v1/permissions?organisation={contoso}")).await;
            assert_eq!(there.code(), 200, "round {round}: {}", there.body);
            let home = hers.get("/api/v1/permissions").await;
            assert_eq!(home.code(), 403, "round {round}: a right in Contoso was taken for one at home: {}", home.body);
        }
        // And the other way round: her own place, kept, does not stand before the other one.
        for round in 0..5 {
            assert_eq!(hers.get("/api/v1/me").await.code(), 200);
            let there = hers.get(&format!("/api/v1/permissions?organisation={contoso}")).await;
            assert_eq!(there.code(), 200, "round {round}: {}", there.body);
        }
    }

    async fn the_policy_of_the_organisation_that_is_entered_holds(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let contoso = world.customer(&browser, "Contoso").await;
        world.set_policy_of(contoso, |values| *values = Values { require: Some(Require::Yes), grace_hours: Some(0), ..Values::default() }).await;
        let to = [("organisation", contoso.to_string())];
        let to = [(to[0].0, to[0].1.as_str())];
        let refused = browser.post("/app/organisation", &to).await;
        assert_eq!((refused.code(), refused.location()), (303, "/app/security/add?required"), "{}", refused.text());
        assert_eq!(browser.get(&format!("/api/v1/organisations/{contoso}/policy")).await.problem(), "factor-needed");
        // Not locked out of everything: at home nothing changed.
        assert_eq!(browser.get("/app").await.code(), 200);
        let app = world.with_app(&owner).await;
        let proved = browser.post("/app/step-up?next=/app", &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!(proved.code(), 303, "{}", proved.text());
        assert_eq!(browser.post("/app/organisation", &to).await.location(), "/app");
        assert_eq!(here(&browser).await, contoso.to_string());
        world.set_policy_of(contoso, |values| values.people = Some(vec!["203.0.113.0/24".parse().unwrap()])).await;
        assert_eq!(browser.get("/app").await.code(), 403);
        let again = world.browser();
        owner.sign_in(&again).await;
        assert_eq!(again.post("/sign-in/factor", &[("code", &app.code(world.clock.now() + Span::seconds(30)))]).await.code(), 303);
        assert_eq!(again.post("/app/organisation", &to).await.code(), 403);
    }

    async fn grace_begins_with_the_first_entry_and_ends(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.set_policy(|values| { values.lock_minutes = Some(1440); values.end_minutes = Some(43_200); }).await;
        let contoso = world.customer(&browser, "Contoso").await;
        world.set_policy_of(contoso, |values| *values = Values { require: Some(Require::Yes), grace_hours: Some(1), ..Values::default() }).await;
        let policy = format!("/api/v1/organisations/{contoso}/policy");
        assert_eq!(browser.get(&policy).await.code(), 200);
        world.clock.advance(Span::minutes(61));
        // Calls alone begin no grace that lasts for ever.
        assert_eq!(browser.get(&policy).await.problem(), "factor-needed");
        let entered = browser.post("/app/organisation", &[("organisation", &contoso.to_string())]).await;
        assert_eq!(entered.location(), "/app", "{}", entered.text());
        world.clock.advance(Span::minutes(61));
        assert_eq!(browser.get("/app").await.location(), "/app/security/add?required");
    }

    async fn a_session_that_went_over_locks_and_ends_by_the_rules_there(world) {
        let (_, browser) = world.with_owner_inside().await;
        let contoso = world.customer(&browser, "Contoso").await;
        world.set_policy_of(contoso, |values| { values.require = Some(Require::No); values.lock_minutes = Some(5); }).await;
        browser.post("/app/organisation", &[("organisation", &contoso.to_string())]).await;
        world.clock.advance(Span::minutes(6));
        assert!(browser.get("/app").await.location().starts_with("/app/unlock"));
        assert_eq!(browser.post("/app/unlock", &[("password", PASSWORD)]).await.code(), 303);
        assert_eq!(put(&browser, &json!({"sessions": {"lock_minutes": null}})).await.code(), 200);
        world.clock.advance(Span::minutes(20));
        assert!(browser.is_signed_in().await);
        assert_eq!(browser.ask(Method::GET, "/api/v1/me/organisations").send().await.json()["items"][1]["current"], true);
    }
}
