//! An MSP in a customer: a membership that comes of a grant, is seen there, and ends from either side.
use kernel::{Reason, Scope};
use world::{OWNER, World};

async fn made(
    world: &World,
) -> (
    kernel::OrganisationId,
    kernel::OrganisationId,
    world::Person,
    kernel::PersonId,
) {
    world.with_owner().await;
    let (home, customer) = (world.home().await, world.bare_customer("Contoso").await);
    let ana = world.person("ana").await;
    let id = world.stored(&ana.email).await.id;
    (home, customer, ana, id)
}

world::stories! {
    async fn a_grant_for_a_customer_makes_a_membership_there_and_its_end_ends_it(world) {
        let (home, customer, ana, id) = made(&world).await;
        let hers = world.browser();
        ana.enter(&hers).await;
        let there = format!("/api/v1/events?organisation={customer}");
        assert_eq!(hers.get(&there).await.code(), 404);
        world.set_roles(home, id, &[("Auditor", Scope::Customer(customer))]).await.expect("it is given");
        assert_eq!(world.holds(home, id).await, ["Auditor for the customer Contoso"]);
        assert_eq!(world.holds(customer, id).await, ["Auditor"]);
        let log = hers.get(&there).await;
        assert_eq!(log.code(), 200, "{}", log.body);
        assert!(log.body.contains("given Auditor by the organisation above"), "{}", log.body);
        // The grant gives nothing about the MSP's own people and policies.
        assert_eq!(hers.get("/api/v1/events").await.code(), 403);
        world.set_roles(home, id, &[("Administrator", Scope::Customer(customer))]).await.expect("it is changed");
        assert_eq!(world.holds(customer, id).await, ["Administrator"]);
        world.set_roles(home, id, &[]).await.expect("it is taken");
        assert!(world.holds(customer, id).await.is_empty());
        assert_eq!(hers.get(&there).await.code(), 404, "the membership is still there");
    }

    async fn the_customer_ends_it_and_the_grant_goes_with_it(world) {
        let (home, customer, _, id) = made(&world).await;
        world.set_roles(home, id, &[("Technician", Scope::Customer(customer)), ("Auditor", Scope::Everything)]).await.expect("it is given");
        world.end_membership(customer, id).await.expect("it ends");
        assert_eq!(world.holds(home, id).await, ["Auditor"]);
        assert!(world.holds(customer, id).await.is_empty());
    }

    async fn the_last_owner_of_a_customer_is_kept_from_both_sides(world) {
        let (home, customer, _, id) = made(&world).await;
        world.set_roles(home, id, &[("Owner", Scope::Customer(customer))]).await.expect("it is given");
        assert_eq!(world.set_roles(home, id, &[]).await, Err(Reason::LastOwner));
        assert_eq!(world.end_membership(customer, id).await, Err(Reason::LastOwner));
        assert_eq!(world.end_membership(home, id).await, Err(Reason::LastOwner));
        assert_eq!(world.last_owner_in(id).await, [customer]);
        assert_eq!((world.holds(home, id).await.len(), world.holds(customer, id).await.len()), (1, 1));
        let olive = world.stored(OWNER).await.id;
        world.set_roles(home, olive, &[("Owner", Scope::Everything), ("Owner", Scope::Customer(customer))]).await.expect("it is given");
        world.end_membership(home, id).await.expect("it ends");
        assert!(world.holds(customer, id).await.is_empty());
    }

    async fn only_roles_that_the_customer_can_read_are_given_for_it(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (home, customer) = (world.home().await, world.bare_customer("Contoso").await);
        super::make(&browser, "Night desk", &["agents.see"]).await;
        let ana = world.person("ana").await;
        let id = world.stored(&ana.email).await.id;
        assert_eq!(world.set_roles(home, id, &[("Night desk", Scope::Customer(customer))]).await, Err(Reason::RoleNotForCustomer));
        // The customer's own people have their roles there from the customer.
        let (_, own) = world.member("carl", customer, "Owner").await;
        assert_eq!(world.set_roles(home, own, &[("Auditor", Scope::Customer(customer))]).await, Err(Reason::PersonNotMember));
    }
}
