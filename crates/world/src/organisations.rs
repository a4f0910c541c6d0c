//! Customers of a story, their people, and a second organisation that has customers: by the API where that is what a story is about, straight in
//! the store where it only comes about by set-up.
use crate::{Browser, Person, World};
use ground::db;
use kernel::{Deployment, Organisation, OrganisationId, Scope, SiteId};
use organisations::{NewOrganisation, Values};
use reqwest::Method;
use roles::{Giver, Wanted};

impl World {
    /// Makes a customer as somebody who may; answers its id.
    ///
    /// # Panics
    /// Where that is refused.
    pub async fn customer(&self, browser: &Browser, name: &str) -> OrganisationId {
        let new = serde_json::json!({ "name": name });
        let made = browser
            .ask(Method::POST, "/api/v1/organisations")
            .json(&new)
            .send()
            .await;
        assert_eq!(made.code(), 201, "{}", made.body);
        let id = made.json()["id"].as_str().map(str::to_owned);
        id.expect("an id").parse().expect("an id")
    }
    /// An organisation of its own beside the first one, which nobody is a member of yet.
    ///
    /// # Panics
    /// Where the store does not take it.
    pub async fn another_organisation(&self, name: &str) -> OrganisationId {
        self.organisation(name, None, |_| {}).await.0
    }
    /// An organisation with its first site and its roles, and with this change of the policy that organisations begin with.
    pub(crate) async fn organisation(
        &self,
        name: &str,
        parent: Option<OrganisationId>,
        change: impl Fn(&mut Values) + Send + 'static,
    ) -> (OrganisationId, SiteId) {
        let ground = self.app().ground().clone();
        let now = ground.now();
        let new = NewOrganisation {
            id: OrganisationId::new(now, &ground.chance),
            parent,
            name: name.into(),
            site: SiteId::new(now, &ground.chance),
        };
        let ids = roles::seed_ids(now, &ground.chance);
        let made = (new.id, new.site);
        let done = ground.store.write(move |tx| {
            let of = Organisation(new.id);
            organisations::create(tx, Deployment, &new, now)?;
            roles::seed(tx, of, &ids)?;
            let (old, _) = organisations::values(tx, of)?;
            let mut values = old.clone();
            change(&mut values);
            if values == old {
                return Ok(());
            }
            organisations::set_policy(tx, of, &values, now)
        });
        done.await.expect("the store takes an organisation");
        made
    }
    /// Makes somebody a member of an organisation beside their home, with one of the built-in roles.
    ///
    /// # Panics
    /// Where the store does not take it.
    pub async fn join(&self, organisation: OrganisationId, person: &Person, role: &'static str) {
        let (ground, id) = (self.app().ground().clone(), self.stored(&person.email).await.id);
        let now = ground.now();
        let joined = ground.store.write(move |tx| {
            people::join(tx, Organisation(organisation), id, now)?;
            roles::hold_by_name(tx, Organisation(organisation), id, role)?;
            Ok::<_, db::Error>(())
        });
        joined.await.expect("the store takes a membership");
    }
    /// Gives somebody one more built-in role, limited to a customer or site, as the operator would.
    ///
    /// # Panics
    /// Where that is refused.
    pub async fn give_role_for(&self, person: &Person, role: &'static str, scope: Scope) {
        let (ground, stored) = (self.app().ground().clone(), self.stored(&person.email).await);
        let now = ground.now();
        let given = ground.store.write(move |tx| {
            let home = Organisation(stored.home_organisation);
            let held = roles::grants(tx, home, stored.id)?;
            let mut wanted: Vec<Wanted> = held
                .iter()
                .filter(|grant| grant.group.is_none())
                .map(|grant| Wanted {
                    role: grant.role,
                    scope: grant.scope,
                })
                .collect();
            let all = roles::list(tx, home)?;
            let role = all.iter().find(|found| found.is_built_in && found.name == role);
            wanted.push(Wanted {
                role: role.expect("a built-in role").id,
                scope,
            });
            let granted = roles::set_grants(tx, home, Giver::Operator, stored.id, &wanted, now)?;
            granted.unwrap_or_else(|reason| panic!("{}", reason.id()));
            Ok::<_, db::Error>(())
        });
        given.await.expect("the store takes a role");
    }
}

impl World {
    /// Changes the policy of an organisation.
    ///
    /// # Panics
    /// Where the store does not take it.
    pub async fn set_policy_of(&self, organisation: OrganisationId, change: impl Fn(&mut Values) + Send + 'static) {
        let ground = self.app().ground().clone();
        let now = ground.now();
        let done = ground.store.write(move |tx| {
            let (mut values, _) = organisations::values(tx, Organisation(organisation))?;
            change(&mut values);
            organisations::set_policy(tx, Organisation(organisation), &values, now)
        });
        done.await.expect("the store takes a policy");
    }
}
