//! Giving roles and taking them away: several at once, limited to a site, never the last owner's, also by many at the same moment.
use super::with_role;
use kernel::{Reason, Scope};
use world::{Engine, Method, OWNER, World};

async fn id(world: &World, email: &str) -> kernel::PersonId {
    world.stored(email).await.id
}

world::stories! {
    async fn a_person_holds_several_roles_and_each_as_far_as_it_was_given(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (home, ana) = (world.home().await, world.person("ana").await);
        let (ana_id, leeds) = (id(&world, &ana.email).await, world.site("Leeds branch").await);
        let given = world.set_roles(home, ana_id, &[("Technician", Scope::Site(leeds)), ("Auditor", Scope::Everything)]).await;
        let told = given.expect("it is given");
        assert!(told.contains("Technician at the site Leeds branch") && told.contains("taken No access"), "{told}");
        let mut held = world.holds(home, ana_id).await;
        held.sort();
        assert_eq!(held, ["Auditor", "Technician at the site Leeds branch"]);
        assert_eq!(super::details(&browser, "grants-changed").await, [told]);
        // The same once more changes nothing, and is not told.
        let again = world.set_roles(home, ana_id, &[("Auditor", Scope::Everything), ("Technician", Scope::Site(leeds))]).await;
        assert_eq!(again.as_deref(), Ok(""));
        assert_eq!(super::details(&browser, "grants-changed").await.len(), 1);
    }

    async fn what_is_not_the_organisations_own_cannot_be_given(world) {
        world.with_owner().await;
        let (home, ana) = (world.home().await, world.person("ana").await);
        let ana_id = id(&world, &ana.email).await;
        let other = world.elsewhere("Fabrikam").await;
        let before = world.holds(home, ana_id).await;
        for (wanted, reason) in [
            (("Technician", Scope::Site(other.site)), Reason::ScopeUnknown),
            (("Technician", Scope::Customer(other.organisation)), Reason::ScopeUnknown),
            (("Technician", Scope::Customer(home)), Reason::ScopeUnknown),
        ] {
            let refused = world.set_roles(home, ana_id, &[("Auditor", Scope::Everything), wanted]).await;
            assert_eq!(refused, Err(reason), "{wanted:?}");
        }
        assert_eq!(world.set_roles(home, other.person, &[("Auditor", Scope::Everything)]).await, Err(Reason::PersonNotMember));
        assert_eq!(world.holds(home, ana_id).await, before, "half of something that was refused holds");
    }

    async fn the_last_owner_keeps_the_role(world) {
        world.with_owner().await;
        let (home, ana) = (world.home().await, world.person("ana").await);
        let (olive_id, ana_id) = (id(&world, OWNER).await, id(&world, &ana.email).await);
        assert_eq!(world.set_roles(home, olive_id, &[]).await, Err(Reason::LastOwner));
        assert_eq!(world.set_roles(home, olive_id, &[("Administrator", Scope::Everything)]).await, Err(Reason::LastOwner));
        assert_eq!(world.end_membership(home, olive_id).await, Err(Reason::LastOwner));
        assert_eq!(world.last_owner_in(olive_id).await, [home]);
        assert_eq!(world.holds(home, olive_id).await, ["Owner"]);
        // An owner for a site, or one who is disabled, is none who could act.
        let leeds = world.site("Leeds").await;
        world.set_roles(home, ana_id, &[("Owner", Scope::Site(leeds))]).await.expect("it is given");
        assert_eq!(world.set_roles(home, olive_id, &[]).await, Err(Reason::LastOwner));
        world.set_roles(home, ana_id, &[("Owner", Scope::Everything)]).await.expect("it is given");
        world.disable(&ana).await;
        assert_eq!(world.set_roles(home, olive_id, &[]).await, Err(Reason::LastOwner));
        let otto = world.person("otto").await;
        world.set_roles(home, id(&world, &otto.email).await, &[("Owner", Scope::Everything)]).await.expect("it is given");
        assert!(world.last_owner_in(olive_id).await.is_empty());
        assert!(world.set_roles(home, olive_id, &[]).await.is_ok());
    }

    async fn of_owners_who_demote_each_other_at_once_one_stays(world) {
        world.with_owner().await;
        let home = world.home().await;
        let (ana, otto) = (world.person("ana").await, world.person("otto").await);
        let owners = [id(&world, OWNER).await, id(&world, &ana.email).await, id(&world, &otto.email).await];
        if world.engine() == Engine::Postgres {
            world.second_node().await;
        }
        for round in 0..8 {
            for owner in owners {
                world.set_roles(home, owner, &[("Owner", Scope::Everything)]).await.expect("it is given");
            }
            let mut tasks = Vec::new();
            for owner in owners {
                let world = world.clone();
                tasks.push(tokio::spawn(async move { world.set_roles(home, owner, &[("Auditor", Scope::Everything)]).await }));
            }
            let mut refused = 0;
            for task in tasks {
                match task.await.expect("no panic") {
                    Ok(_) => {}
                    Err(reason) => {
                        assert_eq!(reason, Reason::LastOwner);
                        refused += 1;
                    }
                }
            }
            assert_eq!(refused, 1, "round {round}");
        }
    }

    async fn a_role_for_a_site_opens_no_page_about_the_whole(world) {
        world.with_owner().await;
        let (home, leeds) = (world.home().await, world.site("Leeds").await);
        let (ana, hers) = with_role(&world, "ana", "No access").await;
        world.set_roles(home, id(&world, &ana.email).await, &[("Owner", Scope::Site(leeds))]).await.expect("it is given");
        for path in ["/app/roles", "/api/v1/roles", "/api/v1/events", "/app/policies", "/api/v1/groups"] {
            assert_eq!(hers.get(path).await.code(), 403, "{path}");
        }
        let page = super::send(&hers, Method::POST, "/api/v1/roles", &serde_json::json!({"name": "x", "permissions": []})).await;
        assert_eq!((page.code(), page.json()["reason"].as_str()), (403, Some("AZ-016")), "{}", page.body);
    }
}
