//! The policy of a story's organisation. Most stories are about something else than second factors, so the owner's organisation asks for none;
//! a story about them asks for the product's own defaults.
use crate::{Person, World};
use ground::db;
use kernel::Organisation;
use organisations::{Require, Values};

impl World {
    /// The product's own defaults from now on, as a new organisation has them: a second factor after 24 hours.
    pub async fn with_real_policy(&self) {
        self.set_policy(|values| *values = Values::default()).await;
    }
    /// No second factor is asked for: how every world begins.
    pub(crate) async fn with_no_factor_asked_for(&self) {
        self.set_policy(|values| values.require = Some(Require::No)).await;
    }
    /// Gives somebody one more of the built-in roles.
    ///
    /// # Panics
    /// Where the store does not take it.
    pub async fn give_role(&self, person: &Person, role: &'static str) {
        let (ground, stored) = (self.app().ground().clone(), self.stored(&person.email).await);
        let given = ground.store.write(move |tx| {
            roles::hold_by_name(tx, Organisation(stored.home_organisation), stored.id, role)?;
            Ok::<_, db::Error>(())
        });
        given.await.expect("the store takes a role");
    }
}
