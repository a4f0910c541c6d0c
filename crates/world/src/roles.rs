//! Roles as a story needs them: given with a scope straight in the store, customers and sites to give them for, and an organisation that has
//! nothing to do with the owner's.
use crate::{Person, World};
use ground::db;
use kernel::{Organisation, OrganisationId, PersonId, Reason, Scope, SiteId};
use organisations::{Require, Values};
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
        self.calm(name, Some(home)).await.0
    }
    /// An organisation that asks for no second factor.
    async fn calm(&self, name: &str, parent: Option<OrganisationId>) -> (OrganisationId, SiteId) {
        let calm = |values: &mut Values| values.require = Some(Require::No);
        self.organisation(name, parent, calm).await
    }
    /// An organisation that has nothing to do with the owner's, with an owner of its own.
    ///
    /// # Panics
    /// Where there is one of this name already.
    pub async fn elsewhere(&self, name: &'static str) -> Elsewhere {
        let (organisation, site) = self.calm(name, None).await;
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
