//! The people of a story: the owner comes by the real set-up link, others are put into the store as an invitation would.
use crate::{Browser, Page, World};
use factors::{Asker, Password};
use ground::db;
use kernel::{Deployment, Organisation, OrganisationId, PersonId};
use people::NewPerson;

/// A password that every rule takes.
pub const PASSWORD: &str = "quiet lantern over the mill";
/// The organisation of every story.
pub const ORGANISATION: &str = "Northwind IT";
/// The owner's address.
pub const OWNER: &str = "olive@northwind.example";

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
}

impl Person {
    /// Signs in with this browser; answers with the first answer.
    pub async fn sign_in(&self, browser: &Browser) -> Page {
        browser.sign_in(&self.email, &self.password).await
    }
    /// Signs in and must succeed.
    ///
    /// # Panics
    /// Where the door stays shut.
    pub async fn enter(&self, browser: &Browser) {
        let page = self.sign_in(browser).await;
        assert_eq!(
            page.code(),
            303,
            "{} could not sign in: {} {:?}",
            self.email,
            page.heading(),
            page.alerts()
        );
        assert!(
            browser.is_signed_in().await,
            "{} was let in and has no session",
            self.email
        );
    }
}

impl World {
    /// A fresh set-up link, as path and query; none once there has been an owner.
    pub async fn setup_path(&self) -> Option<String> {
        let link = sign_in::make_link(self.app().ground())
            .await
            .expect("the store answers")?;
        Some(
            link.strip_prefix(self.origin())
                .expect("the link leads to public_url")
                .to_owned(),
        )
    }
    /// A link for a new password, as `doorward person reset-link` makes it: path and query.
    pub async fn operators_reset_link(&self, email: &str) -> String {
        let app = self.app();
        let ground = app.ground();
        let email = people::canonical_email(email).expect("an address");
        let person = ground
            .store
            .read(move |view| people::by_email(view, Deployment, &email.canonical))
            .await
            .expect("the store answers")
            .expect("somebody with this address");
        let link = recovery::make_link(ground, &person).await.expect("the store answers");
        link.strip_prefix(self.origin())
            .expect("the link leads to public_url")
            .to_owned()
    }
    /// Sets up the organisation with its owner, by the link and the form.
    ///
    /// # Panics
    /// Where set-up refuses.
    pub async fn with_owner(&self) -> Person {
        let path = self.setup_path().await.expect("no owner yet");
        let fields = [
            ("organisation", ORGANISATION),
            ("name", "Olive Owner"),
            ("email", OWNER),
            ("password", PASSWORD),
        ];
        let page = self.browser().post(&path, &fields).await;
        assert_eq!(
            (page.code(), page.location()),
            (303, "/sign-in"),
            "set-up refused: {}",
            page.text()
        );
        self.with_no_factor_asked_for().await;
        Person {
            name: "Olive Owner".into(),
            email: OWNER.into(),
            password: PASSWORD.into(),
        }
    }
    /// An owner, and a browser in which they are signed in.
    pub async fn with_owner_inside(&self) -> (Person, Browser) {
        let owner = self.with_owner().await;
        let browser = self.browser();
        owner.enter(&browser).await;
        (owner, browser)
    }

    /// Somebody with the role "No access" in the owner's organisation: put straight into the store, with this first name.
    ///
    /// # Panics
    /// Where there is no owner yet, or the name is taken.
    pub async fn person(&self, name: &str) -> Person {
        let home = self.home().await;
        self.account(home, name, "northwind.example", "No access").await.0
    }
    /// Somebody whose home is this organisation, with one of the built-in roles: put straight into the store, with this first name.
    ///
    /// # Panics
    /// Where the name is taken.
    pub async fn person_at(&self, home: OrganisationId, name: &str, role: &'static str) -> Person {
        self.account(home, name, "contoso.example", role).await.0
    }
    /// Somebody with an account in this organisation, and this built-in role there; with their id.
    ///
    /// # Panics
    /// Where the name is taken.
    pub async fn member(&self, name: &str, home: OrganisationId, role: &'static str) -> (Person, PersonId) {
        self.account(home, name, "elsewhere.example", role).await
    }
    /// An account as an invitation would have made it: its address is the name at this domain.
    async fn account(&self, home: OrganisationId, name: &str, domain: &str, role: &'static str) -> (Person, PersonId) {
        let app = self.app();
        let ground = app.ground().clone();
        let email = people::canonical_email(&format!("{name}@{domain}")).expect("an address");
        let made = Person {
            name: name.into(),
            email: email.written.clone(),
            password: PASSWORD.into(),
        };
        let asker = Asker {
            known_device: None,
            network: Vec::new(),
        };
        let slot = app.pool().admit(asker).await;
        let mut slot = slot.unwrap_or_else(|_| panic!("the pool is full"));
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
}
