//! Passkeys over HTTP, as the script of the pages does it: start, answer, finish.
use crate::{Browser, Method, Page, Person, SoftPasskey, World};
use factors::{
    By, Passkeys,
    passkeys::{NewKey, Shown},
};
use ground::{db, journal};
use serde_json::{Value, json};

impl World {
    /// Gives somebody a passkey, straight into the store, as adding one would.
    ///
    /// # Panics
    /// Where there is nobody of this address, or the passkey is not taken.
    pub async fn with_passkey(&self, person: &Person) -> SoftPasskey {
        let (ground, mut soft) = (self.app().ground().clone(), SoftPasskey::new(self.origin()));
        let person = self.stored(&person.email).await;
        let (passkeys, now) = (Passkeys::new(&ground), ground.now());
        let (asking, of) = (passkeys.clone(), person.clone());
        let start = move |tx: &mut db::Tx| {
            let new = NewKey {
                person: &of,
                models: &[],
                binding: b"world",
            };
            asking.start_enrol(tx, &new, now)
        };
        let started = ground
            .store
            .write(start)
            .await
            .expect("the store answers")
            .expect("a question");
        let body = soft.create(&serde_json::to_value(&started).expect("JSON"));
        let shown: Shown = serde_json::from_value(body).expect("an answer");
        let new = passkeys.finish_enrol(shown, person.id, b"world".to_vec(), &[]).await;
        let new = new.expect("the store answers").expect("a passkey that is taken");
        let by = By {
            actor: Some(person.id),
            device: None,
            label: String::new(),
            network: String::new(),
            at: now,
        };
        let (store, held) = (ground.store.clone(), ground.clone());
        let keep = move |tx: &mut db::Tx| {
            let kept = new.keep(tx, &held, &person, None, &by)?;
            if let Ok((_, events)) = &kept {
                journal::append_all(tx, events)?;
            }
            Ok::<_, db::Error>(kept)
        };
        store
            .write(keep)
            .await
            .expect("the store answers")
            .expect("a passkey that is kept");
        soft
    }
}

impl Browser {
    /// Asks at a start address and answers at a finish address with what the passkey makes of it. The last answer; the start's, where that refused.
    pub async fn passkey(
        &self,
        [start, finish]: [&str; 2],
        extras: &Value,
        answer: impl FnOnce(&Value) -> Value,
    ) -> Page {
        let started = self.ask(Method::POST, start).json(&json!({})).send().await;
        if !started.status.is_success() {
            return started;
        }
        let mut body = answer(&started.json());
        if let (Some(body), Some(extras)) = (body.as_object_mut(), extras.as_object()) {
            body.extend(extras.clone());
        }
        self.ask(Method::POST, finish).json(&body).send().await
    }
    /// Signs in with a passkey at the door.
    pub async fn sign_in_with(&self, passkey: &mut SoftPasskey) -> Page {
        self.get("/sign-in").await;
        let addresses = ["/sign-in/passkey/start?for=door", "/sign-in/passkey/finish?for=door"];
        self.passkey(addresses, &json!({}), |asked| passkey.get(asked)).await
    }
    /// Shows a passkey as second factor, where the flow asks for one.
    pub async fn confirm_with(&self, passkey: &mut SoftPasskey) -> Page {
        let addresses = [
            "/sign-in/passkey/start?for=factor",
            "/sign-in/passkey/finish?for=factor",
        ];
        self.passkey(addresses, &json!({}), |asked| passkey.get(asked)).await
    }
    /// Adds a passkey where the flow asks to add a factor.
    pub async fn enrol_at_the_door(&self, passkey: &mut SoftPasskey) -> Page {
        let addresses = ["/sign-in/passkey/start?for=enrol", "/sign-in/passkey/finish?for=enrol"];
        self.passkey(addresses, &json!({}), |asked| passkey.create(asked)).await
    }
    /// Adds a passkey in a session that was freshly proved.
    pub async fn add_passkey(&self, passkey: &mut SoftPasskey) -> Page {
        let addresses = [
            "/api/v1/me/authenticators/passkeys",
            "/api/v1/me/authenticators/passkeys/finish",
        ];
        self.passkey(addresses, &json!({}), |asked| passkey.create(asked)).await
    }
    /// Step-up with a passkey.
    pub async fn step_up_with(&self, passkey: &mut SoftPasskey) -> Page {
        let addresses = ["/app/step-up/passkey/start", "/app/step-up/passkey/finish"];
        self.passkey(addresses, &json!({}), |asked| passkey.get(asked)).await
    }
    /// Unlocks a session with a passkey.
    pub async fn unlock_with(&self, passkey: &mut SoftPasskey) -> Page {
        let addresses = ["/app/unlock/passkey/start", "/app/unlock/passkey/finish"];
        self.passkey(addresses, &json!({}), |asked| passkey.get(asked)).await
    }
}
