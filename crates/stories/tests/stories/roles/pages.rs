//! The pages: the table of permissions with "Why?", a role of one's own, a group.
use super::{details, make, with_role};
use kernel::Scope;
use world::{Browser, OWNER, Page};

async fn open(browser: &Browser, path: &str) -> Page {
    let page = browser.get(path).await;
    assert_eq!(page.code(), 200, "{path}: {}", page.text());
    page
}

world::stories! {
    async fn the_table_shows_what_each_role_may_do(world) {
        let (_, browser) = world.with_owner_inside().await;
        make(&browser, "Night desk", &["agents.see"]).await;
        let page = open(&browser, "/app/roles").await;
        assert_eq!(page.heading(), "Roles");
        for word in ["Revoke agents", "Reset a person’s second factor", "Administrator", "Night desk", "Your own roles", "Why?"] {
            assert!(page.text().contains(word), "{word}");
        }
        assert!(page.links().contains(&"/app/roles/new".to_owned()));
        let (_, hers) = with_role(&world, "audrey", "Auditor").await;
        let page = open(&hers, "/app/roles").await;
        assert!(!page.links().contains(&"/app/roles/new".to_owned()) && !page.buttons().contains(&"Make the group".to_owned()));
        assert_eq!(hers.get("/app/roles/new").await.code(), 403);
        let (_, his) = with_role(&world, "tom", "Technician").await;
        assert_eq!(his.get("/app/roles").await.code(), 403);
        assert!(!open(&his, "/app").await.links().contains(&"/app/roles".to_owned()));
    }

    async fn why_is_asked_on_the_page_by_name_address_or_part_of_it(world) {
        let (_, browser) = world.with_owner_inside().await;
        let leeds = world.site("Leeds branch").await;
        for name in ["jon", "jonas"] {
            let person = world.person(name).await;
            let id = world.stored(&person.email).await.id;
            world.set_roles(world.home().await, id, &[("Technician", Scope::Site(leeds))]).await.expect("it is given");
        }
        for who in ["jon", "jon%40northwind.example", "JONAS"] {
            let page = open(&browser, &format!("/app/roles?can={who}&do=agents.revoke&on=site:{leeds}")).await;
            assert!(page.text().contains("No.") && page.text().contains("Technician has no “Revoke agents”"), "{who}: {}", page.text());
            assert!(page.text().contains("The roles Owner and Administrator have it. Nothing forbids it otherwise."), "{}", page.text());
        }
        let page = open(&browser, &format!("/app/roles?can={OWNER}&do=agents.revoke&on=")).await;
        assert!(page.text().contains("Yes.") && page.text().contains("Olive Owner is Owner."), "{}", page.text());
        for (who, words) in [("jo", "Several people match."), ("nobody", "nobody like that"), ("", "nobody like that")] {
            let page = browser.get(&format!("/app/roles?can={who}&do=agents.see&on=")).await;
            assert_eq!(page.code(), 422, "{who}");
            assert!(page.error_of("can").is_some_and(|error| error.contains(words)), "{who}: {}", page.text());
        }
        let page = open(&browser, "/app/roles?can=&do=agents.revoke&on=&who=yes").await;
        assert!(page.text().contains("These can do this:") && page.text().contains("Olive Owner"), "{}", page.text());
        assert!(!page.text().contains("jon, "));
        assert_eq!(browser.get("/app/roles?colour=red").await.code(), 400);
    }

    async fn a_role_is_made_changed_and_removed_on_its_page(world) {
        let (_, browser) = world.with_owner_inside().await;
        open(&browser, "/app/roles/new").await;
        let fields = [("name", "Night desk"), ("description", "After six"), ("agents.see", "on"), ("people.unlock", "on")];
        let page = browser.post("/app/roles/new", &fields).await;
        assert_eq!((page.code(), page.location()), (303, "/app/roles?done=made"), "{}", page.text());
        assert!(open(&browser, "/app/roles?done=made").await.text().contains("The role is made."));
        let id = world.role_of(world.home().await, "Night desk").await;
        let path = format!("/app/roles/{id}");
        assert_eq!(open(&browser, &path).await.value_of("description").as_deref(), Some("After six"));
        let page = browser.post("/app/roles/new", &fields).await;
        assert_eq!(page.code(), 422);
        assert!(page.error_of("name").is_some_and(|error| error.contains("already")), "{}", page.text());
        assert_eq!(page.value_of("description").as_deref(), Some("After six"), "what was typed is gone");
        let page = browser.post(&path, &[("name", "Night watch"), ("agents.see", "on")]).await;
        assert_eq!((page.code(), page.location()), (303, path.as_str()), "{}", page.text());
        assert_eq!(details(&browser, "role-changed").await.len(), 1);
        assert_eq!(browser.post(&path, &[("name", "x"), ("agents.fly", "on")]).await.code(), 400);
        let page = browser.post(&format!("{path}/remove"), &[]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/roles?done=removed"), "{}", page.text());
        assert_eq!(browser.get(&path).await.code(), 404);
        let owner = world.role_of(world.home().await, "Owner").await;
        let page = open(&browser, &format!("/app/roles/{owner}")).await;
        assert!(page.text().contains("comes with Doorward") && page.text().contains("Olive Owner"), "{}", page.text());
        assert_eq!(browser.post(&format!("/app/roles/{owner}"), &[("name", "Boss")]).await.code(), 422);
    }

    async fn a_group_is_made_filled_and_removed_on_its_page(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ana, leeds) = (world.person("ana").await, world.site("Leeds").await);
        let id = world.stored(&ana.email).await.id;
        let page = browser.post("/app/roles/groups", &[("name", "")]).await;
        assert!(page.code() == 422 && page.error_of("name").is_some(), "{}", page.text());
        let page = browser.post("/app/roles/groups", &[("name", "Night shift")]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        let path = page.location().to_owned();
        let technician = world.role_of(world.home().await, "Technician").await.to_string();
        let scope = format!("site:{leeds}");
        let give = [("what", "give"), ("role", technician.as_str()), ("scope", scope.as_str())];
        for form in [&give[..], &[("what", "in"), ("person", "ana")]] {
            let page = browser.post(&path, form).await;
            assert_eq!((page.code(), page.location()), (303, path.as_str()), "{form:?}: {}", page.text());
        }
        let page = open(&browser, &path).await;
        assert!(page.text().contains("at the site Leeds") && page.text().contains("ana@northwind.example"), "{}", page.text());
        assert!(world.holds(world.home().await, id).await.contains(&"Technician at the site Leeds, by the group Night shift".to_owned()));
        assert!(open(&browser, "/app/roles").await.text().contains("Night shift"));
        let page = browser.post(&path, &[("what", "in"), ("person", "nobody")]).await;
        assert!(page.code() == 422 && page.text().contains("There is nobody like that"), "{}", page.text());
        for form in [&[("what", "sing")][..], &[("what", "give"), ("role", "x"), ("scope", "y")], &[("what", "out"), ("person", "ana")]] {
            assert_eq!(browser.post(&path, form).await.code(), 400, "{form:?}");
        }
        let (id, take) = (id.to_string(), [("what", "take"), give[1], give[2]]);
        for form in [&[("what", "out"), ("person", id.as_str())][..], &take, &[("what", "rename"), ("name", "Day shift")]] {
            assert_eq!(browser.post(&path, form).await.code(), 303, "{form:?}");
        }
        let page = open(&browser, &path).await;
        assert!(page.heading() == "Day shift" && page.text().contains("Nobody yet."), "{}", page.text());
        let page = browser.post(&path, &[("what", "remove")]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/roles?done=group-removed"), "{}", page.text());
        assert_eq!(browser.get(&path).await.code(), 404);
    }
}
