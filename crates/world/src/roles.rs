//! Roles as a story needs them: given with a scope straight in the store, customers and sites to give them for, and an organisation that has
//! nothing to do with the owner's.
use crate::{PASSWORD, Person, World};
use factors::{Asker, Password};
use ground::db;
use kernel::{Deployment, Organisation, OrganisationId, PersonId, Reason, Scope, SiteId};
use organisations::NewOrganisation;
use people::NewPerson;
use roles::{Giver, Wanted};

/// An organisation of its own, beside the owner's, with somebody who owns it.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// Its id.
    pub organisation: OrganisationId,
    /// Its only site.
    pub site: SiteId,
    /// Its owner.
    pub owner: Person,
    /// The owner's id.
    pub person: PersonId,
}

impl World {
    /// The owner's organisation.
    pub async fn home(&self) -> OrganisationId {
        self.stored(crate::OWNER).await.home_organisation
    }
    /// Another site of the owner's organisation.
    ///
    /// # Panics
    /// Where the store does not take it.
    pub async fn site(&self, name: &'static str) -> SiteId {
        let (ground, home) = (self.app().ground().clone(), self.home().await);
        let (now, id) = (ground.now(), SiteId::new(ground.now(), &ground.chance));
        let made = ground
            .store
            .write(move |tx| organisations::add_site(tx, Organisation(home), id, name, now));
        made.await.expect("the store takes a site");
        id
    }
    /// A customer of the owner's organisation, without people.
    pub async fn bare_customer(&self, name: &'static str) -> OrganisationId {
        let home = self.home().await;
        self.organisation(name, Some(home)).await.0
    }
    /// An organisation that asks for no second factor.
    async fn organisation(&self, name: &'static str, parent: Option<OrganisationId>) -> (OrganisationId, SiteId) {
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
            let (mut values, _) = organisations::values(tx, of)?;
            values.require = Some(organisations::Require::No);
            organisations::set_policy(tx, of, &values, now)
        });
        done.await.expect("the store takes an organisation");
        made
    }
    /// Somebody with an account in this organisation, and this built-in role there.
    ///
    /// # Panics
    /// Where the name is taken.
    pub async fn member(&self, name: &str, home: OrganisationId, role: &'static str) -> (Person, PersonId) {
        let app = self.app();
        let ground = app.ground().clone();
        let email = people::canonical_email(&format!("{name}@elsewhere.example")).expect("an address");
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
        let id = new.id;
        let is_made = ground.store.write(move |tx| {
            let is_made = people::create(tx, Deployment, &new, now)?;
            roles::hold_by_name(tx, Organisation(home), new.id, role)?;
            factors::store::set_password(tx, new.id, &hash, now)?;
            Ok::<_, db::Error>(is_made)
        });
        assert!(is_made.await.expect("the store answers"), "{name} is there already");
        (made, id)
    }
    /// An organisation that has nothing to do with the owner's, with an owner of its own.
    ///
    /// # Panics
    /// Where there is one of this name already.
    pub async fn elsewhere(&self, name: &'static str) -> Elsewhere {
        let (organisation, site) = self.organisation(name, None).await;
        let (owner, person) = self
            .member(&format!("{}-owner", name.to_lowercase()), organisation, "Owner")
            .await;
        Elsewhere {
            organisation,
            site,
            owner,
            person,
        }
    }
    /// The id of a role of this organisation.
    ///
    /// # Panics
    /// Where there is none of this name.
    pub async fn role_of(&self, organisation: OrganisationId, name: &str) -> kernel::RoleId {
        let store = self.app().ground().store.clone();
        let all = store
            .read(move |view| roles::list(view, Organisation(organisation)))
            .await;
        let all = all.expect("the store answers");
        all.into_iter()
            .find(|role| role.name == name)
            .expect("a role of this name")
            .id
    }
    /// Makes these the roles that a member holds by themselves, as the operator would. Answers what changed, in words, or the refusal.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn set_roles(
        &self,
        organisation: OrganisationId,
        person: PersonId,
        wanted: &[(&str, Scope)],
    ) -> Result<String, Reason> {
        let mut all = Vec::new();
        for (name, scope) in wanted {
            let role = self.role_of(organisation, name).await;
            all.push(Wanted { role, scope: *scope });
        }
        let (ground, now) = (self.app().ground().clone(), self.app().ground().now());
        let chance = ground.chance.clone();
        let done = ground.store.write(move |tx| {
            let settled = roles::set_grants(tx, Organisation(organisation), Giver::Operator, person, &all, now)?;
            if let Ok(granted) = &settled {
                let events = granted.events(organisation, person, None, now, &chance);
                ground::journal::append_all(tx, &events)?;
            }
            Ok::<_, db::Error>(settled)
        });
        done.await.expect("the store answers").map(|granted| granted.words())
    }
    /// Ends a membership as its organisation would: with all that hangs on it.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn end_membership(&self, organisation: OrganisationId, person: PersonId) -> Result<(), Reason> {
        let ground = self.app().ground().clone();
        let done = ground.store.write(move |tx| {
            let left = roles::leave(tx, Organisation(organisation), person)?;
            if left.is_ok() {
                people::leave(tx, Organisation(organisation), person)?;
            }
            Ok::<_, db::Error>(left)
        });
        done.await.expect("the store answers").map(|_| ())
    }
    /// Where this person is the last owner.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn last_owner_in(&self, person: PersonId) -> Vec<OrganisationId> {
        let store = self.app().ground().store.clone();
        let found = store.write(move |tx| roles::last_owner_in(tx, person)).await;
        found.expect("the store answers")
    }
    /// What a person holds in an organisation, in words.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn holds(&self, organisation: OrganisationId, person: PersonId) -> Vec<String> {
        let store = self.app().ground().store.clone();
        let held = store
            .read(move |view| roles::told(view, Organisation(organisation), person))
            .await;
        held.expect("the store answers")
            .iter()
            .map(roles::Told::words)
            .collect()
    }
    /// Everything about rights, as `doorward authz export` writes it.
    ///
    /// # Panics
    /// Where the store does not answer.
    pub async fn rights(&self) -> serde_json::Value {
        roles::export(self.app().ground()).await.expect("the store answers")
    }
    /// The statements of giving that no page reaches: a scope that goes, an organisation that is gone for good, what people of a list hold.
    ///
    /// # Panics
    /// Where the store does not take them.
    pub async fn drop_rights(&self, organisation: OrganisationId, scope: Scope, people: Vec<PersonId>) {
        let ground = self.app().ground().clone();
        let done = ground.store.write(move |tx| {
            let of = Organisation(organisation);
            roles::names_of(tx, of, &people)?;
            roles::drop_scope(tx, of, scope)?;
            roles::remove_all(tx, of)
        });
        done.await.expect("the store takes it");
    }
}
