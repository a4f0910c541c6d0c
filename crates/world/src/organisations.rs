//! Customers of a story, their people, and a second organisation that has customers: by the API where that is what a story is about, straight in
//! the store where it only comes about by set-up.
use crate::{Browser, PASSWORD, Person, World};
use factors::{Asker, Password};
use ground::db;
use kernel::{Deployment, Organisation, OrganisationId, PersonId, Scope, SiteId};
use organisations::NewOrganisation;
use people::NewPerson;
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
        let ground = self.app().ground().clone();
        let (now, name) = (ground.now(), name.to_owned());
        let new = NewOrganisation {
            id: OrganisationId::new(now, &ground.chance),
            parent: None,
            name,
            site: SiteId::new(now, &ground.chance),
        };
        let (id, role_ids) = (new.id, roles::seed_ids(now, &ground.chance));
        let made = ground.store.write(move |tx| {
            organisations::create(tx, Deployment, &new, now)?;
            roles::seed(tx, Organisation(new.id), &role_ids)
        });
        made.await.expect("the store takes an organisation");
        id
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
    /// Somebody whose home is this organisation, with one of the built-in roles: put straight into the store, with this first name.
    ///
    /// # Panics
    /// Where the name is taken.
    pub async fn person_at(&self, home: OrganisationId, name: &str, role: &'static str) -> Person {
        let app = self.app();
        let ground = app.ground().clone();
        let email = people::canonical_email(&format!("{name}@contoso.example")).expect("an address");
        let made = Person {
            name: name.into(),
            email: email.written.clone(),
            password: PASSWORD.into(),
        };
        let asker = Asker {
            known_device: None,
            network: Vec::new(),
        };
        let mut slot = app
            .pool()
            .admit(asker)
            .await
            .unwrap_or_else(|_| panic!("the pool is full"));
        let password = Password::parse(PASSWORD).expect("a password");
        let hash = slot.hash(password).await.expect("a hash");
        let now = ground.now();
        let new = NewPerson {
            id: PersonId::new(now, &ground.chance),
            home,
            name: name.into(),
            email,
            language: kernel::Language::default(),
        };
        let is_made = ground.store.write(move |tx| {
            let is_made = people::create(tx, Deployment, &new, now)?;
            roles::hold_by_name(tx, Organisation(home), new.id, role)?;
            factors::store::set_password(tx, new.id, &hash, now)?;
            Ok::<_, db::Error>(is_made)
        });
        assert!(is_made.await.expect("the store answers"), "{name} is there already");
        made
    }
}

impl World {
    /// Changes the policy of an organisation.
    ///
    /// # Panics
    /// Where the store does not take it.
    pub async fn set_policy_of(
        &self,
        organisation: OrganisationId,
        change: impl Fn(&mut organisations::Values) + Send + 'static,
    ) {
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
