//! People taken over from elsewhere, as `doorward import people` does it, and what the store has of their passwords.
use crate::{ORGANISATION, World};
use ground::db;
use kernel::{Deployment, Organisation, PersonId};

impl World {
    /// Takes this text in; answers the lines of those who could not be taken, and how many were.
    ///
    /// # Panics
    /// Where there is no owner yet, or the text cannot be understood.
    pub async fn import(&self, text: &str, is_dry: bool) -> (Vec<String>, usize) {
        let ground = self.app().ground().clone();
        let looked_up = ground.store.read(|view| {
            let id = organisations::first(view, Deployment)?.expect("an owner comes first");
            let called = organisations::called(view, Deployment, &ORGANISATION.to_uppercase())?;
            assert_eq!(called, [id], "it is found by its name");
            let organisation = Organisation(id);
            Ok::<_, db::Error>((organisation, roles::list(view, organisation)?))
        });
        let (organisation, roles) = looked_up.await.expect("the store answers");
        let usual = roles.iter().find(|role| role.name == "No access").expect("a role");
        let draw = || PersonId::new(ground.now(), &ground.chance);
        let read = doorward::import::read(text, organisation, &roles, usual, draw).expect("a table or a realm");
        let taken = doorward::import::take(&ground, organisation, read.ready, is_dry).await;
        let taken = taken.expect("the store takes people");
        let untaken = read.untaken.iter().chain(&taken.untaken);
        (untaken.map(doorward::import::Untaken::told).collect(), taken.people)
    }
    /// Whether this person's password is kept as a hash of ours, and not of another system. None: there is no password.
    ///
    /// # Panics
    /// Where there is nobody of this address.
    pub async fn has_own_hash(&self, email: &str) -> Option<bool> {
        let id = self.stored(email).await.id;
        let store = self.app().ground().store.clone();
        let found = store.read(move |view| factors::store::find_password(view, id)).await;
        let found = found.expect("the store answers");
        found.map(|password| password.hash.pepper != factors::NO_PEPPER)
    }
    /// Whether somebody has this address.
    ///
    /// # Panics
    /// Where it is none.
    pub async fn has_account(&self, email: &str) -> bool {
        let email = people::canonical_email(email).expect("an address");
        let store = self.app().ground().store.clone();
        let found = store
            .read(move |view| people::by_email(view, Deployment, &email.canonical))
            .await;
        found.expect("the store answers").is_some()
    }
    /// The work of the costliest hash that somebody here has: what unknown addresses pay.
    ///
    /// # Panics
    /// Where nobody has a password.
    pub async fn slowest_work(&self) -> i64 {
        let store = self.app().ground().store.clone();
        let slowest = store
            .read(factors::store::slowest_cost)
            .await
            .expect("the store answers");
        slowest.expect("a password").work()
    }
}
